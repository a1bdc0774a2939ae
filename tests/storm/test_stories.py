"""Rare orders of events, and a death at every crash point, one by one."""

import pytest

from tests.storm.stories import STORIES, tell


@pytest.mark.parametrize("name", STORIES)
def test_every_story_ends_as_it_should(name: str) -> None:
    tell(name)
