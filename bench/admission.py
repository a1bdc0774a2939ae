"""Admissions over all scopes: group commit beside a ledger that commits each by itself."""

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
from bot.core.ids import new_job_id
from bot.core.job import Admission, Payer, Place
from bot.core.limits import OPERATOR, PeriodKind, ScopeKind, members_scope, scope, server_scope
from bot.core.money import Money
from bot.core.order import Order
from bot.ops.collector import settle
from bot.store.rules import Terms
from bot.store.store import Store, opened

PEOPLE = 1_000
TEAM = 200  # of them, in one pool
SERVER, CHANNEL, ROLE = 1, 2, 3
MUCH = Money(10**12)  # every limit is an amount that is checked, and holds everything
TERMS = Terms(default_zone=ZoneInfo("UTC"), jobs_per_person=10**9)
ORDER = Order(prompt="a lighthouse at dawn, oil painting", model="imagen-4.0-generate-001")
PRICE = Money(40_000)
Admit = Callable[[int], Awaitable[object]]


def admission(number: int) -> Admission:
    """Make one order of one picture by one of a thousand people."""
    return Admission(
        key=str(number),
        payer=Payer(number % PEOPLE + 1, (ROLE,)),
        place=Place(server_id=SERVER, channel_id=CHANNEL),
        order=ORDER,
        calls=(1,),
        unit_price=PRICE,
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


async def prepared(store: Store) -> None:
    """Set a limit in every scope, and put some people into a team."""
    pool = await store.create_pool(SERVER, "Blue", 1)
    subjects = {
        scope(ScopeKind.ROLE, SERVER, ROLE): PeriodKind.WEEK,
        scope(ScopeKind.CHANNEL, SERVER, CHANNEL): PeriodKind.MONTH,
        scope(ScopeKind.POOL, SERVER, pool): PeriodKind.MONTH,
        scope(ScopeKind.CAP, SERVER, pool): PeriodKind.DAY,
        members_scope(SERVER): PeriodKind.DAY,
        server_scope(SERVER): PeriodKind.DAY,
        OPERATOR: PeriodKind.DAY,
    }
    for subject, kind in subjects.items():
        await store.set_limit(subject, kind, MUCH, 1)
    await asyncio.gather(
        *(store.join_pool(SERVER, pool, person + 1, 1) for person in range(TEAM)),
        *(store.person(person + 1) for person in range(PEOPLE)),
    )


async def ours(folder: Path, tasks: int, each: int) -> dict[str, float]:
    """Admit through the store."""
    async with opened(folder / "ours.db", terms=TERMS, clock=Clock()) as store:
        await prepared(store)
        return await timed(lambda number: store.hold(admission(number)), tasks, each)


async def commit_each(folder: Path, tasks: int, each: int) -> dict[str, float]:
    """Admit as a bot usually would: statement by statement on one aiosqlite connection."""
    path = folder / "each.db"
    async with opened(path, terms=TERMS, clock=Clock()) as store:
        await prepared(store)
    async with aiosqlite.connect(path, isolation_level=None) as db:
        for pragma in ("journal_mode = WAL", "synchronous = FULL", "foreign_keys = ON"):
            await db.execute(f"PRAGMA {pragma}")
        return await timed(Plain(db).hold, tasks, each)


class Plain:
    """The same rows for the same checks, without cleverness."""

    def __init__(self, db: aiosqlite.Connection) -> None:
        self._db = db
        self._turn = asyncio.Lock()  # two transactions cannot share the one connection

    async def hold(self, number: int) -> None:
        """Check every limit of one order and reserve its price in one transaction."""
        order = admission(number)
        async with self._turn:
            await self._db.execute("BEGIN IMMEDIATE")
            if await self._rows("SELECT id FROM job WHERE key = ?", order.key):
                await self._db.execute("ROLLBACK")
                return
            who = order.payer.discord_id
            ((person,),) = await self._rows("SELECT id FROM person WHERE discord_id = ?", who)
            frames, rules = await self._scopes(person)
            for frame in frames:
                await self._check(frame, rules)
            await self._cap(person)
            await self._write(order, person, frames)
            await self._db.execute("COMMIT")

    async def _rows(self, sql: str, *values: object) -> list[Any]:
        return list(await self._db.execute_fetchall(sql, values))

    async def _scopes(self, person: str) -> tuple[list[str], dict[str, int]]:
        """Find the scopes that count, and what was set for them and for the person's roles."""
        await self._rows("SELECT time_zone FROM server WHERE id = ?", SERVER)
        await self._rows("SELECT id FROM pool WHERE channel_id = ? AND ends_at > 0", CHANNEL)
        await self._rows(
            "SELECT sum(amount) FROM allowance_grant"
            " WHERE server_id = ? AND person_id = ? AND expires_at > 0",
            SERVER,
            person,
        )
        pools = await self._rows(
            "SELECT pool_id FROM pool_member WHERE server_id = ? AND person_id = ?", SERVER, person
        )
        own = [f"person/{SERVER}/{person}"]
        if pools:
            pool = pools[0][0]
            own = [f"member/{SERVER}/{pool}/{person}", f"pool/{SERVER}/{pool}"]
        frames = [*own, f"channel/{SERVER}/{CHANNEL}", f"server/{SERVER}", "operator"]
        sources = [*frames, f"role/{SERVER}/{ROLE}", f"members/{SERVER}"]
        rules = {}
        for source in sources:
            for (amount,) in await self._rows(
                "SELECT amount FROM limit_rule WHERE scope = ?", source
            ):
                rules[source] = amount
        return frames, rules

    async def _check(self, frame: str, rules: dict[str, int]) -> None:
        ((spent,),) = await self._rows(
            "SELECT coalesce(sum(used + held), 0) FROM balance WHERE scope = ? AND day >= ?",
            frame,
            "2020-01-01",
        )
        assert spent + PRICE.micros <= rules.get(frame, MUCH.micros)

    async def _cap(self, person: str) -> None:
        await self._rows(
            "SELECT count(*) FROM call WHERE person_id = ? AND state IN ('held', 'sent')"
            " AND resolved_at IS NULL",
            person,
        )

    async def _write(self, order: Admission, person: str, frames: list[str]) -> None:
        job = new_job_id()
        await self._db.execute(
            "INSERT INTO job (id, key, person_id, server_id, channel_id, order_json, frames,"
            " unit_price, created_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (job, order.key, person, SERVER, CHANNEL, "{}", "[]", PRICE.micros, time.time_ns()),
        )
        await self._db.execute(
            "INSERT INTO call (id, job_id, person_id, number, images, hold, state)"
            " VALUES (?, ?, ?, 1, 1, ?, 'held')",
            (f"{job}.1", job, person, PRICE.micros),
        )
        for frame in frames:
            await self._db.execute(
                "INSERT INTO balance VALUES (?, '2026-01-01', ?, 0)"
                " ON CONFLICT (scope, day) DO UPDATE SET held = held + excluded.held",
                (frame, PRICE.micros),
            )


def table() -> list[dict[str, Any]]:
    """Measure both at 1, 100 and 1,000 parallel tasks, synchronous=FULL, every scope checked."""
    settle()  # as the bot does
    rows = []
    for tasks, each in ((1, 500), (100, 50), (1000, 10)):
        with tempfile.TemporaryDirectory() as folder:
            fast = asyncio.run(ours(Path(folder), tasks, each))
            slow = asyncio.run(commit_each(Path(folder), tasks, max(1, each // 10)))
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
