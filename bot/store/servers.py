"""People and servers: who they are to us, and what a server's managers chose."""

from dataclasses import astuple, dataclass, fields, replace
from datetime import datetime
from sqlite3 import Connection
from typing import TypedDict, Unpack
from zoneinfo import ZoneInfo

from bot.core.ids import PersonId, new_person_id
from bot.store.reading import Reading, read
from bot.store.rows import ticks, upsert


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerRow:
    """What a server's managers chose; None leaves it to the bot."""

    id: int
    time_zone: str | None = None
    person_generation: str | None = None
    add_watermark: bool | None = None
    show_price: bool = True
    manager_role: int | None = None
    budget_channel: int | None = None
    best_of_channel: int | None = None


_NAMES = tuple(field.name for field in fields(ServerRow))
_COLUMNS = ", ".join(_NAMES)


class ServerChanges(TypedDict, total=False):
    """The fields of `ServerRow` that may be set."""

    time_zone: str | None
    person_generation: str | None
    add_watermark: bool | None
    show_price: bool
    manager_role: int | None
    budget_channel: int | None
    best_of_channel: int | None


def known_person(discord_id: int) -> Reading[PersonId | None]:
    """Find a person's reference; None when they never met us."""
    rows = yield "SELECT id FROM person WHERE discord_id = ?", (discord_id,)
    return PersonId(rows[0][0]) if rows else None


def person(db: Connection, now: datetime, discord_id: int) -> PersonId:
    """Find or make a person's reference, for the scope of their own limit."""
    if (known := read(db, known_person(discord_id))) is not None:
        return known
    fresh = new_person_id()
    db.execute("INSERT INTO person VALUES (?, ?, ?)", (fresh, discord_id, ticks(now)))
    return fresh


def server(server_id: int) -> Reading[ServerRow]:
    """Read what a server's managers chose."""
    rows = yield f"SELECT {_COLUMNS} FROM server WHERE id = ?", (server_id,)  # noqa: S608 - names
    if not rows:
        return ServerRow(id=server_id)
    values = dict(zip(_NAMES, rows[0], strict=True))
    for name in ("add_watermark", "show_price"):
        values[name] = None if values[name] is None else bool(values[name])
    return ServerRow(**values)


def zone_of(server_id: int | None) -> Reading[ZoneInfo | None]:
    """Find the time zone a server's limits count in; None is the bot's own."""
    if server_id is None:
        return None
    chosen = yield from server(server_id)
    return None if chosen.time_zone is None else ZoneInfo(chosen.time_zone)


def set_server(
    db: Connection, now: datetime, server_id: int, actor: int, **changes: Unpack[ServerChanges]
) -> ServerRow:
    """Change some of a server's choices, each with an audit row.

    Raises:
        ZoneInfoNotFoundError: for a time zone nobody knows; its limits could not be counted.
    """
    if zone := changes.get("time_zone"):
        ZoneInfo(zone)
    before = read(db, server(server_id))
    after = replace(before, **changes)
    db.execute(upsert("server", _NAMES[:1], _NAMES[1:]), astuple(after))
    for name in changes:
        what = f"server {server_id} {name}"
        note(db, now, actor, what, (getattr(before, name), getattr(after, name)), "")
    return after


def note(
    db: Connection, now: datetime, actor: int, what: str, change: tuple[object, object], reason: str
) -> None:
    """Remember who changed what; None was or is not set."""
    before, after = ("not set" if value is None else str(value) for value in change)
    db.execute(
        "INSERT INTO change (at, actor, what, before, after, reason) VALUES (?, ?, ?, ?, ?, ?)",
        (ticks(now), person(db, now, actor), what, before, after, reason),
    )
