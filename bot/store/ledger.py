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

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from sqlite3 import Connection

from bot.core.ids import CallId, JobId
from bot.core.job import Failure, Look, Painted, Picture, Sketch
from bot.core.money import ZERO, Money
from bot.core.states import MOVES, CallState, PictureState
from bot.store.bill import believable, bill, guess, is_runaway, seen_price, shares, usable
from bot.store.books import Row, book, correct, give_back, move, pay, plain, row_of, standing
from bot.store.jobs import call_pictures
from bot.store.prices import learn
from bot.store.reading import read
from bot.store.rows import ticks

_ONLY_BEFORE_SENDING = frozenset(
    {Failure.CANCELLED, Failure.INTERRUPTED, Failure.NO_ROOM, Failure.NO_REFERENCE}
)


@dataclass(frozen=True, slots=True)
class Settled:
    """Where a call stands once its answer is booked; the operator pays `excess`.

    `fresh` is False when this answer told nothing new and nothing was written. `runaway` says
    that the bill is beyond anything a picture may cost.
    """

    charged: Money
    excess: Money
    estimated: bool
    pictures: tuple[Picture, ...]
    fresh: bool
    runaway: bool = False


def begin(db: Connection, now: datetime, call: CallId) -> bool:
    """Write down that a call is about to leave; False means that it must not be sent."""
    row = row_of(db, call)
    if CallState.SENT not in MOVES[row.state]:
        return False
    move(db, row, CallState.SENT, sent_at=ticks(now))
    return True


def doubt(db: Connection, now: datetime, call: CallId, detail: str = "") -> bool:
    """Keep the hold of a call that left and got no trustworthy answer; False when it has one."""
    row = row_of(db, call)
    if CallState.UNKNOWN not in MOVES[row.state]:
        return False
    failure = Failure.UNANSWERED
    move(db, row, CallState.UNKNOWN, failure=failure, detail=plain(detail), doubted_at=ticks(now))
    return True


def release(
    db: Connection,
    now: datetime,
    call: CallId,
    failure: Failure,
    detail: str = "",
    billed: Money | None = None,
) -> bool:
    """Give a hold back; False when it is resolved, or was sent and the failure says it was not.

    A call that left and is given up as UNANSWERED may still be billed: its hold is booked as
    the operator's exposure. What a refusal `billed` all the same is the operator's too; what
    nobody can believe is taken for the hold.
    """
    row = row_of(db, call)
    if CallState.RELEASED not in MOVES[row.state]:
        return False
    left = row.state is not CallState.HELD
    if left and failure in _ONLY_BEFORE_SENDING:
        return False
    exposure = row.hold if left and failure is Failure.UNANSWERED else ZERO
    give_back(db, now, row, failure, detail, exposure=exposure)
    if left and billed:
        known = believable(billed, row.hold)
        correct(db, now, row, known or row.hold, estimated=known is None, reason=failure)
    return True


def settle(
    db: Connection,
    now: datetime,
    call: CallId,
    painted: Painted,
    looks: Mapping[str, Look],
    *,
    kept: bool = True,
) -> Settled:
    """Book an answer. Whatever the call's state is, no bill and no picture is lost.

    `looks` says what each of its files is, if it is a picture; `kept` is False when our own disk
    did not take the pictures.

    Raises:
        ValueError: for a call that was never sent; no answer can belong to it.
    """
    row = row_of(db, call)
    if row.state is CallState.HELD:
        raise ValueError(f"{call} was never sent")
    is_late = CallState.SETTLED not in MOVES[row.state]
    if is_late:
        fresh = _settle_late(db, now, row, painted, looks)
    else:
        fresh = _settle(db, now, row, painted, looks, _emptiness(painted, kept=kept))
    price = seen_price(painted, row.images, row.hold, row.unit_price)
    if fresh and price is not None:
        learn(db, now, row.job, price, row.unit_price)
    runaway = fresh and is_runaway(painted.billed, row.hold)
    return _settled(db, call, fresh=fresh, runaway=runaway)


def refund(
    db: Connection, now: datetime, job: JobId, number: int, reason: str, *, delivered: bool = False
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
    row, share = row_of(db, rows[0][0]), Money(rows[0][1])
    db.execute("UPDATE call SET refunded = refunded + ? WHERE id = ?", (share.micros, row.id))
    book(db, now, row, "refunded", person=ZERO - share, operator=share, reason=reason)
    return share


def _settle(
    db: Connection,
    now: datetime,
    row: Row,
    painted: Painted,
    looks: Mapping[str, Look],
    emptiness: Failure,
) -> bool:
    pictures = usable(painted, looks)
    due = bill(painted, row.unit_price, len(pictures), row.hold)
    if not pictures and not due.billed:
        give_back(db, now, row, emptiness, "", estimated=due.estimated)
        return True
    pay(db, now, row, due, None if pictures else emptiness)
    _keep(db, row, pictures, due.charged)
    return True


def _settle_late(
    db: Connection, now: datetime, row: Row, painted: Painted, looks: Mapping[str, Look]
) -> bool:
    """Book an answer to a resolved call: the person's part stays, the operator's follows it."""
    pictures = usable(painted, looks) if not read(db, call_pictures(row.id)) else []
    total = known = believable(painted.billed, row.hold)
    if known is None and row.state is CallState.RELEASED:
        total = _supposed(db, row, painted, is_gift=bool(pictures))
    is_news = total is not None and correct(db, now, row, total, estimated=known is None)
    if pictures:
        db.execute("UPDATE call SET failure = NULL WHERE id = ? AND state = 'settled'", (row.id,))
        _keep(db, row, pictures, ZERO)
    return is_news or bool(pictures)


def _supposed(db: Connection, row: Row, painted: Painted, *, is_gift: bool) -> Money | None:
    """Guess what an answer to a released call cost, where that replaces nothing that is known."""
    booked, feared = standing(db, row)
    if booked or not (feared or is_gift):
        return None
    return guess(painted, row.unit_price, row.hold) or None


def _emptiness(painted: Painted, *, kept: bool) -> Failure:
    if not painted.sketches:
        return Failure.FILTERED
    return Failure.UNUSABLE if kept else Failure.UNKEPT


def _keep(db: Connection, row: Row, pictures: list[tuple[Sketch, Look]], charged: Money) -> None:
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


def _settled(db: Connection, call: CallId, *, fresh: bool, runaway: bool) -> Settled:
    charged, billed, estimated = db.execute(
        "SELECT charged, coalesce(billed, 0), estimated FROM call WHERE id = ?", (call,)
    ).fetchone()
    return Settled(
        charged=Money(charged),
        excess=Money(billed - charged),
        estimated=bool(estimated),
        pictures=tuple(read(db, call_pictures(call))),
        fresh=fresh,
        runaway=runaway,
    )
