"""Preferences: what is ordered where nobody says otherwise, and whose word counts first."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, fields
from enum import StrEnum
from typing import Any

from bot.core.catalogue import Catalogue, Model
from bot.core.order import COUNT_MAX, Effort, accepted_by, written


class Whose(StrEnum):
    """Who may have defaults; the first that has one decides."""

    YOU = "you"
    CHANNEL = "channel"
    SERVER = "server"


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """What can be chosen before an order; None leaves it to the next who may."""

    aspect: str | None = None
    size: str | None = None
    count: int | None = None
    model: str | None = None
    format: str | None = None
    private: bool | None = None
    enhance: bool | None = None
    thinking: Effort | None = None

    def given(self) -> dict[str, Any]:
        """Give what is chosen, by the options' names."""
        return {name: value for name in OPTIONS if (value := getattr(self, name)) is not None}


OPTIONS = tuple(each.name for each in fields(Options))


@dataclass(frozen=True, slots=True)
class Preferences:
    """Everybody's defaults that count for one person in one place."""

    of: Mapping[Whose, Options] = field(default_factory=dict)

    def chosen(self, option: str) -> Iterator[tuple[Whose, Any]]:
        """Give every default there is for an option, the one that counts first."""
        for whose in Whose:
            if whose in self.of and (value := getattr(self.of[whose], option)) is not None:
                yield whose, value

    def model(self, catalogue: Catalogue) -> Model:
        """Find the first default model that still is there, else the catalogue's."""
        rows = (catalogue.find(name) for _, name in self.chosen("model"))
        return next(filter(None, rows), catalogue.default)

    def options(self, model: Model) -> Options:
        """Give the first default of each option that a row takes; the others are left out."""
        found: dict[str, Any] = {
            option: next((v for _, v in self.chosen(option) if takes(model, option, v)), None)
            for option in OPTIONS
        }
        return Options(**{**found, "model": model.id})


NO_PREFERENCES = Preferences()


def takes(model: Model, option: str, value: object) -> bool:
    """Tell whether a default can be ordered of a row; of a size, at a price that is known."""
    if option == "model":
        return value == model.id
    if option == "size" and model.price(str(value)) is None:
        return False
    accepted = accepted_by(model)
    return option not in accepted or written(value) in accepted[option]


def values(option: str, catalogue: Catalogue) -> dict[str, Any]:
    """Give all that some enabled row takes of an option, by how it is written."""
    rows = catalogue.enabled
    match option:
        case "model":
            return {row.id: row.id for row in rows}
        case "count":
            return {str(number): number for number in range(1, COUNT_MAX + 1)}
        case "private":
            return {"on": True, "off": False}
        case _:
            read = {"enhance": lambda text: text == "on", "thinking": Effort}.get(option, str)
            return {text: read(text) for row in rows for text in accepted_by(row)[option]}
