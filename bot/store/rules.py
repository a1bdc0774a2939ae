"""Rules: what managers set in a server, and which of it holds for one order."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cache, lru_cache
from types import MappingProxyType
from typing import TypeAlias
from zoneinfo import ZoneInfo

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
    period,
    person_scope,
    scope,
    server_key,
    server_scope,
)
from bot.core.money import ZERO, Money
from bot.store.reading import Reading, Rows
from bot.store.rows import limit_of, moment, scope_of, ticks
from bot.store.servers import zone_of

_PERSON_DAY = Money.parse("1")
_SERVER_DAY = Money.parse("10")
_OPERATOR_DAY = Money.parse("25")
_EXPOSURE = Money.parse("2")

Kinds: TypeAlias = Mapping[PeriodKind, Limit]


@dataclass(frozen=True, slots=True, kw_only=True)
class Defaults:
    """The limits of a day that hold until somebody sets the day's rule for that subject."""

    person_day: Limit = _PERSON_DAY
    server_day: Limit = _SERVER_DAY
    operator_day: Limit = _OPERATOR_DAY
    direct: Limit = Rule.BLOCKED  # all places outside servers together


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Terms:
    """What orders are admitted on, beside the rules people set."""

    default_zone: ZoneInfo
    defaults: Defaults = field(default_factory=Defaults)
    jobs_per_person: int = 10
    unknown_per_person: int = 3
    unknown_exposure_max: Money = _EXPOSURE
    exposure_window: timedelta = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class Pool:
    """A team, or an event: everybody's orders in one channel until it ends."""

    id: str
    name: str
    channel_id: int | None
    ends_at: datetime | None


@dataclass(frozen=True, slots=True, eq=False)
class ServerRules:
    """All that was set in a server, and by the operator, but for single people.

    Compared by identity, as one stands for one state: what follows from it is kept with it.
    """

    zone: ZoneInfo | None
    limits: Mapping[str, Kinds]  # by the scope's text
    pools: Mapping[str, Pool]

    def open_pools(self, now: datetime) -> list[Pool]:
        """Give the teams, and the events that still run."""
        return [each for each in self.pools.values() if each.ends_at is None or each.ends_at > now]

    def event(self, place: Place, now: datetime) -> Pool | None:
        """Find the event that pays for orders in a place; the one that ends last, of several."""
        channels = (place.channel_id, place.parent_id)
        running = [
            (pool.ends_at, pool)
            for pool in self.open_pools(now)
            if pool.ends_at is not None and pool.channel_id in channels
        ]
        return max(running, key=lambda one: one[0])[1] if running else None


@dataclass(frozen=True, slots=True, eq=False)
class OwnRules:
    """What was set for one person in a server."""

    scope: Scope
    limits: Kinds
    pool: str | None
    granted: Money


@dataclass(frozen=True, slots=True)
class Held:
    """A limit that an order must fit, where it was set (None: a default), and the grants in it."""

    period: Period
    limit: Limit
    source: Scope | None
    granted: Money = ZERO


@dataclass(frozen=True, slots=True)
class Tally:
    """A scope that an order counts in, the local day it counts on, and the limits there."""

    scope: Scope
    text: str  # the scope as it stands in columns
    day: str
    limits: tuple[Held, ...]
    name: str = ""


_NOTHING: Kinds = MappingProxyType({})


def tallies(
    place: Place, payer: Payer, person: PersonId | None, terms: Terms, now: datetime
) -> Reading[tuple[Tally, ...]]:
    """Find every scope that an order counts in, from the payer's own to the operator's."""
    server = place.server_id
    own, version = yield from _own_rules(server, person, now)
    rules = yield from server_rules(server, version)
    minute = _minute(now)
    others = _others(rules, server, place.parent_id or place.channel_id, terms, minute)
    held = _own(rules, own, payer.roles, terms, minute)
    pool = rules.event(place, now) or rules.pools.get(own.pool or "")
    if pool is None:
        mine = person_scope(server, person or "")
        return (Tally(mine, str(mine), others[-2].day, held), *others)
    blocks = tuple(each for each in held if _blocks_all(each))
    part = member_scope(server, pool.id, person or "")
    here = periods(rules.zone or terms.default_zone, now)
    return (*_pooled(rules, pool, part, blocks, own.granted, here), *others)


