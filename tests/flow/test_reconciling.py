"""What became of calls without an answer, by the gateway's own list: booked only if it is clear."""

import asyncio
from pathlib import Path

import pytest

from bot.core.job import Failure
from bot.core.money import Money
from bot.core.states import CallState
from bot.gateway.client import Timeouts
from sandbox.discord.interactions import Interaction
from sandbox.omixa import faults
from sandbox.omixa.faults import Fault
from tests.flow.orders import (
    Books,
    Ended,
    books,
    ended,
    held,
    ordered,
    painting,
    pictures,
    started,
    until,
)
from tests.flow.world import World, world_of

PRICE = Money(40_000)
LOST = faults.reset_after_success()
FAILED = faults.status(502, shape="html")
KEYS = pytest.mark.parametrize("echo", [True, False], ids=["with keys", "without keys"])
RECEIPT = "The image service says that it made this, but its answer never reached me. Nothing was"


async def minutes(world: World, count: int) -> None:
    """Let Recovery make a round for each."""
    for _ in range(count):
        world.clock.advance(60)
        await asyncio.sleep(0.03)


async def resolved(world: World) -> None:
    while await world.store.doubts():
        await minutes(world, 1)


async def assert_unresolved(world: World, count: int = 1) -> None:
    """Rounds in which the list is asked each time change nothing."""
    await minutes(world, 14)
    assert len(await world.store.doubts()) == count
    assert books(world).exposure == 0


async def call_of(world: World, end: Ended) -> tuple[CallState, Failure | None, Money]:
    (call,) = (await world.store.job(end.job.id)).calls
    return call.state, call.failure, call.charged


@KEYS
async def test_a_lost_answer_that_was_billed_is_the_operators(world: World, *, echo: bool) -> None:
    world.omixa.switches.usage_echoes_key = echo
    world.omixa.next(LOST)
    end = await ordered(world)
    assert await held(world) == PRICE

    await resolved(world)

    assert await call_of(world, end) == (CallState.SETTLED, Failure.LOST, Money(0))
    assert books(world) == Books(0, 39_000, 39_000, 0)
    assert world.omixa.wallet.captured_micros == 39_000
    assert await held(world) == Money(0)
    receipt = await world.ann.waits_for(RECEIPT)
    assert "charged $0.00, $0.04 returned" in receipt.text


@KEYS
async def test_a_failed_call_is_released_once_it_cannot_be_tried_elsewhere_any_more(
    world: World, *, echo: bool
) -> None:
    world.omixa.switches.usage_echoes_key = echo
    world.omixa.next(FAILED)
    end = await ordered(world)

    await minutes(world, 8)
    assert await world.store.doubts()
    await resolved(world)

    assert await call_of(world, end) == (CallState.RELEASED, Failure.UNANSWERED, Money(0))
    assert books(world) == Books(0, 0, 0, 0)
    assert await held(world) == Money(0)
    await world.ann.waits_for("The image service did not answer. Nothing was charged for it.")


@KEYS
async def test_a_row_listed_twice_is_one_call(world: World, *, echo: bool) -> None:
    world.omixa.switches.usage_echoes_key = echo
    world.omixa.next(LOST | faults.unlogged(rows=2))
    await ordered(world)

    await resolved(world)

    assert books(world) == Books(0, 39_000, 39_000, 0)


@KEYS
async def test_a_row_that_comes_late_is_waited_for(world: World, *, echo: bool) -> None:
    world.omixa.switches.usage_echoes_key = echo
    world.omixa.next(LOST | faults.unlogged(rows=1, late_s=3600))
    await ordered(world)

    await minutes(world, 50)
    assert await world.store.doubts()
    await resolved(world)

    assert books(world) == Books(0, 39_000, 39_000, 0)


