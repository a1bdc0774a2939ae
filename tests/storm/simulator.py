"""The simulator: a seed is a world, lived through by one process after another."""

import sys
from collections import Counter
from collections.abc import Generator, MutableMapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NoReturn

import structlog

from bot.store import rules
from tests.storm import invariants
from tests.storm.cells import Cells
from tests.storm.comparison import Violation, demand
from tests.storm.crash import Crash, Fuse, brittle_files, is_fault
from tests.storm.disk import empty, room
from tests.storm.house import seeded_ids
from tests.storm.life import Life
from tests.storm.loop import SimulatedLoop
from tests.storm.world import Trace, World

STEPS = 60
FUSES = (12, 40, 40, 100, 250)  # boundaries that a life passes at most before it is ended


@dataclass
class Result:
    """What a run saw."""

    deaths: Counter[str] = field(default_factory=Counter)
    cells: Cells = field(default_factory=Cells)
    seen: Counter[str] = field(default_factory=Counter)
    digest: str = ""


def run(seed: int, *, aloud: bool = False, steps: int = STEPS) -> Result:
    """Live through one seed's world.

    Raises:
        Violation: naming what broke.
    """
    with TemporaryDirectory(dir=room()) as name, listening():
        world = World(seed, Path(name), empty(), Trace(aloud=aloud))
        with seeded_ids(world.stream("ids")):
            while world.steps < steps:
                _live(world, steps)
            rest(world)
        seen = Counter(
            {
                "worlds": 1,
                "lives": world.lives,
                "orders": len(world.oracle.jobs),
                "calls": len(world.oracle.calls),
                "paid requests": len(world.gateway.deeds),
                "pictures posted": len(world.discord.messages),
            }
        )
        return Result(world.deaths, world.witness.cells, seen, world.trace.digest)


def _live(world: World, steps: int) -> None:
    fuse = Fuse(world.chance.randrange(world.chance.choice(FUSES)), world.chance)
    with process(world, fuse) as life:
        life.loop.live(life.lead(steps))


def rest(world: World) -> None:
    """Let all come to an end, and see that starting again changes nothing (I17)."""
    dumps = []
    for _ in range(3):
        with process(world, Fuse(None, world.chance)) as life:
            life.loop.live(life.rest())
            invariants.check_quiet(world, life.db.real)
            dumps.append([line for line in life.db.real.iterdump() if "rule_version" not in line])
    demand(dumps[1] == dumps[2], "I17: another start changed the books")
    for line in dumps[2]:
        world.trace.note(line)


@contextmanager
def process(world: World, fuse: Fuse) -> Generator[Life]:
    """Start a process, and clear away what it leaves when it stops or dies."""
    rules._known.clear()  # a new process remembers nothing
    world.lives += 1
    loop = SimulatedLoop()
    life = Life(world, fuse, loop)
    try:
        with brittle_files(world.spool.parent, fuse, lambda: life.clock.now().timestamp()):
            yield life
    except Crash as death:
        world.deaths[str(death)] += 1
        world.trace.note(f"-- died {death}")
    finally:
        world.wall = life.clock.now() + _away(world)
        _leave(world, life)


def _away(world: World) -> timedelta:
    return world.deck.later() if world.chance.random() < 0.3 else timedelta(seconds=2)


def _leave(world: World, life: Life) -> None:
    before, world.file = world.file, world.folder / f"life-{world.lives}.db"
    life.db.remains(world.file)
    life.db.close()
    for each in (before, Path(f"{before}-wal"), Path(f"{before}-shm")):
        each.unlink(missing_ok=True)


@contextmanager
def listening() -> Generator[None]:
    """Listen to the log: an error that no fault explains is a violation."""
    before = structlog.get_config()
    structlog.configure(processors=[_hear])
    try:
        yield
    finally:
        structlog.configure(**before)


def _hear(_: Any, method: str, event: MutableMapping[str, Any]) -> NoReturn:
    if method in {"error", "exception", "critical"}:
        told = event.get("exc_info")
        error = sys.exc_info()[1] if told is True else told
        if isinstance(error, BaseException) and not is_fault(error):
            raise Violation(f"logged: {event}: {error!r}")
    raise structlog.DropEvent
