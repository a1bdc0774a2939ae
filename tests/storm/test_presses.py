"""A smaller crowd presses at once than in the storm: as many orders as there is room for."""

import pytest

from tests.storm.crowd import Bound
from tests.storm.presses import press


@pytest.mark.parametrize("bound", [Bound.SERVER, Bound.OWN])
async def test_of_three_hundred_presses_at_once_exactly_twenty_are_bought(bound: Bound) -> None:
    await press(300, 1, bound)
