"""The heartbeat: a file that is young only while the bot is alive; also its check."""

import asyncio
import logging
import os
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path

from bot.core.clock import Clock

EVERY_S = 10.0
STALE_S = 60.0

_log = logging.getLogger(__name__)


class Heartbeat:
    """Writes the file for as long as `alive` says so.

    Args:
        path: the file.
        alive: asks the parts that must live; an error counts as no.
        clock: the time.
    """

    def __init__(self, path: Path, alive: Callable[[], Awaitable[bool]], clock: Clock) -> None:
        self._path = path
        self._alive = alive
        self._clock = clock

    async def run(self) -> None:
        """Beat until cancelled."""
        while True:
            await self.beat()
            await self._clock.sleep(EVERY_S)

    async def beat(self) -> bool:
        """Beat once if alive, and tell whether it did."""
        try:
            if not await self._alive():
                return False
            await asyncio.to_thread(self._write)
        except Exception:  # noqa: BLE001 - a probe that fails in any way is the answer
            _log.exception("no heartbeat")
            return False
        return True

    def _write(self) -> None:
        self._path.parent.mkdir(parents=True, exist_ok=True)
        part = self._path.with_name(f"{self._path.name}.part")
        now = self._clock.now()
        part.write_text(f"{now.isoformat()}\n")
        os.utime(part, (now.timestamp(), now.timestamp()))
        part.replace(self._path)


def is_fresh(path: Path, clock: Clock) -> bool:
    """Tell whether the last beat is recent; one from the future is as bad as an old one."""
    try:
        age_s = clock.now().timestamp() - path.stat().st_mtime
    except OSError:
        return False
    return abs(age_s) <= STALE_S


if __name__ == "__main__":
    sys.exit(0 if len(sys.argv) == 2 and is_fresh(Path(sys.argv[1]), Clock()) else 1)  # noqa: PLR2004 - program and path
