"""Real kills of the real process under load: nothing acknowledged is lost, nothing paid twice."""

import asyncio
import logging
import sys
from collections import Counter
from collections.abc import Awaitable, Callable
from contextlib import suppress

from bot.core.clock import Clock
from tests.flow.process import Process
from tests.storm.moments import STARTING, WORKING
from tests.storm.proof import everybody_knows, prove
from tests.storm.town import Town
from tests.storm.wreck import WINDOWS, unfinished, windows

_STARTING_SHARE = 0.35
_WARM_S = 2.0
_MOMENT_S = 6.0  # then the moment does not come
_ON_THE_WIRE_S = 0.3
_QUIET_S = 90.0

Counts = Counter[str]


async def storm(kills: int, *, each: int, seed: int, lanes: int) -> Counts:
    """Kill so often, `each` times in one town, in as many towns side by side as there are lanes.

    Few kills a town keep its people below the cap of unanswered orders.

    Raises:
        AssertionError: when something does not hold; a note names the town's seed.
    """
    counts, free = Counts(), asyncio.Semaphore(lanes)

    async def live(number: int, times: int) -> None:
        async with free, Town.built(seed + number) as town:
            try:
                for _ in range(times):
                    await _kill(town, counts)
                await _make_quiet(town)
                prove(town)
            except Exception as error:
                error.add_note(f"in the town of seed {seed + number}")
                raise
            counts.update(_told_by(town))

    async with asyncio.TaskGroup() as towns:
        for number, done in enumerate(range(0, kills, each)):
            _ = towns.create_task(live(number, min(each, kills - done)))
    return counts


async def _kill(town: Town, counts: Counts) -> None:
    left_over, since = unfinished(town), Clock().now()
    is_starting = (left_over or not town.told) and town.chance.random() < _STARTING_SHARE
    moments = STARTING if is_starting else WORKING
    aim = town.chance.choice(list(moments))
    async with town.bot() as process:
        if is_starting:
            await _killed(process, moments[aim](town))
        else:
            await process.says("ready")
            async with asyncio.TaskGroup() as people:
                bustle = people.create_task(town.bustle())
                await asyncio.sleep(town.chance.uniform(0, _WARM_S))
                await _killed(process, moments[aim](town))
                bustle.cancel()
    await asyncio.sleep(_ON_THE_WIRE_S)
    hit = windows(town, since, ready=not is_starting, left_over=left_over)
    counts.update({"kills": 1, f"aimed at: {aim}": 1} | dict.fromkeys(hit, 1))


async def _killed(process: Process, moment: Awaitable[None]) -> None:
    """Kill at the moment, or when it does not come."""
    with suppress(TimeoutError):
        async with asyncio.timeout(_MOMENT_S):
            await moment
    await process.kill()


async def _make_quiet(town: Town) -> None:
    """Let the bot finish what is left; started once more after that it changes nothing (I17)."""
    town.omixa.script([])
    town.discord.faults.ordered.clear()
    await _run_until(town, lambda: not unfinished(town) and everybody_knows(town))
    town.omixa.switches.lists_usage = False  # else the next start may find unknown calls there
    before = town.everything()
    await _run_until(town, lambda: True)
    assert town.everything() == before


async def _run_until(town: Town, is_quiet: Callable[[], bool]) -> None:
    async with town.bot() as process:
        await process.says("ready")
        with suppress(TimeoutError):  # what is not quiet then, the proof names
            async with asyncio.timeout(_QUIET_S):
                while not is_quiet():  # noqa: ASYNC110 - a disk rings no bell
                    await asyncio.sleep(_ON_THE_WIRE_S)
        await asyncio.sleep(_ON_THE_WIRE_S)
        process.stop()
        assert await process.ends() == 0


def _told_by(town: Town) -> Counts:
    calls = town.books()
    return Counts(
        {
            "orders": len(town.discord.answers.everything),
            "jobs": len({call["job_id"] for call in calls}),
            "calls billed": town.omixa.wallet.bills,
            "calls unknown": sum(call["state"] == "unknown" for call in calls),
            "pictures": len(town.pictures()),
            "micro-dollars billed": town.omixa.wallet.captured_micros,
        }
    )


def run(kills: int = 200, *, each: int = 5, seed: int = 1, lanes: int = 4) -> Counts:
    """Kill, prove, and print the counts."""
    logging.getLogger("aiohttp.server").setLevel(logging.CRITICAL)  # who uploads is killed
    counts = asyncio.run(storm(kills, each=each, seed=seed, lanes=lanes))
    told = [f"{counts[name]:,} {name}" for name in _TOLD]
    lines = [f"kills: {', '.join(told)}; nothing lost, nothing billed or shown twice"]
    lines += [f"  {name:>4} {counts[name]:4} {meaning}" for name, meaning in WINDOWS.items()]
    lines += sorted(f"  {name} {n}" for name, n in counts.items() if name.startswith("aimed at"))
    sys.stdout.write("\n".join([*lines, ""]))
    return counts


_TOLD = ("kills", "orders", "jobs", "calls billed", "calls unknown", "pictures")

if __name__ == "__main__":
    run()
