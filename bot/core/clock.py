"""Time comes in by the door, so that tests and the simulator can bring their own."""

import asyncio
import time
from datetime import UTC, datetime


class Clock:
    """The machine's clock."""

    def now(self) -> datetime:
        """Give the wall time, aware and in UTC."""
        return datetime.now(UTC)  # noqa: TID251 - this is the one place that reads it

    def monotonic(self) -> float:
        """Give seconds that never run backwards, for durations and timeouts."""
        return time.monotonic()

    async def sleep(self, wait_s: float) -> None:
        """Wait in this clock's time."""
        await asyncio.sleep(wait_s)
