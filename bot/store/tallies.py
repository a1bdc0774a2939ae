"""Tallies: every scope that one order counts in, and the limits that it must fit there."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import NamedTuple, TypeAlias

from bot.core.ids import PersonId
from bot.core.job import Payer, Place
from bot.core.limits import (
    OPERATOR,
    Limit,
    Period,
    PeriodKind,
    Rule,
    Scope,
    ScopeKind,
    highest,
    member_scope,
    members_scope,
    period,
    person_scope,
    scope,
    server_scope,
)
from bot.core.money import ZERO, Money
from bot.store.reading import Reading
from bot.store.rows import scope_of
from bot.store.rules import (
    NOTHING,
    STRANGER,
    Kinds,
    OwnRules,
    Pool,
    ServerRules,
    Terms,
    own_rules,
    server_rules,
)


@dataclass(frozen=True, slots=True)
class Held:
    """A limit that an order must fit, where it was set (None: a default), and the grants in it."""

    period: Period
    limit: Limit
    source: Scope | None
    granted: Money = ZERO


Frame: TypeAlias = tuple[str, str]
"""A balance, as it stands in columns: a scope, and the local day that counts."""


@dataclass(frozen=True, slots=True, eq=False)
class Tally:
    """A balance that an order counts in, and the limits that it must fit there.

    Compared by identity: orders share those that are not their person's own.
    """

    frame: Frame
    limits: tuple[Held, ...]
    name: str = ""  # the pool's

    @property
    def scope(self) -> Scope:
        """Give the scope that it is the balance of."""
        return scope_of(self.frame[0])


class Buyer(NamedTuple):
    """Who orders and from where; `person` is empty for somebody without a reference yet."""

    place: Place
    payer: Payer
    person: PersonId


def tallies(
    now: datetime, terms: Terms, buyers: Sequence[Buyer]
) -> Reading[list[tuple[Tally, ...]]]:
    """Find every scope that each order counts in, from the payer's own to the operator's."""
    people = [
        (str(person_scope(place.server_id, person)), place.server_id, person)
        for place, _, person in buyers
    ]
    owns, version = yield from own_rules(now, people)
    here = {}
    for server in dict.fromkeys(server for _, server, _ in people):
        rules = yield from server_rules(server, version)
        here[server] = _here(rules, server, terms, _minute(now))
    return [
        here[server].tallies(buyer, mine, owns.get(mine, STRANGER), now)
        for buyer, (mine, server, _) in zip(buyers, people, strict=True)
    ]


def standing(now: datetime, terms: Terms, server: int) -> Reading["Here"]:
    """Read how a server stands now, for what is not one order."""
    return _here((yield from server_rules(server)), server, terms, _minute(now))


class Here:
    """A server in one minute: what was set there, and the periods that run."""

    def __init__(
        self, rules: ServerRules, server: int | None, terms: Terms, minute: datetime
    ) -> None:
        self.rules = rules
        self.zone = rules.zone or terms.default_zone
        self.periods = {kind: period(kind, minute, self.zone) for kind in PeriodKind}
        self.day = self.periods[PeriodKind.DAY].first
        self._server = server
        self._defaults = terms.defaults
        self._above = self._whole(terms, minute)
        self._others: dict[int, tuple[Tally, ...]] = {}
        self._pools: dict[str, Tally] = {}
        self._strangers: dict[tuple[int, ...], tuple[Held, ...]] = {}

    def tallies(self, buyer: Buyer, mine: str, own: OwnRules, now: datetime) -> tuple[Tally, ...]:
        """Give the tallies of an order, from the payer's own, whose scope is `mine`, on."""
        place, payer, person = buyer
        pool = self.rules.event(place, now) or self.rules.pools.get(own.pool or "")
        held = self.own(own, payer.roles)
        others = self.others(place.parent_id or place.channel_id)
        if pool is None:
            return (Tally((mine, self.day), held), *others)
        return (*self.pooled(pool, person, held, own.granted), *others)

    def own(self, own: OwnRules, roles: tuple[int, ...]) -> tuple[Held, ...]:
        """Give the limits of a person with these roles, one for each kind of period at most."""
        if own.limits or own.granted:
            return tuple(self._own(own, roles))
        if roles not in self._strangers:
            self._strangers[roles] = tuple(self._own(own, roles))
        return self._strangers[roles]

    def members(self) -> tuple[Held, ...]:
        """Give what holds for a person for whom nothing was set."""
        return self.own(STRANGER, ())

    def pooled(
        self, pool: Pool, person: PersonId, own: tuple[Held, ...], granted: Money
    ) -> tuple[Tally, Tally]:
        """Let a pool and its cap stand in for the own limits; what blocks the person stays."""
        part = member_scope(self._server, pool.id, person)
        blocks = [each for each in own if _blocks_by_name(each)]
        cap = self._limits(scope(ScopeKind.CAP, self._server, pool.id))
        held = (*blocks, *(_raised(each, granted) for each in cap))
        return Tally((str(part), self.day), held, pool.name), self._pool(pool)

    def others(self, channel: int) -> tuple[Tally, ...]:
        """Give the tallies that an order shares with others: its channel's and those above it."""
        if self._server is None:
            return self._above
        if channel not in self._others:
            subject = scope(ScopeKind.CHANNEL, self._server, channel)
            self._others[channel] = (self._tally(subject), *self._above)
        return self._others[channel]

    def shared(self, now: datetime) -> list[Tally]:
        """Give the tallies that are nobody's alone: the server's, its pools', its channels'."""
        subjects = map(scope_of, self.rules.limits)
        return [
            self._above[0],
            *map(self._pool, self.rules.open_pools(now)),
            *(self._tally(each) for each in subjects if each.kind is ScopeKind.CHANNEL),
        ]

    def _own(self, own: OwnRules, roles: tuple[int, ...]) -> Iterable[Held]:
        members = members_scope(self._server)
        everybody = self.rules.limits.get(str(members), NOTHING)
        having = [
            (each, kinds)
            for role in roles
            for each in (scope(ScopeKind.ROLE, self._server, role),)
            if (kinds := self.rules.limits.get(str(each)))
        ]
        for kind, now in self.periods.items():
            if (found := _first(kind, own, having)) is not None:
                yield _raised(Held(now, *found), own.granted)
            elif kind in everybody:
                yield _raised(Held(now, everybody[kind], members), own.granted)
            elif kind is PeriodKind.DAY:
                yield _raised(Held(now, self._defaults.person_day, None), own.granted)

    def _whole(self, terms: Terms, minute: datetime) -> tuple[Tally, Tally]:
        defaults = terms.defaults
        whole = defaults.direct if self._server is None else defaults.server_day
        everywhere = {kind: period(kind, minute, terms.default_zone) for kind in PeriodKind}
        limits = self._limits(OPERATOR, defaults.operator_day, everywhere)
        day = everywhere[PeriodKind.DAY].first
        return (self._tally(server_scope(self._server), whole), Tally((str(OPERATOR), day), limits))

    def _pool(self, pool: Pool) -> Tally:
        if pool.id not in self._pools:
            subject = scope(ScopeKind.POOL, self._server, pool.id)
            self._pools[pool.id] = self._tally(subject, name=pool.name)
        return self._pools[pool.id]

    def _tally(self, subject: Scope, default: Limit | None = None, *, name: str = "") -> Tally:
        return Tally((str(subject), self.day), self._limits(subject, default), name)

    def _limits(
        self,
        subject: Scope,
        default: Limit | None = None,
        periods: dict[PeriodKind, Period] | None = None,
    ) -> tuple[Held, ...]:
        """Give what was set for a scope; a default is a day's, until a day's rule is set."""
        kinds = self.rules.limits.get(str(subject), NOTHING)
        periods = periods or self.periods
        held = [Held(now, kinds[kind], subject) for kind, now in periods.items() if kind in kinds]
        if default is not None and PeriodKind.DAY not in kinds:
            held.insert(0, Held(periods[PeriodKind.DAY], default, None))
        return tuple(held)


_here = lru_cache(maxsize=1_000)(Here)


def _minute(now: datetime) -> datetime:
    """Local midnights fall on whole minutes, so that all instants of a minute are alike."""
    return now.replace(second=0, microsecond=0)


def _first(
    kind: PeriodKind, own: OwnRules, roles: Iterable[tuple[Scope, Kinds]]
) -> tuple[Limit, Scope] | None:
    """A block wins; then comes the person's own rule, then the highest of their roles."""
    given = {source: kinds[kind] for source, kinds in roles if kind in kinds}
    for source, limit in given.items():
        if limit is Rule.BLOCKED:
            return limit, source
    if (mine := own.limits.get(kind)) is not None:
        return mine, own.scope
    best = highest(given.values())
    return next(((best, source) for source, limit in given.items() if limit == best), None)


def _blocks_by_name(held: Held) -> bool:
    """Tell whether it is this person, or a role of theirs, that may not order, whoever pays."""
    by_name = held.source is not None and held.source.kind is not ScopeKind.MEMBERS
    return held.limit is Rule.BLOCKED and by_name


def _raised(held: Held, granted: Money) -> Held:
    if not granted or not isinstance(held.limit, Money):
        return held
    return Held(held.period, held.limit + granted, held.source, granted)
