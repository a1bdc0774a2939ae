"""Past the soft deadline: the person is told, others get the place, and the answer still counts."""

import asyncio
from pathlib import Path

from bot.core.money import Money
from bot.core.states import CallState
from sandbox.discord.interactions import Interaction
from sandbox.discord.state import Message
from sandbox.omixa import faults
from tests.flow.orders import Books, books, ended, held, painting, pictures, started, until
from tests.flow.world import World, world_of

SOFT_S = 120
LATE = "unusually long ago"
SLOW = faults.slow(headers_s=500)


async def told(world: World, order: Interaction, text: str) -> str:
    def fits(message: Message) -> bool:
        return message is order.original and text in message.text

    person = next(one for one in world.discord.people.values() if one.user is order.user)
    return (await person.waits_for(fits)).text


async def test_a_late_call_is_told_with_what_stays_held_and_settles_as_usual(
    world: World,
) -> None:
    world.omixa.next(SLOW)
    order = await started(world)
    await painting(world, 1)
    await told(world, order, "Painting")

    world.clock.advance(SOFT_S - 60)
    await world.store.ping()
    assert not world.ann.sees(LATE)
    world.clock.advance(60)
    text = await told(world, order, LATE)
    assert text.startswith("Ordered 1 picture, for $0.04 at most.\nPainting, started <t:")
    assert "$0.04 stays held until it comes." in text
    assert await held(world) == Money(40_000)

    world.clock.advance(500)
    end = await ended(world, order)
    assert end.job.charged == Money(39_000)
    assert books(world) == Books(39_000, 0, 39_000, 0)
    assert len(pictures(world)) == 1


async def test_of_two_late_calls_the_person_hears_once(world: World) -> None:
    world.omixa.always(SLOW)
    order = await started(world, count=8)
    await painting(world, 8)

    world.clock.advance(SOFT_S)
    text = await told(world, order, LATE)
    assert "Ordered 8 pictures, for $0.32 at most." in text
    assert "$0.32 stays held" in text

    world.clock.advance(500)
    assert (await ended(world, order)).job.charged == Money(8 * 39_000)
    assert [LATE in str(call.body) for call in order.calls].count(True) == 1


async def test_what_is_told_to_be_held_is_what_still_is(world: World) -> None:
    world.omixa.script([faults.NONE, SLOW])
    order = await started(world, count=8)
    await until(lambda: len(pictures(world)) == 4)
    await painting(world, 4)

    world.clock.advance(SOFT_S)
    text = await told(world, order, LATE)
    assert "Ordered 8 pictures, for $0.32 at most." in text
    assert "$0.16 stays held" in text

    world.clock.advance(500)
    assert (await ended(world, order)).job.charged == Money(8 * 39_000)


async def test_the_place_of_a_late_call_is_lent_to_others(tmp_path: Path) -> None:
    async with world_of(tmp_path, MAX_CALLS="1") as world:
        world.omixa.script([SLOW])
        first = await started(world)
        await painting(world, 1)
        waiting = await started(world, world.ben)
        await told(world, waiting, "next")
        assert world.omixa.calls == 1

        world.clock.advance(SOFT_S)

        assert (await ended(world, waiting)).job.charged == Money(39_000)
        world.clock.advance(500)
        assert (await ended(world, first)).job.charged == Money(39_000)


async def test_no_more_calls_are_late_than_run_at_once(tmp_path: Path) -> None:
    async with world_of(tmp_path, MAX_CALLS="1") as world:
        world.omixa.script([faults.slow(headers_s=400), faults.slow(headers_s=600)])
        first = await started(world)
        await painting(world, 1)
        second = await started(world, world.ben)
        world.clock.advance(SOFT_S)
        await told(world, first, LATE)
        await painting(world, 2)
        third = await started(world, world.cleo)
        world.clock.advance(SOFT_S)
        await told(world, second, LATE)
        await told(world, third, "Waiting in line")
        await asyncio.sleep(0.2)
        assert world.omixa.calls == 2

        world.clock.advance(200)  # the first one's answer makes room

        await ended(world, first)
        assert (await ended(world, third)).job.charged == Money(39_000)
        world.clock.advance(400)
        await ended(world, second)


async def test_a_late_call_whose_answer_is_lost_in_the_end_is_unknown(world: World) -> None:
    world.omixa.next(SLOW | faults.reset_after_success())
    order = await started(world)
    await painting(world, 1)
    world.clock.advance(SOFT_S)
    await told(world, order, LATE)
    world.clock.advance(500)

    end = await ended(world, order)

    assert [call.state for call in end.job.calls] == [CallState.UNKNOWN]
    assert await held(world) == Money(40_000)


async def test_a_call_that_ends_in_time_is_never_called_late(tmp_path: Path) -> None:
    async with world_of(tmp_path, MAX_CALLS="1") as world:
        end = await ended(world, await started(world))
        world.clock.advance(10 * SOFT_S)
        await asyncio.sleep(0.2)
        assert not world.ann.sees(LATE)
        assert world.ann.sees(f"receipt `{end.job.id}`")
        await ended(world, await started(world, world.ben))
