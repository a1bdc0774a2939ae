"""Charts: drawn by a child that lives for one chart, as the library would stay in memory."""

import asyncio
import json
import shutil
import sys
import tempfile
from asyncio.subprocess import PIPE, Process
from dataclasses import asdict, dataclass

from bot.imaging.child import HOUSE, environment


class NoChart(Exception):
    """The child drew nothing; the message is its last words."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """One line of a ranking; `amount` is how `micros` reads.

    `label` and `alias`, drawn where no letter of the label can be, are outside text.
    """

    label: str
    micros: int
    amount: str
    alias: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ranking:
    """Who or what took most, the most first; `rest` tells what is left out."""

    title: str
    bars: tuple[Bar, ...]
    rest: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Chart:
    """A report as words and amounts in micro-dollars; something was spent.

    Args:
        headline: the amount that matters, large.
        lines: what the amount is, and what it is compared with.
        days: a label for each day of the period.
        spent: what each day took, up to the last one that has begun.
        forecast: where the sum ends; None draws no forecast.
        limit: what the sum may reach; None draws no line.
        day_limit: what a day may reach; None draws no line.
        legend: names of the sum, the forecast, the limit, the days and a day's limit.
        rankings: two to four.
    """

    headline: str
    lines: tuple[str, ...]
    days: tuple[str, ...]
    spent: tuple[int, ...]
    forecast: int | None
    limit: int | None
    day_limit: int | None
    legend: tuple[str, str, str, str, str]
    rankings: tuple[Ranking, ...]


class Charts:
    """Draws one chart at a time.

    Args:
        wall_s: how long one may take, its process's start included.
        turn: shared by all who work in children: a small machine's memory holds one at work.
    """

    def __init__(self, *, wall_s: float = 60, turn: asyncio.Lock | None = None) -> None:
        self._wall_s = wall_s
        self._turn = turn or asyncio.Lock()

    async def draw(self, chart: Chart) -> bytes:
        """Draw a chart as PNG.

        Raises:
            NoChart: when it could not be drawn in time, or at all.
        """
        async with self._turn:
            # The library keeps what it found out about fonts in files: never in anybody's home.
            folder = await asyncio.to_thread(tempfile.mkdtemp, prefix="easel-chart-")
            try:
                return await self._drawn(chart, folder)
            except OSError as error:
                raise NoChart(str(error)) from error
            finally:
                await asyncio.to_thread(shutil.rmtree, folder, ignore_errors=True)

    async def _drawn(self, chart: Chart, folder: str) -> bytes:
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "bot.imaging.plot",
            stdin=PIPE,
            stdout=PIPE,
            stderr=PIPE,
            cwd=HOUSE,
            env=environment(MPLCONFIGDIR=folder, OPENBLAS_NUM_THREADS="1"),
            start_new_session=True,  # Ctrl-C is the bot's
        )
        try:
            async with asyncio.timeout(self._wall_s):
                picture, words = await process.communicate(json.dumps(asdict(chart)).encode())
        except TimeoutError as error:
            raise NoChart(f"took longer than {self._wall_s:g} s") from error
        finally:
            await _ended(process)
        if process.returncode:
            raise NoChart(words.decode(errors="replace").strip().rpartition("\n")[2])
        return picture


async def _ended(process: Process) -> None:
    if process.returncode is None:
        process.kill()
        await process.wait()
