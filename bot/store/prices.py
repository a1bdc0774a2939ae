"""Learned prices: what the gateway took above the catalogue raises the next quote."""

import sqlite3
from datetime import datetime

from bot.core.ids import JobId
from bot.core.money import Money
from bot.store.reading import Reading
from bot.store.rows import order_of, ticks


def learn(db: sqlite3.Connection, job: JobId, price: Money, now: datetime) -> None:
    """Remember the highest price seen for a job's model and size."""
    (text,) = db.execute("SELECT order_json FROM job WHERE id = ?", (job,)).fetchone()
    order = order_of(text)
    db.execute(
        "INSERT INTO learned_price (model, size, price, at) VALUES (?, ?, ?, ?)"
        " ON CONFLICT (model, size) DO UPDATE SET price = excluded.price, at = excluded.at"
        " WHERE excluded.price > learned_price.price",
        (order.model, order.size or "", price.micros, ticks(now)),
    )


def learned_price(model: str, size: str | None) -> Reading[Money | None]:
    """Read it back; None when the gateway never took more than was quoted."""
    rows = yield (
        "SELECT price FROM learned_price WHERE model = ? AND size = ?",
        (model, size or ""),
    )
    return Money(rows[0][0]) if rows else None