async def test_a_row_of_a_call_that_still_runs_says_nothing_yet(tmp_path: Path) -> None:
    async with world_of(tmp_path, timeouts=Timeouts(read_s=2)) as world:
        world.omixa.switches.usage_echoes_key = True
        world.omixa.next(faults.hang(taken=True))
        end = await ordered(world)
        record = world.omixa.requests[0]
        await until(lambda: record.status)
        record.status = 0  # the provider goes on although we are gone

        await assert_unresolved(world)
        record.status = 200
        await resolved(world)
        assert await call_of(world, end) == (CallState.SETTLED, Failure.LOST, Money(0))


@pytest.mark.parametrize(
    "fault",
    [
        pytest.param(LOST | faults.unlogged(rows=0), id="never listed"),
        pytest.param(LOST | faults.billed('"0.800001"'), id="beyond belief"),
    ],
)
@KEYS
async def test_what_is_not_clear_stays_unknown_until_its_day_is_over(
    world: World, fault: Fault, *, echo: bool
) -> None:
    world.omixa.switches.usage_echoes_key = echo
    world.omixa.next(fault)
    end = await ordered(world)

    await assert_unresolved(world)
    world.clock.advance(24 * 3600)
    await resolved(world)

    assert await call_of(world, end) == (CallState.RELEASED, Failure.UNANSWERED, Money(0))
    assert books(world) == Books(0, 0, 0, PRICE.micros)


async def both(world: World, *orders: Interaction) -> list[Ended]:
    return [await ended(world, order) for order in orders]


async def test_two_calls_at_once_are_told_apart_by_their_keys_only(world: World) -> None:
    world.omixa.script([LOST | faults.slow(headers_s=5), LOST | faults.slow(headers_s=5)])
    orders = [await started(world), await started(world, world.ben)]
    await painting(world, 2)
    world.clock.advance(6)
    await both(world, *orders)

    await assert_unresolved(world, 2)
    world.omixa.switches.usage_echoes_key = True
    await resolved(world)

    assert books(world) == Books(0, 78_000, 78_000, 0)


async def test_where_another_call_ran_too_nothing_is_guessed(world: World) -> None:
    world.omixa.script([LOST | faults.slow(headers_s=20), faults.slow(headers_s=20)])
    lost = await started(world)
    await painting(world, 1)
    good = await started(world, world.ben)
    await painting(world, 2)
    world.clock.advance(21)
    await both(world, lost, good)
    assert len(pictures(world)) == 1

    await assert_unresolved(world)
    world.omixa.switches.usage_echoes_key = True
    await resolved(world)

    assert books(world) == Books(39_000, 39_000, 78_000, 0)


async def test_another_programs_calls_with_the_same_key_make_it_unclear(world: World) -> None:
    world.omixa.next(LOST)
    await ordered(world)
    (ours,) = world.omixa.requests
    world.omixa.requests.append(type(ours)(id="x", at=ours.at, headers={}, fault=faults.NONE))
    world.omixa.requests[1].model = ours.model
    world.omixa.requests[1].status = 200

    await assert_unresolved(world)


async def test_a_long_list_is_read_as_far_back_as_the_call(world: World) -> None:
    world.omixa.next(LOST)
    await ordered(world)
    (ours,) = world.omixa.requests
    for number in range(60):  # more than a page, newer, of another model
        row = type(ours)(id=f"x{number}", at=world.clock.now(), headers={}, fault=faults.NONE)
        row.model, row.status = "another", 200
        world.omixa.requests.append(row)

    await resolved(world)

    assert books(world) == Books(0, 39_000, 39_000, 0)


async def test_an_operators_word_settles_a_call_and_is_told_on_the_receipt(world: World) -> None:
    world.omixa.switches.lists_usage = False
    world.omixa.next(LOST)
    end = await ordered(world)
    (doubt,) = await world.store.open_calls()

    await world.store.reconcile(doubt.call, Money(39_000), "seen on the dashboard", actor=1)

    assert await call_of(world, end) == (CallState.SETTLED, Failure.LOST, Money(0))
    assert books(world) == Books(0, 39_000, 39_000, 0)
    assert await held(world) == Money(0)
