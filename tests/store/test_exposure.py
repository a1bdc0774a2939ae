"""How much may be unknown, or was lost sight of lately, before no order is taken any more."""

import sqlite3
from datetime import datetime, timedelta
from typing import TypeAlias

import pytest

from bot.core.ids import CallId
from bot.core.job import Failure
from bot.core.money import Money
from bot.core.problems import Refused, TooManyUnknown
from bot.store import ledger
from bot.store.admission import hold
from bot.store.reconciling import reconcile
from tests.store.shop import ANN, BEN, NOON, TERMS, admission

DB: TypeAlias = sqlite3.Connection
DAY = TERMS.exposure_window
CENT = Money(10_000)
HALF = Money(500_000)


def doubted(db: DB, who: int, at: datetime = NOON, unit: Money = HALF) -> CallId:
    (call,) = hold(db, at, TERMS, admission(who=who, unit=unit)).calls
    ledger.begin(db, at, call)
    ledger.doubt(db, at, call, "")
    return call


def exposed(db: DB) -> list[CallId]:
    """Let $2 be unknown, of four people."""
    return [doubted(db, who) for who in range(1, 5)]


def is_open(db: DB, at: datetime) -> bool:
    try:
        hold(db, at, TERMS, admission(who=BEN, unit=CENT))
    except Refused as refused:
        return not (isinstance(refused.problem, TooManyUnknown) and refused.problem.everyone)
    return True


@pytest.fixture
def calls(db: DB) -> list[CallId]:
    calls = exposed(db)
    assert not is_open(db, NOON)
    return calls


def give_up(db: DB, call: CallId, at: datetime) -> None:
    assert ledger.release(db, at, call, Failure.UNANSWERED, "")


def test_what_is_given_up_counts_for_another_day(db: DB, calls: list[CallId]) -> None:
    given_up = NOON + DAY
    for call in calls:
        give_up(db, call, given_up)

    assert not is_open(db, given_up)
    assert not is_open(db, given_up + DAY - timedelta(seconds=1))
    assert is_open(db, given_up + DAY)


def test_given_up_and_unknown_count_together(db: DB, calls: list[CallId]) -> None:
    give_up(db, calls[0], NOON)
    assert not is_open(db, NOON)
    reconcile(db, NOON, calls[1], None, "", None)
    assert is_open(db, NOON)


@pytest.mark.parametrize("billed", [None, HALF])
def test_what_was_found_out_counts_no_longer(
    db: DB, calls: list[CallId], billed: Money | None
) -> None:
    for call in calls:
        give_up(db, call, NOON)
    assert not is_open(db, NOON)

    reconcile(db, NOON + DAY / 2, calls[0], billed, "", None)

    assert is_open(db, NOON + DAY / 2)


def test_what_was_found_out_about_another_day_takes_nothing_away(
    db: DB, calls: list[CallId]
) -> None:
    give_up(db, calls[0], NOON)
    late = NOON + DAY
    for call in calls[1:]:
        give_up(db, call, late)
    doubted(db, ANN, late)
    assert not is_open(db, late)

    reconcile(db, late, calls[0], None, "", None)

    assert not is_open(db, late)


def test_one_person_may_have_three_unknown_calls(db: DB) -> None:
    calls = [doubted(db, ANN, unit=CENT) for _ in range(3)]
    with pytest.raises(Refused) as refused:
        hold(db, NOON, TERMS, admission(who=ANN, unit=CENT))
    assert refused.value.problem == TooManyUnknown(3, everyone=False)
    assert is_open(db, NOON)  # for others

    reconcile(db, NOON, calls[0], None, "", None)
    hold(db, NOON, TERMS, admission(who=ANN, unit=CENT))
