"""Limits: what the rules leave, asked by admissions and by views alike; and setting a rule."""

import sqlite3
from collections.abc import Sequence
from datetime import datetime
from functools import cache
from typing import TypeAlias

from bot.core.limits import Allowance, Limit, PeriodKind, Rule, Scope
from bot.core.money import Money
from bot.store.reading import Reading
from bot.store.rows import limit_columns, limit_of
from bot.store.servers import note
from bot.store.tallies import Held, Tally

_SUMS = (
    "SELECT coalesce(sum(used), 0), coalesce(sum(held), 0) FROM balance"
    " WHERE scope = ? AND day >= ? AND day < ?"
)


Measured: TypeAlias = list[tuple[Tally, Held, int, int]]
"""Limits with the micro-dollars used and held in their periods."""


def measured(of: Sequence[Tally]) -> Reading[Measured]:
    """Sum up, for every limit, what is used and held in its period."""
    pairs = [(tally, held) for tally in of for held in tally.limits]
    rows = yield (
        _question(len(pairs)),
        [
            value
            for tally, held in pairs
            for value in (tally.text, held.period.first, held.period.after)
        ],
    )
    return [(*pair, *sums) for pair, sums in zip(pairs, rows, strict=True)]


@cache
def _question(limits: int) -> str:
    return " UNION ALL ".join([_SUMS] * limits)


def fit(found: Measured, needed: Money) -> bool:
    """Tell whether every limit has so much left: the quick answer, by the numbers alone."""
    for _, held, used, reserved in found:
        limit = held.limit
        if isinstance(limit, Money):
            if limit.micros - used - reserved < needed.micros:
                return False
        elif limit is Rule.BLOCKED:
            return False
    return True


def allowances(of: Sequence[Tally]) -> Reading[list[Allowance]]:
    """Compare every limit with what is used and held in its period."""
    return seen((yield from measured(of)))


def seen(found: Measured) -> list[Allowance]:
    """Give measured limits as people see them."""
    return [
        Allowance(
            scope=tally.scope,
            period=held.period,
            limit=held.limit,
            used=Money(used),
            held=Money(reserved),
            source=held.source,
            name=tally.name,
            granted=held.granted,
        )
        for tally, held, used, reserved in found
    ]


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
            "INSERT INTO limit_rule (server, scope, period, rule, amount) VALUES (?, ?, ?, ?, ?)"
            " ON CONFLICT (scope, period) DO UPDATE SET"
            " rule = excluded.rule, amount = excluded.amount",
            (scope.server, *where, *limit_columns(limit)),
        )
    change = (_words(before), _words(limit))
    note(db, now, actor, f"limit {scope} {kind}", change, reason)
    return before


def _words(limit: Limit | None) -> str | None:
    return limit.value if isinstance(limit, Rule) else None if limit is None else str(limit)
