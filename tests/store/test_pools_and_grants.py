"""Pools come with their limits, and what runs is listed for the managers."""

import sqlite3
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from bot.core.job import Payer, Place
from bot.core.limits import PeriodKind, Rule, ScopeKind, scope
from bot.core.money import Money
from bot.store.grants import Grant
from bot.store.pools import NameTaken, PoolLimits
from bot.store.store import Store
from tests.store.shop import ANN, BEN, NOON, STUDIO, StillClock

HERE = Place(server_id=STUDIO, channel_id=600)
LIMITS: PoolLimits = [
    (ScopeKind.POOL, PeriodKind.MONTH, Money(40_000_000)),
    (ScopeKind.CAP, PeriodKind.WEEK, Rule.UNLIMITED),
]


async def test_a_pool_is_never_without_the_limits_it_was_made_with(
    store: Store, tmp_path: Path
) -> None:
    pool = await store.create_pool(STUDIO, "Blue", ANN, limits=LIMITS)
    await store.join_pool(STUDIO, pool, BEN, ANN)

    found = await store.allowances(HERE, Payer(BEN))
    assert [(each.scope.kind, each.period.kind, each.limit) for each in found[:2]] == [
        (ScopeKind.MEMBER, PeriodKind.WEEK, Rule.UNLIMITED),
        (ScopeKind.POOL, PeriodKind.MONTH, Money(40_000_000)),
    ]
    with closing(sqlite3.connect(tmp_path / "store.db")) as db:
        changes = db.execute("SELECT what, before, after FROM change ORDER BY id LIMIT 3")
        assert changes.fetchall() == [
            (f"pool {pool} Blue", "not set", "open"),
            (f"limit {scope(ScopeKind.POOL, STUDIO, pool)} month", "not set", "$40.00"),
            (f"limit {scope(ScopeKind.CAP, STUDIO, pool)} week", "not set", "unlimited"),
        ]


async def test_a_name_that_is_taken_sets_no_limit(store: Store) -> None:
    await store.create_pool(STUDIO, "Blue", ANN)
    with pytest.raises(NameTaken):
        await store.create_pool(STUDIO, "Blue", ANN, limits=LIMITS)

    assert (await store.limits(STUDIO)).rules == ()


async def test_pools_that_are_open_are_listed(store: Store, clock: StillClock) -> None:
    await store.create_pool(STUDIO, "Blue", ANN)
    await store.create_pool(STUDIO, "night", ANN, (600, NOON + timedelta(hours=1)))
    closed = await store.create_pool(STUDIO, "Red", ANN)
    await store.close_pool(closed, ANN)

    assert {pool.name for pool in await store.open_pools(STUDIO)} == {"Blue", "night"}
    clock.at += timedelta(hours=1)
    assert [pool.name for pool in await store.open_pools(STUDIO)] == ["Blue"]


async def test_a_server_counts_in_its_zone_or_the_bots(store: Store) -> None:
    assert await store.zone(STUDIO) == ZoneInfo("UTC")
    await store.set_server(STUDIO, ANN, time_zone="Asia/Tokyo")
    assert await store.zone(STUDIO) == ZoneInfo("Asia/Tokyo")


async def test_grants_that_run_are_listed_by_their_end(store: Store, clock: StillClock) -> None:
    soon, late = NOON + timedelta(hours=1), NOON + timedelta(hours=2)
    await store.grant(STUDIO, ANN, Money(2), late, BEN, "")
    await store.grant(STUDIO, BEN, Money(1), soon, ANN, "")
    await store.grant(STUDIO + 1, BEN, Money(3), soon, ANN, "")

    assert (await store.limits(STUDIO)).grants == (
        Grant(BEN, Money(1), soon),
        Grant(ANN, Money(2), late),
    )
    clock.at = soon
    assert (await store.limits(STUDIO)).grants == (Grant(ANN, Money(2), late),)
    await store.revoke(STUDIO, ANN, BEN, "")
    assert (await store.limits(STUDIO)).grants == ()
