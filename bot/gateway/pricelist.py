"""The gateway's list of models, which has no documented shape, read as far as it makes sense."""

from collections.abc import Iterator

from bot.core.money import Money
from bot.gateway.wire import billed, loads

_LISTS = ("data", "models")
_NAMES = ("id", "model", "name")
_PRICES = ("price", "pricing", "image", "per_image", "image_price", "image_per_unit", "unit_price")
_DEPTH_MAX = 3


def read(content: bytes) -> dict[str, Money | None] | None:
    """Give each model's price where one is told; None when this is no list of models."""
    try:
        answer = loads(content.decode())
    except ValueError:
        return None
    if isinstance(answer, dict):
        answer = next((answer[name] for name in _LISTS if name in answer), None)
    if isinstance(answer, dict):
        answer = [
            {"id": name} | (row if isinstance(row, dict) else {"price": row})
            for name, row in answer.items()
        ]
    return dict(_rows(answer)) or None if isinstance(answer, list) else None


def _rows(entries: list[object]) -> Iterator[tuple[str, Money | None]]:
    for entry in entries:
        if isinstance(entry, str) and entry:
            yield entry, None
        elif isinstance(entry, dict):
            names = (entry.get(name) for name in _NAMES)
            name = next((name for name in names if isinstance(name, str) and name), None)
            if name is not None:
                yield name, _price(entry, _DEPTH_MAX)


def _price(value: object, depth: int) -> Money | None:
    if isinstance(value, dict):
        if not depth:
            return None
        inner = (_price(value[name], depth - 1) for name in _PRICES if name in value)
        return next((price for price in inner if price is not None), None)
    return billed(value.removeprefix("$") if isinstance(value, str) else value)
