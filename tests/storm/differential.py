"""The differential run: random writes on a real file, compared with the oracle after each."""

import sqlite3
from collections import Counter
from contextlib import closing
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

from bot.core.ids import CallId, JobId
from bot.core.job import Failure
from bot.store import database
from bot.store.servers import person
from bot.store.writer import run_batch
from tests.storm.comparison import demand
from tests.storm.deck import START, Deck, Given
from tests.storm.disk import empty, room
from tests.storm.events import Event, operation
from tests.storm.house import seeded_ids
from tests.storm.witness import Witness

CHUNK = 6_000  # writes of one seed
_PRINT = (
    "SELECT (SELECT count(*) FROM person), (SELECT count(*) FROM job), (SELECT sum(used + held)"
    " FROM balance), (SELECT count(*) FROM entry), (SELECT count(*) FROM picture),"
    " (SELECT count(*) FROM change), (SELECT sum(state = 'held') FROM call)"
)
STEPS = 120  # in one world: a longer history costs more to add up than it finds
WEIGHTS = {
    "hold": 26,
    "begin": 20,
    "settle": 18,
    "release": 5,
    "doubt": 7,
    "reconcile": 6,
    "refund": 5,
    "delivered": 4,
    "set_limit": 10,
    "set_server": 1,
    "create_pool": 3,
    "close_pool": 1,
    "join_pool": 5,
    "grant": 2,
    "revoke": 1,
}


class History:
    """One world's random history."""

    def __init__(self, db: sqlite3.Connection, chance: Random) -> None:
        self._db = db
        self._chance = chance
        self._now = START
        self._witness = Witness()
        self._oracle = self._witness.oracle
        self._deck = Deck(chance, self._oracle, lambda who: person(db, START, who))
        self.written: Counter[str] = Counter()

    def live(self, steps: int) -> None:
        """Write so many times, then compare everything there is."""
        while self.written.total() < steps:
            if self._chance.random() < 0.15:
                self._now += self._deck.later() * self._chance.choice([1, 1, 1, -1])
            events = self._rush() if self._chance.random() < 0.05 else self._events()
            before = self._print()
            outcomes = run_batch(self._db, [operation(event) for event in events])
            self._witness.see(self._db, list(zip(events, outcomes, strict=True)))
            self.written.update(event.verb for event in events)
            if all(outcome.error for outcome in outcomes):
                demand(self._print() == before, f"I19: refused and not undone: {events}")
        self._witness.comparison.whole(self._db)

    def _print(self) -> tuple[int, ...]:
        """Tell at a glance whether anything was written."""
        found: tuple[int, ...] = self._db.execute(_PRINT).fetchone()
        return found

    def _events(self) -> list[Event]:
        return [self._event() for _ in range(self._chance.choice([1, 1, 1, 2, 4]))]

    def _rush(self) -> list[Event]:
        """Let people press at the same moment, one of them twice."""
        pressed = [
            Event("hold", self._now, self._deck.hold()) for _ in range(self._chance.randrange(2, 8))
        ]
        return [*pressed, self._chance.choice(pressed)]

    def _event(self) -> Event:
        while True:
            (verb,) = self._chance.choices(list(WEIGHTS), list(WEIGHTS.values()))
            if (given := self._given(verb)) is not None:
                return Event(verb, self._now, given)

    def _given(self, verb: str) -> Given | None:
        match verb:
            case "create_pool" | "grant":
                given: Given = getattr(self._deck, verb)(self._now)
                return given
            case "begin" | "settle" | "release" | "doubt" | "reconcile" | "refund" | "delivered":
                return self._of_a_call(verb)
            case _:
                drawn: Given | None = getattr(self._deck, verb)()
                return drawn

    def _of_a_call(self, verb: str) -> Given | None:
        if not self._oracle.calls:
            return None
        call = self._chance.choice(list(self._oracle.calls.values())[-12:])
        job, number = JobId(call.job), self._chance.randrange(1, 6)
        given: Given = {"call": CallId(call.id)}
        match verb:
            case "settle":
                given |= self._deck.settle(call.hold, call.images)
            case "release":
                failure = self._chance.choice(list(Failure))
                given |= {"failure": failure, "detail": "", "billed": self._deck.bill(call.hold)}
            case "reconcile":
                given |= {"billed": self._deck.bill(call.hold), "reason": "a list", "actor": 99}
            case "doubt":
                given |= {"detail": "silence"}
            case "refund":
                delivered = self._chance.random() < 0.5
                given = {"job": job, "number": number, "reason": "", "delivered": delivered}
            case "delivered":
                place = {"channel_id": 600, "message_id": 900 + number}
                given = {"job": job, "numbers": [number, number + 1], **place}
            case _:
                pass
        return given


def run(seed: int, writes: int) -> Counter[str]:
    """Write about so many times, in worlds of their own; gives how often each verb was.

    Raises:
        Violation: when file and oracle differ.
    """
    written: Counter[str] = Counter()
    with TemporaryDirectory(dir=room()) as name:
        file = Path(name) / "easel.db"
        while written.total() < writes:
            file.write_bytes(empty())
            chance = Random(f"{seed}/{written.total()}")  # noqa: S311 - replays, no secrets
            with seeded_ids(chance), closing(database.opened(file)) as db:
                history = History(db, chance)
                history.live(STEPS)
            written += history.written
            file.unlink()
    return written
