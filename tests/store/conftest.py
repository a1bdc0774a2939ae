import sqlite3
from collections.abc import AsyncGenerator, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from bot.store import database
from bot.store.store import Store, opened
from tests.store.shop import TERMS, StillClock


@pytest.fixture
def db(tmp_path: Path) -> Iterator[sqlite3.Connection]:
    with closing(database.opened(tmp_path / "easel.db")) as connection:
        yield connection


@pytest.fixture
def clock() -> StillClock:
    return StillClock()


@pytest.fixture
async def store(tmp_path: Path, clock: StillClock) -> AsyncGenerator[Store]:
    async with opened(tmp_path / "store.db", terms=TERMS, clock=clock) as store:
        yield store
