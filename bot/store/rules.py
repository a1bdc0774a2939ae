"""Rules: what managers set in a server, and for one person in it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cache
from types import MappingProxyType
from typing import TypeAlias
from zoneinfo import ZoneInfo

from bot.core.ids import PersonId
from bot.core.job import Place
from bot.core.limits import (
    Limit,
    PeriodKind,
    Rule,
    Scope,
    person_scope,
    server_key,
)
from bot.core.money import ZERO, Money
from bot.store.reading import Reading, Rows
from bot.store.rows import limit_of, moment, ticks
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


NOTHING: Kinds = MappingProxyType({})


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


def own_rules(
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
        return stranger(server), version
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
def stranger(server: int | None) -> OwnRules:
    """Give the rules of everybody for whom nothing was set."""
    return OwnRules(person_scope(server, ""), NOTHING, None, ZERO)
