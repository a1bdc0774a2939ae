"""Limits: which rules hold for whom, and what they leave; asked by admissions and by views."""

import sqlite3
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from types import MappingProxyType
from zoneinfo import ZoneInfo

from bot.core.ids import PersonId
from bot.core.limits import (
    OPERATOR,
    Allowance,
    Limit,
    Period,
    PeriodKind,
    Rule,
    Scope,
    members_scope,
    period,
    person_scope,
    server_scope,
)
from bot.core.money import Money
from bot.store.reading import Reading, Rows
from bot.store.rows import limit_columns, limit_of
from bot.store.servers import note, zone_of

_PERSON_DAY = Money.parse("1")
_SERVER_DAY = Money.parse("10")
_OPERATOR_DAY = Money.parse("25")
_EXPOSURE = Money.parse("2")


@dataclass(frozen=True, slots=True, kw_only=True)
class Defaults:
    """The limits of a day that hold until somebody sets the day's rule for that subject."""

    person_day: Limit = _PERSON_DAY
    server_day: Limit = _SERVER_DAY
    operator_day: Limit = _OPERATOR_DAY
    direct: Limit = Rule.BLOCKED  # all places outside servers together


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """What orders are admitted on, beside the rules people set."""

    default_zone: ZoneInfo
    defaults: Defaults = field(default_factory=Defaults)
    jobs_per_person: int = 10
    unknown_per_person: int = 3
    unknown_exposure_max: Money = _EXPOSURE


@dataclass(frozen=True, slots=True)
class Chain:
    """A scope whose spending counts, and where its rules come from, most specific first."""

    scope: Scope
    name: str  # the scope as it stands in columns
    sources: tuple[str, ...]
    default: Limit
    periods: Mapping[PeriodKind, Period]

    def rules(self, rules: dict[tuple[str, str], Limit]) -> Iterator[tuple[PeriodKind, Limit]]:
        """Give the rule of each kind of period that has one; the default is a day's."""
        for kind in PeriodKind:
            set_ones = (rules.get((source, kind)) for source in self.sources)
            fallback = self.default if kind is PeriodKind.DAY else None
            if (limit := next((one for one in set_ones if one is not None), fallback)) is not None:
                yield kind, limit


def chains(
    server_id: int | None, person: PersonId | None, terms: Terms, now: datetime
) -> Reading[tuple[Chain, ...]]:
    """Find everything that must allow a person's order in a server, the nearest first."""
    zone = yield from zone_of(server_id, terms.default_zone)
    here = _periods(zone, now)
    everywhere = here if zone is terms.default_zone else _periods(terms.default_zone, now)
    own, server = person_scope(server_id, person or ""), server_scope(server_id)
    defaults = terms.defaults
    server_default = defaults.direct if server_id is None else defaults.server_day
    return (
        _chain(own, here, defaults.person_day, members_scope(server_id)),
        _chain(server, here, server_default),
        _chain(OPERATOR, everywhere, defaults.operator_day),
    )


def _chain(
    scope: Scope, periods: Mapping[PeriodKind, Period], default: Limit, *fallbacks: Scope
) -> Chain:
    name = str(scope)
    return Chain(scope, name, (name, *map(str, fallbacks)), default, periods)


def _periods(zone: ZoneInfo, now: datetime) -> Mapping[PeriodKind, Period]:
    # Periods begin on whole minutes, so all instants of a minute share theirs.
    return _periods_of_minute(zone, now.replace(second=0, microsecond=0))


@lru_cache(maxsize=256)
def _periods_of_minute(zone: ZoneInfo, minute: datetime) -> Mapping[PeriodKind, Period]:
    return MappingProxyType({kind: period(kind, minute, zone) for kind in PeriodKind})


def allowances(of: tuple[Chain, ...]) -> Reading[list[Allowance]]:
    """Compare every rule that holds with what is used and held in its period."""
    rules = _limits((yield _rules_question(of)))
    balances = _balances((yield _balances_question(of)))
    found = []
    for chain in of:
        for kind, limit in chain.rules(rules):
            now = chain.periods[kind]
            used, held = balances.get((chain.name, now.key), (Money(0), Money(0)))
            found.append(
                Allowance(scope=chain.scope, period=now, limit=limit, used=used, held=held)
            )
    return found


def set_limit(  # noqa: PLR0917 - a rule, column by column, and who wants it
    db: sqlite3.Connection,
    scope: Scope,
    kind: PeriodKind,
    limit: Limit | None,
    actor: int,
    reason: str,
    now: datetime,
) -> Limit | None:
    """Set a rule, or unset it with None; gives the rule that stood before."""
    where = (str(scope), kind.value)
    rows = db.execute(
        "SELECT rule, amount FROM limit_rule WHERE scope = ? AND period = ?", where
    ).fetchall()
    before = limit_of(*rows[0]) if rows else None
    if limit is None:
        db.execute("DELETE FROM limit_rule WHERE scope = ? AND period = ?", where)
    else:
        db.execute(
            "INSERT INTO limit_rule (scope, period, rule, amount) VALUES (?, ?, ?, ?)"
            " ON CONFLICT (scope, period) DO UPDATE SET"
            " rule = excluded.rule, amount = excluded.amount",
            (*where, *limit_columns(limit)),
        )
    change = (_words(before), _words(limit))
    note(db, now, actor, f"limit {scope} {kind}", change, reason)
    return before


def _words(limit: Limit | None) -> str | None:
    return limit.value if isinstance(limit, Rule) else None if limit is None else str(limit)


def _rules_question(of: tuple[Chain, ...]) -> tuple[str, list[str]]:
    scopes = [source for chain in of for source in chain.sources]
    return (
        f"""
        SELECT scope, period, rule, amount FROM limit_rule
        WHERE scope IN ({_marks(scopes)})
        """,  # noqa: S608 - only marks
        scopes,
    )


def _balances_question(of: tuple[Chain, ...]) -> tuple[str, list[str]]:
    scopes = [chain.name for chain in of]
    keys = list({now.key: None for chain in of for now in chain.periods.values()})
    return (
        f"""
        SELECT scope, period, used, held FROM balance
        WHERE scope IN ({_marks(scopes)}) AND period IN ({_marks(keys)})
        """,  # noqa: S608 - only marks
        [*scopes, *keys],
    )


def _marks(values: list[str]) -> str:
    return ", ".join("?" * len(values))


def _limits(rows: Rows) -> dict[tuple[str, str], Limit]:
    return {(scope, kind): limit_of(rule, amount) for scope, kind, rule, amount in rows}


def _balances(rows: Rows) -> dict[tuple[str, str], tuple[Money, Money]]:
    return {(scope, key): (Money(used), Money(held)) for scope, key, used, held in rows}
