"""A full disk or a damaged file of ours costs no paid picture and no wrong charge."""

import asyncio
import shutil
import sqlite3
from contextlib import closing
from functools import partial
from typing import Any

import pytest

from bot.core.job import Failure
from bot.core.money import Money
from bot.core.states import CallState, PictureState
from bot.imaging.child import Child, Fault
from bot.spool.spool import RESERVE_BYTES
from sandbox.discord.interactions import Interaction
from sandbox.omixa import faults
from tests.flow.orders import books, ended, held, painting, pictures, started, until
from tests.flow.world import World

POSTS = "/channels/*/messages"


async def test_an_answer_is_kept_as_soon_as_the_disk_takes_it(world: World) -> None:
    in_the_way = world.data / "spool" / "kept"
    in_the_way.parent.mkdir(exist_ok=True)
    in_the_way.touch()
    order = await started(world)
    await until(lambda: world.omixa.requests and world.omixa.requests[0].complete)
    await asyncio.sleep(0.1)
    assert not pictures(world)

    in_the_way.unlink()
    world.clock.advance(5)
    end = await ended(world, order)
    assert end.job.charged == Money(39_000)
    assert len(pictures(world)) == 1


async def test_an_answer_that_cannot_be_kept_is_billed_to_the_operator(world: World) -> None:
    in_the_way = world.data / "spool" / "kept"
    in_the_way.parent.mkdir(exist_ok=True)
    in_the_way.touch()
    order = await started(world)
    await until(lambda: world.omixa.requests and world.omixa.requests[0].complete)
    while not (job := await world.store.job_by_key(order.id)) or not job.is_over:
        world.clock.advance(1)
        await asyncio.sleep(0.01)

    (call,) = job.calls
    assert (call.state, call.failure) == (CallState.SETTLED, Failure.UNKEPT)
    assert job.charged == Money(0)
    assert (books(world).person, books(world).operator) == (0, 39_000)
    told = (await ended(world, order)).told
    assert "I could not keep them: my disk is full or broken. Nothing was charged" in told


async def test_a_damaged_file_is_not_posted_and_keeps_no_other_back(world: World) -> None:
    closed = [
        world.discord.faults.fail(method, path, status=403, times=1 << 30)
        for method, path in (("POST", POSTS), ("PATCH", "/webhooks/*"))
    ]
    order = await started(world, count=2)
    await until(partial(has_pictures, world, order))
    await world.idle()
    (first,) = world.data.glob("spool/kept/*/1.png")
    first.write_bytes(first.read_bytes()[:-1])
    for fault in closed:
        fault.times = 0

    while not pictures(world):
        world.clock.advance(60)
        await asyncio.sleep(0.02)
    job = await world.store.job_by_key(order.id)
    assert job is not None
    assert pictures(world) == [f"{job.id}-2.png"]

    world.clock.advance(72 * 3600)
    while await world.store.unfinished():
        world.clock.advance(60)
        await asyncio.sleep(0.02)
    job = await world.store.job(job.id)
    assert [one.state for one in job.pictures] == [PictureState.REFUNDED, PictureState.DELIVERED]
    assert job.charged == Money(39_000)


async def test_somebody_elses_file_is_not_taken_for_the_picture(world: World) -> None:
    closed = [
        world.discord.faults.fail(method, path, status=403, times=1 << 30)
        for method, path in (("POST", POSTS), ("PATCH", "/webhooks/*"))
    ]
    order = await started(world)
    await until(partial(has_pictures, world, order))
    await world.idle()
    job = await world.store.job_by_key(order.id)
    assert job is not None
    (content,) = world.data.glob("spool/kept/*/1.png")
    await world.ben.write("mine", files=[(f"{job.id}-1.png", content.read_bytes())])
    for fault in closed:
        fault.times = 0

    while not pictures(world):
        world.clock.advance(60)
        await asyncio.sleep(0.02)
    assert pictures(world) == [f"{job.id}-1.png"]


async def test_what_would_find_no_room_is_not_bought(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.omixa.next(faults.slow(headers_s=30))
    first = await started(world)
    await painting(world, 1)
    room = RESERVE_BYTES + 40 * 2**20  # for one large picture, and not for two
    usage = shutil.disk_usage(world.data)._replace(free=room)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage)
    monkeypatch.setattr("bot.studio.desk._ORDER_BYTES_MAX", 0)
    second = await ended(world, await started(world, world.ben))
    world.clock.advance(31)

    assert "My disk is too full to keep what you ordered" in second.told
    assert [call.failure for call in second.job.calls] == [Failure.NO_ROOM]
    assert (await ended(world, first)).job.charged == Money(39_000)
    assert world.omixa.calls == 1
    assert await held(world) == Money(0)


async def test_a_refusal_is_still_one_when_the_database_slept_meanwhile(world: World) -> None:
    world.omixa.next(faults.status(422) | faults.slow(headers_s=0.5))
    order = await started(world)
    await until(lambda: world.omixa.calls)
    with closing(sqlite3.connect(world.data / "easel.db", isolation_level=None)) as db:
        db.execute("BEGIN IMMEDIATE")
        await until(lambda: world.omixa.requests[0].complete)
        await asyncio.sleep(6)  # longer than a statement waits for a lock
    world.clock.advance(5)
    end = await ended(world, order)

    assert [call.state for call in end.job.calls] == [CallState.RELEASED]
    assert "did not accept the order" in end.told


@pytest.mark.parametrize("deaths", [2, 1000])
async def test_a_picture_that_children_die_of_is_looked_at_again_and_given_up_at_last(
    world: World, monkeypatch: pytest.MonkeyPatch, deaths: int
) -> None:
    left = iter(range(deaths))
    ask = Child.ask

    async def dies(child: Child, job: dict[str, object], *wall_s: Any) -> dict[str, object]:
        if next(left, None) is not None:
            raise Fault("died")
        return await ask(child, job, *wall_s)

    monkeypatch.setattr(Child, "ask", dies)
    order = await started(world)
    while not (job := await world.store.job_by_key(order.id)) or not job.is_over:
        world.clock.advance(60)
        await asyncio.sleep(0.02)

    (call,) = job.calls
    assert call.failure is (None if deaths == 2 else Failure.UNUSABLE)
    assert job.charged == Money(39_000 if deaths == 2 else 0)
    assert world.omixa.calls == 1


async def has_pictures(world: World, order: Interaction) -> bool:
    job = await world.store.job_by_key(order.id)
    return job is not None and bool(job.pictures)
