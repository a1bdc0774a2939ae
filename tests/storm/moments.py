"""Moments to kill the bot at, seen from outside: each waits until its moment has come."""

import asyncio
import sqlite3
from collections.abc import Awaitable, Callable, Generator
from contextlib import closing, contextmanager

from sandbox.discord.state import Happened, Message
from tests.storm.town import Town

Moment = Callable[[Town], Awaitable[None]]

_LOOK_S = 0.001


async def any_time(town: Town) -> None:
    """Wait for nothing in particular."""
    await asyncio.sleep(town.chance.uniform(0, 1.5))


async def acknowledged(town: Town) -> None:
    """Wait until Discord has the acknowledgement of an order, which is not admitted yet."""
    await _happens(town, lambda event: event.kind == "acknowledged")


async def written_as_sent(town: Town) -> None:
    """Wait until the books say that a call is about to leave."""
    with _watched(town, "SELECT count(*) FROM call WHERE sent_at IS NOT NULL") as count:
        await _grows(count)


async def asked(town: Town) -> None:
    """Wait until the gateway got a request."""
    await _grows(lambda: town.omixa.calls)


async def answering(town: Town) -> None:
    """Wait until the gateway is somewhere in an answer."""
    await _grows(lambda: sum(bool(record.status) for record in town.omixa.requests))
    await asyncio.sleep(town.chance.uniform(0, 0.1))


async def answered(town: Town) -> None:
    """Wait until the gateway handed over the last byte of an answer."""
    await _grows(lambda: sum(record.complete for record in town.omixa.requests))


async def kept(town: Town) -> None:
    """Wait until an answer is whole in the spool, and not booked."""
    await _grows(lambda: len(town.kept()))


async def settled(town: Town) -> None:
    """Wait until the books have an answer, which is not delivered."""
    with _watched(town, "SELECT count(*) FROM call WHERE state = 'settled'") as count:
        await _grows(count)


async def posted(town: Town) -> None:
    """Wait until Discord has a picture, which is not marked as delivered."""
    await _happens(
        town,
        lambda event: (
            event.kind == "message_create"
            and isinstance(event.subject, Message)
            and bool(event.subject.files)
        ),
    )


async def delivered(town: Town) -> None:
    """Wait until a delivery is booked, and not told."""
    with _watched(town, "SELECT count(*) FROM picture WHERE state = 'delivered'") as count:
        await _grows(count)


async def committed(town: Town) -> None:
    """Wait for one of the next commits, whatever it is for."""
    with _watched(town, "PRAGMA data_version") as version:
        for _ in range(town.chance.randint(1, 8)):
            before = version()
            await _until(lambda before=before: version() != before)  # type: ignore[misc]  # a default binds


async def backing_up(town: Town) -> None:
    """Wait until a backup is half-done."""
    await _until(lambda: bool(town.half_done()))


WORKING: dict[str, Moment] = {
    "any time": any_time,
    "order acknowledged": acknowledged,
    "call written as sent": written_as_sent,
    "gateway asked": asked,
    "inside an answer": answering,
    "answer's last byte": answered,
    "answer kept": kept,
    "answer booked": settled,
    "picture at Discord": posted,
    "delivery booked": delivered,
}
"""While people order."""

STARTING: dict[str, Moment] = {
    "starting": any_time,
    "committing while starting": committed,
    "backing up": backing_up,
}
"""From the first instruction on, at the first start or when an earlier run left work."""


async def _happens(town: Town, fits: Callable[[Happened], bool]) -> None:
    come = asyncio.Event()

    def listen(event: Happened) -> None:
        if fits(event):
            come.set()

    town.discord.world.listeners.append(listen)
    try:
        await come.wait()
    finally:
        town.discord.world.listeners.remove(listen)


async def _grows(count: Callable[[], int]) -> None:
    before = count()
    await _until(lambda: count() > before)


async def _until(holds: Callable[[], bool]) -> None:
    while not holds():  # noqa: ASYNC110 - a file and another process ring no bell
        await asyncio.sleep(_LOOK_S)


@contextmanager
def _watched(town: Town, question: str) -> Generator[Callable[[], int]]:
    """Look into the living database; one that is not there yet counts nothing."""
    with closing(_Watch(town, question)) as watch:
        yield watch.count


class _Watch:
    def __init__(self, town: Town, question: str) -> None:
        self._file = town.data / "easel.db"
        self._question = question
        self._db: sqlite3.Connection | None = None

    def count(self) -> int:
        try:
            if self._db is None:
                self._db = sqlite3.connect(f"file:{self._file}?mode=ro", uri=True, timeout=0)
            (found,) = self._db.execute(self._question).fetchone()
        except sqlite3.OperationalError:  # no file, no tables, or locked while it is made
            return 0
        return int(found)

    def close(self) -> None:
        if self._db is not None:
            self._db.close()
