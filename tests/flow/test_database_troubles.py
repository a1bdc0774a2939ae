"""A database that can't be written takes no orders, says so to people and at /health, and heals."""

import socket
import sqlite3
from collections.abc import AsyncGenerator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager, closing, suppress
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from bot.chat import words
from bot.core.money import Money
from bot.store import audit
from bot.store.errors import StoreError
from sandbox.omixa import faults
from tests.flow.orders import Books, books, ended, ordered, pictures, refused, started, until
from tests.flow.world import World, world_of


@pytest.fixture
async def world(tmp_path: Path) -> AsyncGenerator[World]:
    with socket.create_server(("127.0.0.1", 0)) as door:
        port = door.getsockname()[1]
    async with world_of(tmp_path, HTTP_PORT=str(port)) as world:
        yield world
        assert audit.report(world.data / "easel.db").findings == []


async def health(world: World) -> tuple[int, dict[str, Any]]:
    url = f"http://127.0.0.1:{world.easel.settings.http_port}/health"
    async with aiohttp.ClientSession() as http, http.get(url) as answer:
        return answer.status, await answer.json()


async def pragma(world: World, text: str) -> None:
    await world.store._write(lambda db: db.execute(f"PRAGMA {text}").fetchall())


@asynccontextmanager
async def full(world: World) -> AsyncGenerator[None]:
    await pragma(world, "max_page_count = 1")
    for size in (4_000, 400, 40):
        with suppress(StoreError):
            for number in range(1_000):
                await world.store.remember(f"{size} {number}", "x" * size)
    yield
    await pragma(world, "max_page_count = 1000000")


@asynccontextmanager
async def locked(world: World) -> AsyncGenerator[None]:
    await pragma(world, "busy_timeout = 50")
    with closing(sqlite3.connect(world.data / "easel.db", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        yield


@asynccontextmanager
async def read_only(world: World) -> AsyncGenerator[None]:
    await pragma(world, "query_only = ON")
    yield
    # Past the writer, which can't begin an operation any more.
    world.store._write.__self__._db.execute("PRAGMA query_only = OFF")  # type: ignore[attr-defined]  # a bound method


Trouble = Callable[[World], AbstractAsyncContextManager[None]]


@pytest.mark.parametrize(
    ("trouble", "why"),
    [(full, "SQLITE_FULL"), (locked, "SQLITE_BUSY"), (read_only, "SQLITE_READONLY")],
)
async def test_an_order_is_refused_before_anything_is_held(
    world: World, trouble: Trouble, why: str
) -> None:
    assert (await health(world))[0] == 200
    async with trouble(world):
        # A short one might still find room in a page that there is.
        assert await refused(world, prompt="x" * 4000) == words.MAINTENANCE
        status, told = await health(world)
        assert (status, told["probes"]) == (503, {"discord": True, "store": False})
        assert told["why"]["store"].startswith(why)
    assert world.omixa.calls == 0

    assert (await ordered(world)).job.charged == Money(39_000)
    assert (await health(world))[1]["why"] == {}


async def test_a_changed_limit_is_refused_in_the_same_words(world: World) -> None:
    async with read_only(world):
        assert await world.budget(scope="this server", amount="5") == words.MAINTENANCE
    assert "$5.00" in await world.budget(scope="this server", amount="5")


@pytest.mark.parametrize("trouble", [full, locked, read_only])
async def test_what_was_paid_meanwhile_is_booked_and_delivered_when_it_is_over(
    world: World, trouble: Trouble
) -> None:
    world.omixa.next(faults.slow(headers_s=0.5))
    order = await started(world, count=4)
    await until(lambda: world.omixa.calls)
    async with trouble(world):
        await until(lambda: list(world.data.glob("spool/kept/*/manifest.json")))
        await world.idle()
    await until(lambda: over(world))

    end = await ended(world, order)
    assert end.job.charged == Money(4 * 39_000)
    assert len(pictures(world)) == 4
    assert books(world) == Books(156_000, 0, 156_000, 0)
    assert world.omixa.calls == 1


async def over(world: World) -> bool:
    world.clock.advance(30)
    return not await world.store.unfinished()
