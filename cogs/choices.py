"""/budget alerts, stars, managers and zone: what a server chose beside its limits."""

from collections.abc import Iterable

import discord
from discord import Interaction, app_commands
from discord.app_commands import Choice, Range
from discord.ext import commands

from bot.chat import budget_words, guide
from bot.chat.answers import Refusal
from bot.chat.budget_options import near_zones, read_role, read_zone
from bot.chat.client import Client
from bot.chat.intake import DELIVERING, POSTING, lacking
from bot.chat.rights import as_manager
from bot.core.clock import Clock
from bot.core.limits import PeriodKind, period
from bot.store.store import Store

_ZONE_MAX = 64  # letters


class Choices(commands.Cog):
    """Sets where alerts and stars go, who manages, and when days begin."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    @app_commands.command()
    @app_commands.describe(**guide.ALERT_OPTIONS)
    async def alerts(
        self,
        interaction: Interaction,
        channel: discord.TextChannel | None = None,
        off: bool = False,  # noqa: FBT001, FBT002 - an option
    ) -> None:
        """Choose where alerts and requests for more are posted."""
        server_id = await as_manager(interaction, self._store)
        before = (await self._store.server(server_id)).budget_channel
        after = _chosen(channel, before, POSTING, off=off)
        if after != before:
            await self._store.set_server(server_id, interaction.user.id, budget_channel=after)
        await interaction.edit_original_response(content=budget_words.alerts(after, before))

    @app_commands.command()
    @app_commands.describe(**guide.STAR_OPTIONS)
    async def stars(
        self,
        interaction: Interaction,
        channel: discord.TextChannel | None = None,
        off: bool = False,  # noqa: FBT001, FBT002 - an option
    ) -> None:
        """Choose where pictures that people star are shown."""
        server_id = await as_manager(interaction, self._store)
        before = (await self._store.server(server_id)).best_of_channel
        after = _chosen(channel, before, DELIVERING, off=off)
        if after != before:
            await self._store.set_server(server_id, interaction.user.id, best_of_channel=after)
        await interaction.edit_original_response(content=budget_words.stars(after, before))

    @app_commands.command()
    @app_commands.describe(**guide.MANAGER_OPTIONS)
    async def managers(self, interaction: Interaction, role: discord.Role | None = None) -> None:
        """Name a role that manages budgets too, or none."""
        server_id = await as_manager(interaction, self._store)
        if not interaction.permissions.manage_guild:
            raise Refusal(budget_words.ONLY_MANAGE_SERVER)
        wrong = budget_words.EVERYONE_MANAGES
        named = None if role is None else read_role(interaction.guild, role, wrong).id
        before = (await self._store.server(server_id)).manager_role
        await self._store.set_server(server_id, interaction.user.id, manager_role=named)
        await interaction.edit_original_response(content=budget_words.managers(named, before))

    @app_commands.command()
    @app_commands.describe(**guide.ZONE_OPTIONS)
    async def zone(self, interaction: Interaction, name: Range[str, 1, _ZONE_MAX]) -> None:
        """Set the time zone in which this server's days begin."""
        server_id = await as_manager(interaction, self._store)
        chosen, before = read_zone(name), await self._store.zone(server_id)
        await self._store.set_server(server_id, interaction.user.id, time_zone=chosen)
        today = period(PeriodKind.DAY, self._clock.now(), await self._store.zone(server_id))
        news = budget_words.zone(chosen, str(before), today.ends_at)
        await interaction.edit_original_response(content=news)

    @zone.autocomplete("name")
    async def names(self, _: Interaction, current: str) -> list[Choice[str]]:
        """List the time zones nearest to what was typed."""
        return [
            Choice(name=budget_words.zone_named(name), value=name) for name in near_zones(current)
        ]


def _chosen(
    channel: discord.TextChannel | None, before: int | None, needed: Iterable[str], *, off: bool
) -> int | None:
    """Read which channel is chosen, where the bot has what it needs; without options none else."""
    if channel is None:
        return None if off else before
    if off:
        raise Refusal(budget_words.ONE_OF_TWO)
    may = channel.permissions_for(channel.guild.me)
    if missing := lacking(may, channel, needed):
        raise Refusal(budget_words.cannot_post(channel.mention, missing))
    return channel.id


async def setup(bot: Client) -> None:
    """Put the cog up."""
    bot.add_below("budget", Choices(bot.rooms.store, bot.rooms.clock))
