"""Ways out: what fits a limit where an order does not."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import TypeAlias

from bot.core.catalogue import Model
from bot.core.money import Money
from bot.core.order import Order, checked
from bot.core.problems import Refused

Prices: TypeAlias = Mapping[tuple[str, str | None], Money]
"""Of one picture, by a row's id and size."""


@dataclass(frozen=True, slots=True)
class WayOut:
    """An order that could be placed instead, and the most it can cost."""

    order: Order
    model: Model
    price: Money


def ways_out(order: Order, left: Money, rows: Iterable[Model], prices: Prices) -> list[WayOut]:
    """Find fewer pictures, a cheaper row and a cheaper size, as far as each fits.

    Of several cheaper ones the dearest is nearest to what was wanted.

    Args:
        order: complete, and more than fits.
        left: what the tightest limit has left.
        rows: what may be ordered.
        prices: of the order's own row and size, and of whatever may be offered instead.
    """
    rows = tuple(rows)
    unit = prices[order.model, order.size]
    fewer = [
        WayOut(replace(order, count=left // unit), row, unit * (left // unit))
        for row in rows
        if row.id == order.model and 0 < left // unit < order.count and not order.variants
    ]
    found = [way for way in _cheaper(order, unit, rows, prices) if way.price <= left]
    dearest_first = sorted(found, key=lambda way: way.price, reverse=True)
    by_row = [way for way in dearest_first if way.order.model != order.model]
    by_size = [way for way in dearest_first if way.order.model == order.model]
    return [*fewer, *by_row[:1], *by_size[:1]]


def _cheaper(order: Order, unit: Money, rows: Iterable[Model], prices: Prices) -> Iterator[WayOut]:
    """Give every order that differs in the row or in the size, not in both."""
    for row in rows:
        own = row.id == order.model
        for size in row.sizes or (None,):
            price = prices.get((row.id, size))
            differs = size != order.size if own else size in {order.size, None}
            if price is not None and price < unit and differs:
                other = replace(order, model=row.id, size=size)
                if _is_taken(other, row):
                    yield WayOut(other, row, price * order.count)


def _is_taken(order: Order, row: Model) -> bool:
    try:
        return checked(order, row) == order
    except Refused:
        return False
