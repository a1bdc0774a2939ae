"""Standing: what holds for a subject now that one of its limits was changed."""

from collections.abc import Sequence

import discord

from bot.chat import budget_words
from bot.chat.intake import payer_of
from bot.chat.subjects import Subject
from bot.core.job import Place
from bot.core.limits import OWN, Allowance, Limit, PeriodKind, Rule, ScopeKind
from bot.core.money import ZERO
from bot.store.store import Store
from bot.store.views import ServerLimits


async def standing(
    store: Store, server_id: int, subject: Subject, changed: PeriodKind
) -> list[str]:
    """Tell every limit of a subject, and whether it is over the one that was changed."""
    limits = await store.limits(server_id)
    if subject.person is not None:
        return await _own(store, limits, subject, subject.person, changed)
    match subject.scope.kind:
        case ScopeKind.MEMBERS:
            return [budget_words.holding(subject.name, limits.members)]
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
    return [budget_words.holding(name, _kinds(allowances), granted), *over]


def _kinds(allowances: Sequence[Allowance]) -> list[tuple[PeriodKind, Limit]]:
    return [(each.period.kind, each.limit) for each in allowances]
