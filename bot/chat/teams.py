"""Teams: finding one by name, and putting people into one from a command or a select."""

import asyncio
import re
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, Self, cast

import discord
from discord import ui
from discord.app_commands import Choice
from typing_extensions import override

from bot.chat import budget_words
from bot.chat.answers import Refusal, tell_failure
from bot.chat.closest import closest
from bot.chat.rights import as_manager, manages
from bot.store.pools import NameTaken, PoolLimits
from bot.store.rules import Pool
from bot.store.store import Store

if TYPE_CHECKING:
    from bot.chat.client import Client

CHOSEN_MAX = 25  # people in one select
_NEAREST = 5
_LOOK_UP_S = 0.5  # an autocomplete list that comes late is of no use


async def open_teams(store: Store, server_id: int) -> list[Pool]:
    """Give a server's teams; events are pools too, but nobody joins them."""
    return [pool for pool in await store.open_pools(server_id) if pool.channel_id is None]


async def team_called(store: Store, server_id: int, name: str) -> Pool:
    """Find a team by its name.

    Raises:
        Refusal: with the names there are.
    """
    teams = await open_teams(store, server_id)
    for same in (str, str.casefold):
        for team in teams:
            if same(team.name) == same(name.strip()):
                return team
    names = [team.name for team in teams]
    raise Refusal(budget_words.no_team(name, (closest(name, names) or names)[:_NEAREST]))


async def make_team(store: Store, server_id: int, name: str, actor: int, limits: PoolLimits) -> str:
    """Make a team whose name nobody could mistake for another's; gives its id.

    Raises:
        Refusal: when there is one.
    """
    taken = {team.name.casefold() for team in await open_teams(store, server_id)}
    try:
        if name.casefold() in taken:
            raise NameTaken  # noqa: TRY301 - told like the race for it
        return await store.create_pool(server_id, name, actor, limits=limits)
    except NameTaken:
        raise Refusal(budget_words.name_taken(name)) from None


async def team_choices(
    interaction: discord.Interaction, store: Store, typed: str
) -> list[Choice[str]]:
    """List the teams nearest to what a manager typed; nothing for others."""
    try:
        async with asyncio.timeout(_LOOK_UP_S):
            if interaction.guild_id is None or not await manages(interaction, store):
                return []
            names = [team.name for team in await open_teams(store, interaction.guild_id)]
    except TimeoutError:
        return []
    return [Choice(name=name, value=name) for name in closest(typed, names)]


async def join(
    store: Store,
    server_id: int,
    team: Pool,
    people: Iterable[discord.Member | discord.User],
    actor: int,
) -> str:
    """Put people into a team and say what became of each."""
    names = {each.id: each.name for each in await open_teams(store, server_id)}
    added, already, left_out = [], [], []
    for person in people:
        if not isinstance(person, discord.Member) or person.bot:
            left_out.append(person.mention)
            continue
        before = await store.join_pool(server_id, team.id, person.id, actor)
        if before == team.id:
            already.append(person.mention)
        else:
            added.append(budget_words.moved(person.mention, names.get(before or "")))
    return budget_words.joined(team.name, added, already, left_out)


class MembersSelect(
    ui.DynamicItem[ui.UserSelect[ui.View]], template=r"v1:team:(?P<team>[0-9a-f]{8})"
):
    """Puts the people a manager chooses into the team that its name names."""

    def __init__(self, team: str) -> None:
        super().__init__(
            ui.UserSelect(
                custom_id=f"v1:team:{team}",
                placeholder=budget_words.CHOOSE_MEMBERS,
                max_values=CHOSEN_MAX,
            )
        )
        self._team = team

    @override
    @classmethod
    async def from_custom_id(
        cls, interaction: discord.Interaction, item: ui.Item[Any], match: re.Match[str], /
    ) -> Self:
        return cls(match["team"])

    @override
    async def callback(self, interaction: discord.Interaction) -> None:
        store = cast("Client", interaction.client).rooms.store
        try:
            server_id = await as_manager(interaction, store)
            teams = {team.id: team for team in await open_teams(store, server_id)}
            if self._team not in teams:
                raise Refusal(budget_words.TEAM_GONE)  # noqa: TRY301 - told like every other
            team, actor = teams[self._team], interaction.user.id
            text = await join(store, server_id, team, self.item.values, actor)
            await interaction.edit_original_response(content=text)
        except Exception as error:  # noqa: BLE001 - the library would leave the person waiting
            await tell_failure(interaction, error)


def members_view(team: str) -> ui.View:
    """Put the select under the news of a team."""
    return ui.View(timeout=None).add_item(MembersSelect(team))
