"""A clock that tests can push forward, so that a quarter of an hour passes at once."""

import asyncio
from datetime import UTC, datetime, timedelta

from typing_extensions import override

from bot.core.clock import Clock


class MovableClock(Clock):
    """The machine's clock plus what was added; sleepers wake when their time has come."""

    def __init__(self) -> None:
        self._added_s = 0.0
        self._moved = asyncio.Event()

    @override
    def now(self) -> datetime:
        return super().now() + timedelta(seconds=self._added_s)

    @override
    def monotonic(self) -> float:
        return super().monotonic() + self._added_s

    @override
    async def sleep(self, wait_s: float) -> None:
        until = self.monotonic() + wait_s
        while (left_s := until - self.monotonic()) > 0:
            moved = self._moved
            try:
                async with asyncio.timeout(left_s):
                    await moved.wait()
            except TimeoutError:
                continue

    def advance(self, by_s: float) -> None:
        """Push the time forward; it never goes back."""
        if by_s < 0:
            raise ValueError(f"time goes forward only: {by_s}")
        self._added_s += by_s
        self._moved.set()
        self._moved = asyncio.Event()


def iso(moment: datetime) -> str:
    """Write a moment as Discord does."""
    return moment.astimezone(UTC).isoformat(timespec="microseconds")
