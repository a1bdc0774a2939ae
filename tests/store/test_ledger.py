"""Every money verb in every state: the table of the ledger, cell by cell."""

import sqlite3
from collections.abc import Callable
from typing import Any, TypeAlias

import pytest

from bot.core.ids import CallId, job_of
from bot.core.job import Failure
from bot.core.money import Money
from bot.core.states import OPEN, CallState, PictureState
from bot.store import audit, ledger
from bot.store.books import move, row_of
from bot.store.jobs import delivered
from tests.store.shop import (
    NOON,
    balances,
    begin,
    call_in,
    column,
    dump,
    entries,
    give_up,
    looks,
    painted,
    spent,
    state_of,
)

H, S, U, T, R = (
    CallState.HELD,
    CallState.SENT,
    CallState.UNKNOWN,
    CallState.SETTLED,
    CallState.RELEASED,
)
DB: TypeAlias = sqlite3.Connection
Verb: TypeAlias = Callable[[DB, CallId], Any]


def doubt(db: DB, call: CallId) -> bool:
    return ledger.doubt(db, NOON, call, "cut off")


def refuse(db: DB, call: CallId) -> bool:
    return ledger.release(db, NOON, call, Failure.MODEL_REFUSED, "not allowed")


def cancel(db: DB, call: CallId) -> bool:
    return ledger.release(db, NOON, call, Failure.CANCELLED, "")


def interrupt(db: DB, call: CallId) -> bool:
    return ledger.release(db, NOON, call, Failure.INTERRUPTED, "")


@pytest.mark.parametrize(
    ("verb", "state", "after"),
    [
        (begin, H, S), (begin, S, None), (begin, U, None), (begin, T, None), (begin, R, None),
        (doubt, H, None), (doubt, S, U), (doubt, U, None), (doubt, T, None), (doubt, R, None),
        (refuse, H, R), (refuse, S, R), (refuse, U, R), (refuse, T, None), (refuse, R, None),
        (cancel, H, R), (cancel, S, None), (cancel, U, None), (cancel, T, None), (cancel, R, None),
        (interrupt, H, R), (interrupt, S, None), (interrupt, U, None), (interrupt, T, None),
        (interrupt, R, None),
        (give_up, H, R), (give_up, S, R), (give_up, U, R), (give_up, T, None), (give_up, R, None),
    ],
)  # fmt: skip
def test_a_verb_moves_a_call_or_changes_nothing(
    db: DB, verb: Verb, state: CallState, after: CallState | None
) -> None:
    call = call_in(db, state)
    before = dump(db)
    moved = verb(db, call)
    assert moved is (after is not None)
    assert state_of(db, call) is (after or state)
    if after is None:
        assert dump(db) == before
    held = {held for held, _ in balances(db).values()}
    assert held == ({40_000} if state_of(db, call) in OPEN else {0})


@pytest.mark.parametrize(
    ("state", "verb", "exposure"),
    [(H, give_up, 0), (S, give_up, 40_000), (U, give_up, 40_000), (U, refuse, 0), (S, refuse, 0)],
)
def test_giving_up_on_what_left_is_the_operators_exposure(
    db: DB, state: CallState, verb: Verb, exposure: int
) -> None:
    call = call_in(db, state)
    assert verb(db, call)
    assert entries(db, call) == [("released", 0, 0, 0, exposure)]


def test_a_refusal_is_kept_with_its_reason(db: DB) -> None:
    call = call_in(db, S)
    ledger.release(db, NOON, call, Failure.INVALID, "bad \ud800 prompt")
    assert column(db, call, "failure") == "invalid"
    assert column(db, call, "detail") == "bad ? prompt"