@lru_cache(maxsize=1_000)
def _others(
    rules: ServerRules, server: int | None, channel: int, terms: Terms, minute: datetime
) -> tuple[Tally, ...]:
    """Give the tallies that an order shares with others: its channel's and those above it."""
    here = periods(rules.zone or terms.default_zone, minute)
    everywhere = periods(terms.default_zone, minute)
    default = terms.defaults.direct if server is None else terms.defaults.server_day
    above = (
        _tally(rules, server_scope(server), default, here),
        _tally(rules, OPERATOR, terms.defaults.operator_day, everywhere),
    )
    if server is None:
        return above
    return (_tally(rules, scope(ScopeKind.CHANNEL, server, channel), None, here), *above)


def shared(rules: ServerRules, server: int | None, terms: Terms, now: datetime) -> list[Tally]:
    """Give the tallies of a server that belong to nobody alone: itself, its pools, its channels."""
    here = periods(rules.zone or terms.default_zone, now)
    found = [_tally(rules, server_scope(server), terms.defaults.server_day, here)]
    found += [
        _tally(rules, scope(ScopeKind.POOL, server, pool.id), None, here, pool)
        for pool in rules.open_pools(now)
    ]
    found += [
        _tally(rules, subject, None, here)
        for subject in map(scope_of, rules.limits)
        if subject.kind is ScopeKind.CHANNEL
    ]
    return found


def members(
    rules: ServerRules, server: int | None, terms: Terms, now: datetime
) -> tuple[Held, ...]:
    """Give what holds for a person of a server for whom nothing was set."""
    return _own(rules, _stranger(server), (), terms, _minute(now))


def server_rules(server: int | None, version: int | None = None) -> Reading[ServerRules]:
    """Read what was set in a server; kept in memory for as long as nothing is changed.

    `version` is the rules' version if it was read already.
    """
    if version is None:
        ((version,),) = yield "SELECT version FROM rule_version", ()
    key = (server, version)
    if (known := _known.get(key)) is None:
        known = yield from _read_rules(server)
        if len(_known) >= _KNOWN_MAX:
            _known.clear()
        _known[key] = known
    return known


# Versions are random numbers, so that one says which state of which database it means.
_known: dict[tuple[int | None, int], ServerRules] = {}
_KNOWN_MAX = 1_000


def _read_rules(server: int | None) -> Reading[ServerRules]:
    zone = yield from zone_of(server)
    rows = yield (
        """
        SELECT scope, period, rule, amount FROM limit_rule
        WHERE server IN (?, '') AND scope NOT LIKE 'person/%'
        """,
        (server_key(server),),
    )
    limits: dict[str, dict[PeriodKind, Limit]] = {}
    for text, kind, rule, amount in rows:
        limits.setdefault(text, {})[PeriodKind(kind)] = limit_of(rule, amount)
    pools = yield (
        "SELECT id, name, channel_id, ends_at FROM pool WHERE server_id = ? AND closed_at IS NULL",
        (server,),
    )
    return ServerRules(zone, limits, {row[0]: _pool(*row) for row in pools})


def _pool(pool: str, name: str, channel_id: int | None, ends_at: int | None) -> Pool:
    return Pool(pool, name, channel_id, None if ends_at is None else moment(ends_at))


def _own_rules(
    server: int | None, person: PersonId | None, now: datetime
) -> Reading[tuple[OwnRules, int]]:
    """Read what was set for one person, the grants that run, and the rules' version."""
    mine = person_scope(server, person or "")
    rows: Rows = yield (
        """
        SELECT 'version', '', version FROM rule_version
        UNION ALL SELECT period, rule, amount FROM limit_rule WHERE scope = ?
        UNION ALL SELECT 'pool', pool_id, NULL FROM pool_member
        WHERE server_id = ? AND person_id = ?
        UNION ALL SELECT 'grant', '', amount FROM allowance_grant
        WHERE server_id = ? AND person_id = ? AND expires_at > ?
        """,
        (str(mine), server, person, server, person, ticks(now)),
    )
    version = rows[0][2]
    if len(rows) == 1:
        return _stranger(server), version
    limits, pool, granted = {}, None, 0
    for kind, rule, amount in rows[1:]:
        if kind == "pool":
            pool = rule
        elif kind == "grant":
            granted += amount
        else:
            limits[PeriodKind(kind)] = limit_of(rule, amount)
    return OwnRules(mine, limits, pool, Money(granted)), version


