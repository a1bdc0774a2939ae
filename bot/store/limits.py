"""Limits: what the rules leave, asked by admissions and by views alike; and setting a rule."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from sqlite3 import Connection

from bot.core.limits import Allowance, Limit, PeriodKind, Rule, Scope
from bot.core.money import Money
from bot.store import bulk
from bot.store.reading import Reading
from bot.store.rows import limit_columns, limit_of
from bot.store.servers import note
from bot.store.tallies import Frame, Tally


class Sums:
    """What is used and held in the periods of limits, and what is to be held on top.

    That counts in each of the periods: those that run contain the day of the hold.
    """

    def __init__(self, found: Mapping[Tally, Sequence[tuple[int, int]]]) -> None:
        self.holds: dict[Frame, int] = {}  # decided, but not written yet
        self._found = found
        self._rooms = {tally: _room(tally, sums) for tally, sums in found.items()}

    def hold(self, of: Iterable[Tally], needed: Money) -> None:
        """Let an order count for what comes after it: limited or not, as a limit may be set."""
        for tally in of:
            self.holds[tally.frame] = self.holds.get(tally.frame, 0) + needed.micros

    def fit(self, of: Iterable[Tally], needed: Money) -> bool:
        """Tell whether every limit has so much left: the quick answer, by the numbers alone."""
        for tally in of:
            if self._rooms[tally] - self.holds.get(tally.frame, 0) < needed.micros:
                return False
        return True

    def seen(self, of: Iterable[Tally]) -> list[Allowance]:
        """Give measured limits as people see them."""
        return [
            Allowance(
                scope=tally.scope,
                period=held.period,
                limit=held.limit,
                used=Money(used),
                held=Money(reserved + self.holds.get(tally.frame, 0)),
                source=held.source,
                name=tally.name,
                granted=held.granted,
            )
            for tally in of
            for held, (used, reserved) in zip(tally.limits, self._found[tally], strict=True)
        ]


_ENDLESS = 2**63  # more than a column can say


def _room(tally: Tally, sums: Iterable[tuple[int, int]]) -> int:
    """Give what the tightest of a tally's limits has left; less than nothing where one blocks."""
    room = _ENDLESS
    for held, (used, reserved) in zip(tally.limits, sums, strict=True):
        if isinstance(held.limit, Money):
            room = min(room, held.limit.micros - used - reserved)
        elif held.limit is Rule.BLOCKED:
            return -1
    return room


def measured(of: Iterable[Tally]) -> Reading[Sums]:
    """Sum up, for every limit, what is used and held in its period."""
    different = dict.fromkeys(of)
    limits = [(tally.frame[0], held.period) for tally in different for held in tally.limits]
    asked = [(n, text, period.first, period.after) for n, (text, period) in enumerate(limits)]
    rows = yield from bulk.ask(_SUMS, asked)
    sums = iter(sorted(rows))  # by their numbers
    return Sums({tally: [next(sums)[1:] for _ in tally.limits] for tally in different})


_SUMS = """
WITH asked (number, scope, first, after) AS (VALUES {})
SELECT number, coalesce(sum(used), 0), coalesce(sum(held), 0) FROM asked
LEFT JOIN balance ON balance.scope = asked.scope AND day >= first AND day < after
GROUP BY number
"""


def allowances(of: Sequence[Tally]) -> Reading[list[Allowance]]:
    """Compare every limit with what is used and held in its period."""
    return (yield from measured(of)).seen(of)


def set_limit(  # noqa: PLR0917 - a rule, column by column, and who wants it
    db: Connection,
    now: datetime,
    scope: Scope,
    kind: PeriodKind,
    limit: Limit | None,
    actor: int,
    reason: str = "",
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
