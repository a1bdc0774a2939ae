"""Rare orders of events, and a death at every crash point, one by one."""

import pytest

from tests.storm.cells import Cells
from tests.storm.stories import STORIES, tell


@pytest.mark.parametrize("name", STORIES)
def test_every_story_ends_as_it_should(name: str) -> None:
    tell(name)


def test_no_cell_of_the_table_is_left_to_chance() -> None:
    visited = Cells()
    for name in STORIES:
        visited.visits += tell(name).visits
    assert not visited.missing(1)  # `make storm` demands a hundred of each
