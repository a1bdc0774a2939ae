"""What outlives every process: the disk, the outside, the wall clock, and what must be true."""

import hashlib
import sqlite3
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from random import Random

from bot.spool.spool import MANIFEST
from bot.store.reconciling import Finding
from tests.storm.deck import START, Deck
from tests.storm.truth import DiscordTruth, GatewayTruth
from tests.storm.witness import Witness
from tests.storm.writing import Seen


class Trace:
    """What happened, as one hash; line by line for whoever wants to read along."""

    def __init__(self, *, aloud: bool = False) -> None:
        self._hash = hashlib.sha256()
        self._aloud = aloud

    def note(self, line: str) -> None:
        """Write a line down."""
        self._hash.update(line.encode(errors="replace"))
        self.explain(line)

    def explain(self, what: object) -> None:
        """Say something to whoever reads along; it is no part of the hash."""
        if self._aloud:
            print(what, flush=True)  # noqa: T201 - that is what it is for

    @property
    def digest(self) -> str:
        """Give the hash of all lines so far."""
        return self._hash.hexdigest()


class World:
    """One seed's world."""

    def __init__(self, seed: int, folder: Path, empty: bytes, trace: Trace) -> None:
        self.seed = seed
        self.folder = folder
        self.file = folder / "life-0.db"
        self.file.write_bytes(empty)
        self.spool = folder / "data" / "spool"
        self.spool.parent.mkdir()
        self.wall = START
        self.trace = trace
        self.chance = self.stream("steps")
        self.witness = Witness()
        self.oracle = self.witness.oracle
        self.gateway = GatewayTruth(self.stream("gateway"))
        self.gateway.has_left = lambda call: self.oracle.calls[call].left
        self.discord = DiscordTruth(self.stream("discord"))
        self.references: dict[int, str] = {}
        self.deck = Deck(self.chance, self.oracle, self.references.__getitem__)
        self.deaths: Counter[str] = Counter()
        self.steps = 0
        self.lives = 0

    def stream(self, name: str) -> Random:
        """Give a source of chance of its own."""
        return Random(f"{self.seed}/{name}")  # noqa: S311 - replays, no secrets

    def kept(self) -> Iterator[str]:
        """Name the calls whose answers are whole on disk, whatever the process thinks."""
        folder = self.spool / "kept"
        if folder.exists():
            yield from sorted(each.name for each in folder.iterdir() if (each / MANIFEST).exists())

    def states(self) -> dict[str, str]:
        """Tell the state of every call."""
        return {name: call.state for name, call in self.oracle.calls.items()}

    def see(self, db: sqlite3.Connection, seen: Seen) -> None:
        """Let the witness judge a commit."""
        self.witness.see(db, seen)
        for event, outcome in seen:
            self.trace.note(f"{event.now.isoformat()} {event.verb} {outcome}")
            self.trace.explain(event)
            if event.verb == "reconcile" and outcome.value.finding is not Finding.NOT_OVER:
                by_hand = event.given["actor"] is not None
                self.gateway.told(event.given["call"], event.given["billed"], by_hand=by_hand)
