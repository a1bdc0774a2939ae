"""/budget team: people who share a limit."""

from discord import Interaction, app_commands
from discord.app_commands import Range
from discord.ext import commands

from bot.chat import budget_words, guide
from bot.chat.answers import Refusal
from bot.chat.budget_options import (
    NAME_MAX,
    PERIODS,
    Person,
    read_first_limit,
    read_name,
    read_timed,
)
from bot.chat.buttons import MembersSelect, view_of
from bot.chat.client import Client
from bot.chat.granting import AMOUNT_MAX
from bot.chat.rights import as_manager
from bot.chat.teams import join, make_team, team_called, team_choices
from bot.core.limits import PeriodKind, ScopeKind
from bot.store.store import Store


class Teams(commands.Cog):
    """Makes teams, moves people between them and ends them."""

    team = app_commands.Group(name="team", description="People who share a limit")

    def __init__(self, store: Store) -> None:
        self._store = store

    @team.command()
    @app_commands.describe(**guide.TEAM_OPTIONS)
    @app_commands.choices(period=PERIODS)
    async def create(
        self,
        interaction: Interaction,
        name: Range[str, 1, NAME_MAX],
        amount: Range[str, 1, AMOUNT_MAX],
        period: str | None = None,
        each_member: Range[str, 1, AMOUNT_MAX] | None = None,
    ) -> None:
        """Make a team whose members share a limit, and choose them."""
        server_id = await as_manager(interaction, self._store)
        called, actor = read_name(name), interaction.user.id
        whole, kind = read_timed(amount, period, PeriodKind.MONTH)
        limits = [(ScopeKind.POOL, kind, read_first_limit(whole, "amount"))]
        if each_member is not None:
            part, _ = read_timed(each_member, kind, kind, "each_member")
            limits.append((ScopeKind.CAP, kind, read_first_limit(part, "each_member")))
        team = await make_team(self._store, server_id, called, actor, limits)
        news, view = budget_words.team_made(called, limits), view_of([MembersSelect(team)])
        await interaction.edit_original_response(content=news, view=view)

    @team.command()
    @app_commands.describe(**guide.MEMBER_OPTIONS)
    @app_commands.autocomplete(team=team_choices)
    async def add(self, interaction: Interaction, team: str, person: Person) -> None:
        """Put a person into a team; they leave the one they were in."""
        server_id = await as_manager(interaction, self._store)
        found = await team_called(self._store, server_id, team)
        news = await join(self._store, server_id, found, [person], interaction.user.id)
        await interaction.edit_original_response(content=news)

    @team.command()
    @app_commands.describe(**guide.MEMBER_OPTIONS)
    @app_commands.autocomplete(team=team_choices)
    async def remove(self, interaction: Interaction, team: str, person: Person) -> None:
        """Take a person out of a team, back to their own limits."""
        server_id = await as_manager(interaction, self._store)
        found = await team_called(self._store, server_id, team)
        was_in = person.id in (await self._store.limits(server_id)).teams.get(found.id, ())
        if was_in:
            await self._store.join_pool(server_id, None, person.id, interaction.user.id)
        news = budget_words.removed(f"<@{person.id}>", found.name, was_in=was_in)
        await interaction.edit_original_response(content=news)

    @team.command()
    @app_commands.describe(team=guide.MEMBER_OPTIONS["team"])
    @app_commands.autocomplete(team=team_choices)
    async def close(self, interaction: Interaction, team: str) -> None:
        """End a team; its members are on their own limits again."""
        server_id = await as_manager(interaction, self._store)
        found = await team_called(self._store, server_id, team)
        members = (await self._store.limits(server_id)).teams.get(found.id, ())
        if not await self._store.close_pool(found.id, interaction.user.id):
            raise Refusal(budget_words.TEAM_GONE)
        news = budget_words.closed(found.name, len(members))
        await interaction.edit_original_response(content=news)


async def setup(bot: Client) -> None:
    """Put the cog up."""
    bot.add_below("budget", Teams(bot.rooms.store))
