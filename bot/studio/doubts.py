"""Doubts: finds out what became of calls without an answer, or gives them up in the end."""

import re
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

import structlog

from bot.core.clock import Clock
from bot.core.job import Failure
from bot.core.money import ZERO, Money
from bot.gateway.client import Gateway
from bot.gateway.usage import Usage, UsageRow
from bot.ops.metrics import Metrics
from bot.store.bill import believable
from bot.store.jobs import OpenCall
from bot.store.store import Store

log = structlog.get_logger(__name__)

DOUBT = timedelta(hours=24)  # then an unknown call is given up, at the operator's risk
_ASKED_AFTER = timedelta(minutes=1)  # the list may lag behind
_SURE_AFTER = timedelta(minutes=10)  # what failed at first may still be tried elsewhere, and billed
_OFTEN = timedelta(minutes=15)  # in which the person can still be told on the acknowledgement
_SELDOM_S = 900.0
_SLACK = timedelta(seconds=5)  # of two clocks, and of times in whole seconds
_CALL_ID = re.compile(r"[0-9a-z]{8}\.\d{1,3}", re.ASCII)


class Doubts:
    """Asks the gateway's own list, and books only what it says without a doubt."""

    def __init__(self, *, store: Store, gateway: Gateway, metrics: Metrics, clock: Clock) -> None:
        self._store = store
        self._gateway = gateway
        self._calls = metrics.calls
        self._absorbed = metrics.absorbed_micros
        self._clock = clock
        self._asked = float("-inf")

    async def round(self) -> None:
        """Resolve what can be resolved now."""
        old = [one for one in await self._store.doubts() if self._age(one) >= _ASKED_AFTER]
        if old and self._is_time(old):
            self._asked = self._clock.monotonic()
            await self._look_up(old)
        for doubt in await self._store.doubts():
            if self._age(doubt) >= DOUBT:
                await self._store.release(doubt.call, Failure.UNANSWERED, doubt.detail)
                log.warning("given up, perhaps billed", call=doubt.call, exposed=str(doubt.hold))

    def _age(self, doubt: OpenCall) -> timedelta:
        return self._clock.now() - doubt.since

    def _is_time(self, doubts: Iterable[OpenCall]) -> bool:
        often = min(map(self._age, doubts)) < _OFTEN
        return often or self._clock.monotonic() - self._asked >= _SELDOM_S

    async def _look_up(self, doubts: Sequence[OpenCall]) -> None:
        usage = await self._gateway.usage(min(map(_first, doubts)))
        if usage is None:
            return
        for doubt in doubts:
            billed = await self._found(doubt, usage)
            if billed is not None and (billed or self._age(doubt) >= _SURE_AFTER):
                await self._settle(doubt, billed)

    async def _found(self, doubt: OpenCall, usage: Usage) -> Money | None:
        """Find a call by our key; where the gateway keeps no keys, by being the only one."""
        if any(_CALL_ID.fullmatch(key) for row in usage.rows for key in row.keys):
            return _told(doubt, [row for row in usage.rows if doubt.call in row.keys])
        if not usage.whole or not (near := _near(doubt, usage.rows)):
            return None
        last = doubt.since + 2 * _SLACK
        is_alone = await self._store.ran_alone(doubt.call, doubt.model, _first(doubt), last)
        return _told(doubt, near) if is_alone else None

    async def _settle(self, doubt: OpenCall, billed: Money) -> None:
        done = await self._store.reconcile(doubt.call, billed, "the gateway's list of calls")
        log.warning("found in the gateway's list", call=doubt.call, billed=str(billed))
        self._calls.labels("reconciled").inc()
        self._absorbed.inc(max(0, (done.after - done.before).micros))


def _first(doubt: OpenCall) -> datetime:
    return (doubt.sent_at or doubt.since) - 2 * _SLACK


def _near(doubt: OpenCall, rows: Iterable[UsageRow]) -> list[UsageRow]:
    """Give the one row that was written while the call ran; none if there are more, or may be."""
    first, last = _first(doubt) + _SLACK, doubt.since + _SLACK
    near = [
        row
        for row in rows
        if row.model in {"", doubt.model} and (row.at is None or first <= row.at <= last)
    ]
    is_one = len(near) == 1 and near[0].at is not None and near[0].model
    return near if is_one else []


def _told(doubt: OpenCall, rows: Sequence[UsageRow]) -> Money | None:
    """Read what the rows of one call say together; None unless that is clear and believable."""
    bills = [row.billed for row in rows if row.billed is not None]
    paid = [bill for bill in bills if bill]
    if not bills or len(bills) < len(rows) or len(paid) > 1:
        return None
    return believable(paid[0] if paid else ZERO, doubt.hold)
