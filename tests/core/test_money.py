"""Amounts are read exactly or not at all, and no part of a bill is lost."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.money import MICROS_MAX, ZERO, Money, total

amounts = st.integers(0, MICROS_MAX).map(Money)


@given(amounts)
def test_reading_is_the_inverse_of_printing(amount: Money) -> None:
    assert Money.parse(str(amount)) == amount


@pytest.mark.parametrize(
    ("text", "micros"),
    [
        ("5", 5_000_000),
        ("$5", 5_000_000),
        ("$5.25", 5_250_000),
        ("0.039000", 39_000),
        ("0.000001", 1),
        (" 1 \n", 1_000_000),
        ("007", 7_000_000),
        ("9007199254.740991", MICROS_MAX),
    ],
)
def test_an_amount_is_read_to_the_micro_dollar(text: str, micros: int) -> None:
    assert Money.parse(text) == Money(micros)


@pytest.mark.parametrize(
    "text",
    [
        "", " ", "$", "-5", "+5", "\N{MINUS SIGN}5", "-$5", "$-5", "1e309", "1e3", "nan", "inf",
        "ten", "0.0000001", "1,50", "1,000", "1_000", "5.", ".5", "5 $", "$$5", "5.0.0", "0x10",
        "٣", "\N{FULLWIDTH DIGIT FIVE}", "²", "9007199254740993", "99999999999", "5\x00",
        "5€", "1 0",
    ],
)  # fmt: skip
def test_what_is_not_a_plain_amount_is_refused_with_an_example(text: str) -> None:
    with pytest.raises(ValueError, match=r"not an amount like 5 or 0\.25"):
        Money.parse(text)


@pytest.mark.parametrize("text", ["9007199254.740992", "9999999999"])
def test_more_than_can_be_counted_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="more than can be counted exactly"):
        Money.parse(text)


@pytest.mark.parametrize(
    ("micros", "text"),
    [
        (0, "$0.00"),
        (40_000, "$0.04"),
        (39_000, "$0.039"),
        (1, "$0.000001"),
        (500_000, "$0.50"),
        (12_345_678, "$12.345678"),
        (-1_000_000, "-$1.00"),
        (-1, "-$0.000001"),
    ],
)
def test_an_amount_prints_cents_and_no_idle_digits(micros: int, text: str) -> None:
    assert str(Money(micros)) == text


@given(amounts)
def test_a_bill_of_whole_micro_dollars_stays_what_it_is(amount: Money) -> None:
    assert Money.ceiling(Decimal(amount.micros).scaleb(-6)) == amount


@given(
    st.integers(0, MICROS_MAX - 1),
    st.text("0123456789", max_size=60).filter(lambda digits: digits.strip("0")),
)
def test_any_part_of_a_micro_dollar_counts_as_a_whole_one(micros: int, digits: str) -> None:
    bill = Decimal(f"{micros // 1_000_000}.{micros % 1_000_000:06d}{digits}")
    assert Money.ceiling(bill) == Money(micros + 1)


@pytest.mark.parametrize("bill", ["1E-7", "1E-999999", "1E-1000020"])
def test_the_smallest_bill_is_a_micro_dollar(bill: str) -> None:
    assert Money.ceiling(Decimal(bill)) == Money(1)


@pytest.mark.parametrize("bill", ["0", "-0", "0E+999999", "0E-999999"])
def test_nothing_is_nothing_however_it_is_written(bill: str) -> None:
    assert Money.ceiling(Decimal(bill)) == ZERO


@pytest.mark.parametrize(
    "bill",
    ["NaN", "sNaN", "Infinity", "-Infinity", "-0.000001", "-1E-999999", "9007199254.740992",
     "9007199254.7409910000000000000000000001", "1E+999999"],
)  # fmt: skip
def test_what_is_no_bill_is_refused(bill: str) -> None:
    with pytest.raises(ValueError, match="not a bill"):
        Money.ceiling(Decimal(bill))


@given(amounts, amounts)
def test_sums_and_differences_are_exact(one: Money, other: Money) -> None:
    assert (one + other) - other == one
    assert total([one, other, ZERO]).micros == one.micros + other.micros
    assert (one < other) is (one.micros < other.micros)


@given(amounts, amounts.filter(bool))
def test_an_amount_tells_how_often_a_unit_fits(amount: Money, unit: Money) -> None:
    times = amount // unit
    assert unit * times <= amount < unit * (times + 1)


def test_only_nothing_is_false() -> None:
    assert not ZERO
    assert Money(1)
    assert Money(-1)
    assert total([]) == ZERO
