"""Marks of shared limits are told once a period, and refusals are written down."""

import sqlite3
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest

from bot.core.job import Payer
from bot.core.limits import PeriodKind, Rule, ScopeKind, scope, server_scope
from bot.core.money import Money
from bot.core.problems import Blocked, NotHere, OverLimit, Problem, Refused
from bot.store.store import Store
from tests.store.shop import ANN, BEN, STUDIO, StillClock, admission, looks, painted

CHANNEL = 601
WHOLE = server_scope(STUDIO)


@pytest.fixture
async def told(store: Store) -> Store:
    await store.set_server(STUDIO, BEN, budget_channel=CHANNEL)
    await store.set_limit(WHOLE, PeriodKind.DAY, Money(100_000), BEN)
    return store


async def spend(store: Store, micros: int) -> None:
    (call,) = (await store.hold(admission(unit=Money(micros)))).calls
    await store.begin(call)
    await store.settle(call, painted(micros), looks())


async def tell(store: Store) -> list[tuple[ScopeKind, int]]:
    """Hear of what is due as the bot does."""
    due = await store.due_alerts()
    for alert in due:
        await store.alerted(alert)
    return [(alert.allowance.scope.kind, alert.percent) for alert in due]


async def test_each_mark_is_told_once(told: Store) -> None:
    await spend(told, 49_999)
    assert await tell(told) == []
    await spend(told, 1)
    (due,) = await told.due_alerts()
    assert (due.server_id, due.channel_id, due.percent) == (STUDIO, CHANNEL, 50)
    assert await tell(told) == [(ScopeKind.SERVER, 50)]
    assert await tell(told) == []
    await spend(told, 50_000)
    assert await tell(told) == [(ScopeKind.SERVER, 100)]  # the 80 in between says nothing new
    assert await tell(told) == []


async def test_a_new_period_and_a_new_amount_are_told_anew(told: Store, clock: StillClock) -> None:
    await spend(told, 60_000)
    assert await tell(told) == [(ScopeKind.SERVER, 50)]
    await told.set_limit(WHOLE, PeriodKind.DAY, Money(120_000), BEN)
    assert await tell(told) == [(ScopeKind.SERVER, 50)]
    clock.at += timedelta(days=1)
    assert await tell(told) == []
    await spend(told, 60_000)
    assert await tell(told) == [(ScopeKind.SERVER, 50)]


async def test_an_order_refused_for_want_of_money_means_used_up(told: Store) -> None:
    await spend(told, 81_000)
    with pytest.raises(Refused) as refusal:
        await told.hold(admission())
    assert await tell(told) == [(ScopeKind.SERVER, 80)]
    await told.note_refusal(Payer(ANN), STUDIO, refusal.value.problem)
    assert await tell(told) == [(ScopeKind.SERVER, 100)]
    assert await tell(told) == []


async def test_pools_and_channels_are_told_of_too(told: Store) -> None:
    blue = await told.create_pool(STUDIO, "Blue", BEN)
    await told.join_pool(STUDIO, blue, ANN, BEN)
    for kind, subject in ((ScopeKind.POOL, blue), (ScopeKind.CHANNEL, 600)):
        await told.set_limit(scope(kind, STUDIO, subject), PeriodKind.TOTAL, Money(40_000), BEN)
    await spend(told, 40_000)
    assert await tell(told) == [(ScopeKind.POOL, 100), (ScopeKind.CHANNEL, 100)]


@pytest.mark.parametrize("limit", [Rule.UNLIMITED, Rule.BLOCKED, Money(0)])
async def test_there_is_nothing_to_tell_without_an_amount(told: Store, limit: Money | Rule) -> None:
    await spend(told, 40_000)
    await told.set_limit(WHOLE, PeriodKind.DAY, limit, BEN)
    assert await tell(told) == []


async def test_who_named_no_channel_is_told_nothing(told: Store) -> None:
    await told.set_server(STUDIO, BEN, budget_channel=None)
    await spend(told, 90_000)
    assert await tell(told) == []


async def test_refusals_are_written_down(store: Store, tmp_path: Path) -> None:
    await store.set_limit(WHOLE, PeriodKind.DAY, Money(10_000), BEN)
    with pytest.raises(Refused) as refusal:
        await store.hold(admission())
    assert isinstance(refusal.value.problem, OverLimit)
    problems: list[Problem] = [refusal.value.problem, Blocked(WHOLE), NotHere()]
    for problem in problems:
        await store.note_refusal(Payer(BEN), STUDIO, problem)
    await store.note_refusal(Payer(999), None, NotHere())
    with closing(sqlite3.connect(tmp_path / "store.db")) as db:
        rows = db.execute(
            "SELECT server_id, discord_id, problem, scope, detail FROM refusal"
            " LEFT JOIN person ON person.id = person_id ORDER BY refusal.id"
        ).fetchall()
    detail = "larger than the whole limit: $0.04 of $0.01 day"
    assert rows == [
        (STUDIO, BEN, "OverLimit", str(WHOLE), detail),
        (STUDIO, BEN, "Blocked", str(WHOLE), ""),
        (STUDIO, BEN, "NotHere", None, ""),
        (None, None, "NotHere", None, ""),
    ]
