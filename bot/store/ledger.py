r"""The money verbs. Each is one function inside one transaction, and each may be repeated.

```text
    HELD --begin--> SENT --settle--> SETTLED
     |               | \               ^
     |               |  doubt           | settle
  release         release \--> UNKNOWN--+
     |               |            |
     v               v            | release
    RELEASED <-------+------------+
```
"""

import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from bot.core.ids import CallId, JobId, PersonId
from bot.core.job import Failure, Look, Painted, Picture, Sketch
from bot.core.limits import OPERATOR
from bot.core.money import ZERO, Money
from bot.core.states import MOVES, CallState, PictureState
from bot.store.admission import hold
from bot.store.bill import believable, bill, seen_price, shares, usable
from bot.store.jobs import call_pictures
from bot.store.prices import learn
from bot.store.reading import read
from bot.store.rows import frames_of, ticks

__all__ = ["Settled", "begin", "doubt", "hold", "refund", "release", "settle"]

_WALLET = str(OPERATOR)
_ONLY_BEFORE_SENDING = frozenset({Failure.CANCELLED, Failure.INTERRUPTED})


@dataclass(frozen=True, slots=True)
class Settled:
    """Where a call stands once its answer is booked; the operator pays `excess`.

    `fresh` is False when this answer told nothing new and nothing was written.
    """

    charged: Money
    excess: Money
    estimated: bool
    pictures: tuple[Picture, ...]
    fresh: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class _Row:
    id: CallId
    job: JobId
    person: PersonId
    images: int
    hold: Money
    state: CallState
    unit_price: Money


def begin(db: sqlite3.Connection, call: CallId, now: datetime) -> bool:
    """Write down that a call is about to leave; False means that it must not be sent."""
    row = _row(db, call)
    if CallState.SENT not in MOVES[row.state]:
        return False
    _move(db, row, CallState.SENT, sent_at=ticks(now))
    return True


def doubt(db: sqlite3.Connection, call: CallId, detail: str, now: datetime) -> bool:
    """Keep the hold of a call that left and got no trustworthy answer; False when it has one."""
    row = _row(db, call)
    if CallState.UNKNOWN not in MOVES[row.state]:
        return False
    failure = Failure.UNANSWERED
    _move(db, row, CallState.UNKNOWN, failure=failure, detail=_plain(detail), doubted_at=ticks(now))
    return True


def release(
    db: sqlite3.Connection, call: CallId, failure: Failure, detail: str, now: datetime
) -> bool:
    """Give a hold back; False when it is resolved, or was sent and the failure says it was not.

    A call that left and is given up as UNANSWERED may still be billed: its hold is booked as
    the operator's exposure.
    """
    row = _row(db, call)
    if CallState.RELEASED not in MOVES[row.state]:
        return False
    left = row.state is not CallState.HELD
    if left and failure in _ONLY_BEFORE_SENDING:
        return False
    exposure = row.hold if left and failure is Failure.UNANSWERED else ZERO
    _release(db, row, failure, detail, now, exposure=exposure)
    return True


def settle(
    db: sqlite3.Connection,
    call: CallId,
    painted: Painted,
    looks: Mapping[str, Look],
    now: datetime,
) -> Settled:
    """Book an answer. Whatever the call's state is, no bill and no picture is lost.

    Raises:
        ValueError: for a call that was never sent; no answer can belong to it.
    """
    row = _row(db, call)
    if row.state is CallState.HELD:
        raise ValueError(f"{call} was never sent")
    is_late = CallState.SETTLED not in MOVES[row.state]
    fresh = (_settle_late if is_late else _settle)(db, row, painted, looks, now)
    _learn(db, row, painted, now)
    return _settled(db, call, fresh=fresh)


def refund(
    db: sqlite3.Connection,
    job: JobId,
    number: int,
    reason: str,
    now: datetime,
    *,
    delivered: bool = False,
) -> Money:
    """Give a picture's share back; zero when there is nothing to give back (any more).

    `delivered` includes a picture that the person has, as an operator may decide.
    """
    states = (PictureState.SPOOLED, PictureState.DELIVERED if delivered else PictureState.SPOOLED)
    rows = db.execute(
        "UPDATE picture SET state = ? WHERE job_id = ? AND number = ? AND state IN (?, ?)"
        " RETURNING call_id, share",
        (PictureState.REFUNDED, job, number, *states),
    ).fetchall()
    if not rows or not rows[0][1]:
        return ZERO
    row, share = _row(db, rows[0][0]), Money(rows[0][1])
    db.execute("UPDATE call SET refunded = refunded + ? WHERE id = ?", (share.micros, row.id))
    _book(db, row, "refunded", now, person=ZERO - share, operator=share, reason=reason)
    return share


