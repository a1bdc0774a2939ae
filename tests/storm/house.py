"""One life of the process: the real rooms of the house, with simulated doors to the outside.

Real are the store's verbs and batches, the spool, the desk, the worker, its turns, deliveries and
recovery. Simulated are time, the disk's patience, the gateway, Discord and the eye for pictures.
"""

from collections.abc import Generator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any, cast

from typing_extensions import override

import bot.core.ids
import bot.store.pools
from bot.core.catalogue import ANY_SIZE, Catalogue, Model
from bot.core.clock import Clock
from bot.core.job import Look
from bot.core.money import Money
from bot.core.tasks import Report, Tasks
from bot.ops.metrics import Metrics
from bot.spool.references import ReferenceShelf
from bot.spool.spool import Spool
from bot.studio.desk import Desk
from bot.studio.doubts import Doubts
from bot.studio.pauses import Pauses
from bot.studio.recovery import Recovery
from bot.studio.shelf import Shelf
from bot.studio.turns import Turns
from bot.studio.worker import Worker
from tests.storm.loop import SimulatedLoop
from tests.storm.truth import Courier, Gateway, look
from tests.storm.writing import WatchedStore

GRACE_S = 25.0
PLACES = 4
METRICS = Metrics()  # counts of no life in particular; a new registry for each would cost much


def _row(name: str, price: int, images_per_call: int) -> Model:
    return Model(
        id=name,
        label=name,
        prices={ANY_SIZE: Money(price)},
        fields=frozenset(),
        images_per_call=images_per_call,
    )


CATALOGUE = Catalogue((_row("solo", 40_000, 1), _row("quad", 33_333, 4), _row("tiny", 7, 3)))


class SimulatedClock(Clock):
    """Time as the loop passes it; the wall clock may be moved against it."""

    def __init__(self, loop: SimulatedLoop, wall: datetime) -> None:
        self._loop = loop
        self.wall = wall

    @override
    def now(self) -> datetime:
        return self.wall + timedelta(seconds=self._loop.time())

    @override
    def monotonic(self) -> float:
        return self._loop.time()


class _Imaging:
    async def look(self, path: Path) -> Look | None:
        return look(path)


class House:
    """Builds the rooms around one database and one spool."""

    def __init__(
        self,
        *,
        clock: SimulatedClock,
        store: WatchedStore,
        spool: Spool,
        references: ReferenceShelf,
        gateway: Gateway,
        courier: Courier,
        report: Report,
    ) -> None:
        self.clock = clock
        self.store = store
        self.spool = spool
        self.pauses = Pauses(clock)
        self.tasks = Tasks(report, grace_s=GRACE_S)
        shelf = Shelf(CATALOGUE)
        self.worker = Worker(
            store=store,
            gateway=cast(Any, gateway),
            spool=spool,
            references=references,
            imaging=cast(Any, _Imaging()),
            courier=courier,
            shelf=shelf,
            pauses=self.pauses,
            turns=Turns(PLACES),
            tasks=self.tasks,
            metrics=METRICS,
            clock=clock,
        )
        self.desk = Desk(
            store=store,
            spool=spool,
            shelf=shelf,
            pauses=self.pauses,
            metrics=METRICS,
            servers={500, 501},
            clock=clock,
            accept=self.worker.take,
        )
        doubts = Doubts(store=store, gateway=cast(Any, gateway), metrics=METRICS, clock=clock)
        self.recovery = Recovery(
            store=store,
            spool=spool,
            references=references,
            worker=self.worker,
            doubts=doubts,
            metrics=METRICS,
            clock=clock,
        )


class _Secrets:
    """Draws ids by the seed."""

    def __init__(self, chance: Random) -> None:
        self._chance = chance

    def token_hex(self, size_bytes: int) -> str:
        return self._chance.randbytes(size_bytes).hex()

    def randbits(self, bits: int) -> int:
        return self._chance.getrandbits(bits)


@contextmanager
def seeded_ids(chance: Random) -> Generator[None]:
    """Let every new id come from the seed, so that a run can be repeated to the letter."""
    rooms: tuple[Any, ...] = (bot.core.ids, bot.store.pools)
    drawn = _Secrets(chance)
    before = [room.secrets for room in rooms]
    for room in rooms:
        room.secrets = drawn
    try:
        yield
    finally:
        for room, secrets in zip(rooms, before, strict=True):
            room.secrets = secrets
