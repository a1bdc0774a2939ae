"""Trays: the pictures that a person put aside, to make one of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from sqlite3 import Connection

from bot.core.ids import JobId
from bot.core.order import Origin
from bot.store.reading import Reading
from bot.store.rows import ticks
from bot.store.servers import known_person, person

LASTS = timedelta(hours=1)
TRAY_MAX = 10


class TrayFull(Exception):
    """A tray holds no more than `TRAY_MAX` pictures."""


@dataclass(frozen=True, slots=True)
class Item:
    """A picture in a tray: a file among the spool's references."""

    label: str
    name: str
    origin: Origin | None = None


def add(db: Connection, now: datetime, discord_id: int, items: Sequence[Item]) -> int:
    """Put pictures into a tray, behind the others; gives how many are in it.

    One that is there already stays where it is, and stays for an hour more.

    Raises:
        TrayFull: when there is no room for all of them.
    """
    whose = person(db, now, discord_id)
    db.execute("DELETE FROM tray WHERE person_id = ? AND at <= ?", (whose, ticks(now - LASTS)))
    db.executemany(
        "INSERT INTO tray (at, person_id, label, name, job_id, number) VALUES (?, ?, ?, ?, ?, ?)"
        " ON CONFLICT (person_id, name) DO UPDATE SET at = excluded.at",
        [(ticks(now), whose, each.label, each.name, *_origin(each)) for each in items],
    )
    (count,) = db.execute("SELECT count(*) FROM tray WHERE person_id = ?", (whose,)).fetchone()
    if count > TRAY_MAX:
        raise TrayFull
    return int(count)


def _origin(item: Item) -> tuple[JobId, int] | tuple[None, None]:
    return (item.origin.job, item.origin.number) if item.origin else (None, None)


def items(now: datetime, discord_id: int) -> Reading[list[Item]]:
    """Read a tray, in the order in which it was filled."""
    whose = yield from known_person(discord_id)
    rows = yield (
        "SELECT label, name, job_id, number FROM tray WHERE person_id = ? AND at > ? ORDER BY id",
        (whose, ticks(now - LASTS)),
    )
    return [
        Item(label, name, Origin(JobId(job), number) if job else None)
        for label, name, job, number in rows
    ]


def clear(db: Connection, discord_id: int) -> None:
    """Empty a tray."""
    db.execute(
        "DELETE FROM tray WHERE person_id = (SELECT id FROM person WHERE discord_id = ?)",
        (discord_id,),
    )
