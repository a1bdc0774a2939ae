"""The catalogue: which models there are, what each accepts and what a picture costs."""

import tomllib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from pathlib import Path
from typing import Any

from bot.core.money import Money

SHIPPED = Path(__file__).with_name("models.toml")
ANY_SIZE = "any"


class References(StrEnum):
    """How a model takes reference pictures."""

    NATIVE = "native"
    DOCUMENTED = "documented"  # its schema lists them; the model behind it may ignore them
    NONE = "none"


class CatalogueError(ValueError):
    """A row that cannot be used; the message names the row and the key."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Model:
    """One row. `prices` is by size, or under `ANY_SIZE` for all of them; prices are per picture."""

    id: str
    label: str
    prices: Mapping[str, Money]
    price_assumed: bool = False
    minimum_hold: Money | None = None  # the gateway's own; it explains a 402, it is no quote
    fields: frozenset[str]
    aspects: tuple[str, ...] = ()
    sizes: tuple[str, ...] = ()
    size_default: str | None = None
    formats: tuple[str, ...] = ()
    efforts: tuple[str, ...] = ()
    images_per_call: int = 1
    references: References = References.NONE
    references_max: int = 0
    reference_bytes_max: int = 0
    enabled: bool = True

    def price(self, size: str | None) -> Money | None:
        """Give the price of one picture; None means unknown, which is refused, never free."""
        return self.prices.get(size or ANY_SIZE, self.prices.get(ANY_SIZE))

    @property
    def price_from(self) -> Money:
        """Give the lowest price of the row, for lists."""
        return min(self.prices.values())

    def calls(self, count: int) -> tuple[int, ...]:
        """Split a count into the pictures of each call: 10 by 4 is (4, 4, 2)."""
        whole, rest = divmod(count, self.images_per_call)
        return (self.images_per_call,) * whole + ((rest,) if rest else ())


@dataclass(frozen=True, slots=True)
class Catalogue:
    """All rows, in the order they are shown; the first enabled one is the default."""

    models: tuple[Model, ...]
    by_id: Mapping[str, Model] = field(init=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "by_id", {model.id: model for model in self.models})
        if not self.enabled:
            raise CatalogueError("no model is enabled")

    @property
    def enabled(self) -> tuple[Model, ...]:
        """Give the rows people may use."""
        return tuple(model for model in self.models if model.enabled)

    @property
    def default(self) -> Model:
        """Give the row used when nobody chose one."""
        return self.enabled[0]

    def find(self, text: str) -> Model | None:
        """Find an enabled row by id or label, as a person may type it."""
        wanted = text.strip().casefold()
        for model in self.enabled:
            if wanted in {model.id.casefold(), model.label.casefold()}:
                return model
        return None

    def choices(self, option: str) -> tuple[str, ...]:
        """Give the union of an option's values ("aspects", "sizes", ...) over enabled rows."""
        values: dict[str, None] = {}
        for model in self.enabled:
            values.update(dict.fromkeys(getattr(model, option)))
        return tuple(values)

    def without(self, refused: Iterable[str]) -> "Catalogue":
        """Switch off rows the gateway's key may not use."""
        off = set(refused)
        return Catalogue(
            tuple(replace(m, enabled=False) if m.id in off else m for m in self.models)
        )


def load(*files: Path) -> Catalogue:
    """Read rows from TOML files; a later row replaces an earlier one of the same id.

    Raises:
        CatalogueError: naming the file, the row and the key that is wrong.
    """
    rows: dict[str, Model] = {}
    for file in files:
        for row in _rows(file):
            model = _model(row, file.name)
            rows[model.id] = model
    return Catalogue(tuple(rows.values()))


def _rows(file: Path) -> list[dict[str, Any]]:
    try:
        found = tomllib.loads(file.read_text(encoding="utf-8")).get("model")
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise CatalogueError(f"{file.name}: {error}") from error
    if not isinstance(found, list) or not all(isinstance(row, dict) for row in found):
        raise CatalogueError(f"{file.name}: expected [[model]] tables")
    return found


_LISTS = ("aspects", "sizes", "formats", "efforts")
_WHOLE = ("images_per_call", "references_max", "reference_bytes_max")
_FLAGS = ("price_assumed", "enabled")
_KEYS = {
    "id", "label", "size_default", "price", "prices", "minimum_hold", "fields", "references",
    *_LISTS, *_WHOLE, *_FLAGS,
}  # fmt: skip


def _model(row: dict[str, Any], file: str) -> Model:
    name = row.get("id", "a row without id")
    if unknown := sorted(set(row) - _KEYS):
        raise CatalogueError(f"{file}: {name}: unknown key {unknown[0]!r}")
    values: dict[str, Any] = {}
    for key, read in _READERS.items():
        if key in row:
            try:
                values[key] = read(row[key])
            except (TypeError, ValueError, AttributeError) as error:
                raise CatalogueError(f"{file}: {name}: {key}: {error}") from error
    if "price" in row:
        values["prices"] = {ANY_SIZE: values.pop("price")} | values.get("prices", {})
    for key in ("id", "label", "prices", "fields"):
        if not values.get(key):
            raise CatalogueError(f"{file}: {name}: {key} is missing")
    return Model(**values)


def _text(value: object) -> str:
    if not isinstance(value, str) or not value.strip():
        raise ValueError("expected a text")
    return value


def _texts(value: object) -> tuple[str, ...]:
    if not isinstance(value, list):
        raise TypeError("expected a list of texts")
    return tuple(_text(entry) for entry in value)


def _positive(value: object) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or value < 1:
        raise ValueError("expected a whole number from 1")
    return value


def _flag(value: object) -> bool:
    if not isinstance(value, bool):
        raise TypeError("expected true or false")
    return value


def _price(value: object) -> Money:
    price = Money.parse(_text(value))
    if not price:
        raise ValueError("a price of 0 would make pictures free")
    return price


def _prices(value: object) -> dict[str, Money]:
    if not isinstance(value, dict):
        raise TypeError("expected a table of prices by size")
    return {_text(size): _price(price) for size, price in value.items()}


_READERS: dict[str, Callable[[object], Any]] = {
    "id": _text,
    "label": _text,
    "size_default": _text,
    "price": _price,
    "prices": _prices,
    "minimum_hold": _price,
    "fields": lambda value: frozenset(_texts(value)),
    "references": lambda value: References(_text(value)),
    **dict.fromkeys(_LISTS, _texts),
    **dict.fromkeys(_WHOLE, _positive),
    **dict.fromkeys(_FLAGS, _flag),
}
