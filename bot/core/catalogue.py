"""The catalogue: which models there are, what each accepts and what a picture costs."""

import tomllib
from collections.abc import Callable, Iterable, Iterator, Mapping
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


class Task(StrEnum):
    """What is done to make pictures; all but the first need pictures to work from."""

    PAINT = "paint"
    EDIT = "edit"
    VARY = "vary"
    BLEND = "blend"
    UPSCALE = "upscale"
    CUT_OUT = "cut out"


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
    made_for: Task | None = None  # a tool for one task, not offered for any other
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
        """Give the rows people may choose from."""
        return tuple(model for model in self.models if model.enabled and model.made_for is None)

    @property
    def _tools(self) -> tuple[Model, ...]:
        return tuple(model for model in self.models if model.enabled and model.made_for is not None)

    @property
    def default(self) -> Model:
        """Give the row used when nobody chose one."""
        return self.enabled[0]

    def find(self, text: str, task: Task | None = None) -> Model | None:
        """Find an enabled row by id, else by label, as a person may type it; or a task's tool."""
        wanted = text.strip().casefold()
        rows = [*self.enabled, *(tool for tool in self._tools if tool.made_for is task)]
        named = [(model.id, model) for model in rows] + [(model.label, model) for model in rows]
        return next((model for name, model in named if name.casefold() == wanted), None)

    def for_references(
        self, model: Model | None = None, task: Task = Task.EDIT, *, count: int = 1
    ) -> Model:
        """Find the row that works from so many pictures where `model`, or none, was chosen.

        A tool made for the task comes first, then a row that takes references natively, the chosen
        one if it does; else it stays the chosen one, unless only another takes references at all.
        Where none takes so many, it is the row that takes the most.
        """
        chosen = model or self.default
        taking = [row for row in (chosen, *self.enabled) if row.references is not References.NONE]
        tools = [row for row in self._tools if row.made_for is task]
        native = [row for row in taking if row.references is References.NATIVE]
        best_first = (*tools, *native, *taking)
        most = max(best_first, key=lambda row: row.references_max, default=chosen)
        return next((row for row in best_first if row.references_max >= count), most)

    def choices(self, option: str) -> tuple[str, ...]:
        """Give the union of an option's values ("aspects", "sizes", ...) over enabled rows."""
        values: dict[str, None] = {}
        for model in self.enabled:
            values.update(dict.fromkeys(getattr(model, option)))
        return tuple(values)

    def without(self, refused: Iterable[str]) -> "Catalogue":
        """Switch off rows the gateway's key may not use.

        Raises:
            CatalogueError: when no row is left.
        """
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
            try:
                model = _model(row)
            except ValueError as error:
                name = row.get("id", "a row without id")
                raise CatalogueError(f"{file.name}: {name}: {error}") from error
            rows[model.id] = model
    return Catalogue(tuple(rows.values()))


def _rows(file: Path) -> list[dict[str, Any]]:
    try:
        found = tomllib.loads(file.read_text(encoding="utf-8-sig")).get("model")
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise CatalogueError(f"{file.name}: {error}") from error
    if not isinstance(found, list) or not all(isinstance(row, dict) for row in found):
        raise CatalogueError(f"{file.name}: expected [[model]] tables")
    return found


def _model(row: dict[str, Any]) -> Model:
    if unknown := sorted(set(row) - set(_READERS)):
        raise ValueError(f"unknown key {unknown[0]!r}")
    values = {key: _read(key, value) for key, value in row.items()}
    if "price" in row:
        values["prices"] = {ANY_SIZE: values.pop("price")} | values.get("prices", {})
    for key in ("id", "label", "prices", "fields"):
        if not values.get(key):
            raise ValueError(f"{key} is missing")
    model = Model(**values)
    if contradiction := next(_contradictions(model), None):
        raise ValueError(contradiction)
    return model


def _read(key: str, value: object) -> Any:
    try:
        return _READERS[key](value)
    except (TypeError, ValueError) as error:
        raise ValueError(f"{key}: {error}") from error


def _contradictions(model: Model) -> Iterator[str]:
    claims = {
        "n": model.images_per_call > 1,
        "aspect_ratio": model.aspects,
        "size": model.sizes,
        "output_format": model.formats,
        "reasoning_effort": model.efforts,
        "input_images": model.references is not References.NONE,
    }
    for name, claimed in claims.items():
        if claimed and name not in model.fields:
            yield f"fields: {name!r} is missing, though the row makes use of it"
    if model.size_default not in (model.sizes or (None,)):
        yield "size_default: expected one of sizes"
    if strays := sorted(set(model.prices) - {*model.sizes, ANY_SIZE}):
        yield f"prices: {strays[0]!r} is not one of sizes"
    if claims["input_images"] and not (model.references_max and model.reference_bytes_max):
        yield "references: references_max and reference_bytes_max are needed too"


def _text(value: object) -> str:
    if not isinstance(value, str) or not value.strip():
        raise ValueError("expected a text")
    return value.strip()


def _texts(value: object) -> tuple[str, ...]:
    if not isinstance(value, list):
        raise TypeError("expected a list of texts")
    return tuple(_text(entry) for entry in value)


def _texts_of(*known: str) -> Callable[[object], tuple[str, ...]]:
    def read(value: object) -> tuple[str, ...]:
        texts = _texts(value)
        if strange := [text for text in texts if text not in known]:
            raise ValueError(f"{strange[0]!r} is none of {', '.join(known)}")
        return texts

    return read


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
    "made_for": lambda value: Task(_text(value)),
    "aspects": _texts,
    "sizes": _texts,
    "formats": _texts_of("png", "jpeg", "webp"),
    "efforts": _texts_of("minimal", "high"),
    "images_per_call": _positive,
    "references_max": _positive,
    "reference_bytes_max": _positive,
    "price_assumed": _flag,
    "enabled": _flag,
}
