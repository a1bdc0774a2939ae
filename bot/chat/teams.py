"""Teams: finding one by name, and putting people into one."""

from collections.abc import Iterable
from contextlib import suppress

import discord
from discord import Interaction
from discord.app_commands import Choice

from bot.chat import budget_words
from bot.chat.answers import Refusal
from bot.chat.budget_options import Person
from bot.chat.choosing import briefly, choices, closest, rooms_of
from bot.chat.rights import manages
from bot.store.pools import NameTaken, NoSuchPool, PoolLimits
from bot.store.rules import Pool
from bot.store.store import Store

_NEAREST = 5


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
    with suppress(NameTaken):  # by somebody in the meantime, or by an event
        if name.casefold() not in taken:
            return await store.create_pool(server_id, name, actor, limits=limits)
    raise Refusal(budget_words.NAME_TAKEN.format(name=name))


async def team_choices(interaction: Interaction, current: str) -> list[Choice[str]]:
    """List the teams nearest to what a manager typed; nothing for others."""
    names: list[str] = []
    store = rooms_of(interaction).store
    async with briefly():
        if interaction.guild_id is not None and await manages(interaction, store):
            names = [team.name for team in await open_teams(store, interaction.guild_id)]
    return choices(closest(current, names))


async def join(
    store: Store,
    server_id: int,
    team: Pool,
    people: Iterable[Person],
    actor: int,
) -> str:
    """Put people into a team and say what became of each.

    Raises:
        Refusal: when the team was closed meanwhile.
    """
    names = {each.id: each.name for each in await open_teams(store, server_id)}
    added, already, left_out = [], [], []
    for person in people:
        if not isinstance(person, discord.Member) or person.bot:
            left_out.append(person.mention)
            continue
        try:
            before = await store.join_pool(server_id, team.id, person.id, actor)
        except NoSuchPool:
            raise Refusal(budget_words.TEAM_GONE) from None
        if before == team.id:
            already.append(person.mention)
        else:
            added.append(budget_words.moved(person.mention, names.get(before or "")))
    return budget_words.joined(team.name, added, already, left_out)
