"""The store's way in: the real verbs in real batches, and a witness who hears of each commit.

In place of the writer's thread stands a callback of the loop, which runs the same `run_batch` on
the same kind of connection; the store's front is the real one, and says aloud what it writes.
"""

import inspect
import sqlite3
from collections.abc import Callable, Coroutine, Generator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, replace
from datetime import datetime
from random import Random
from typing import Any, cast

from typing_extensions import override

from bot.core.clock import Clock
from bot.core.job import Admission, Ticket
from bot.core.problems import Refused
from bot.store.errors import StoreError
from bot.store.reading import Reading, read
from bot.store.store import Store
from bot.store.writer import Operation, Outcome, Together, run_batch
from tests.storm.crash import BrittleDb, Crash, Fuse
from tests.storm.events import TERMS, Event
from tests.storm.loop import SimulatedLoop

_cause: ContextVar[str] = ContextVar("cause", default="")


@contextmanager
def causing(whose: str) -> Generator[None]:
    """Name who asks for all that is written within: "person" or "recovery"; else the worker."""
    token = _cause.set(whose)
    try:
        yield
    finally:
        _cause.reset(token)


Seen = list[tuple[Event, Outcome]]


@dataclass
class _Waiting:
    event: Event
    operation: Operation[Any]
    answer: Any
    outcome: Outcome | None = None


class SimulatedWriter:
    """Takes operations in batches, as the writer's thread does, and tells the witness.

    The witness hears of what is in the file: of no batch that was undone or lost, and of the one
    whose commit was the last that the process did, even though nobody was answered.
    """

    def __init__(
        self,
        db: BrittleDb,
        fuse: Fuse,
        chance: Random,
        loop: SimulatedLoop,
        see: Callable[[Seen], None],
    ) -> None:
        self.faults = 0
        self._db = db
        self._fuse = fuse
        self._chance = chance
        self._loop = loop
        self._see = see
        self._queue: list[_Waiting] = []
        self.next: Event | None = None
        self.held_at: datetime | None = None  # orders count when they are held, not when asked for
        self.fails: str | None = None  # the verb whose next batch meets a failing disk

    async def run(self, operation: Operation[Any]) -> Any:
        """Run an operation in a batch to come and answer after its commit."""
        self._fuse.burn("store, before an operation is queued")
        event, self.next = self.next, None
        assert event is not None
        if not self._queue:
            self._loop.call_soon(self._soon, self._chance.randrange(4))
        self._queue.append(_Waiting(event, operation, self._loop.create_future()))
        return await self._queue[-1].answer

    def _soon(self, turns: int) -> None:
        if turns:
            self._loop.call_soon(self._soon, turns - 1)
            return
        batch, self._queue = self._queue, []
        self._commit(batch)

    def _commit(self, batch: list[_Waiting]) -> None:
        self._fuse.doing = batch[0].event.verb
        if self.fails == self._fuse.doing:
            self.fails, self._db.fails_in = None, [1, 2]  # and again when it is tried again
        elif self._fuse.left is not None and self._chance.random() < 0.01:
            self._fault()
        try:
            outcomes = run_batch(cast(Any, self._db), [self._noted(each) for each in batch])
        except Crash:
            if self._db.committed:  # nobody was answered, but it stands
                self._tell([(each, each.outcome) for each in batch if each.outcome])
            raise
        self._tell(list(zip(batch, outcomes, strict=True)))
        for waiting, outcome in zip(batch, outcomes, strict=True):
            if waiting.answer.done():
                continue
            if outcome.error is None:
                waiting.answer.set_result(outcome.value)
            else:
                waiting.answer.set_exception(outcome.error)

    def _tell(self, done: list[tuple[_Waiting, Outcome]]) -> None:
        """Tell the witness what is in the file: not what failed together with the disk."""
        seen = [
            (waiting.event, outcome)
            for waiting, outcome in done
            if not isinstance(outcome.error, StoreError | sqlite3.Error)
        ]
        if seen:
            self._see(seen)

    def _fault(self) -> None:
        self.faults += 1
        times = self._chance.choice([1, 2, 3])  # what fails alone is tried again by itself
        self._db.fails_in = [self._chance.randrange(40 // times) for _ in range(times)]
        self._db.fails_wholly = self._chance.random() < 0.5

    def _noted(self, waiting: _Waiting) -> Operation[Any]:
        if isinstance(waiting.operation, Together):
            return Together(self._all_noted, waiting)

        def work(db: Any) -> Any:
            self._fuse.doing = waiting.event.verb
            try:
                waiting.outcome = Outcome(waiting.operation(db))
            except Exception as error:
                waiting.outcome = Outcome(error=error)
                raise
            return waiting.outcome.value

        return work

    def _all_noted(self, db: Any, batch: Sequence[_Waiting]) -> Sequence[Any]:
        operations: list[Any] = [waiting.operation for waiting in batch]
        self._fuse.doing = batch[0].event.verb
        answers: Sequence[Any] = [StoreError("they failed together")] * len(batch)
        try:
            answers = operations[0].run(db, [operation.item for operation in operations])
        finally:
            for waiting, answer in zip(batch, answers, strict=True):
                failed = isinstance(answer, Exception)
                waiting.event = replace(waiting.event, now=self.held_at or waiting.event.now)
                waiting.outcome = Outcome(error=answer) if failed else Outcome(answer)
        return answers


class SimulatedReader:
    """Answers readings between two batches."""

    def __init__(self, db: BrittleDb, fuse: Fuse) -> None:
        self._db = db
        self._fuse = fuse

    async def read(self, reading: Reading[Any]) -> Any:
        """Answer a reading."""
        self._fuse.burn("store, before a reading")
        return read(self._db.real, reading)


class WatchedStore(Store):
    """The store, which says aloud what it is going to write."""

    def __init__(self, writer: SimulatedWriter, reader: SimulatedReader, clock: Clock) -> None:
        super().__init__(cast(Any, writer), cast(Any, reader), TERMS, clock)
        self._writer = writer
        self._time = clock

    @override
    def _hold_all(
        self, db: sqlite3.Connection, admissions: Sequence[Admission]
    ) -> list[Ticket | Refused]:
        self._writer.held_at = self._time.now()
        return super()._hold_all(db, admissions)


def _watched(verb: str) -> Callable[..., Coroutine[Any, Any, Any]]:
    method = getattr(Store, verb)
    signature = inspect.signature(method)

    async def write(self: WatchedStore, *args: Any, **named: Any) -> Any:
        bound = signature.bind(self, *args, **named)
        bound.apply_defaults()
        given = {name: value for name, value in bound.arguments.items() if name != "self"}
        self._writer.next = Event(verb, self._time.now(), given, _cause.get())
        return await method(self, *args, **named)

    return write


def _is_write(method: Callable[..., Any]) -> bool:
    behind = inspect.unwrap(method)  # an operation of the room, unless it is the store's own
    return "db" in inspect.signature(behind).parameters or "self._write(" in inspect.getsource(
        behind
    )


_WRITES = [
    name
    for name, method in inspect.getmembers(Store, inspect.iscoroutinefunction)
    if _is_write(method)
]
for _verb in _WRITES:
    setattr(WatchedStore, _verb, _watched(_verb))
