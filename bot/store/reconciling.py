"""Reconciling: what is booked once it is found out how a call without an answer ended."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from sqlite3 import Connection

from bot.core.ids import CallId
from bot.core.job import Failure
from bot.core.money import ZERO, Money
from bot.core.states import MOVES, CallState
from bot.store.bill import Bill
from bot.store.books import Row, correct, give_back, pay, plain, row_of, standing
from bot.store.servers import note


class Finding(StrEnum):
    """What the books said to an outcome that was found out later."""

    SETTLED = "settled"  # it was unknown, and billed: the operator pays, nothing had arrived
    RELEASED = "released"  # it was unknown, and not billed
    ADJUSTED = "adjusted"  # it was over, with another sum: the operator pays the difference
    AGREED = "agreed"  # it was over, with this sum
    NOT_OVER = "not over"  # it still runs, or was never sent: there is nothing to find out


@dataclass(frozen=True, slots=True)
class Reconciled:
    """What `reconcile` did; `before` and `after` are the bill as booked, `exposed` what was feared.

    Nothing was written when the finding is AGREED or NOT_OVER.
    """

    finding: Finding
    before: Money
    exposed: Money
    after: Money


def reconcile(
    db: Connection,
    now: datetime,
    call: CallId,
    billed: Money | None,
    reason: str,
    actor: int | None = None,
) -> Reconciled:
    """Book what a call cost of which no answer came, by the gateway's list or somebody's word.

    Nobody is charged: nothing had arrived. Pictures that arrive after all are gifts.

    `billed` None or zero says that the gateway took nothing. `reason` is how they know, `actor`
    the Discord id of whoever says so, for the audit; None is the bot itself.

    Raises:
        ValueError: for a bill below zero.
    """
    total, reason = billed or ZERO, plain(reason)
    if total < ZERO:
        raise ValueError(f"not a bill: {total}")
    row = row_of(db, call)
    before, exposed = standing(db, row)
    finding = _book(db, now, row, total, reason)
    if finding in {Finding.AGREED, Finding.NOT_OVER}:
        return Reconciled(finding, before, exposed, before)
    if actor is not None:
        note(db, now, actor, f"call {call}", (row.state, f"{finding}, billed {total}"), reason)
    return Reconciled(finding, before, exposed, total)


def _book(db: Connection, now: datetime, row: Row, total: Money, reason: str) -> Finding:
    if row.state is CallState.UNKNOWN and total:
        pay(db, now, row, Bill(total, ZERO, estimated=False), Failure.LOST, reason=reason)
        return Finding.SETTLED
    if row.state is CallState.UNKNOWN:
        give_back(db, now, row, Failure.UNANSWERED, "", reason=reason)
        return Finding.RELEASED
    if MOVES[row.state] or not row.was_sent:
        return Finding.NOT_OVER
    return Finding.ADJUSTED if correct(db, now, row, total, reason=reason) else Finding.AGREED
