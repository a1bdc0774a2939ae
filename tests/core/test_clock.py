"""The machine's clock."""

from datetime import timedelta

from bot.core.clock import Clock


def test_now_is_aware_and_in_utc() -> None:
    assert Clock().now().utcoffset() == timedelta(0)


def test_monotonic_never_runs_backwards() -> None:
    clock = Clock()
    readings = [clock.monotonic() for _ in range(100)]
    assert readings == sorted(readings)


async def test_sleep_takes_its_time_from_the_same_clock() -> None:
    clock = Clock()
    start = clock.monotonic()
    await clock.sleep(0.02)
    assert clock.monotonic() > start
