"""Subjects: whose limit a manager means, and what holds for them once one was changed."""

from collections.abc import Sequence
from dataclasses import dataclass

import discord

from bot.chat import budget_words
from bot.chat.answers import Refusal
from bot.chat.budget_options import LimitedChannel, read_person, read_role
from bot.chat.intake import payer_of
from bot.chat.teams import team_called
from bot.core.job import Place
from bot.core.limits import OWN, Allowance, Limit, PeriodKind, Rule, Scope, ScopeKind, scope
from bot.core.money import ZERO
from bot.store.store import Store
from bot.store.views import ServerLimits

EACH, SERVER = "each person", "this server"


@dataclass(frozen=True, slots=True)
class Subject:
    """Whose limit it is, and how sentences call it."""

    scope: Scope
    name: str
    person: discord.Member | None = None


async def subject_of(
    store: Store,
    server_id: int,
    guild: discord.Guild | None,
    *,
    whose: str | None,
    person: discord.abc.Snowflake | None,
    role: discord.abc.Snowflake | None,
    channel: LimitedChannel | None,
    team: str | None,
) -> Subject:
    """Tell whose limit is meant by the options of a command; None was left out.

    Raises:
        Refusal: unless the options name exactly one subject, and one that can have a limit.
    """
    named = sum(each is not None for each in (person, role, channel, team))
    if named > 1:
        raise Refusal(budget_words.ONE_SUBJECT)
    if team is not None and whose != SERVER:
        return await _team(store, server_id, team, each=whose == EACH)
    if not named:
        return _everybody(server_id, whose)
    if whose is not None:
        raise Refusal(budget_words.SCOPE_UNEXPECTED)
    if channel is not None:
        return Subject(scope(ScopeKind.CHANNEL, server_id, channel.id), channel.mention)
    if role is not None:
        given = read_role(guild, role)
        name = budget_words.EACH_WITH.format(role=given.mention)
        return Subject(scope(ScopeKind.ROLE, server_id, given.id), name)
    member = read_person(person)
    own = scope(ScopeKind.PERSON, server_id, await store.person(member.id))
    return Subject(own, member.mention, member)


async def _team(store: Store, server_id: int, name: str, *, each: bool) -> Subject:
    team = await team_called(store, server_id, name)
    kind = ScopeKind.CAP if each else ScopeKind.POOL
    return Subject(scope(kind, server_id, team.id), budget_words.team(team.name, each=each))


def _everybody(server_id: int, whose: str | None) -> Subject:
    if whose == EACH:
        return Subject(scope(ScopeKind.MEMBERS, server_id), EACH)
    if whose == SERVER:
        return Subject(scope(ScopeKind.SERVER, server_id), SERVER)
    raise Refusal(budget_words.WHOSE_MISSING)


async def standing(
    store: Store, server_id: int, subject: Subject, changed: PeriodKind
) -> list[str]:
    """Tell every limit of a subject, and whether it is over the one that was changed."""
    limits = await store.limits(server_id)
    if subject.person is not None:
        return await _own(store, limits, subject, subject.person, changed)
    match subject.scope.kind:
        case ScopeKind.MEMBERS:
            return [budget_words.holding(subject.name, limits.members, budget_words.unset(limits))]
        case ScopeKind.ROLE | ScopeKind.CAP:
            return _ruled(limits, subject)
        case _:
            shared = [each for each in limits.shared if each.scope == subject.scope]
            return _measured(subject.name, shared, changed)


def _ruled(limits: ServerLimits, subject: Subject) -> list[str]:
    kinds = {rule.kind: rule.limit for rule in limits.rules if rule.scope == subject.scope}
    told = [budget_words.holding(subject.name, kinds.items())]
    if subject.scope.kind is ScopeKind.CAP or not kinds or Rule.BLOCKED in kinds.values():
        return told
    default = [(kind, limit) for kind, limit in limits.members if kind not in kinds]
    return [*told, *budget_words.besides(default)]


async def _own(
    store: Store,
    limits: ServerLimits,
    subject: Subject,
    person: discord.Member,
    changed: PeriodKind,
) -> list[str]:
    place = Place(server_id=person.guild.id, channel_id=0)  # no channel's limit, and no event
    allowances = await store.allowances(place, payer_of(person))
    team = next((pool for pool in limits.pools if person.id in limits.teams.get(pool.id, ())), None)
    own = [each for each in allowances if each.scope.kind in OWN]
    told = _measured(subject.name, own, changed) if own or team is None else []
    if team is not None:
        pays = [each for each in allowances if each.scope.kind is ScopeKind.POOL]
        told.append(budget_words.in_team(subject.name, team.name, _kinds(pays)))
    return told


def _measured(name: str, allowances: Sequence[Allowance], changed: PeriodKind) -> list[str]:
    granted = max((each.granted for each in allowances), default=ZERO)
    over = [
        line
        for each in allowances
        if each.period.kind is changed
        for line in budget_words.over(each)
    ]
    unset = [each.period.kind for each in allowances if each.source is None]
    return [budget_words.holding(name, _kinds(allowances), unset, granted), *over]


def _kinds(allowances: Sequence[Allowance]) -> list[tuple[PeriodKind, Limit]]:
    return [(each.period.kind, each.limit) for each in allowances]
