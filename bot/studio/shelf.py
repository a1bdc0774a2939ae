"""The shelf: the catalogue as it stands now, after what the gateway has told about it."""

from collections.abc import Mapping
from dataclasses import replace

from bot.core.catalogue import Catalogue, CatalogueError, Model
from bot.core.money import Money


class Shelf:
    """Holds the one catalogue that changes while the bot runs."""

    def __init__(self, catalogue: Catalogue) -> None:
        self.catalogue = catalogue

    def withdraw(self, model_id: str) -> None:
        """Switch a row off that the key may not use, unless it is the last one."""
        try:
            self.catalogue = self.catalogue.without([model_id])
        except CatalogueError:
            return  # with no row left every sentence would be about nothing

    def match(self, listed: Mapping[str, Money | None]) -> None:
        """Take over what GET /models says: rows not listed go, prices may only rise."""
        if not any(model.id in listed for model in self.catalogue.enabled):
            return  # an unknown way of naming models must not empty the shelf
        kept = [_raised(model, listed.get(model.id)) for model in self.catalogue.models]
        missing = [model.id for model in kept if model.id not in listed]
        self.catalogue = Catalogue(tuple(kept)).without(missing)


def _raised(model: Model, price: Money | None) -> Model:
    if price is None:
        return model
    return replace(model, prices={size: max(old, price) for size, old in model.prices.items()})
