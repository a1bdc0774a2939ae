"""What is booked once it is found out how a call ended: every state, every sum, both witnesses."""

import sqlite3
from datetime import timedelta
from typing import TypeAlias

import pytest

from bot.core.ids import CallId
from bot.core.job import Failure
from bot.core.money import Money
from bot.core.states import CallState
from bot.store import ledger
from bot.store.admission import hold
from bot.store.jobs import doubts, open_calls, ran_alone
from bot.store.reading import read
from bot.store.reconciling import Finding, Reconciled, reconcile
from bot.store.store import Store
from tests.store.shop import (
    ANN,
    NOON,
    STUDIO,
    TERMS,
    UNIT,
    admission,
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
ZERO = Money(0)


def found(db: DB, call: CallId, billed: int | None, actor: int | None = None) -> Reconciled:
    bill = None if billed is None else Money(billed)
    return reconcile(db, NOON, call, bill, "the dashboard says so", actor)


def given_up(db: DB) -> CallId:
    call = call_in(db, U)
    give_up(db, call)
    return call


def refused(db: DB) -> CallId:
    call = call_in(db, S)
    ledger.release(db, NOON, call, Failure.INVALID, "no")
    return call


@pytest.mark.parametrize("billed", [39_000, 40_000, 55_000])
def test_an_unknown_call_that_was_billed_is_settled_on_the_operator(db: DB, billed: int) -> None:
    call = call_in(db, U)

    told = found(db, call, billed)

    assert told == Reconciled(Finding.SETTLED, ZERO, ZERO, Money(billed))
    assert (state_of(db, call), column(db, call, "failure")) == (T, "lost")
    assert (column(db, call, "charged"), column(db, call, "billed")) == (0, billed)
    assert entries(db, call) == [("settled", 0, billed, billed, 0)]
    assert spent(db) == (0, billed)


@pytest.mark.parametrize("billed", [None, 0])
def test_an_unknown_call_that_was_not_billed_is_released_without_exposure(
    db: DB, billed: int | None
) -> None:
    call = call_in(db, U)

    told = found(db, call, billed)

    assert told == Reconciled(Finding.RELEASED, ZERO, ZERO, ZERO)
    assert (state_of(db, call), column(db, call, "failure")) == (R, "unanswered")
    assert entries(db, call) == [("released", 0, 0, 0, 0)]
    assert spent(db) == (0, 0)


def test_the_entry_tells_how_it_is_known(db: DB) -> None:
    call = call_in(db, U)
    reconcile(db, NOON, call, UNIT, "odd \ud800 words", None)
    assert db.execute("SELECT reason FROM entry").fetchall() == [("odd ? words",)]


@pytest.mark.parametrize("billed", [39_000, None])
@pytest.mark.parametrize("state", [H, S, "cancelled"])
def test_where_nothing_can_be_known_yet_nothing_is_booked(
    db: DB, state: CallState | str, billed: int | None
) -> None:
    call = call_in(db, R if state == "cancelled" else CallState(state))
    before = dump(db)

    told = found(db, call, billed, ANN)

    assert told == Reconciled(Finding.NOT_OVER, ZERO, ZERO, ZERO)
    assert dump(db) == before


def test_a_settled_call_with_the_same_bill_is_left_as_it_is(db: DB) -> None:
    call = call_in(db, T)
    before = dump(db)
    bill = Money(39_000)

    assert found(db, call, 39_000, ANN) == Reconciled(Finding.AGREED, bill, ZERO, bill)
    assert dump(db) == before


@pytest.mark.parametrize(("billed", "late"), [(50_000, 11_000), (30_000, -9_000), (None, -39_000)])
def test_a_settled_call_with_another_bill_is_the_operators_difference(
    db: DB, billed: int | None, late: int
) -> None:
    call = call_in(db, T)

    told = found(db, call, billed)

    after = Money(billed or 0)
    assert told == Reconciled(Finding.ADJUSTED, Money(39_000), ZERO, after)
    assert state_of(db, call) is T
    assert column(db, call, "charged") == 39_000
    assert entries(db, call)[1:] == [("billed late", 0, late, late, 0)]
    assert spent(db) == (39_000, after.micros)


def test_an_estimate_is_one_no_longer_once_the_bill_is_known(db: DB) -> None:
    call = call_in(db, S)
    ledger.settle(db, NOON, call, painted(None), looks())
    assert found(db, call, 39_000).finding is Finding.ADJUSTED
    assert column(db, call, "estimated") == 0


def test_what_was_feared_becomes_what_was_billed(db: DB) -> None:
    call = given_up(db)

    told = found(db, call, 39_000)

    assert told == Reconciled(Finding.ADJUSTED, ZERO, UNIT, Money(39_000))
    assert state_of(db, call) is R
    assert entries(db, call)[1:] == [("billed late", 0, 39_000, 39_000, -40_000)]
    assert spent(db) == (0, 39_000)


def test_what_was_feared_and_not_billed_is_no_longer_feared(db: DB) -> None:
    call = given_up(db)

    assert found(db, call, None).finding is Finding.ADJUSTED
    assert entries(db, call)[1:] == [("billed late", 0, 0, 0, -40_000)]
    assert spent(db) == (0, 0)
    before = dump(db)
    assert found(db, call, None).finding is Finding.AGREED
    assert dump(db) == before


def test_a_refusal_that_was_billed_all_the_same_is_the_operators(db: DB) -> None:
    call = refused(db)
    assert found(db, call, None).finding is Finding.AGREED
    assert found(db, call, 39_000).finding is Finding.ADJUSTED
    assert entries(db, call)[1:] == [("billed late", 0, 39_000, 39_000, 0)]
    assert (state_of(db, call), column(db, call, "failure")) == (R, "invalid")


@pytest.mark.parametrize("billed", [39_000, None])
@pytest.mark.parametrize("before", [U, T, R])
def test_the_same_word_twice_is_booked_once(db: DB, before: CallState, billed: int | None) -> None:
    call = given_up(db) if before is R else call_in(db, before)
    found(db, call, billed, ANN)
    once = dump(db)
    assert found(db, call, billed, ANN).finding is Finding.AGREED
    assert dump(db) == once


@pytest.mark.parametrize(("billed", "late"), [(39_000, 0), (45_000, 6_000), (None, 0)])
def test_an_answer_after_a_known_bill_brings_its_pictures_free(
    db: DB, billed: int | None, late: int
) -> None:
    call = call_in(db, U)
    found(db, call, 39_000)

    settled = ledger.settle(db, NOON, call, painted(billed), looks())

    assert (settled.charged, settled.excess) == (ZERO, Money(39_000 + late))
    assert len(settled.pictures) == 1
    assert column(db, call, "failure") is None
    assert spent(db) == (0, 39_000 + late)


def test_an_answer_after_a_release_is_a_gift(db: DB) -> None:
    call = call_in(db, U)
    found(db, call, None)

    settled = ledger.settle(db, NOON, call, painted(39_000), looks())

    assert (settled.charged, settled.excess) == (ZERO, Money(39_000))
    assert len(settled.pictures) == 1
    assert state_of(db, call) is R


def test_a_persons_word_is_kept_with_their_name_and_the_bots_is_not(db: DB) -> None:
    found(db, call_in(db, U), 39_000)
    assert db.execute("SELECT count(*) FROM change").fetchone() == (0,)
    call = call_in(db, U)
    found(db, call, 39_000, 99)
    rows = db.execute(
        "SELECT what, before, after, reason, discord_id FROM change"
        " JOIN person ON person.id = actor"
    ).fetchall()
    sentence = "settled, billed $0.039"
    assert rows == [(f"call {call}", "unknown", sentence, "the dashboard says so", 99)]


def test_a_bill_below_zero_is_none(db: DB) -> None:
    call = call_in(db, U)
    before = dump(db)
    with pytest.raises(ValueError, match="not a bill"):
        found(db, call, -1)
    with pytest.raises(LookupError):
        found(db, CallId("nothing.1"), None)
    assert dump(db) == before


def test_open_calls_are_listed_with_whose_they_are_and_since_when(db: DB) -> None:
    later = NOON + timedelta(minutes=1)
    held, unknown = call_in(db, H), call_in(db, S)
    ledger.doubt(db, later, unknown, "cut off")
    for state in (T, R):
        call_in(db, state)

    first, second = read(db, open_calls())
    assert (first.call, first.state, first.since, first.sent_at) == (held, H, NOON, None)
    assert (second.call, second.since, second.sent_at) == (unknown, later, NOON)
    assert (second.hold, second.model, second.detail) == (UNIT, "painter", "cut off")
    assert (second.discord_id, second.place.server_id, second.place.channel_id) == (
        ANN,
        STUDIO,
        600,
    )
    assert read(db, doubts()) == [second]


MINUTE = timedelta(minutes=1)


def test_a_call_ran_alone_if_no_other_of_its_model_was_under_way(db: DB) -> None:
    def alone(first: int, last: int, model: str = "painter") -> bool:
        return read(db, ran_alone(call, model, NOON + first * MINUTE, NOON + last * MINUTE))

    def bought(sent: int, *, ended: int | None = None, doubted: int | None = None) -> CallId:
        (bought,) = hold(db, NOON, TERMS, admission()).calls
        ledger.begin(db, NOON + sent * MINUTE, bought)
        if doubted is not None:
            ledger.doubt(db, NOON + doubted * MINUTE, bought, "")
        if ended is not None:
            ledger.settle(db, NOON + ended * MINUTE, bought, painted(39_000), looks())
        return bought

    call = bought(10, doubted=12)
    assert call_in(db, H)  # it never left
    bought(1, ended=3)
    bought(1, doubted=5, ended=11)  # its answer is found later, but the gateway ended it before
    assert alone(6, 14)
    assert not alone(3, 14)  # touched
    assert alone(0, 14, "another model")
    bought(20)
    assert alone(6, 19)
    assert not alone(6, 20)
    bought(2)  # and still runs
    assert not alone(6, 14)


async def test_the_store_reconciles_and_lists(store: Store) -> None:
    ticket = await store.hold(admission())
    (call,) = ticket.calls
    await store.begin(call)
    await store.doubt(call, "silence")
    (open_call,) = await store.open_calls()
    assert (open_call.call, open_call.state) == (call, U)
    assert await store.ran_alone(call, "painter", NOON, NOON)

    told = await store.reconcile(call, Money(39_000), "seen", actor=99)

    assert told.finding is Finding.SETTLED
    assert await store.open_calls() == []
