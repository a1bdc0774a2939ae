"""Random looks at /quota while orders run and days go by: every figure is the ledger's (I18)."""

import asyncio
import logging
import re
import sqlite3
import sys
from collections import Counter
from contextlib import closing
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory

import structlog

from bot.chat import words
from tests.flow.world import world_of
from tests.storm.account import Account, Line, Work
from tests.storm.office import EVERYWHERE, Desk, Office

_A_STATE = 20  # views between two bursts of orders
_TRIES = 100  # of a view, until nothing was booked meanwhile
_RECEIPTS = 5

_AMOUNT, _WHEN = r"(\$[\d.]+)", "(today|this week|this month|in total)"
_WHOLE = re.compile(
    rf"^\*\*{_AMOUNT} left\*\* of {_AMOUNT} {_WHEN}\n\S+ {_AMOUNT} used · {_AMOUNT} held",
    re.MULTILINE,
)
_SHORT = re.compile(rf"^[^\n*]+, {_WHEN}: {_AMOUNT} left of {_AMOUNT}$", re.MULTILINE)
_RECEIPT = re.compile(rf"^`(\w+)` · .*? · {_AMOUNT}(?:, {_AMOUNT} held)? · `", re.MULTILINE)

Counts = Counter[str]


async def looks(views: int, *, seed: int) -> Counts:
    """Look so often, and count the figures that were compared.

    Raises:
        AssertionError: for a figure that is not what calls and entries add up to.
    """
    counts = Counts()
    with TemporaryDirectory() as name:
        folder = Path(name)
        async with world_of(folder, TIME_ZONE=EVERYWHERE, OPERATOR_LIMIT_DAY="997") as world:
            office = Office(world, seed)
            await office.furnish()
            with closing(sqlite3.connect(world.data / "easel.db")) as db:
                account = Account(db)
                for number in range(views):
                    if number % _A_STATE == 0:
                        await office.bustle()
                    counts += await _look(office, account)
                counts["orders"] = len(account.works())
    return counts


async def _look(office: Office, account: Account) -> Counts:
    """Let somebody look, again if something was booked while they did."""
    world, desk = office.world, office.anybody()
    details = office.chance.random() < 0.5
    person = world.discord.people[desk.name]
    for _ in range(_TRIES):
        version, done, now = account.version(), account.works(), world.clock.now()
        answer = await person.slash("quota", channel=desk.channel, options={"details": details})
        text = (await world.answered(answer)).text
        if account.version() == version:
            limits = _compare_limits(office, desk, text, done, now, details=details)
            return Counts(views=1, limits=limits, receipts=_compare_receipts(person.id, text, done))
    raise AssertionError("something was booked during each of many looks")


def _compare_limits(
    office: Office, desk: Desk, text: str, done: list[Work], now: datetime, *, details: bool
) -> int:
    own = office.lines(desk.own, done, now)
    shared = [line for each in desk.shared for line in office.lines(each, done, now)]
    whole, short = (own + shared, []) if details else (own, shared)
    assert sorted(_WHOLE.findall(text)) == sorted(map(_as_whole, whole)), text
    assert sorted(_SHORT.findall(text)) == sorted(map(_as_short, short)), text
    return len(own + shared)


def _as_whole(line: Line) -> tuple[str, ...]:
    amounts = (line.left, line.limit, line.used, line.held)
    left, limit, used, held = map(str, amounts)
    return left, limit, words.THIS[line.kind], used, held


def _as_short(line: Line) -> tuple[str, ...]:
    return words.THIS[line.kind], str(line.left), str(line.limit)


def _compare_receipts(discord_id: str, text: str, done: list[Work]) -> int:
    own = [work for work in done if work.discord_id == int(discord_id)][:_RECEIPTS]
    expected = [(work.id, str(work.paid), str(work.held) if work.held else "") for work in own]
    assert _RECEIPT.findall(text) == expected, text
    return len(own)


def run(views: int = 10_000, *, seed: int = 1) -> Counts:
    """Look, compare and print."""
    quiet = structlog.make_filtering_bound_logger(logging.CRITICAL)
    structlog.configure(wrapper_class=quiet)
    counts = asyncio.run(looks(views, seed=seed))
    told = ", ".join(f"{counts[name]:,} {name}" for name in ("views", "limits", "receipts"))
    sys.stdout.write(f"views: {told} over {counts['orders']:,} orders; each figure the ledger's\n")
    return counts


if __name__ == "__main__":
    run()
