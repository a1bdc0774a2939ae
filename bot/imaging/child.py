"""The one child process that touches pictures: started when needed, replaced when it fails."""

import asyncio
import json
import math
import os
import sys
from asyncio.subprocess import DEVNULL, PIPE, Process
from pathlib import Path
from typing import Any

HOUSE = Path(__file__).parents[2]  # `bot` is imported from the checkout, whatever the cwd
LEAVING_S = 1.0


class Unavailable(Exception):
    """The child could not be started: the machine's fault, not the picture's."""


class Fault(Exception):
    """The child died or took too long over this job; the next job gets a new one."""


class Child:
    """Does one job at a time.

    Args:
        wall_s: how long one job may take, and how much of a processor.
        jobs_max: after how many jobs it is replaced, so that no leak adds up.
        turn: held while it works.
    """

    def __init__(self, *, wall_s: float, jobs_max: int, turn: asyncio.Lock) -> None:
        self._wall_s = wall_s
        self._jobs_max = jobs_max
        self._jobs = 0
        self._process: Process | None = None
        self._turn = turn

    async def ask(self, job: dict[str, Any], wall_s: float | None = None) -> dict[str, Any]:
        """Have a job done and give its answer.

        Args:
            job: what `bot.imaging.worker` does.
            wall_s: less than what any job may take.

        Raises:
            Fault: when the child did not survive it.
            Unavailable: when there is no child to be had.
        """
        async with self._turn:
            process = await self._living()
            try:
                answer = await self._exchange(process, job, wall_s or self._wall_s)
            except BaseException:  # cancelled too: a late answer must not meet the next job
                await self._end()
                raise
            self._jobs += 1
            # A failed encoder keeps its memory: the next rung needs a fresh child.
            if self._jobs >= self._jobs_max or "unusable" in answer:
                await self._end()
            return answer

    async def close(self) -> None:
        """End the child; a later job would start another."""
        async with self._turn:
            await self._end()

    async def _living(self) -> Process:
        if self._process is not None and self._process.returncode is None:
            return self._process
        await self._end()
        return await self._start()

    async def _start(self) -> Process:
        try:
            self._process = process = await asyncio.create_subprocess_exec(
                sys.executable,
                "-m",
                "bot.imaging.worker",
                stdin=PIPE,
                stdout=PIPE,
                stderr=DEVNULL,
                cwd=HOUSE,
                env=environment(
                    VIPS_CONCURRENCY="1",
                    VIPS_DISC_THRESHOLD="16m",  # more than that is held in a file, not in memory
                ),
                start_new_session=True,  # Ctrl-C is the bot's; pictures are still delivered then
            )
            self._jobs = 0
            await self._answer(process, self._wall_s)
        except (OSError, Fault) as error:
            await self._end()
            raise Unavailable(f"no child for pictures: {error}") from error
        except BaseException:
            await self._end()
            raise
        return process

    async def _exchange(
        self, process: Process, job: dict[str, Any], wall_s: float
    ) -> dict[str, Any]:
        assert process.stdin is not None  # noqa: S101 - it was asked for
        job = {**job, "cpu_s": math.ceil(wall_s)}
        process.stdin.write(json.dumps(job).encode() + b"\n")
        return await self._answer(process, wall_s)

    async def _answer(self, process: Process, wall_s: float) -> dict[str, Any]:
        assert process.stdout is not None  # noqa: S101 - it was asked for
        try:
            async with asyncio.timeout(wall_s):
                line = await process.stdout.readline()
        except TimeoutError as error:
            raise Fault(f"took longer than {wall_s:g} s") from error
        if not line.endswith(b"\n"):
            raise Fault("died")
        answer: dict[str, Any] = json.loads(line)
        return answer

    async def _end(self) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        assert process.stdin is not None  # noqa: S101 - it was asked for
        process.stdin.close()  # an idle child leaves at the end of its jobs
        try:
            async with asyncio.timeout(LEAVING_S):
                await process.wait()
        except TimeoutError:
            process.kill()
            await process.wait()
        except asyncio.CancelledError:
            process.kill()
            raise


def environment(**settings: str) -> dict[str, str]:
    """Give a child what Python and its library need: no setting and no secret of the bot."""
    kept = {name: os.environ[name] for name in ("PATH", "TMPDIR") if name in os.environ}
    return kept | {"PYTHONUTF8": "1", "MALLOC_ARENA_MAX": "2"} | settings
