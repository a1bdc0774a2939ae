"""The clock that tests push forward."""

import asyncio
from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from bot.core.clock import Clock
from sandbox.clock import MovableClock
from sandbox.discord.app import Discord


async def test_sleepers_wake_when_their_time_has_come(clock: MovableClock) -> None:
    async with asyncio.TaskGroup() as group:
        asleep = group.create_task(clock.sleep(3600))
        await asyncio.sleep(0)
        clock.advance(1800)
        await asyncio.sleep(0)
        assert not asleep.done()
        clock.advance(1800)


async def test_a_short_sleep_needs_no_push(clock: MovableClock) -> None:
    before = clock.monotonic()
    await clock.sleep(0.001)
    assert clock.monotonic() >= before + 0.001


def test_time_goes_forward_only(clock: MovableClock) -> None:
    before = clock.now()
    clock.advance(60)
    assert (clock.now() - before).total_seconds() >= 60
    with pytest.raises(ValueError, match="forward"):
        clock.advance(-1)


def test_a_fixed_clock_is_not_moved(tmp_path: Path) -> None:
    with pytest.raises(TypeError, match="moved"):
        Discord(tmp_path, Clock()).advance(1)


async def test_a_stand_in_that_broke_says_so_at_the_end() -> None:
    async with AsyncExitStack() as stack:
        discord = await stack.enter_async_context(Discord.running())
        assert discord.cdn_host in discord.api_url
        discord.errors.append(RuntimeError("inside"))
        stopping = stack.pop_all()
    with pytest.raises(BaseExceptionGroup, match="broke"):
        await stopping.aclose()
