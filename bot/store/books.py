"""The books: a call's row, its entries and the balances, which only ever change together."""

from dataclasses import dataclass
from datetime import datetime
from sqlite3 import Connection

from bot.core.ids import CallId, JobId, PersonId
from bot.core.job import Failure
from bot.core.limits import OPERATOR
from bot.core.money import ZERO, Money
from bot.core.states import CallState
from bot.store.bill import Bill
from bot.store.rows import frames_of, ticks

_WALLET = str(OPERATOR)


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A call as the verbs see it: what it may cost and where it stands."""

    id: CallId
    job: JobId
    person: PersonId
    images: int
    hold: Money
    state: CallState
    was_sent: bool
    unit_price: Money


def row_of(db: Connection, call: CallId) -> Row:
    """Look a call up.

    Raises:
        LookupError: when there is none.
    """
    found = db.execute(
        "SELECT call.job_id, call.person_id, call.images, call.hold, call.state, call.sent_at,"
        " job.unit_price"
        " FROM call JOIN job ON job.id = call.job_id WHERE call.id = ?",
        (call,),
    ).fetchone()
    if found is None:
        raise LookupError(f"no call {call}")
    job, person, images, amount, state, sent_at, unit_price = found
    return Row(
        id=call,
        job=job,
        person=person,
        images=images,
        hold=Money(amount),
        state=CallState(state),
        was_sent=sent_at is not None,
        unit_price=Money(unit_price),
    )


def move(db: Connection, row: Row, to: CallState, **columns: str | int | None) -> None:
    """Change the state, but only from the one that was looked at."""
    sets = ", ".join(f"{name} = ?" for name in ("state", *columns))
    moved = db.execute(
        f"UPDATE call SET {sets} WHERE id = ? AND state = ?",  # noqa: S608 - names from this file
        (to, *columns.values(), row.id, row.state),
    )
    if moved.rowcount != 1:
        raise RuntimeError(f"{row.id} is no longer {row.state}")
    db.execute("UPDATE job SET told = 0 WHERE id = ? AND told = 1", (row.job,))  # this is news


def book(
    db: Connection,
    now: datetime,
    row: Row,
    kind: str,
    *,
    freed: Money = ZERO,
    person: Money = ZERO,
    operator: Money = ZERO,
    exposure: Money = ZERO,
    reason: str = "",
) -> None:
    """Write an entry and move the balances by it.

    The operator's limit bounds what leaves the wallet: bills, whoever pays them, and what may
    have been billed. All others bound what people are charged.
    """
    (text,) = db.execute("SELECT frames FROM job WHERE id = ?", (row.job,)).fetchone()
    spent = person + operator + exposure
    db.executemany(
        "UPDATE balance SET held = held - ?, used = used + ? WHERE scope = ? AND day = ?",
        [
            (freed.micros, (spent if scope == _WALLET else person).micros, scope, key)
            for scope, key in frames_of(text)
        ],
    )
    db.execute(
        "INSERT INTO entry (at, call_id, kind, person_id, person_micros, operator_micros,"
        " gateway_micros, exposure_micros, reason) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            ticks(now),
            row.id,
            kind,
            row.person,
            person.micros,
            operator.micros,
            (person + operator).micros,
            exposure.micros,
            reason,
        ),
    )


def pay(
    db: Connection, now: datetime, row: Row, due: Bill, failure: Failure | None, *, reason: str = ""
) -> None:
    """Settle a call: the person's part, and the operator's."""
    move(
        db,
        row,
        CallState.SETTLED,
        charged=due.charged.micros,
        billed=due.billed.micros,
        estimated=due.estimated,
        failure=failure,
        detail="",
        resolved_at=ticks(now),
    )
    excess = due.billed - due.charged
    book(
        db, now, row, "settled", freed=row.hold, person=due.charged, operator=excess, reason=reason
    )


def correct(
    db: Connection,
    now: datetime,
    row: Row,
    total: Money,
    *,
    estimated: bool = False,
    reason: str = "",
) -> bool:
    """Bring what is booked for a resolved call to its bill; False when it stands there already."""
    booked, exposed = standing(db, row)
    if total == booked and not exposed:
        return False
    db.execute(
        "UPDATE call SET billed = ?, estimated = ? WHERE id = ?", (total.micros, estimated, row.id)
    )
    book(
        db, now, row, "billed late", operator=total - booked, exposure=ZERO - exposed, reason=reason
    )
    return True


def standing(db: Connection, row: Row) -> tuple[Money, Money]:
    """Give what stands in the books as billed, and as perhaps billed."""
    billed, exposed = db.execute(
        "SELECT coalesce(sum(gateway_micros), 0), coalesce(sum(exposure_micros), 0)"
        " FROM entry WHERE call_id = ?",
        (row.id,),
    ).fetchone()
    return Money(billed), Money(exposed)


def give_back(
    db: Connection,
    now: datetime,
    row: Row,
    failure: Failure,
    detail: str,
    *,
    exposure: Money = ZERO,
    estimated: bool = False,
    reason: str = "",
) -> None:
    """Release a call: its whole hold goes back."""
    move(
        db,
        row,
        CallState.RELEASED,
        failure=failure,
        detail=plain(detail),
        estimated=estimated,
        resolved_at=ticks(now),
    )
    book(db, now, row, "released", freed=row.hold, exposure=exposure, reason=reason or failure)


def plain(detail: str) -> str:
    """Drop what UTF-8 cannot say: no outside text may keep money from being booked."""
    return detail.encode(errors="replace").decode()
