"""Readings: questions that the writer asks inside a transaction and views ask beside it."""

import asyncio
import sqlite3
from collections.abc import AsyncGenerator, Generator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, TypeAlias, TypeVar

import aiosqlite

from bot.store.database import uri
from bot.store.errors import StoreError

T = TypeVar("T")
Value: TypeAlias = str | int | None
Question: TypeAlias = tuple[str, Sequence[Value]]
Rows: TypeAlias = list[Any]

Reading: TypeAlias = Generator[Question, Rows, T]
"""A generator that yields questions and is sent rows: one text for both kinds of connection, so
that no number shown can differ from the one enforced."""


def read(db: sqlite3.Connection, reading: Reading[T]) -> T:
    """Answer a reading on the writer's connection."""
    try:
        question = next(reading)
        while True:
            question = reading.send(db.execute(*question).fetchall())
    except StopIteration as end:
        answer: T = end.value
        return answer


class Reader:
    """A read-only connection; each reading sees one snapshot."""

    def __init__(self, db: aiosqlite.Connection) -> None:
        self._db = db
        self._turn = asyncio.Lock()  # coroutines on one connection would share a transaction

    async def read(self, reading: Reading[T]) -> T:
        """Answer a reading; cancelling it leaves the connection clean.

        Raises:
            StoreError: when the file cannot be read.
        """
        async with self._turn:
            try:
                await self._db.execute_fetchall("BEGIN")
                return await self._answer(reading)
            except sqlite3.Error as error:
                raise StoreError.of(error) from error
            finally:
                # Even if this is cancelled as well, it is queued before the next BEGIN.
                await self._db.rollback()

    async def _answer(self, reading: Reading[T]) -> T:
        try:
            question = next(reading)
            while True:
                question = reading.send(list(await self._db.execute_fetchall(*question)))
        except StopIteration as end:
            answer: T = end.value
            return answer


@asynccontextmanager
async def reader(path: Path) -> AsyncGenerator[Reader]:
    """Open a reader of an existing database."""
    async with aiosqlite.connect(uri(path), uri=True, isolation_level=None) as db:
        await db.execute_fetchall("PRAGMA query_only = ON")
        yield Reader(db)
