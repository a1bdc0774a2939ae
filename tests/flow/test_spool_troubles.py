"""A full disk or a damaged file of ours costs no paid picture and no wrong charge."""

import asyncio
from functools import partial

from bot.core.job import Failure
from bot.core.money import Money
from bot.core.states import CallState, PictureState
from sandbox.discord.interactions import Interaction
from tests.flow.orders import books, ended, pictures, started, until
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


async def has_pictures(world: World, order: Interaction) -> bool:
    job = await world.store.job_by_key(order.id)
    return job is not None and bool(job.pictures)
