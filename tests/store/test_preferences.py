"""Preferences: who may have which, threads, and what an older database had."""

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

from bot.core.job import Place
from bot.core.order import Effort
from bot.core.preferences import OPTIONS, Options, Preferences, Whose
from bot.store import database
from bot.store.store import Store, opened
from tests.store.shop import ANN, BEN, STUDIO, TERMS, StillClock

HERE = Place(server_id=STUDIO, channel_id=600)
THREAD = Place(server_id=STUDIO, channel_id=650, parent_id=600)
OUTSIDE = Place(server_id=None, channel_id=700)
ALL: dict[str, Any] = {
    "aspect": "16:9",
    "size": "2K",
    "count": 3,
    "model": "painter",
    "format": "webp",
    "private": True,
    "enhance": False,
    "thinking": Effort.HIGH,
}


async def test_every_option_is_kept_as_it_was_chosen(store: Store) -> None:
    for option, value in ALL.items():
        await store.prefer(ANN, HERE, Whose.YOU, option, value)
    kept = (await store.preferences(ANN, OUTSIDE)).of

    assert set(ALL) == set(OPTIONS)
    assert kept == {Whose.YOU: Options(**ALL)}
    assert isinstance(kept[Whose.YOU].thinking, Effort)
    assert kept[Whose.YOU].given() == ALL


async def test_a_thread_has_the_defaults_of_its_channel(store: Store) -> None:
    await store.prefer(ANN, THREAD, Whose.CHANNEL, "size", "2K")
    await store.prefer(ANN, HERE, Whose.SERVER, "size", "4K")

    expected = {Whose.CHANNEL: Options(size="2K"), Whose.SERVER: Options(size="4K")}
    assert (await store.preferences(BEN, HERE)).of == expected
    assert (await store.preferences(BEN, THREAD)).of == expected
    other = Place(server_id=STUDIO, channel_id=650)
    assert (await store.preferences(BEN, other)).of[Whose.CHANNEL] == Options()
    assert await store.preferences(BEN, OUTSIDE) == Preferences()


async def test_a_servers_default_model_of_before_is_kept(tmp_path: Path) -> None:
    path = tmp_path / "store.db"
    with closing(sqlite3.connect(path, isolation_level=None)) as db:
        (own,) = database.MIGRATIONS.glob("*_choices.sql")
        database.migrate(db, database.MIGRATIONS, int(own.name[:4]) - 1)
        db.execute(
            "INSERT INTO server (id, default_model) VALUES (?, 'painter'), (501, NULL)", (STUDIO,)
        )
    async with opened(path, terms=TERMS, clock=StillClock()) as store:
        assert (await store.preferences(ANN, HERE)).of[Whose.SERVER] == Options(model="painter")
