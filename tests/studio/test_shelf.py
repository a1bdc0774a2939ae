"""The shelf follows what the gateway says, but is never emptied and never gets cheaper."""

import pytest

from bot.core import catalogue
from bot.core.money import Money
from bot.studio.shelf import Shelf

IMAGEN, FAST = "imagen-4.0-generate-001", "imagen-4.0-fast-generate-001"


@pytest.fixture
def shelf() -> Shelf:
    return Shelf(catalogue.load(catalogue.SHIPPED))


def enabled(shelf: Shelf) -> set[str]:
    return {model.id for model in shelf.catalogue.enabled}


def test_a_withdrawn_model_is_no_longer_offered(shelf: Shelf) -> None:
    shelf.withdraw(IMAGEN)

    assert enabled(shelf) == {FAST}
    assert shelf.catalogue.default.id == FAST
    assert shelf.catalogue.by_id[IMAGEN].label == "Imagen 4"  # receipts still name it


def test_the_last_model_stays(shelf: Shelf) -> None:
    shelf.withdraw(IMAGEN)
    shelf.withdraw(FAST)

    assert enabled(shelf) == {FAST}


def test_models_the_gateway_does_not_list_go(shelf: Shelf) -> None:
    shelf.match({FAST: None, "something-else": Money(1)})

    assert enabled(shelf) == {FAST}


def test_a_list_of_strangers_changes_nothing(shelf: Shelf) -> None:
    before = shelf.catalogue
    shelf.match({"models/imagen": Money(1)})

    assert shelf.catalogue is before


def test_a_listed_price_may_only_rise(shelf: Shelf) -> None:
    shelf.match({IMAGEN: Money(50_000), FAST: Money(0)})

    assert shelf.catalogue.by_id[IMAGEN].price("1K") == Money(50_000)
    assert shelf.catalogue.by_id[FAST].price("1K") == Money(40_000)
