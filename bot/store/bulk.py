"""Bulk: one statement for many rows, which stand where its text has `{}`.

Each statement hands the interpreter to the other threads and back, so that a few large ones are
quicker than many small ones.
"""

from collections.abc import Iterator, Sequence
from functools import cache
from itertools import chain
from sqlite3 import Connection
from typing import TypeAlias

from bot.store.reading import Question, Reading, Rows, Value

Row: TypeAlias = tuple[Value, ...]

_ROWS_MAX = 128  # what a statement's text and the memory of its compiled form are bounded by


def ask(sql: str, rows: Sequence[Row], *more: Value) -> Reading[Rows]:
    """Ask a question for any number of rows, of the values that come after them as well."""
    found: Rows = []
    for question in _parts(sql, rows, more):
        found += yield question
    return found


def write(db: Connection, sql: str, rows: Sequence[Row]) -> None:
    """Write any number of rows."""
    for question in _parts(sql, rows, ()):
        db.execute(*question)


def _parts(sql: str, rows: Sequence[Row], more: Row) -> Iterator[Question]:
    """Cut rows into powers of two: a few texts, each compiled once, do for every number of them."""
    while rows:
        size = min(_ROWS_MAX, 1 << len(rows).bit_length() - 1)
        part, rows = rows[:size], rows[size:]
        yield _text(sql, len(part[0]), size), [*chain.from_iterable(part), *more]


@cache
def _text(sql: str, columns: int, rows: int) -> str:
    row = f"({', '.join('?' * columns)})"
    return sql.format(", ".join([row] * rows))
