"""Small things kept by name: orders parked behind a button, and facts about ourselves."""

import secrets
from datetime import datetime, timedelta
from sqlite3 import Connection

from bot.core.order import Order
from bot.store.reading import Reading
from bot.store.rows import order_json, order_of, ticks, upsert

LASTS = timedelta(days=1)  # the refusal with the button is gone from the screen long before


def park(db: Connection, now: datetime, order: Order) -> str:
    """Keep an order behind a button for a day; gives the id that the button carries."""
    db.execute("DELETE FROM offer WHERE created_at < ?", (ticks(now - LASTS),))
    offer = secrets.token_hex(8)
    db.execute(
        "INSERT INTO offer (id, order_json, created_at) VALUES (?, ?, ?)",
        (offer, order_json(order), ticks(now)),
    )
    return offer


def parked(offer: str) -> Reading[Order | None]:
    """Read an order parked within a day.

    Its id is the key of the job it becomes, so that it becomes one.
    """
    rows = yield "SELECT order_json FROM offer WHERE id = ?", (offer,)
    return order_of(rows[0][0]) if rows else None


def remember(db: Connection, name: str, value: str) -> None:
    """Keep a fact, such as a hash of the synced commands, in the place of what its name meant."""
    db.execute(upsert("fact", ["name"], ["value"]), (name, value))


def recall(name: str) -> Reading[str | None]:
    """Read a fact back."""
    rows = yield "SELECT value FROM fact WHERE name = ?", (name,)
    return None if not rows else str(rows[0][0])


def prove_room(db: Connection) -> None:
    """Prove that an order could still be written: take the room of a long one, and give it back."""
    db.execute("INSERT INTO fact (name, value) VALUES ('room', hex(zeroblob(4096)))")
    db.execute("DELETE FROM fact WHERE name = 'room'")
