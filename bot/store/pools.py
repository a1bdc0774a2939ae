"""Pools: teams that share a limit, and events at which the server pays for a while."""

import secrets
from collections.abc import Mapping, Sequence
from datetime import datetime
from sqlite3 import Connection
from typing import TypeAlias

from bot.core.limits import Limit, PeriodKind, ScopeKind, scope
from bot.store.limits import set_limit
from bot.store.reading import Reading
from bot.store.rows import ticks
from bot.store.servers import note, person

PoolLimits: TypeAlias = Sequence[tuple[ScopeKind, PeriodKind, Limit]]
"""Limits of a pool (kind POOL) and of each of its members (kind CAP)."""


class NameTaken(Exception):
    """A pool of that name is open in the server."""


class NoSuchPool(LookupError):
    """There is no such pool in the server, or it has ended."""


def create(  # noqa: PLR0917 - a pool with all that must hold from its first moment on
    db: Connection,
    now: datetime,
    server_id: int,
    name: str,
    actor: int,
    event: tuple[int, datetime] | None = None,
    limits: PoolLimits = (),
) -> str:
    """Make a team, or with a channel and an end an event; gives the pool's id.

    Its limits are set along with it: until they are, everybody in it is without one.

    Raises:
        NameTaken: while another one of that name is open.
    """
    _close_ended(db, now, server_id)
    channel_id, ends_at = (event[0], ticks(event[1])) if event else (None, None)
    pool = secrets.token_hex(4)
    made = db.execute(
        "INSERT INTO pool (id, server_id, name, channel_id, ends_at) VALUES (?, ?, ?, ?, ?)"
        " ON CONFLICT DO NOTHING",
        (pool, server_id, name, channel_id, ends_at),
    )
    if not made.rowcount:
        raise NameTaken(name)
    note(db, now, actor, f"pool {pool} {name}", (None, "open"), "")
    for kind, period, limit in limits:
        set_limit(db, now, scope(kind, server_id, pool), period, limit, actor)
    return pool


def close(db: Connection, now: datetime, pool: str, actor: int) -> bool:
    """End a pool: its people are on their own limits again; False when it had ended."""
    closed = db.execute(
        "UPDATE pool SET closed_at = ? WHERE id = ? AND closed_at IS NULL", (ticks(now), pool)
    ).rowcount
    if closed:
        db.execute("DELETE FROM pool_member WHERE pool_id = ?", (pool,))
        note(db, now, actor, f"pool {pool}", ("open", "closed"), "")
    return bool(closed)


def join(
    db: Connection, now: datetime, server_id: int, pool: str | None, discord_id: int, actor: int
) -> str | None:
    """Put a person into a team, or with None into none; gives the team they left.

    Raises:
        NoSuchPool: when it has ended meanwhile, or never was.
    """
    if pool is not None and not _is_open(db, server_id, pool):
        raise NoSuchPool(pool)
    member = person(db, now, discord_id)
    rows = db.execute(
        "DELETE FROM pool_member WHERE server_id = ? AND person_id = ? RETURNING pool_id",
        (server_id, member),
    ).fetchall()
    before = str(rows[0][0]) if rows else None
    if pool is not None:
        db.execute("INSERT INTO pool_member VALUES (?, ?, ?)", (server_id, member, pool))
    if before != pool:
        note(db, now, actor, f"pool of {member} in {server_id}", (before, pool), "")
    return before


def _is_open(db: Connection, server_id: int, pool: str) -> bool:
    found = db.execute(
        "SELECT 1 FROM pool WHERE id = ? AND server_id = ? AND closed_at IS NULL", (pool, server_id)
    ).fetchone()
    return found is not None


def teams(server_id: int) -> Reading[Mapping[str, tuple[int, ...]]]:
    """Read who is in which team, as Discord ids; people who were erased are left out."""
    rows = yield (
        """
        SELECT pool_member.pool_id, person.discord_id FROM pool_member
        JOIN person ON person.id = pool_member.person_id
        WHERE pool_member.server_id = ? AND person.discord_id IS NOT NULL
        ORDER BY person.discord_id
        """,
        (server_id,),
    )
    found: dict[str, tuple[int, ...]] = {}
    for pool, discord_id in rows:
        found[pool] = (*found.get(pool, ()), discord_id)
    return found


def _close_ended(db: Connection, now: datetime, server_id: int) -> None:
    """Free the names of events that are over."""
    db.execute(
        "UPDATE pool SET closed_at = ends_at"
        " WHERE server_id = ? AND closed_at IS NULL AND ends_at <= ?",
        (server_id, ticks(now)),
    )
