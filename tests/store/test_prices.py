"""What the gateway took raises the next quotes, for a week since it was last taken."""

import sqlite3
from datetime import timedelta
from typing import TypeAlias

import pytest

from bot.core.money import Money
from bot.core.states import CallState
from bot.store import ledger
from bot.store.admission import hold
from bot.store.prices import HIGHEST_FOR, learned_price
from bot.store.reading import read
from tests.store.shop import NOON, TERMS, admission, begin, call_in, dump, looks, painted

DB: TypeAlias = sqlite3.Connection
DAY = timedelta(days=1)


def bought(db: DB, billed: int, *, day: float = 0, unit: int = 40_000) -> None:
    """Buy one picture, some days after the first noon."""
    at = NOON + day * DAY
    (call,) = hold(db, at, TERMS, admission(unit=Money(unit))).calls
    begin(db, call)
    ledger.settle(db, at, call, painted(billed), looks())


def learned(db: DB, *, day: float = 0, size: str | None = "1K") -> Money | None:
    return read(db, learned_price(NOON + day * DAY, "painter", size))


@pytest.mark.parametrize(
    ("billed", "came", "price"),
    [
        (80_000, 2, None),
        (90_001, 2, 45_001),  # rounded up
        (90_000, 1, 45_000),  # a shortfall is no higher price
        (80_000, 1, None),
        (180_000, 3, 60_000),
        (1_600_000, 2, 800_000),
        (None, 2, None),
        (1_600_001, 2, None),  # absurd
        (90_000, 0, None),
        (0, 2, None),
    ],
)
def test_a_price_above_the_quote_is_learned(
    db: DB, billed: int | None, came: int, price: int | None
) -> None:
    call = call_in(db, CallState.SENT, images=2)
    ledger.settle(db, NOON, call, painted(billed, came), looks(came))
    assert learned(db) == (None if price is None else Money(price))
    assert learned(db, size=None) is None


def test_the_highest_price_is_quoted_for_a_week_since_it_was_last_taken(db: DB) -> None:
    bought(db, 60_000, day=0)
    bought(db, 60_000, day=3, unit=60_000)
    bought(db, 45_000, day=4, unit=60_000)

    assert learned(db, day=9.9) == Money(60_000)
    assert learned(db, day=10) == Money(45_000)
    assert HIGHEST_FOR == 7 * DAY


def test_after_a_week_the_newest_price_counts_even_if_it_is_old_itself(db: DB) -> None:
    bought(db, 60_000, day=0)
    bought(db, 50_000, day=1, unit=60_000)
    bought(db, 30_000, day=2, unit=60_000)

    assert learned(db, day=100) == Money(30_000)


def test_a_price_seen_again_after_lower_ones_is_the_newest(db: DB) -> None:
    for day, billed in enumerate((60_000, 50_000, 55_000)):
        bought(db, billed, day=day, unit=60_000 if day else 40_000)

    assert learned(db, day=6.9) == Money(60_000)
    assert learned(db, day=7) == Money(55_000)
    assert db.execute("SELECT price FROM learned_price ORDER BY at").fetchall() == [
        (60_000,),
        (55_000,),
    ]


def test_usual_prices_leave_no_trace_where_none_was_too_high(db: DB) -> None:
    bought(db, 39_000)
    assert db.execute("SELECT count(*) FROM learned_price").fetchone() == (0,)


def test_a_shortfall_does_not_look_like_a_lower_price(db: DB) -> None:
    bought(db, 60_000)
    (call,) = hold(db, NOON, TERMS, admission(calls=(2,), unit=Money(60_000))).calls
    begin(db, call)
    ledger.settle(db, NOON + DAY, call, painted(60_000, 1), looks(1))

    assert learned(db, day=30) == Money(60_000)


def test_prices_of_many_weeks_leave_only_those_that_matter(db: DB) -> None:
    for day in range(60):
        bought(db, 100_000 - 1_000 * day, day=day, unit=40_000)

    kept = db.execute("SELECT count(*) FROM learned_price").fetchone()
    assert kept == (7,)
    assert learned(db, day=59) == Money(47_000)


def test_the_same_answer_again_teaches_nothing(db: DB) -> None:
    call = call_in(db, CallState.SENT)
    ledger.settle(db, NOON, call, painted(60_000), looks())
    before = dump(db)
    ledger.settle(db, NOON + 3 * DAY, call, painted(60_000), looks())
    assert dump(db) == before


def test_a_model_without_sizes_learns_too(db: DB) -> None:
    (call,) = hold(db, NOON, TERMS, admission(size=None)).calls
    begin(db, call)
    ledger.settle(db, NOON, call, painted(50_000), looks())
    assert learned(db, size=None) == Money(50_000)