def _settle(
    db: sqlite3.Connection, row: _Row, painted: Painted, looks: Mapping[str, Look], now: datetime
) -> bool:
    pictures = usable(painted, looks)
    due = bill(painted.billed, row.unit_price, len(pictures), row.hold)
    failure = _emptiness(painted) if not pictures else None
    if failure is not None and not due.billed:
        _release(db, row, failure, "", now, estimated=due.estimated)
        return True
    _move(
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
    _book(db, row, "settled", now, freed=row.hold, person=due.charged, operator=excess)
    _keep(db, row, pictures, due.charged)
    return True


def _settle_late(
    db: sqlite3.Connection, row: _Row, painted: Painted, looks: Mapping[str, Look], now: datetime
) -> bool:
    """Book an answer to a resolved call: the person's part stays, the operator's follows it."""
    pictures = usable(painted, looks) if not read(db, call_pictures(row.id)) else []
    (booked, exposed) = db.execute(
        "SELECT coalesce(sum(gateway_micros), 0), coalesce(sum(exposure_micros), 0)"
        " FROM entry WHERE call_id = ?",
        (row.id,),
    ).fetchone()
    known = believable(painted.billed, row.hold)
    total = known
    if known is None and row.state is CallState.RELEASED and pictures and not booked:
        total = row.unit_price * len(pictures)
    is_news = total is not None and (total.micros != booked or bool(exposed))
    if total is not None and is_news:
        db.execute(
            "UPDATE call SET billed = ?, estimated = ? WHERE id = ?",
            (total.micros, known is None, row.id),
        )
        late = Money(total.micros - booked)
        _book(db, row, "billed late", now, operator=late, exposure=Money(-exposed))
    if pictures:
        db.execute("UPDATE call SET failure = NULL WHERE id = ? AND state = 'settled'", (row.id,))
        _keep(db, row, pictures, ZERO)
    return is_news or bool(pictures)


def _release(
    db: sqlite3.Connection,
    row: _Row,
    failure: Failure,
    detail: str,
    now: datetime,
    *,
    exposure: Money = ZERO,
    estimated: bool = False,
) -> None:
    _move(
        db,
        row,
        CallState.RELEASED,
        failure=failure,
        detail=_plain(detail),
        estimated=estimated,
        resolved_at=ticks(now),
    )
    _book(db, row, "released", now, freed=row.hold, exposure=exposure, reason=failure)


def _plain(detail: str) -> str:
    """Drop what UTF-8 cannot say: no outside text may keep money from being booked."""
    return detail.encode(errors="replace").decode()


def _emptiness(painted: Painted) -> Failure:
    return Failure.UNUSABLE if painted.sketches else Failure.FILTERED


def _row(db: sqlite3.Connection, call: CallId) -> _Row:
    found = db.execute(
        "SELECT call.job_id, call.person_id, call.images, call.hold, call.state, job.unit_price"
        " FROM call JOIN job ON job.id = call.job_id WHERE call.id = ?",
        (call,),
    ).fetchone()
    if found is None:
        raise LookupError(f"no call {call}")
    job, person, images, amount, state, unit_price = found
    return _Row(
        id=call,
        job=job,
        person=person,
        images=images,
        hold=Money(amount),
        state=CallState(state),
        unit_price=Money(unit_price),
    )


def _move(db: sqlite3.Connection, row: _Row, to: CallState, **columns: str | int | None) -> None:
    """Change the state, but only from the one that was looked at."""
    sets = ", ".join(f"{name} = ?" for name in ("state", *columns))
    moved = db.execute(
        f"UPDATE call SET {sets} WHERE id = ? AND state = ?",  # noqa: S608 - names from this file
        (to, *columns.values(), row.id, row.state),
    )
    if moved.rowcount != 1:
        raise RuntimeError(f"{row.id} is no longer {row.state}")


def _book(
    db: sqlite3.Connection,
    row: _Row,
    kind: str,
    now: datetime,
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


def _keep(
    db: sqlite3.Connection, row: _Row, pictures: list[tuple[Sketch, Look]], charged: Money
) -> None:
    if not pictures:
        return
    (last,) = db.execute(
        "SELECT coalesce(max(number), 0) FROM picture WHERE job_id = ?", (row.job,)
    ).fetchone()
    parts = shares(charged, len(pictures))
    db.executemany(
        "INSERT INTO picture (job_id, number, call_id, share, name, format, width, height,"
        " size_bytes, sha256, state) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 'spooled')",
        [
            (
                *(row.job, last + index, row.id, share.micros, sketch.name),
                *(look.format, look.width, look.height, sketch.size_bytes, sketch.sha256),
            )
            for index, ((sketch, look), share) in enumerate(zip(pictures, parts, strict=True), 1)
        ],
    )


def _learn(db: sqlite3.Connection, row: _Row, painted: Painted, now: datetime) -> None:
    price = seen_price(painted, row.images, row.hold)
    if price is not None and price > row.unit_price:
        learn(db, row.job, price, now)


def _settled(db: sqlite3.Connection, call: CallId, *, fresh: bool) -> Settled:
    charged, billed, estimated = db.execute(
        "SELECT charged, coalesce(billed, 0), estimated FROM call WHERE id = ?", (call,)
    ).fetchone()
    return Settled(
        charged=Money(charged),
        excess=Money(billed - charged),
        estimated=bool(estimated),
        pictures=tuple(read(db, call_pictures(call))),
        fresh=fresh,
    )
