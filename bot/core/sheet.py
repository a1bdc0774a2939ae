"""Sheets: tables as CSV files that open in any spreadsheet, and run nothing there."""

import csv
import io
from collections.abc import Iterable
from typing import TypeAlias

from bot.core.money import MICROS_PER_DOLLAR, Money

Cell: TypeAlias = str | int | Money | None

# What a spreadsheet takes for a formula begins so; an apostrophe makes it text, and is doubled
# by the same rule, so that exactly one is to be taken off again.
_RISKY = tuple("=+-@\t\r\n'＝＋－＠")  # noqa: RUF001 - the wide ones are read as formulas too


def sheet(header: Iterable[str], rows: Iterable[Iterable[Cell]]) -> bytes:
    """Write a table; money stands in dollars with six decimals and no sign of the currency."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, quoting=csv.QUOTE_ALL)
    writer.writerow(header)
    writer.writerows([_cell(cell) for cell in row] for row in rows)
    return text.getvalue().encode(
        "utf-8-sig", errors="replace"
    )  # marked, or Excel takes it for ANSI


def _cell(cell: Cell) -> str:
    match cell:
        case None:
            return ""
        case Money(micros=micros):
            whole, part = divmod(abs(micros), MICROS_PER_DOLLAR)
            return f"{'-' if micros < 0 else ''}{whole}.{part:06d}"
        case int():
            return str(cell)
        case _:
            return f"'{cell}" if cell.startswith(_RISKY) else cell
