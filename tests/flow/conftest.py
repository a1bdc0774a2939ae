"""The world the flows happen in."""

from collections.abc import AsyncGenerator
from pathlib import Path

import pytest

from tests.flow.world import World, world_of


@pytest.fixture
async def world(tmp_path: Path) -> AsyncGenerator[World]:
    async with world_of(tmp_path) as world:
        yield world
        # Whatever a test did: nobody waited too long, and every acknowledgement came first.
        for interaction in world.discord.answers.everything.values():
            assert interaction.ack_wait_s is not None
            assert interaction.ack_wait_s < 3
