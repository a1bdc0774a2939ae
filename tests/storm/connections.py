"""Thousands of paid calls between which the gateway closes what is idle: none may look lost."""

import asyncio
import random
import sys
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from bot.core.catalogue import SHIPPED, load
from bot.core.clock import Clock
from bot.gateway.client import Access, Gateway, opened
from bot.gateway.errors import GatewayError
from bot.gateway.wire import Request
from sandbox.omixa import Omixa, faults

CALLS = 10_000
_LANES_MAX = 250
_IDLE_S = 2.0  # how long the gateway keeps an idle connection, and a new one without a request
_GAP_S = 4.0  # the longest pause between two calls: every second one is longer than that
_DOT = b"\x89PNG\r\n\x1a\n" + bytes(5_000)


@dataclass(frozen=True)
class Found:
    """How calls ended, and how many of them asked for a connection of their own."""

    ends: Counter[str]
    alone: int


async def bought(calls: int, *, seed: int = 1) -> Found:
    """Buy so many pictures, in lanes, with pauses about as long as idle connections live."""
    ends: Counter[str] = Counter()
    with TemporaryDirectory() as folder:
        async with Omixa.running(idle_s=_IDLE_S, balance_micros=10**12) as omixa:
            omixa.always(faults.wrong_bytes(_DOT))
            access = Access(base_url=omixa.base_url, api_key=omixa.key)
            async with opened(access, Clock()) as gateway:
                count = min(_LANES_MAX, calls // 2)
                lanes = [_Lane(gateway, Path(folder) / str(n), seed + n) for n in range(count)]
                numbers = iter(range(calls))
                await asyncio.gather(*(lane.buy(numbers, ends) for lane in lanes))
            alone = sum(record.headers["connection"] == "close" for record in omixa.requests)
    return Found(ends, alone)


class _Lane:
    """Buys one picture after the other."""

    def __init__(self, gateway: Gateway, folder: Path, seed: int) -> None:
        self._gateway = gateway
        self._folder = folder
        self._dice = random.Random(seed)  # noqa: S311 - repeatable, and no secret
        self._request = Request(model=load(SHIPPED).default, prompt="a fox", size="0.5K")

    async def buy(self, numbers: Iterator[int], ends: Counter[str]) -> None:
        self._folder.mkdir()
        for number in numbers:
            try:
                painted = await self._gateway.paint(self._request, f"storm.{number}", self._folder)
            except GatewayError as error:
                ends[str(error)] += 1
            else:
                ends["painted"] += len(painted.sketches)
            await asyncio.sleep(self._dice.uniform(0, _GAP_S))


def run(calls: int = CALLS) -> int:
    """Buy them all, print how they ended, and give how many did not end well."""
    began = time.monotonic()
    found = asyncio.run(bought(calls))
    lost = calls - found.ends["painted"]
    told = ", ".join(f"{count:,} {end}" for end, count in found.ends.most_common())
    sys.stdout.write(
        f"connections: {calls:,} calls, {told}; {found.alone:,} on a connection of their own;"
        f" {lost:,} lost ({time.monotonic() - began:.0f} s)\n"
    )
    return lost


if __name__ == "__main__":
    sys.exit(bool(run()))
