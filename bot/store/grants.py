"""Grants: what raises a person's own limit for a while."""

from dataclasses import dataclass
from datetime import datetime
from sqlite3 import Connection

from bot.core.money import Money
from bot.store.reading import Reading
from bot.store.rows import moment, ticks
from bot.store.servers import note, person


@dataclass(frozen=True, slots=True)
class Grant:
    """What raises a person's limit until it expires."""

    discord_id: int
    amount: Money
    expires_at: datetime


def grant(  # noqa: PLR0917 - who gets what until when, and who wants it
    db: Connection,
    now: datetime,
    server_id: int,
    discord_id: int,
    amount: Money,
    ends_at: datetime,
    actor: int,
    why: str,
) -> None:
    """Raise a person's own limit, or their part of a pool, in every kind of period until then."""
    to = person(db, now, discord_id)
    db.execute(
        "INSERT INTO allowance_grant (at, server_id, person_id, amount, expires_at)"
        " VALUES (?, ?, ?, ?, ?)",
        (ticks(now), server_id, to, amount.micros, ticks(ends_at)),
    )
    what = f"grant to {to} in {server_id} until {moment(ticks(ends_at)).isoformat()}"
    note(db, now, actor, what, (None, amount), why)


def revoke(
    db: Connection, now: datetime, server_id: int, discord_id: int, actor: int, why: str
) -> Money:
    """Take back every grant of a person that still runs; gives what they raised the limit by."""
    of = person(db, now, discord_id)
    rows = db.execute(
        "DELETE FROM allowance_grant"  # not "expires now": a clock set back must not revive it
        " WHERE server_id = ? AND person_id = ? AND expires_at > ? RETURNING amount",
        (server_id, of, ticks(now)),
    ).fetchall()
    amount = Money(sum(micros for (micros,) in rows))
    if amount:
        note(db, now, actor, f"grants to {of} in {server_id}", (amount, None), why)
    return amount


def running(now: datetime, server_id: int) -> Reading[tuple[Grant, ...]]:
    """Read the grants of a server that run, the next to expire first; not those of the erased."""
    rows = yield (
        """
        SELECT person.discord_id, allowance_grant.amount, allowance_grant.expires_at
        FROM allowance_grant JOIN person ON person.id = allowance_grant.person_id
        WHERE allowance_grant.server_id = ? AND allowance_grant.expires_at > ?
        AND person.discord_id IS NOT NULL
        ORDER BY allowance_grant.expires_at, allowance_grant.id
        """,
        (server_id, ticks(now)),
    )
    return tuple(Grant(who, Money(amount), moment(at)) for who, amount, at in rows)
