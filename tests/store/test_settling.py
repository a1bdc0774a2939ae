"""What answers cost and bring, in every state they may arrive in."""

import sqlite3
from collections.abc import Callable
from dataclasses import replace
from typing import Any, TypeAlias

import pytest

from bot.core.ids import CallId
from bot.core.money import Money
from bot.core.states import CallState, PictureState
from bot.store import audit, ledger
from bot.store.admission import hold
from bot.store.reconciling import reconcile
from tests.store.shop import (
    NOON,
    TERMS,
    admission,
    begin,
    call_in,
    column,
    dump,
    entries,
    give_up,
    looks,
    painted,
    sketches,
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


def test_a_doubt_forgotten_by_an_answer_leaves_no_failure(db: DB) -> None:
    call = call_in(db, U)
    assert (column(db, call, "failure"), column(db, call, "detail")) == ("unanswered", "silence")
    ledger.settle(db, NOON, call, painted(39_000), looks())
    assert (column(db, call, "failure"), column(db, call, "detail")) == (None, "")


@pytest.mark.parametrize("state", [S, U])
@pytest.mark.parametrize(
    ("answer", "charged", "operator", "estimated"),
    [
        ((78_000, 2, 2), 78_000, 0, False),  # below the quote: the bill
        ((80_000, 2, 2), 80_000, 0, False),
        ((90_000, 2, 2), 80_000, 10_000, False),  # above: the quote
        ((78_000, 2, 1), 40_000, 38_000, False),  # one broken: for the other only
        ((39_000, 1, 1), 39_000, 0, False),  # fewer than asked for
        ((160_000, 4, 4), 80_000, 80_000, False),  # more than asked for: the hold
        ((0, 2, 2), 0, 0, False),
        ((None, 2, 2), 80_000, 0, True),  # no bill
        ((None, 2, 1), 40_000, 40_000, True),  # and one broken, which was billed no less
        ((1_600_000, 2, 2), 80_000, 1_520_000, False),  # twenty holds are still a bill
        ((1_600_001, 2, 2), 80_000, 0, True),  # more are none
        ((1_600_001, 2, 1), 40_000, 40_000, True),
        ((None, 4, 4), 80_000, 80_000, True),
    ],
)
def test_an_answer_is_charged_by_its_pictures_up_to_the_quote(
    db: DB,
    state: CallState,
    answer: tuple[int | None, int, int],
    charged: int,
    operator: int,
    estimated: bool,  # noqa: FBT001 - a column of the table above
) -> None:
    billed, came, usable = answer
    call = call_in(db, state, images=2)
    settled = ledger.settle(db, NOON, call, painted(billed, came), looks(usable))
    assert settled.charged == Money(charged)
    assert settled.excess == Money(operator)
    assert settled.estimated is estimated
    assert [picture.number for picture in settled.pictures] == list(range(1, usable + 1))
    assert {picture.state for picture in settled.pictures} == {PictureState.SPOOLED}
    assert state_of(db, call) is T
    assert entries(db, call) == [("settled", charged, operator, charged + operator, 0)]
    assert spent(db) == (charged, charged + operator)


@pytest.mark.parametrize("state", [S, U])
@pytest.mark.parametrize(
    ("billed", "came", "failure"),
    [(0, 0, "filtered"), (0, 2, "unusable"), (None, 0, "filtered")],
)
def test_nothing_usable_and_nothing_billed_releases(
    db: DB, state: CallState, billed: int | None, came: int, failure: str
) -> None:
    call = call_in(db, state)
    settled = ledger.settle(db, NOON, call, painted(billed, came), {})
    assert settled == ledger.Settled(Money(0), Money(0), billed is None, (), fresh=True)
    assert state_of(db, call) is R
    assert column(db, call, "failure") == failure
    assert spent(db) == (0, 0)


def test_pictures_our_own_disk_did_not_take_are_the_operators(db: DB) -> None:
    for billed, came, failure in ((39_000, 1, "unkept"), (39_000, 0, "filtered")):
        call = call_in(db, S)
        settled = ledger.settle(db, NOON, call, painted(billed, came), {}, kept=False)
        assert settled.excess == Money(39_000)
        assert column(db, call, "failure") == failure


@pytest.mark.parametrize("state", [S, U])
@pytest.mark.parametrize("kept", [True, False])
@pytest.mark.parametrize(
    ("billed", "came", "supposed"),
    [
        (None, 1, 40_000),
        (None, 2, 80_000),
        (None, 3, 120_000),
        (1_600_001, 2, 80_000),
        (1_600_001, 1, 40_000),
        (1_600_001, 0, 80_000),  # a sum for nothing: what was held
    ],
)
def test_nothing_usable_and_no_believable_bill_is_the_operators_at_the_quote(
    db: DB,
    state: CallState,
    kept: bool,  # noqa: FBT001 - a column of the table above
    billed: int | None,
    came: int,
    supposed: int,
) -> None:
    call = call_in(db, state, images=2)
    settled = ledger.settle(db, NOON, call, painted(billed, came), {}, kept=kept)
    assert settled == ledger.Settled(
        Money(0), Money(supposed), estimated=True, pictures=(), fresh=True, runaway=bool(billed)
    )
    assert state_of(db, call) is T
    unusable = "unusable" if kept else "unkept"
    assert column(db, call, "failure") == (unusable if came else "filtered")
    assert entries(db, call) == [("settled", 0, supposed, supposed, 0)]
    assert spent(db) == (0, supposed)
    assert audit.findings(db) == []


@pytest.mark.parametrize(
    ("billed", "runaway"),
    [(799_999, False), (800_000, True), (800_001, True), (10**9, True), (None, False)],
)
def test_a_bill_of_twenty_holds_is_no_accident(
    db: DB,
    billed: int | None,
    runaway: bool,  # noqa: FBT001 - a column of the table above
) -> None:
    call = call_in(db, S)
    assert ledger.settle(db, NOON, call, painted(billed), looks()).runaway is runaway
    assert not ledger.settle(db, NOON, call, painted(billed), looks()).runaway  # told once


@pytest.mark.parametrize("state", [S, U])
@pytest.mark.parametrize(("came", "failure"), [(0, "filtered"), (1, "unusable")])
def test_a_bill_without_a_usable_picture_is_the_operators(
    db: DB, state: CallState, came: int, failure: str
) -> None:
    call = call_in(db, state)
    settled = ledger.settle(db, NOON, call, painted(39_000, came), {})
    assert settled == ledger.Settled(
        Money(0), Money(39_000), estimated=False, pictures=(), fresh=True
    )
    assert state_of(db, call) is T
    assert column(db, call, "failure") == failure
    assert entries(db, call) == [("settled", 0, 39_000, 39_000, 0)]
    assert spent(db) == (0, 39_000)  # it left the wallet all the same


def test_a_call_that_never_left_cannot_be_answered(db: DB) -> None:
    call = call_in(db, H)
    before = dump(db)
    with pytest.raises(ValueError, match="never sent"):
        ledger.settle(db, NOON, call, painted(39_000), looks())
    assert dump(db) == before


@pytest.mark.parametrize("billed", [39_000, None])
def test_the_same_answer_twice_is_booked_once(db: DB, billed: int | None) -> None:
    call = call_in(db, S)
    first = ledger.settle(db, NOON, call, painted(billed), looks())
    before = dump(db)
    second = ledger.settle(db, NOON, call, painted(billed), looks())
    assert second == replace(first, fresh=False)
    assert dump(db) == before


def test_another_bill_for_a_settled_call_is_the_operators_matter(db: DB) -> None:
    call = call_in(db, T)
    settled = ledger.settle(db, NOON, call, painted(45_000), looks())
    assert settled.charged == Money(39_000)
    assert settled.excess == Money(6_000)
    assert len(settled.pictures) == 1
    ledger.settle(db, NOON, call, painted(30_000), looks())
    assert entries(db, call) == [
        ("settled", 39_000, 0, 39_000, 0),
        ("billed late", 0, 6_000, 6_000, 0),
        ("billed late", 0, -15_000, -15_000, 0),
    ]


def test_a_real_bill_replaces_an_estimate(db: DB) -> None:
    call = call_in(db, S)
    assert ledger.settle(db, NOON, call, painted(None), looks()).estimated
    settled = ledger.settle(db, NOON, call, painted(41_000), looks())
    assert (settled.charged, settled.excess) == (Money(40_000), Money(1_000))
    assert not settled.estimated


@pytest.mark.parametrize(("billed", "late"), [(39_000, 0), (None, 0), (41_000, 2_000)])
def test_pictures_after_a_reconciled_bill_are_free(db: DB, billed: int | None, late: int) -> None:
    call = call_in(db, U)
    ledger.settle(db, NOON, call, painted(39_000, 0), {})
    settled = ledger.settle(db, NOON, call, painted(billed), looks())
    assert settled.charged == Money(0)
    assert settled.excess == Money(39_000 + late)
    assert len(settled.pictures) == 1
    assert column(db, call, "failure") is None
    before = dump(db)
    ledger.settle(db, NOON, call, painted(billed), looks())
    assert dump(db) == before


@pytest.mark.parametrize(
    ("billed", "came", "booked", "estimated"),
    [(39_000, 1, 39_000, False), (None, 2, 80_000, True), (50_000, 0, 50_000, False)],
)
def test_a_late_answer_to_a_released_call_is_a_gift(
    db: DB,
    billed: int | None,
    came: int,
    booked: int,
    estimated: bool,  # noqa: FBT001 - a column of the table above
) -> None:
    call = call_in(db, U, images=2)
    give_up(db, call)
    settled = ledger.settle(db, NOON, call, painted(billed, came), looks(came))
    assert settled.charged == Money(0)
    assert settled.excess == Money(booked)
    assert settled.estimated is estimated
    assert len(settled.pictures) == came
    assert state_of(db, call) is R
    assert entries(db, call) == [
        ("released", 0, 0, 0, 80_000),
        ("billed late", 0, booked, booked, -80_000),
    ]
    assert spent(db) == (0, booked)
    before = dump(db)
    ledger.settle(db, NOON, call, painted(billed, came), looks(came))
    assert dump(db) == before


def test_a_late_answer_without_bill_or_picture_tells_nothing_new(db: DB) -> None:
    call = call_in(db, U)
    give_up(db, call)
    before = dump(db)
    ledger.settle(db, NOON, call, painted(None, 0), {})
    assert dump(db) == before


@pytest.mark.parametrize(
    ("billed", "came", "supposed"),
    [(None, 2, 80_000), (1_600_001, 2, 80_000), (None, 1, 40_000), (1_600_001, 0, 80_000)],
)
def test_a_late_answer_with_nothing_usable_is_supposed_to_have_cost_its_quote(
    db: DB, billed: int | None, came: int, supposed: int
) -> None:
    call = call_in(db, U, images=2)
    give_up(db, call)
    settled = ledger.settle(db, NOON, call, painted(billed, came), {})
    assert (settled.charged, settled.excess) == (Money(0), Money(supposed))
    assert settled.estimated
    assert entries(db, call)[1:] == [("billed late", 0, supposed, supposed, -80_000)]
    before = dump(db)
    assert not ledger.settle(db, NOON, call, painted(billed, came), {}).fresh
    reconcile(db, NOON, call, None, "the invoice", None)
    assert entries(db, call)[2:] == [("billed late", 0, -supposed, -supposed, 0)]
    assert dump(db) != before
    assert not ledger.settle(db, NOON, call, painted(billed, came), {}).fresh  # that was the truth
    assert audit.findings(db) == []


def test_what_was_found_out_is_not_replaced_by_a_guess(db: DB) -> None:
    call = call_in(db, U)
    reconcile(db, NOON, call, None, "the invoice", None)
    before = dump(db)
    assert not ledger.settle(db, NOON, call, painted(None), {}).fresh
    assert dump(db) == before


def test_a_known_bill_is_not_replaced_by_a_guess(db: DB) -> None:
    call = call_in(db, U, images=2)
    give_up(db, call)
    ledger.settle(db, NOON, call, painted(50_000, 0), {})
    settled = ledger.settle(db, NOON, call, painted(None, 2), looks(2))
    assert (settled.excess, settled.estimated) == (Money(50_000), False)
    assert len(settled.pictures) == 2


def test_evidence_of_no_bill_ends_the_exposure(db: DB) -> None:
    call = call_in(db, U)
    give_up(db, call)
    ledger.settle(db, NOON, call, painted(0, 0), {})
    assert entries(db, call)[-1] == ("billed late", 0, 0, 0, -40_000)


def test_pictures_are_counted_over_all_calls_of_a_job(db: DB) -> None:
    ticket = hold(db, NOON, TERMS, admission(calls=(2, 2)))
    for call in reversed(ticket.calls):
        begin(db, call)
        ledger.settle(db, NOON, call, painted(80_000, 2), looks(2))
    rows = db.execute("SELECT number, call_id FROM picture ORDER BY number").fetchall()
    second, first = ticket.calls[1], ticket.calls[0]
    assert rows == [(1, second), (2, second), (3, first), (4, first)]


def test_only_the_usable_of_several_are_kept(db: DB) -> None:
    call = call_in(db, S, images=3)
    seen = {name: look for name, look in looks(3).items() if name != "2.png"}
    settled = ledger.settle(db, NOON, call, painted(117_000, 3), seen)
    assert [picture.name for picture in settled.pictures] == ["1.png", "3.png"]
    assert [picture.size_bytes for picture in settled.pictures] == [
        sketches(3)[0].size_bytes,
        sketches(3)[2].size_bytes,
    ]