@cache
def _stranger(server: int | None) -> OwnRules:
    """Give the rules of everybody for whom nothing was set."""
    return OwnRules(person_scope(server, ""), _NOTHING, None, ZERO)


@lru_cache(maxsize=1_000)
def _own(
    rules: ServerRules, own: OwnRules, roles: tuple[int, ...], terms: Terms, minute: datetime
) -> tuple[Held, ...]:
    """Find, for each kind of period, the rule for a person with these roles."""
    server = own.scope.server
    sources = [Scope(ScopeKind.ROLE, server, str(role)) for role in roles]
    having = [(each, kinds) for each in sources if (kinds := rules.limits.get(str(each)))]
    members = Scope(ScopeKind.MEMBERS, server)
    everybody = rules.limits.get(str(members), _NOTHING)
    held = []
    for kind, now in periods(rules.zone or terms.default_zone, minute).items():
        found = _first(kind, own, having)
        if found is None and (limit := everybody.get(kind)) is not None:
            found = limit, members
        if found is not None:
            held.append(_raised(Held(now, *found), own.granted))
        elif kind is PeriodKind.DAY:
            held.append(_raised(Held(now, terms.defaults.person_day, None), own.granted))
    return tuple(held)


def _first(
    kind: PeriodKind, own: OwnRules, roles: list[tuple[Scope, Kinds]]
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


def _blocks_all(held: Held) -> bool:
    """Tell whether a person may not order at all, whoever pays."""
    by_name = held.source is not None and held.source.kind is not ScopeKind.MEMBERS
    return held.limit is Rule.BLOCKED and by_name


def _pooled(
    rules: ServerRules,
    pool: Pool,
    part: Scope,
    blocks: tuple[Held, ...],
    granted: Money,
    here: Mapping[PeriodKind, Period],
) -> list[Tally]:
    """A pool and its cap stand in for the person's own limit; what blocks the person stays."""
    cap = Scope(ScopeKind.CAP, part.server, pool.id)
    kinds = rules.limits.get(str(cap), _NOTHING)
    held = tuple(
        _raised(Held(now, kinds[kind], cap), granted) for kind, now in here.items() if kind in kinds
    )
    day = here[PeriodKind.DAY].first
    whole = Scope(ScopeKind.POOL, part.server, pool.id)
    return [
        Tally(part, str(part), day, blocks + held, pool.name),
        _tally(rules, whole, None, here, pool),
    ]


def _tally(
    rules: ServerRules,
    subject: Scope,
    default: Limit | None,
    here: Mapping[PeriodKind, Period],
    pool: Pool | None = None,
) -> Tally:
    text = str(subject)
    kinds = rules.limits.get(text, _NOTHING)
    held = [Held(now, kinds[kind], subject) for kind, now in here.items() if kind in kinds]
    if default is not None and PeriodKind.DAY not in kinds:
        held.insert(0, Held(here[PeriodKind.DAY], default, None))
    day = here[PeriodKind.DAY].first
    return Tally(subject, text, day, tuple(held), pool.name if pool else "")


def _raised(held: Held, granted: Money) -> Held:
    if not granted or not isinstance(held.limit, Money):
        return held
    return Held(held.period, held.limit + granted, held.source, granted)


def periods(zone: ZoneInfo, now: datetime) -> Mapping[PeriodKind, Period]:
    """Give the periods of all kinds that contain `now`."""
    return _periods(zone, _minute(now))


@lru_cache(maxsize=256)
def _periods(zone: ZoneInfo, minute: datetime) -> Mapping[PeriodKind, Period]:
    return MappingProxyType({kind: period(kind, minute, zone) for kind in PeriodKind})


def _minute(now: datetime) -> datetime:
    """Local midnights fall on whole minutes, so that all instants of a minute are alike."""
    return now.replace(second=0, microsecond=0)
