"""However an order ends, its person hears of it: later, if Discord can't be told at once."""

import asyncio
from collections.abc import Callable

import pytest

from sandbox.omixa import faults
from tests.flow.orders import ended, held, ordered, started, until
from tests.flow.world import World


def told_in_channel(world: World, text: str) -> list[str]:
    there = world.discord.home.messages.values()
    return [one.text for one in there if text in one.text and one.seen_only_by is None]


async def rounds_until(world: World, holds: Callable[[], object]) -> None:
    """Let rounds go by until something is so."""
    while not holds():
        world.clock.advance(60)
        await asyncio.sleep(0.02)


async def test_an_end_that_could_not_be_told_is_told_in_a_later_round(world: World) -> None:
    world.omixa.next(faults.status(422))
    deaf = [
        world.discord.faults.fail("PATCH", "/webhooks/*", status=403, times=1 << 30),
        world.discord.faults.fail("POST", "/channels/*/messages", status=403, times=1 << 30),
    ]
    order = await started(world, world.ben)
    await until(lambda: deaf[1].times < 1 << 30)
    await world.idle()
    job = await world.store.job_by_key(order.id)
    assert job is not None
    assert await world.store.unfinished() == [job.id]
    for fault in deaf:
        fault.times = 0

    await rounds_until(world, lambda: world.ben.sees("did not accept the order"))
    assert (await ended(world, order)).job.is_over
    await until(lambda: _finished(world))


async def _finished(world: World) -> bool:
    return await world.store.unfinished() == []


@pytest.mark.parametrize("show_price", [True, False])
async def test_a_call_given_up_is_told_of_once_though_its_token_died(
    world: World, *, show_price: bool
) -> None:
    await world.store.set_server(world.server_id, 1, show_price=show_price)
    world.omixa.next(faults.cut(at_byte=0))
    world.omixa.switches.lists_usage = False
    order = await ordered(world, world.ben)
    assert await held(world)
    world.clock.advance(25 * 3600)
    number = f"receipt `{order.job.id}`"
    await rounds_until(world, lambda: told_in_channel(world, number))
    await until(lambda: _finished(world))

    assert not await held(world)
    (told,) = told_in_channel(world, number)
    assert told.startswith(f"<@{world.ben.id}> About what you ordered <t:")
    assert "The image service did not answer. Nothing was charged for it.\n" in told
    assert ("$0.04 returned" in told) == ("$" in told) == show_price
    for _ in range(5):
        world.clock.advance(60)
        await asyncio.sleep(0.02)
    assert told_in_channel(world, number) == [told]


async def test_what_gets_nowhere_is_given_up_after_three_days(world: World) -> None:
    world.omixa.next(faults.status(422))
    world.discord.faults.fail("PATCH", "/webhooks/*", status=403, times=1 << 30)
    world.discord.faults.fail("POST", "/channels/*/messages", status=403, times=1 << 30)
    await started(world, world.ben)
    await until(lambda: world.omixa.calls)
    await world.idle()
    world.clock.advance(73 * 3600)

    while await world.store.unfinished():
        world.clock.advance(60)
        await asyncio.sleep(0.02)
