"""/budget: what a server and its people may spend."""

from typing import Literal

import discord
from discord import Interaction, app_commands
from discord.app_commands import Range
from discord.ext import commands

from bot.chat import budget_panel, budget_words, guide
from bot.chat.budget_options import PERIODS, LimitedChannel, Person, read_limit, read_timed
from bot.chat.client import Client
from bot.chat.granting import AMOUNT_MAX, REASON_MAX
from bot.chat.rights import as_manager
from bot.chat.subjects import standing, subject_of
from bot.chat.teams import team_choices
from bot.core.limits import PeriodKind
from bot.store.store import Store


@app_commands.guild_only()
@app_commands.guild_install()
@app_commands.default_permissions(manage_guild=True)
class Budget(commands.GroupCog, name="budget", description="See and set spending limits"):
    """Lets managers see and set limits."""

    def __init__(self, store: Store) -> None:
        self._store = store

    @app_commands.command()
    async def view(self, interaction: Interaction) -> None:
        """See this server's limits and who spent what."""
        server_id = await as_manager(interaction, self._store)
        guild = interaction.guild
        there = [*guild.roles, *guild.channels] if guild else []
        page = budget_panel.Page(
            limits=await self._store.limits(server_id),
            choices=await self._store.server(server_id),
            zone=await self._store.zone(server_id),
            there={each.id for each in there},
        )
        await interaction.edit_original_response(view=budget_panel.budget(page))

    @app_commands.command(name="set")
    @app_commands.describe(**guide.BUDGET_OPTIONS)
    @app_commands.autocomplete(team=team_choices)
    @app_commands.choices(period=PERIODS)
    async def set_limit(  # noqa: PLR0917 - the library passes options by name
        self,
        interaction: Interaction,
        amount: Range[str, 1, AMOUNT_MAX],
        period: str | None = None,
        scope: Literal["each person", "this server"] | None = None,
        person: Person | None = None,
        role: discord.Role | None = None,
        channel: LimitedChannel | None = None,
        team: str | None = None,
        reason: Range[str, 1, REASON_MAX] = "",
    ) -> None:
        """Set a limit: for each person, this server, a person, a role, a channel or a team."""
        server_id = await as_manager(interaction, self._store)
        text, kind = read_timed(amount, period, PeriodKind.DAY)
        limit = read_limit(text)
        subject = await subject_of(
            self._store,
            server_id,
            interaction.guild,
            whose=scope,
            person=person,
            role=role,
            channel=channel,
            team=team,
        )
        actor = interaction.user.id
        before = await self._store.set_limit(subject.scope, kind, limit, actor, reason)
        news = budget_words.limit_set(subject.name, kind, before, limit)
        now = await standing(self._store, server_id, subject, kind)
        await interaction.edit_original_response(content="\n".join([news, *now]))


async def setup(bot: Client) -> None:
    """Put the cog up."""
    await bot.add_cog(Budget(bot.rooms.store))
