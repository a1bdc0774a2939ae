"""CSV files that a spreadsheet shows and does not run."""

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.money import Money
from bot.core.sheet import sheet

RISKY = "=+-@\t\r"


def read(body: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(body.decode("utf-8-sig"), newline="")))


def test_every_cell_is_quoted_and_the_file_is_marked_as_utf8() -> None:
    body = sheet(["who", "spent"], [["Änn", Money(39_000)], [None, Money(-1)], [7, Money(0)]])
    assert body == (
        b'\xef\xbb\xbf"who","spent"\r\n"\xc3\x84nn","0.039000"\r\n"","-0.000001"\r\n'
        b'"7","0.000000"\r\n'
    )


@pytest.mark.parametrize("first", RISKY)
def test_text_that_would_run_is_made_text_and_numbers_stay_numbers(first: str) -> None:
    formula = f'{first}HYPERLINK("http://x","y")'
    ((shown, number, amount),) = read(sheet([], [[formula, -5, Money(-5_000_000)]]))[1:]
    assert shown == f"'{formula}"
    assert (number, amount) == ("-5", "-5.000000")


@given(st.lists(st.text(st.characters(codec="utf-8"), max_size=20), min_size=1, max_size=4))
def test_text_comes_back_as_it_was_less_the_apostrophe(cells: list[str]) -> None:
    (row,) = read(sheet([], [cells]))[1:]
    assert [cell.removeprefix("'") for cell in row] == cells
    assert not any(cell.startswith(tuple(RISKY)) for cell in row)


def test_letters_that_no_file_can_hold_are_no_obstacle() -> None:
    assert read(sheet(["\ud800"], []))[0] == ["?"]


@given(st.integers(-(2**53), 2**53))
def test_money_keeps_every_micro_dollar(micros: int) -> None:
    ((cell,),) = read(sheet([], [[Money(micros)]]))[1:]
    assert round(float(cell.rpartition(".")[2])) == abs(micros) % 1_000_000
    whole, _, part = cell.removeprefix("-").partition(".")
    assert int(whole + part) * (-1 if cell.startswith("-") else 1) == micros
