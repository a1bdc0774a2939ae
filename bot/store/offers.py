"""Small things kept by name: orders parked behind a button, and facts about ourselves."""

import secrets
import sqlite3
from datetime import datetime

from bot.core.order import Order
from bot.store.reading import Reading
from bot.store.rows import order_json, order_of, ticks


def park(db: sqlite3.Connection, order: Order, discord_id: int, now: datetime) -> str:
    """Keep an order behind a button; gives the id that the button carries."""
    offer = secrets.token_hex(8)
    db.execute(
        "INSERT INTO offer (id, order_json, discord_id, created_at) VALUES (?, ?, ?, ?)",
        (offer, order_json(order), discord_id, ticks(now)),
    )
    return offer


def take_offer(db: sqlite3.Connection, offer: str) -> Order | None:
    """Take a parked order, once: pressing twice must not pay twice."""
    rows = db.execute("DELETE FROM offer WHERE id = ? RETURNING order_json", (offer,)).fetchall()
    return order_of(rows[0][0]) if rows else None


def remember(db: sqlite3.Connection, name: str, value: str) -> None:
    """Keep a fact, replacing what was known under its name."""
    db.execute(
        "INSERT INTO fact (name, value) VALUES (?, ?)"
        " ON CONFLICT (name) DO UPDATE SET value = excluded.value",
        (name, value),
    )


def recall(name: str) -> Reading[str | None]:
    """Read a fact back."""
    rows = yield "SELECT value FROM fact WHERE name = ?", (name,)
    return None if not rows else str(rows[0][0])
