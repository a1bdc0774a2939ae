"""Learned prices: what the gateway took above the catalogue raises the next quotes, for a while."""

from datetime import datetime, timedelta
from sqlite3 import Connection

from bot.core.ids import JobId
from bot.core.money import Money
from bot.store.reading import Reading
from bot.store.rows import order_of, ticks

HIGHEST_FOR = timedelta(days=7)
"""How long the highest price is quoted since it was last taken; then the newest is."""


def learn(db: Connection, now: datetime, job: JobId, price: Money, quoted: Money) -> None:
    """Remember what a picture of a job's model and size cost, if that is or was above a quote.

    What can't matter any more is forgotten, so that older prices are always higher ones.
    """
    (text,) = db.execute("SELECT order_json FROM job WHERE id = ?", (job,)).fetchone()
    order = order_of(text)
    key = (order.model, order.size or "")
    known = db.execute(
        "SELECT count(*) FROM learned_price WHERE model = ? AND size = ?", key
    ).fetchone()
    if price <= quoted and not known[0]:
        return
    db.execute(
        "DELETE FROM learned_price WHERE model = ? AND size = ? AND (price <= ? OR at <= ?)",
        (*key, price.micros, ticks(now - HIGHEST_FOR)),
    )
    db.execute("INSERT INTO learned_price VALUES (?, ?, ?, ?)", (*key, price.micros, ticks(now)))


def learned_price(now: datetime, model: str, size: str | None) -> Reading[Money | None]:
    """Give what the gateway takes for one picture; None when it never took more than quoted."""
    rows = yield (
        "SELECT price, at FROM learned_price WHERE model = ? AND size = ? ORDER BY price DESC",
        (model, size or ""),
    )
    held = (price for price, at in rows if at > ticks(now - HIGHEST_FOR))
    newest = rows[-1][0] if rows else None
    price = next(held, newest)
    return None if price is None else Money(price)
