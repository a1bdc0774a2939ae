"""Tasks have an owner: their errors are told and none outlives it."""

import asyncio
from collections.abc import Callable

import pytest

from bot.core.tasks import Tasks

Told = list[tuple[str, str]]


def reporter(told: Told) -> Callable[[str, BaseException], None]:
    return lambda name, error: told.append((name, str(error)))


async def fail() -> None:
    raise RuntimeError("no ink")


async def wait_for(event: asyncio.Event, done: list[str], name: str) -> None:
    try:
        await event.wait()
    except asyncio.CancelledError:
        done.append(f"{name} cancelled")
        raise
    done.append(f"{name} done")


async def test_an_error_is_told_with_the_name_of_its_task() -> None:
    told: Told = []
    async with Tasks(reporter(told), grace_s=10) as tasks:
        _ = tasks.spawn("painter", fail())
    assert told == [("painter", "no ink")]


async def test_success_and_cancellation_are_not_told() -> None:
    told: Told = []
    async with Tasks(reporter(told)) as tasks:
        _ = tasks.spawn("quick", asyncio.sleep(0))
        await asyncio.sleep(0.01)
        _ = tasks.spawn("slow", asyncio.sleep(3600))
        assert len(tasks) == 1
    assert told == []
    assert len(tasks) == 0


async def test_a_spawned_task_carries_its_name_and_can_be_cancelled() -> None:
    async with Tasks(reporter([]), grace_s=10) as tasks:
        task = tasks.spawn("courier", asyncio.sleep(3600))
        assert task.get_name() == "courier"
        task.cancel()
    assert task.cancelled()


async def test_grace_waits_for_what_is_running() -> None:
    event, done = asyncio.Event(), list[str]()
    async with Tasks(reporter([]), grace_s=60) as tasks:
        _ = tasks.spawn("paid", wait_for(event, done, "paid"))
        asyncio.get_running_loop().call_later(0.01, event.set)
    assert done == ["paid done"]


async def test_grace_waits_for_the_task_another_one_hands_over_to() -> None:
    event, done = asyncio.Event(), list[str]()

    async def hand_over() -> None:
        await event.wait()
        _ = tasks.spawn("courier", wait_for(second, done, "courier"))

    second = asyncio.Event()
    async with Tasks(reporter([]), grace_s=60) as tasks:
        _ = tasks.spawn("painter", hand_over())
        asyncio.get_running_loop().call_later(0.01, event.set)
        asyncio.get_running_loop().call_later(0.03, second.set)
    assert done == ["courier done"]


async def test_what_outstays_its_grace_is_cancelled_and_waited_for() -> None:
    done = list[str]()
    async with Tasks(reporter([]), grace_s=0.01) as tasks:
        task = tasks.spawn("stuck", wait_for(asyncio.Event(), done, "stuck"))
    assert done == ["stuck cancelled"]
    assert task.cancelled()
    assert len(tasks) == 0


async def test_nothing_is_left_of_a_task_started_while_others_are_cancelled() -> None:
    done = list[str]()

    async def stubborn() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            _ = tasks.spawn("late", wait_for(asyncio.Event(), done, "late"))

    async with Tasks(reporter([])) as tasks:
        _ = tasks.spawn("stubborn", stubborn())
        await asyncio.sleep(0)
    assert len(tasks) == 0
    assert not [task for task in asyncio.all_tasks() if task.get_name() == "late"]


async def test_being_cancelled_while_waiting_still_cancels_everything() -> None:
    done, leaving = list[str](), asyncio.Event()

    async def owner() -> None:
        async with Tasks(reporter([]), grace_s=3600) as tasks:
            _ = tasks.spawn("stuck", wait_for(asyncio.Event(), done, "stuck"))
            leaving.set()

    async with Tasks(reporter([])) as outer:
        task = outer.spawn("owner", owner())
        await leaving.wait()
        await asyncio.sleep(0)
        task.cancel()
        await asyncio.wait([task])
    assert task.cancelled()
    assert done == ["stuck cancelled"]


async def test_an_error_of_the_owner_passes_through() -> None:
    done = list[str]()

    async def owner() -> None:
        async with Tasks(reporter([])) as tasks:
            _ = tasks.spawn("stuck", wait_for(asyncio.Event(), done, "stuck"))
            await asyncio.sleep(0)
            raise ValueError("own")

    with pytest.raises(ValueError, match="own"):
        await owner()
    assert done == ["stuck cancelled"]
