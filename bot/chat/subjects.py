"""Subjects: whose limit a manager means, read from the options of one command."""

from dataclasses import dataclass

import discord

from bot.chat import budget_words
from bot.chat.answers import Refusal
from bot.chat.budget_options import LimitedChannel, read_person, read_role
from bot.chat.teams import team_called
from bot.core.limits import Scope, ScopeKind, members_scope, person_scope, scope, server_scope
from bot.store.store import Store

EACH, SERVER = "each person", "this server"


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """The options that say whose limit it is, as Discord gave them; None was left out."""

    whose: str | None
    person: discord.abc.Snowflake | None
    role: discord.abc.Snowflake | None
    channel: LimitedChannel | None
    team: str | None


@dataclass(frozen=True, slots=True)
class Subject:
    """Whose limit it is, and how sentences call it."""

    scope: Scope
    name: str
    person: discord.Member | None = None


async def subject_of(
    given: Given, store: Store, server_id: int, guild: discord.Guild | None
) -> Subject:
    """Tell whose limit is meant.

    Raises:
        Refusal: unless the options name exactly one subject, and one that can have a limit.
    """
    named = [given.person, given.role, given.channel, given.team]
    if sum(each is not None for each in named) > 1:
        raise Refusal(budget_words.ONE_SUBJECT)
    if given.team is not None and given.whose != SERVER:
        return await _team(store, server_id, given.team, each=given.whose == EACH)
    if all(each is None for each in named):
        return _everybody(server_id, given.whose)
    if given.whose is not None:
        raise Refusal(budget_words.SCOPE_UNEXPECTED)
    if given.channel is not None:
        whose = scope(ScopeKind.CHANNEL, server_id, given.channel.id)
        return Subject(whose, given.channel.mention)
    if given.role is not None:
        role = read_role(guild, given.role)
        name = budget_words.each_with(role.mention)
        return Subject(scope(ScopeKind.ROLE, server_id, role.id), name)
    member = read_person(given.person)
    whose = person_scope(server_id, await store.person(member.id))
    return Subject(whose, member.mention, member)


async def _team(store: Store, server_id: int, name: str, *, each: bool) -> Subject:
    team = await team_called(store, server_id, name)
    kind = ScopeKind.CAP if each else ScopeKind.POOL
    return Subject(scope(kind, server_id, team.id), budget_words.team(team.name, each=each))


def _everybody(server_id: int, whose: str | None) -> Subject:
    if whose == EACH:
        return Subject(members_scope(server_id), EACH)
    if whose == SERVER:
        return Subject(server_scope(server_id), SERVER)
    raise Refusal(budget_words.WHOSE_MISSING)
