"""Alerts: tell a server's budget channel when a shared limit is used up to a mark."""

import hashlib
from collections.abc import Awaitable, Callable

import discord
import structlog

from bot.chat import bulletin
from bot.chat.notices import CannotPost, post
from bot.core.clock import Clock
from bot.store.alerts import Alert
from bot.store.store import Store

log = structlog.get_logger(__name__)

ROUND_S = 60.0
_NONCE_MAX = 25  # Discord's


class Alerts:
    """Makes a round every minute.

    Args:
        store: knows what is due.
        connected: waits for a connection to post through.
        clock: what rounds wait by.
    """

    def __init__(
        self, store: Store, connected: Callable[[], Awaitable[discord.Client]], clock: Clock
    ) -> None:
        self._store = store
        self._connected = connected
        self._clock = clock
        self._closed: set[int] = set()  # channels that were logged as such

    async def rounds(self) -> None:
        """Make rounds for ever; one that breaks is made up for by the next."""
        while True:
            try:
                await self.round()
            except Exception:
                log.exception("a round of alerts broke")
            await self._clock.sleep(ROUND_S)

    async def round(self) -> None:
        """Post what is due, each mark once a period."""
        client = await self._connected()
        for alert in await self._store.due_alerts():
            text = bulletin.alert(alert)
            try:
                await post(client, alert.channel_id, text, nonce=_nonce(alert))
            except CannotPost as error:
                if alert.channel_id not in self._closed:
                    log.warning("alerts wait", channel=alert.channel_id, error=str(error))
                self._closed.add(alert.channel_id)
            else:
                self._closed.discard(alert.channel_id)
                await self._store.alerted(alert)


def _nonce(alert: Alert) -> str:
    """Name an alert, so that one posted twice is one message."""
    each = alert.allowance
    facts = (each.scope, each.period.kind, each.period.first, each.limit, alert.percent)
    name = "|".join(map(str, facts))
    return hashlib.sha256(name.encode()).hexdigest()[:_NONCE_MAX]
