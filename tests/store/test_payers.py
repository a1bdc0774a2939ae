"""A job tells which pool pays for it."""

import sqlite3
from contextlib import closing
from datetime import timedelta
from pathlib import Path

from bot.core.limits import PeriodKind, Rule, ScopeKind, scope
from bot.store.store import Store
from tests.store.shop import ANN, BEN, NOON, STUDIO, admission


async def pool(store: Store, *, event: bool = False) -> str:
    channel = (600, NOON + timedelta(hours=1)) if event else None
    made = await store.create_pool(STUDIO, "Team Blue", BEN, channel)
    for kind in (ScopeKind.POOL, ScopeKind.CAP):
        await store.set_limit(scope(kind, STUDIO, made), PeriodKind.DAY, Rule.UNLIMITED, BEN)
    return made


async def payer(store: Store) -> str:
    return (await store.job((await store.hold(admission())).job)).paid_by


async def test_a_person_pays_alone(store: Store) -> None:
    await pool(store)
    assert not await payer(store)


async def test_a_members_team_pays(store: Store) -> None:
    await store.join_pool(STUDIO, await pool(store), ANN, BEN)
    assert await payer(store) == "Team Blue"


async def test_an_event_pays_in_its_channel(store: Store) -> None:
    await pool(store, event=True)
    assert await payer(store) == "Team Blue"


async def test_a_pool_that_closed_is_still_named(store: Store) -> None:
    team = await pool(store)
    await store.join_pool(STUDIO, team, ANN, BEN)
    job = (await store.hold(admission())).job
    await store.close_pool(team, BEN)
    assert (await store.job(job)).paid_by == "Team Blue"


async def test_a_pool_that_a_restored_backup_does_not_know_has_no_name(
    store: Store, tmp_path: Path
) -> None:
    team = await pool(store)
    await store.join_pool(STUDIO, team, ANN, BEN)
    job = (await store.hold(admission())).job
    await store.close_pool(team, BEN)
    with closing(sqlite3.connect(tmp_path / "store.db")) as db:
        db.execute("DELETE FROM pool")
        db.commit()
    assert not (await store.job(job)).paid_by
