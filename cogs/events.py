"""/budget event: for some hours the server pays in one channel."""

from datetime import datetime, timedelta

import discord
from discord import Interaction, app_commands
from discord.app_commands import Range
from discord.ext import commands

from bot.chat import budget_words, guide
from bot.chat.answers import Refusal
from bot.chat.budget_options import EventChannel, read_dollars, read_venue, tame
from bot.chat.client import Client
from bot.chat.granting import AMOUNT_MAX
from bot.chat.intake import payer_of
from bot.chat.notices import CannotPost, post
from bot.chat.rights import as_manager
from bot.core.clock import Clock
from bot.core.job import Place
from bot.core.limits import OWN, Allowance, PeriodKind, ScopeKind, tightest
from bot.core.money import ZERO
from bot.store.pools import NameTaken, PoolLimits
from bot.store.rules import Pool
from bot.store.store import Store

HOURS_MAX = 72


class Events(commands.Cog):
    """Starts and stops events."""

    event = app_commands.Group(name="event", description="For some hours the server pays")

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    @event.command()
    @app_commands.describe(**guide.EVENT_OPTIONS)
    async def start(
        self,
        interaction: Interaction,
        amount: Range[str, 1, AMOUNT_MAX],
        hours: Range[int, 1, HOURS_MAX],
        each_person: Range[str, 1, AMOUNT_MAX] | None = None,
        channel: EventChannel | None = None,
    ) -> None:
        """Let the server pay for what everybody orders in a channel."""
        server_id = await as_manager(interaction, self._store)
        venue, limits = read_venue(channel or interaction.channel), _limits(amount, each_person)
        if not 1 <= hours <= HOURS_MAX:
            raise Refusal(budget_words.HOURS)
        ends_at = self._clock.now() + timedelta(hours=hours)
        pool = await self._open(server_id, venue, ends_at, limits, interaction.user.id)
        text = budget_words.event_open(hours, ends_at, limits)
        told = await _announced(interaction, venue, text, f"event-{pool}")
        least = await self._tightest(interaction, server_id, venue)
        news = budget_words.event_started(venue.mention, ends_at, least, announced=told)
        await interaction.edit_original_response(content=news)

    @event.command()
    @app_commands.describe(channel=guide.EVENT_OPTIONS["channel"])
    async def stop(self, interaction: Interaction, channel: EventChannel | None = None) -> None:
        """End an event before its time."""
        server_id = await as_manager(interaction, self._store)
        venue = read_venue(channel or interaction.channel)
        running = await self._running(server_id, venue)
        if running is None or not await self._store.close_pool(running.id, interaction.user.id):
            raise Refusal(budget_words.NO_EVENT.format(channel=venue.mention))
        told = await _announced(interaction, venue, budget_words.EVENT_OVER, f"over-{running.id}")
        news = budget_words.event_stopped(venue.mention, announced=told)
        await interaction.edit_original_response(content=news)

    async def _running(self, server_id: int, venue: EventChannel) -> Pool | None:
        pools = await self._store.open_pools(server_id)
        return next((pool for pool in pools if pool.channel_id == venue.id), None)

    async def _open(
        self, server_id: int, venue: EventChannel, ends_at: datetime, limits: PoolLimits, actor: int
    ) -> str:
        if (running := await self._running(server_id, venue)) and running.ends_at:
            raise Refusal(budget_words.event_runs(venue.mention, running.ends_at))
        name = budget_words.EVENT_NAME.format(channel=tame(venue.name))
        try:
            event = venue.id, ends_at
            return await self._store.create_pool(server_id, name, actor, event, limits)
        except NameTaken:
            raise Refusal(budget_words.NAME_TAKEN.format(name=name)) from None

    async def _tightest(
        self, interaction: Interaction, server_id: int, venue: EventChannel
    ) -> Allowance | None:
        """Find what bounds all orders there together the most."""
        parent = venue.parent_id if isinstance(venue, discord.Thread) else None
        place = Place(server_id=server_id, channel_id=venue.id, parent_id=parent)
        allowances = await self._store.allowances(place, payer_of(interaction.user))
        return tightest(each for each in allowances if each.scope.kind not in OWN)


def _limits(amount: str, each_person: str | None) -> PoolLimits:
    whole = read_dollars(amount)
    if whole == ZERO:
        raise Refusal(budget_words.NOTHING)
    limits = [(ScopeKind.POOL, PeriodKind.TOTAL, whole)]
    if each_person is not None:
        part = read_dollars(each_person, "each_person")
        limits.append((ScopeKind.CAP, PeriodKind.TOTAL, part))
    return limits


async def _announced(interaction: Interaction, venue: EventChannel, text: str, nonce: str) -> bool:
    try:
        await post(interaction.client, venue.id, text, nonce=nonce)
    except CannotPost:
        return False
    return True


async def setup(bot: Client) -> None:
    """Put the cog up."""
    bot.add_below("budget", Events(bot.rooms.store, bot.rooms.clock))
