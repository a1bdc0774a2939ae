"""Easel and its stand-ins as processes of their own, to be stopped and killed."""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

from bot.core.tasks import Tasks

ROOT = Path(__file__).parents[2]
PATIENCE_S = 40


class Process:
    """A started process and the lines it wrote, both streams together."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process
        self._read = 0
        self._is_silent = False
        self._news = asyncio.Condition()
        self.lines: list[str] = []

    async def listen(self) -> None:
        """Take in all it says: a full pipe would stop it, and hide its end."""
        assert self._process.stdout is not None
        async for line in self._process.stdout:
            self.lines.append(line.decode())
            await self._ring()
        self._is_silent = True
        await self._ring()

    async def says(self, text: str) -> str:
        """Wait for a line with these words, after the last one that was waited for."""
        async with asyncio.timeout(PATIENCE_S), self._news:
            while self._read < len(self.lines) or not self._is_silent:
                if self._read == len(self.lines):
                    await self._news.wait()
                    continue
                self._read += 1
                if text in (line := self.lines[self._read - 1]):
                    return line
        raise AssertionError(f"it never said {text!r}:\n{''.join(self.lines)}")

    async def ends(self) -> int:
        """Wait for its end and give the exit code."""
        async with asyncio.timeout(PATIENCE_S):
            return await self._process.wait()

    async def kill(self) -> None:
        """End it as a power cut would."""
        self._process.kill()
        await self._process.wait()

    def stop(self, number: signal.Signals = signal.SIGTERM) -> None:
        """Ask it to stop, as a container's host does."""
        self._process.send_signal(number)

    async def _ring(self) -> None:
        async with self._news:
            self._news.notify_all()


@asynccontextmanager
async def running(
    *arguments: str, cwd: Path, env: Mapping[str, str] | None = None
) -> AsyncGenerator[Process]:
    """Start `python -m ...` in a folder; it is ended with the block if it still runs."""
    child = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", *arguments),
        cwd=cwd,
        env={**_measured(), "PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), **(env or {})},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    process = Process(child)
    async with Tasks(
        lambda _, error: process.lines.append(repr(error)), grace_s=PATIENCE_S
    ) as ears:
        _ = ears.spawn("listening", process.listen())
        try:
            yield process
        finally:
            if child.returncode is None:
                child.kill()


def _measured() -> dict[str, str]:
    """Give what a process needs to be counted in the coverage, when that is measured."""
    return {name: value for name, value in os.environ.items() if name.startswith("COVERAGE")}
