"""Rules: what managers set in a server, and for one person in it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import TypeAlias
from zoneinfo import ZoneInfo

from bot.core.ids import PersonId
from bot.core.job import Place
from bot.core.limits import Limit, PeriodKind, Rule, Scope, ScopeKind, server_key
from bot.core.money import ZERO, Money
from bot.store import bulk
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


NOTHING: Kinds = MappingProxyType({})
STRANGER = OwnRules(Scope(ScopeKind.PERSON), NOTHING, None, ZERO)
"""The rules of everybody for whom nothing was set."""


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
    now: datetime, people: Sequence[tuple[str, int | None, PersonId]]
) -> Reading[tuple[Mapping[str, OwnRules], int]]:
    """Read what was set for people, by the text of their scope, and the rules' version.

    Each is a scope's text, a server and a person; for those that are left out nothing was set.
    """
    found: dict[str, Rows] = {}
    once = list(dict.fromkeys(people))  # a grant that is found twice would count twice
    for text, *row in (yield from bulk.ask(_OWN_RULES, once, ticks(now))):
        found.setdefault(text, []).append(row)
    ((_, _, version), *_) = found.pop("")
    return {text: _own(scope_of(text), rows) for text, rows in found.items()}, version


_OWN_RULES = """
WITH asked (scope, server, person) AS (VALUES {})
SELECT '', 'version', '', version FROM rule_version
UNION ALL SELECT asked.scope, period, rule, amount FROM asked
JOIN limit_rule ON limit_rule.scope = asked.scope
UNION ALL SELECT asked.scope, 'pool', pool_id, NULL FROM asked
JOIN pool_member ON server_id = server AND person_id = person
UNION ALL SELECT asked.scope, 'grant', '', amount FROM asked
JOIN allowance_grant ON server_id = server AND person_id = person AND expires_at > ?
"""


def _own(scope: Scope, rows: Rows) -> OwnRules:
    limits, pool, granted = {}, None, 0
    for kind, rule, amount in rows:
        if kind == "pool":
            pool = rule
        elif kind == "grant":
            granted += amount
        else:
            limits[PeriodKind(kind)] = limit_of(rule, amount)
    return OwnRules(scope, limits, pool, Money(granted))
