"""Admissions: the store's group commit beside the same operation with a commit of its own."""

import asyncio
import statistics
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import aiosqlite

from bot.core.clock import Clock
from bot.core.job import Admission, Payer, Place
from bot.core.limits import OPERATOR, PeriodKind, Rule, members_scope, server_scope
from bot.core.money import Money
from bot.core.order import Order
from bot.store import ledger
from bot.store.rules import Defaults, Terms
from bot.store.store import Store, opened

PEOPLE = 1_000
SERVER = 1
TERMS = Terms(
    default_zone=ZoneInfo("UTC"),
    defaults=Defaults(person_day=Rule.UNLIMITED, server_day=Rule.UNLIMITED),
    jobs_per_person=10**9,
)
ORDER = Order(prompt="a lighthouse at dawn, oil painting", model="imagen-4.0-generate-001")
Admit = Callable[[int], Awaitable[object]]


def admission(number: int) -> Admission:
    """Make one order of one picture by one of a thousand people."""
    return Admission(
        key=str(number),
        payer=Payer(number % PEOPLE + 1),
        place=Place(server_id=SERVER, channel_id=1),
        order=ORDER,
        calls=(1,),
        unit_price=Money(40_000),
    )


async def timed(admit: Admit, tasks: int, each: int) -> dict[str, float]:
    """Run `tasks` in parallel, `each` admissions one after the other in every task."""
    waits: list[float] = []

    async def work(first: int) -> None:
        for number in range(first, first + each):
            started = time.perf_counter()
            await admit(number)
            waits.append(time.perf_counter() - started)

    started = time.perf_counter()
    await asyncio.gather(*(work(task * each) for task in range(tasks)))
    whole_s = time.perf_counter() - started
    return {"per_s": len(waits) / whole_s, "p99_ms": statistics.quantiles(waits, n=100)[98] * 1e3}


async def ours(folder: Path, tasks: int, each: int) -> dict[str, float]:
    """Admit through the store."""
    async with opened(folder / "ours.db", terms=TERMS, clock=Clock()) as store:
        await unlimited(store)
        return await timed(lambda number: store.hold(admission(number)), tasks, each)


async def unlimited(store: Store) -> None:
    """Lift every limit, so that each admission does all of its work."""
    for scope in (members_scope(SERVER), server_scope(SERVER), OPERATOR):
        await store.set_limit(scope, PeriodKind.DAY, Rule.UNLIMITED, 1)


async def commit_each(folder: Path, tasks: int, each: int) -> dict[str, float]:
    """Admit with the same function, one transaction and commit an order, through aiosqlite."""
    path = folder / "each.db"
    async with opened(path, terms=TERMS, clock=Clock()) as store:
        await unlimited(store)
    turn = asyncio.Lock()  # two transactions cannot share the one writing connection
    async with aiosqlite.connect(path, isolation_level=None) as db:
        await db.execute("PRAGMA journal_mode = WAL")
        await db.execute("PRAGMA synchronous = FULL")
        await db.execute("PRAGMA foreign_keys = ON")

        def hold(raw: Any, number: int) -> None:
            raw.execute("BEGIN IMMEDIATE")
            ledger.hold(raw, admission(number), TERMS, Clock().now())
            raw.execute("COMMIT")

        async def admit(number: int) -> None:
            async with turn:
                # The fairest comparison: a whole transaction in one hop to its thread.
                await db._execute(hold, db._conn, number)  # type: ignore[no-untyped-call]  # noqa: SLF001

        return await timed(admit, tasks, each)


def table() -> list[dict[str, Any]]:
    """Measure both at 1, 100 and 1,000 parallel tasks, synchronous=FULL, every scope checked."""
    rows = []
    for tasks, each in ((1, 500), (100, 20), (1000, 4)):
        with tempfile.TemporaryDirectory() as folder:
            fast = asyncio.run(ours(Path(folder), tasks, each))
            slow = asyncio.run(commit_each(Path(folder), tasks, each))
        rows.append(
            {
                "parallel tasks": tasks,
                "ours /s": round(fast["per_s"]),
                "ours p99 ms": round(fast["p99_ms"], 1),
                "commit each /s": round(slow["per_s"]),
                "commit each p99 ms": round(slow["p99_ms"], 1),
                "times faster": round(fast["per_s"] / slow["per_s"], 1),
            }
        )
    return rows


if __name__ == "__main__":
    sys.stdout.writelines(f"{row}\n" for row in table())
