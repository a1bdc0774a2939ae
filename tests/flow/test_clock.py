"""The bot's clock decides which day an order counts for: a wrong one takes no orders (F35)."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from bot.chat import refusals
from bot.core.money import Money
from bot.core.problems import Paused, PauseReason
from sandbox.clock import MovableClock
from sandbox.discord.app import Discord
from sandbox.omixa import Omixa
from tests.flow.orders import Books, books, held, ordered, refused
from tests.flow.world import World, easel_running

MINUTE_S, HOUR_S = 60, 3_600


@asynccontextmanager
async def apart(tmp_path: Path) -> AsyncGenerator[World]:
    """Start everything, Discord by a clock of its own."""
    async with (
        Discord.running(data=tmp_path / "cdn", clock=MovableClock()) as discord,
        Omixa.running() as omixa,
        easel_running(discord, omixa, MovableClock(), tmp_path / "data") as world,
    ):
        yield world


async def assert_refused(world: World) -> None:
    told = await refused(world)
    assert told == refusals.explain(Paused(PauseReason.CLOCK))
    assert told.startswith("The bot's clock is wrong")
    assert world.omixa.calls == 0
    assert books(world) == Books(0, 0, 0, 0)
    assert await held(world) == Money(0)


async def test_a_clock_set_back_takes_no_orders_until_it_is_right_again(tmp_path: Path) -> None:
    async with apart(tmp_path) as world:
        world.discord.advance(5 * MINUTE_S + 10)  # the bot's own stays behind
        await assert_refused(world)

        world.clock.advance(5 * MINUTE_S)
        assert (await ordered(world)).job.charged == Money(39_000)


async def test_a_clock_a_day_ahead_opens_no_fresh_allowance(tmp_path: Path) -> None:
    async with apart(tmp_path) as world:
        world.clock.advance(24 * HOUR_S + 10)
        await assert_refused(world)

        world.discord.advance(24 * HOUR_S)
        assert (await ordered(world)).job.charged == Money(39_000)


@pytest.mark.parametrize("ahead_s", [4 * MINUTE_S, 10 * MINUTE_S])
async def test_a_clock_that_is_a_little_off_serves_as_always(tmp_path: Path, ahead_s: int) -> None:
    async with apart(tmp_path) as world:
        world.clock.advance(ahead_s)
        assert (await ordered(world)).job.charged == Money(39_000)


async def test_a_clock_hours_ahead_still_tells_how_an_order_ended(tmp_path: Path) -> None:
    async with apart(tmp_path) as world:
        world.clock.advance(20 * HOUR_S)
        assert (await ordered(world)).job.charged == Money(39_000)
