"""Easel and its stand-ins as processes of their own, to be stopped and killed."""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

ROOT = Path(__file__).parents[2]
PATIENCE_S = 40


class Process:
    """A started process and the lines it wrote, both streams together."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process
        self.lines: list[str] = []

    async def says(self, text: str) -> str:
        """Wait for a line with these words."""
        async with asyncio.timeout(PATIENCE_S):
            while line := await self._next():
                if text in line:
                    return line
        raise AssertionError(f"it never said {text!r}:\n{''.join(self.lines)}")

    async def ends(self) -> int:
        """Wait for its end and give the exit code."""
        async with asyncio.timeout(PATIENCE_S):
            while await self._next():
                pass
            return await self._process.wait()

    async def kill(self) -> None:
        """End it as a power cut would."""
        self._process.kill()
        await self._process.wait()

    def stop(self, number: signal.Signals = signal.SIGTERM) -> None:
        """Ask it to stop, as a container's host does."""
        self._process.send_signal(number)

    async def _next(self) -> str:
        assert self._process.stdout is not None
        line = (await self._process.stdout.readline()).decode()
        self.lines.append(line)
        return line


@asynccontextmanager
async def running(
    *arguments: str, cwd: Path, env: Mapping[str, str] | None = None
) -> AsyncGenerator[Process]:
    """Start `python -m ...` in a folder; it is ended with the block if it still runs."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", *arguments),
        cwd=cwd,
        env={**_measured(), "PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), **(env or {})},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    try:
        yield Process(process)
    finally:
        if process.returncode is None:
            process.kill()
        await process.communicate()


def _measured() -> dict[str, str]:
    """Give what a process needs to be counted in the coverage, when that is measured."""
    return {name: value for name, value in os.environ.items() if name.startswith("COVERAGE")}