@pytest.mark.parametrize(
    ("state", "billed", "booked"),
    [
        (S, 39_000, 39_000),
        (U, 39_000, 39_000),
        (S, 0, 0),
        (S, None, 0),
        (S, 800_000, 800_000),
        (S, 800_001, 40_000),  # absurd: what was held
        (U, 800_001, 40_000),
        (H, 39_000, 0),  # nothing had left that could be billed
        (H, 800_001, 0),
    ],
)
def test_a_bill_inside_a_refusal_is_the_operators(
    db: DB, state: CallState, billed: int | None, booked: int
) -> None:
    call = call_in(db, state)
    bill = None if billed is None else Money(billed)
    assert ledger.release(db, NOON, call, Failure.INVALID, "no", bill)
    late = [("billed late", 0, booked, booked, 0)] if booked else []
    assert entries(db, call) == [("released", 0, 0, 0, 0), *late]
    assert column(db, call, "failure") == "invalid"
    assert column(db, call, "estimated") == (booked == 40_000)
    assert spent(db) == (0, booked)
    assert audit.findings(db) == []


def test_a_call_nobody_knows_is_an_error(db: DB) -> None:
    with pytest.raises(LookupError):
        ledger.begin(db, NOON, CallId("nothing.1"))


def test_the_state_is_changed_only_from_the_one_looked_at(db: DB) -> None:
    row = row_of(db, call_in(db, S))
    doubt(db, row.id)
    with pytest.raises(RuntimeError, match="no longer sent"):
        move(db, row, R)


def _picture_in(db: DB, state: PictureState, *, pictures: int = 3) -> CallId:
    call = call_in(db, S, images=pictures)
    ledger.settle(db, NOON, call, painted(100_000, pictures), looks(pictures))
    if state is PictureState.DELIVERED:
        delivered(db, job_of(call), [1, 2, 3], 600, 900)
    if state is PictureState.REFUNDED:
        assert ledger.refund(db, NOON, job_of(call), 1, "")
    return call


def test_refunds_give_back_exactly_the_charge(db: DB) -> None:
    call = _picture_in(db, PictureState.SPOOLED)
    back = [ledger.refund(db, NOON, job_of(call), number, "lost") for number in (1, 2, 3)]
    assert back == [Money(33_333), Money(33_333), Money(33_334)]
    assert column(db, call, "refunded") == 100_000
    assert spent(db) == (0, 100_000)  # what was billed stays spent
    assert entries(db, call)[1:] == [
        ("refunded", -share.micros, share.micros, 0, 0) for share in back
    ]
    assert db.execute("SELECT DISTINCT reason FROM entry WHERE kind = 'refunded'").fetchall() == [
        ("lost",)
    ]


@pytest.mark.parametrize(
    ("state", "delivered_too", "back"),
    [
        (PictureState.SPOOLED, False, 33_333),
        (PictureState.SPOOLED, True, 33_333),
        (PictureState.DELIVERED, False, 0),
        (PictureState.DELIVERED, True, 33_333),
        (PictureState.REFUNDED, False, 0),
        (PictureState.REFUNDED, True, 0),
    ],
)
def test_a_picture_is_refunded_once_and_when_delivered_only_on_purpose(
    db: DB,
    state: PictureState,
    delivered_too: bool,  # noqa: FBT001 - a column of the table above
    back: int,
) -> None:
    call = _picture_in(db, state)
    before = dump(db)
    got = ledger.refund(db, NOON, job_of(call), 1, "", delivered=delivered_too)
    assert got == Money(back)
    assert (dump(db) == before) is (back == 0)


@pytest.mark.parametrize("state", [H, S, U, T, R])
def test_a_picture_that_does_not_exist_is_not_refunded(db: DB, state: CallState) -> None:
    call = call_in(db, state)
    before = dump(db)
    assert ledger.refund(db, NOON, job_of(call), 7, "") == Money(0)
    assert dump(db) == before


def test_a_gift_gives_nothing_back_but_is_closed(db: DB) -> None:
    call = call_in(db, R)
    ledger.settle(db, NOON, call, painted(39_000), looks())
    assert ledger.refund(db, NOON, job_of(call), 1, "") == Money(0)
    assert db.execute("SELECT state FROM picture").fetchall() == [("refunded",)]
