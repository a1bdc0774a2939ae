"""The file against the oracle: calls, entries, pictures and balances, to the micro-dollar."""

import json
import sqlite3
from collections.abc import Iterable
from datetime import datetime

from bot.core.limits import Allowance
from bot.core.money import Money
from bot.store.prices import learned_price
from bot.store.reading import read
from tests.storm.oracle import Call, Frame, Oracle, Order, Subject

_CALL = """
SELECT call.state, hold, charged, refunded, coalesce(billed, 0), estimated,
coalesce(sum(person_micros), 0), coalesce(sum(operator_micros), 0),
coalesce(sum(gateway_micros), 0), coalesce(sum(exposure_micros), 0),
coalesce(sum(kind IN ('settled', 'released')), 0)
FROM call LEFT JOIN entry ON entry.call_id = call.id WHERE call.id = ?
"""
_PICTURES = """
SELECT number, share, state = 'refunded', state = 'delivered' FROM picture
WHERE call_id = ? ORDER BY number
"""

_PARTS = {"person": 1, "member": 2}  # of a subject's name, the person's own among them


class Violation(SystemExit):
    """Something is not as it must be; nothing that runs may swallow this."""


def demand(kept: object, what: object) -> None:
    """Leave with a violation unless `kept` holds."""
    if not kept:
        raise Violation(str(what))


class Comparison:
    """Reads one database in the oracle's words."""

    def __init__(self, oracle: Oracle) -> None:
        self._oracle = oracle
        self._people: dict[str, int] = {}  # a reference to the Discord id behind it

    def some(self, db: sqlite3.Connection, calls: Iterable[Call], now: datetime) -> None:
        """Compare calls, the balances they count in, and what their models are said to cost."""
        frames: set[Frame] = set()
        for call in calls:
            _compare(db, call)
            price = read(db, learned_price(now, call.model, None))
            learned = self._oracle.learned(call.model, now)
            demand((price and price.micros) == learned, f"{call.model}: {price}, not {learned}")
            frames.update(call.frames)
        if not frames:
            return
        for frame, sums in self._oracle.balances(frames).items():
            row = db.execute(
                "SELECT held, used FROM balance WHERE scope = ? AND day = ?",
                (self.text(db, frame[0]), frame[1]),
            ).fetchone()
            demand(row == sums, f"I1: {frame} is {row}, not {sums}")

    def whole(self, db: sqlite3.Connection) -> None:
        """Compare everything there is."""
        calls = self._oracle.calls
        (count,) = db.execute("SELECT count(*) FROM call").fetchone()
        demand(count == len(calls), f"{count} calls, not {len(calls)}")
        for call in calls.values():
            _compare(db, call)
        self.days(db)
        rows = db.execute("SELECT scope, day, held, used FROM balance")
        found = {(scope, day): (held, used) for scope, day, held, used in rows}
        for (subject, day), sums in self._oracle.balances().items():
            row = found.pop((self.text(db, subject), day), None)
            demand(row == sums, f"I1: {subject} on {day} is {row}, not {sums}")
        demand(not found, f"I1: balances of nobody: {found}")

    def days(self, db: sqlite3.Connection) -> None:
        """See that every call counts where and when it counted from the start."""
        frames = dict(db.execute("SELECT id, frames FROM job"))
        for call in self._oracle.calls.values():
            wanted = [[self.text(db, subject), day] for subject, day in call.frames]
            demand(
                sorted(json.loads(frames[call.job])) == sorted(wanted),
                f"I13: {call.id} counts in {frames[call.job]}, not {wanted}",
            )

    def allowances(
        self, db: sqlite3.Connection, order: Order, shown: Iterable[Allowance], now: datetime
    ) -> None:
        """Compare what a person is shown with what the oracle knows (I18)."""
        seen = {
            (
                self.subject(db, str(each.scope), stranger=order.person),
                each.period.kind.value,
                each.limit.micros if isinstance(each.limit, Money) else each.limit.value,
                each.used.micros,
                each.held.micros,
            )
            for each in shown
        }
        known = {
            (bound.subject, bound.kind, bound.limit, *self._oracle.sums(bound))
            for bound in self._oracle.bounds(order, now)
        }
        demand(seen == known, f"I18: shown {seen}, not {known}")

    def text(self, db: sqlite3.Connection, subject: Subject) -> str:
        """Say a subject as it stands in the file."""
        kind, *rest = subject
        if not rest:
            return str(kind)
        server, *of = rest
        if kind in _PARTS:
            of[-1] = self._reference(db, of[-1])
        return "/".join(map(str, (kind, "direct" if server is None else server, *of)))

    def subject(self, db: sqlite3.Connection, text: str, stranger: int = 0) -> Subject:
        """Read a subject back; whoever has no reference yet is the stranger."""
        kind, *rest = text.split("/")
        if not rest:
            return (kind,)
        server, *of = rest
        names: list[object] = list(of)
        if kind in _PARTS:
            *pool, person = of if len(of) == _PARTS[kind] else [*of, ""]  # a stranger has no name
            names = [*pool, self.people(db).get(person, stranger)]
        elif kind in {"role", "channel"}:
            names = [int(of[-1])]
        return (kind, None if server == "direct" else int(server), *names)

    def people(self, db: sqlite3.Connection) -> dict[str, int]:
        """Tell whose every reference is."""
        (count,) = db.execute("SELECT count(*) FROM person").fetchone()
        if count != len(self._people):
            self._people = dict(db.execute("SELECT id, discord_id FROM person").fetchall())
        return self._people

    def _reference(self, db: sqlite3.Connection, person: object) -> str:
        return next((each for each, of in self.people(db).items() if of == person), "nobody")


def _compare(db: sqlite3.Connection, call: Call) -> None:
    paid = call.charged - call.given_back
    expected = (
        *(call.state, call.hold, call.charged, call.given_back, call.billed, call.estimated),
        *(paid, call.billed - paid, call.billed, call.exposure),
        call.state in {"settled", "released"},
    )
    row = db.execute(_CALL, (call.id,)).fetchone()
    demand(row == expected, f"I3, I4, I5: {call.id} is {row}, not {expected}")
    pictures = db.execute(_PICTURES, (call.id,)).fetchall()
    wanted = [
        (number, share, number in call.refunded, number in call.delivered - call.refunded)
        for number, share in call.shares.items()
    ]
    demand(pictures == wanted, f"I14: {call.id} has {pictures}, not {wanted}")
    demand(paid == 0 or call.shares, f"I7: {call.id} paid for nothing")
    demand(call.charged <= call.unit * len(call.shares), f"I8: {call.id} paid for more than came")
