"""Reading beside the writer, and after a kill."""

import asyncio
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import aiosqlite
import pytest

from bot.core.ids import JobId
from bot.core.states import CallState
from bot.store import jobs
from bot.store.errors import StoreError
from bot.store.reading import Reading, reader
from bot.store.store import Store, opened
from tests.store.shop import (
    STUDIO,
    TERMS,
    StillClock,
)


async def test_readers_cannot_write(store: Store, tmp_path: Path) -> None:
    def writing() -> Reading[None]:
        yield "INSERT INTO fact VALUES ('a', 'b')", ()

    await store.ping()
    async with reader(tmp_path / "store.db") as reading:
        with pytest.raises(StoreError, match="readonly"):
            await reading.read(writing())


@pytest.mark.usefixtures("store")
async def test_a_reading_sees_one_moment(tmp_path: Path) -> None:
    async with reader(tmp_path / "store.db") as reading:
        seen = []

        def twice() -> Reading[None]:
            for _ in range(2):
                rows = yield "SELECT count(*) FROM fact", ()
                seen.append(rows[0][0])
                with closing(sqlite3.connect(tmp_path / "store.db")) as other, other:
                    other.execute("INSERT INTO fact VALUES (?, 'x')", (str(len(seen)),))

        await reading.read(twice())
        assert seen == [0, 0]
        await reading.read(twice_counted(seen))
        assert seen[-1] == 2


def twice_counted(seen: list[int]) -> Reading[None]:
    rows = yield "SELECT count(*) FROM fact", ()
    seen.append(rows[0][0])


async def test_a_cancelled_reading_leaves_no_transaction(store: Store, tmp_path: Path) -> None:
    await store.remember("a", "x")
    async with reader(tmp_path / "store.db") as reading:
        seen: list[int] = []
        async with asyncio.TaskGroup() as group:
            doomed = [group.create_task(reading.read(twice_counted(seen))) for _ in range(5)]
            for steps, task in enumerate(doomed):
                for _ in range(steps):
                    await asyncio.sleep(0)
                task.cancel()
        seen.clear()
        await reading.read(twice_counted(seen))
        assert seen == [1]
        assert isinstance(reading._db, aiosqlite.Connection)
        assert not reading._db.in_transaction


@pytest.mark.parametrize("asked", [jobs.unfinished, jobs.open_calls, jobs.doubts])
def test_what_is_asked_each_minute_reads_no_history(
    db: sqlite3.Connection, asked: Callable[[], Reading[object]]
) -> None:
    sql, given = next(asked())
    steps = [step for *_, step in db.execute(f"EXPLAIN QUERY PLAN {sql}", given)]
    looks = [step for step in steps if step.startswith(("SCAN", "SEARCH"))]
    assert looks
    assert all("USING" in step for step in looks), steps


_HOLD_UNTIL_KILLED = """
import asyncio, sys
from pathlib import Path
from tests.store.shop import TERMS, StillClock, admission
from bot.core.limits import PeriodKind, Rule, server_scope, person_scope
from bot.store.store import opened
from dataclasses import replace

async def main():
    terms = replace(TERMS, jobs_per_person=10**6)
    async with opened(Path(sys.argv[1]), terms=terms, clock=StillClock()) as store:
        n = 0
        while True:
            n += 1
            ticket = await store.hold(admission(key=str(n), who=n))
            await store.begin(ticket.calls[0])
            print(ticket.calls[0], flush=True)

asyncio.run(main())
"""


async def test_what_was_answered_survives_a_kill(tmp_path: Path) -> None:
    path = tmp_path / "killed.db"
    process = subprocess.Popen(  # noqa: ASYNC220, S603 - this very Python, and nothing else runs
        [sys.executable, "-c", _HOLD_UNTIL_KILLED, str(path)], stdout=subprocess.PIPE, text=True
    )
    with process:
        assert process.stdout is not None
        told = [process.stdout.readline().strip() for _ in range(20)]
        process.kill()
        told += [line.strip() for line in process.stdout if line.endswith("\n")]
    async with opened(path, terms=TERMS, clock=StillClock()) as store:
        for call in told:
            job = await store.job(JobId(call.partition(".")[0]))
            assert job.calls[0].state is CallState.SENT
        (allowance,) = (await store.limits(STUDIO)).shared
        assert allowance.held.micros in {40_000 * len(told), 40_000 * (len(told) + 1)}
