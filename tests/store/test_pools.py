"""Teams and events come and go; a person is in one team at most."""

import sqlite3
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest

from bot.core.limits import PeriodKind, ScopeKind, members_scope, scope
from bot.core.money import Money
from bot.store.pools import NameTaken, NoSuchPool
from bot.store.rules import Pool
from bot.store.store import Store
from tests.store.shop import ANN, BEN, NOON, STUDIO, StillClock, dump


async def test_a_person_is_in_one_team_of_a_server(store: Store) -> None:
    blue = await store.create_pool(STUDIO, "Blue", BEN)
    red = await store.create_pool(STUDIO, "Red", BEN)
    elsewhere = await store.create_pool(501, "Blue", BEN)
    assert await store.join_pool(STUDIO, blue, ANN, BEN) is None
    assert await store.join_pool(STUDIO, blue, BEN, BEN) is None
    assert await store.join_pool(501, elsewhere, ANN, BEN) is None
    assert await store.join_pool(STUDIO, red, ANN, BEN) == blue
    assert (await store.limits(STUDIO)).teams == {blue: (BEN,), red: (ANN,)}
    assert await store.join_pool(STUDIO, None, ANN, BEN) == red
    assert await store.join_pool(STUDIO, None, ANN, BEN) is None
    assert (await store.limits(STUDIO)).teams == {blue: (BEN,)}


async def test_a_name_is_free_again_once_its_pool_is_over(store: Store, clock: StillClock) -> None:
    blue = await store.create_pool(STUDIO, "Blue", BEN)
    with pytest.raises(NameTaken):
        await store.create_pool(STUDIO, "Blue", BEN)
    assert await store.close_pool(blue, BEN)
    assert not await store.close_pool(blue, BEN)
    ends_at = NOON + timedelta(hours=1)
    party = await store.create_pool(STUDIO, "Blue", BEN, (600, ends_at))
    assert (await store.limits(STUDIO)).pools == (Pool(party, "Blue", 600, ends_at),)
    clock.at = ends_at
    assert (await store.limits(STUDIO)).pools == ()
    await store.create_pool(STUDIO, "Blue", BEN)


async def test_nobody_joins_a_team_that_ended_or_is_elsewhere(store: Store, tmp_path: Path) -> None:
    blue = await store.create_pool(STUDIO, "Blue", BEN)
    red = await store.create_pool(STUDIO, "Red", BEN)
    await store.join_pool(STUDIO, blue, ANN, BEN)
    await store.close_pool(red, BEN)
    with closing(sqlite3.connect(tmp_path / "store.db")) as db:
        before = dump(db)
        for server, pool in ((STUDIO, red), (501, blue), (STUDIO, "nothing")):
            with pytest.raises(NoSuchPool, match=pool):
                await store.join_pool(server, pool, ANN, BEN)
        assert dump(db) == before  # they stay where they were
    assert (await store.limits(STUDIO)).teams == {blue: (ANN,)}


async def test_a_page_shows_what_pools_and_channels_have_left(store: Store) -> None:
    blue = await store.create_pool(STUDIO, "Blue", BEN)
    subjects = [scope(ScopeKind.POOL, STUDIO, blue), scope(ScopeKind.CHANNEL, STUDIO, 600)]
    for subject in subjects:
        await store.set_limit(subject, PeriodKind.MONTH, Money(500_000), BEN)
    await store.set_limit(members_scope(STUDIO), PeriodKind.DAY, Money(1), BEN)
    server, *others = (await store.limits(STUDIO)).shared
    assert server.scope.kind is ScopeKind.SERVER
    assert [(each.scope, each.name, each.limit) for each in others] == [
        (subjects[0], "Blue", Money(500_000)),
        (subjects[1], "", Money(500_000)),
    ]
