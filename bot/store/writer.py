"""The one writer: operations queue up, a batch is one commit, and answers follow the commit."""

import asyncio
import sqlite3
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from itertools import groupby
from queue import Empty, SimpleQueue
from typing import Any, Generic, TypeAlias, TypeVar

from bot.store.errors import StoreError

T = TypeVar("T")
Item = TypeVar("Item")
Operation: TypeAlias = Callable[[sqlite3.Connection], T]

BATCH_MAX = 500  # bounds how long the first of a batch waits for its commit


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one operation: a value, or the error that undid it."""

    value: Any = None
    error: Exception | None = None


@dataclass(frozen=True, slots=True)
class Together(Generic[Item, T]):
    """An operation that is carried out together with its neighbours in a batch, of the same `run`.

    `run` takes their items as they came, and gives for each a value, or the error that it ends
    with and that wrote nothing. Where it raises, each is run again, by itself.
    """

    run: Callable[[sqlite3.Connection, Sequence[Item]], Sequence[T | Exception]]
    item: Item

    def __call__(self, db: sqlite3.Connection) -> T:
        """Run it by itself."""
        (answer,) = self.run(db, [self.item])
        if isinstance(answer, Exception):
            raise answer
        return answer


class _HalfDone(Exception):
    """What failed may have written before; without a savepoint it can't be undone alone."""


def run_batch(
    db: sqlite3.Connection, operations: Sequence[Operation[Any]], *, guarded: bool = False
) -> list[Outcome]:
    """Run operations in order in one transaction, each undone alone if it raises.

    When the transaction as a whole cannot be committed, every outcome is its `StoreError`.
    A savepoint for each operation copies every page it writes, so the first try does without,
    and runs those together that can be; only where one fails after it wrote are all run again,
    `guarded`.
    """
    try:
        db.execute("BEGIN IMMEDIATE")
        if guarded:
            outcomes = [_run(db, operation) for operation in operations]
        else:
            outcomes = list(_run_unguarded(db, operations))
        db.execute("COMMIT")
    except _HalfDone:
        with suppress(sqlite3.Error):
            db.execute("ROLLBACK")
        return run_batch(db, operations, guarded=True)
    except Exception as error:  # noqa: BLE001 - any failure fails all, and the thread lives
        with suppress(sqlite3.Error):  # a full disk has rolled back by itself
            db.execute("ROLLBACK")
        return [Outcome(error=StoreError.of(error)) for _ in operations]
    return outcomes


def _run_unguarded(
    db: sqlite3.Connection, operations: Sequence[Operation[Any]]
) -> Iterator[Outcome]:
    for run, neighbours in groupby(operations, _together):
        if run is None:
            yield from (_run_bare(db, operation) for operation in neighbours)
        else:
            yield from _run_together(db, run, neighbours)


def _together(operation: Operation[Any]) -> Callable[..., Any] | None:
    return operation.run if isinstance(operation, Together) else None


def _run_together(
    db: sqlite3.Connection, run: Callable[..., Sequence[Any]], neighbours: Iterable[Any]
) -> Iterator[Outcome]:
    try:
        answers = run(db, [each.item for each in neighbours])
    except Exception as error:
        raise _HalfDone from error
    for answer in answers:
        yield Outcome(error=answer) if isinstance(answer, Exception) else Outcome(answer)


def _run_bare(db: sqlite3.Connection, operation: Operation[Any]) -> Outcome:
    before = db.total_changes
    try:
        return Outcome(operation(db))
    except Exception as error:
        if db.total_changes != before or not db.in_transaction or isinstance(error, sqlite3.Error):
            raise _HalfDone from error
        return Outcome(error=error)


def _run(db: sqlite3.Connection, operation: Operation[Any]) -> Outcome:
    db.execute("SAVEPOINT operation")
    try:
        outcome = Outcome(operation(db))
    except Exception as error:
        if not db.in_transaction:  # the others of this batch are undone too
            raise
        db.execute("ROLLBACK TO operation")
        outcome = Outcome(error=StoreError.of(error) if isinstance(error, sqlite3.Error) else error)
    db.execute("RELEASE operation")
    return outcome


class Writer:
    """A thread that owns the only connection that writes, and closes it.

    An operation that was queued is carried out, even if whoever waits for it is cancelled.
    """

    def __init__(self, db: sqlite3.Connection) -> None:
        self._db = db
        # Unbounded, but each entry is a waiting coroutine: their owners bound them.
        self._queue: SimpleQueue[_Waiting | None] = SimpleQueue()
        self._loop = asyncio.get_running_loop()
        self._is_open = True
        # A daemon: a bot that dies without closing must not hang in its last commit.
        self._thread = threading.Thread(target=self._work, name="store-writer", daemon=True)
        self._thread.start()

    async def run(self, operation: Operation[T]) -> T:
        """Run an operation in the next batch and answer after its commit.

        Raises:
            StoreError: when nothing was written.
        """
        if not self._is_open:
            raise StoreError("the store is closed")
        answer: asyncio.Future[T] = self._loop.create_future()
        self._queue.put(_Waiting(operation, answer))
        return await answer

    async def close(self) -> None:
        """Carry out what is queued, then end the thread."""
        self._is_open = False
        self._queue.put(None)
        await asyncio.to_thread(self._thread.join)

    def _work(self) -> None:
        closing = False
        while not closing and (first := self._queue.get()) is not None:
            batch = [first]
            closing = self._fill(batch)
            outcomes = run_batch(self._db, [waiting.operation for waiting in batch])
            self._loop.call_soon_threadsafe(_answer, batch, outcomes)
        self._db.close()

    def _fill(self, batch: "list[_Waiting]") -> bool:
        while len(batch) < BATCH_MAX:
            try:
                waiting = self._queue.get_nowait()
            except Empty:
                return False
            if waiting is None:
                return True
            batch.append(waiting)
        return False


@dataclass(frozen=True, slots=True)
class _Waiting:
    operation: Operation[Any]
    answer: "asyncio.Future[Any]"


def _answer(batch: list[_Waiting], outcomes: list[Outcome]) -> None:
    for waiting, outcome in zip(batch, outcomes, strict=True):
        if waiting.answer.done():  # its waiter was cancelled
            continue
        if outcome.error is None:
            waiting.answer.set_result(outcome.value)
        else:
            waiting.answer.set_exception(outcome.error)
