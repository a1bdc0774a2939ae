"""What people are shown: allowances, budget pages, audits and receipts."""

import sqlite3
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfoNotFoundError

import pytest

from bot.core.ids import JobId
from bot.core.job import Failure, Payer, Place
from bot.core.limits import (
    Allowance,
    PeriodKind,
    Rule,
    Scope,
    ScopeKind,
    members_scope,
    person_scope,
    scope,
    server_scope,
)
from bot.core.money import Money
from bot.core.problems import OverLimit, Refused
from bot.store.servers import ServerRow
from bot.store.store import Store
from bot.store.views import Progress, RuleSet, Spender
from tests.store.shop import (
    ANN,
    BEN,
    NOON,
    STUDIO,
    UNIT,
    StillClock,
    admission,
    looks,
    painted,
)

HERE = Place(server_id=STUDIO, channel_id=600)


async def test_what_is_shown_is_what_is_enforced(store: Store) -> None:
    await store.set_limit(server_scope(STUDIO), PeriodKind.WEEK, Money(100_000), BEN)
    await store.hold(admission())
    ticket = await store.hold(admission())
    await store.begin(ticket.calls[0])
    await store.settle(ticket.calls[0], painted(39_000), looks())
    shown = {
        (each.scope.kind, each.period.kind): each
        for each in await store.allowances(HERE, Payer(ANN))
    }
    assert set(shown) == {
        (ScopeKind.PERSON, PeriodKind.DAY),
        (ScopeKind.SERVER, PeriodKind.DAY),
        (ScopeKind.SERVER, PeriodKind.WEEK),
        (ScopeKind.OPERATOR, PeriodKind.DAY),
    }
    week = shown[ScopeKind.SERVER, PeriodKind.WEEK]
    assert (week.limit, week.used, week.held) == (Money(100_000), Money(39_000), Money(40_000))
    with pytest.raises(Refused) as refusal:
        await store.hold(admission())
    problem = refusal.value.problem
    assert isinstance(problem, OverLimit)
    assert (problem.limit, problem.used, problem.held) == (week.limit, week.used, week.held)
    assert problem.left == week.left == Money(21_000)
    assert problem.resets_at == week.period.ends_at


async def test_a_stranger_sees_the_defaults(store: Store) -> None:
    def seen(shown: list[Allowance]) -> list[tuple[ScopeKind, object]]:
        return [(each.scope.kind, each.limit) for each in shown]

    assert seen(await store.allowances(HERE, Payer(999))) == [
        (ScopeKind.PERSON, Money.parse("1")),
        (ScopeKind.SERVER, Money.parse("10")),
        (ScopeKind.OPERATOR, Money.parse("25")),
    ]
    assert (ScopeKind.SERVER, Rule.BLOCKED) in seen(
        await store.allowances(replace(HERE, server_id=None), Payer(999))
    )


async def test_a_budget_page_shows_rules_defaults_usage_and_spenders(store: Store) -> None:
    ann = person_scope(STUDIO, await store.person(ANN))
    assert await store.set_limit(ann, PeriodKind.DAY, Money(500_000), BEN, "asked") is None
    assert await store.set_limit(ann, PeriodKind.DAY, Rule.UNLIMITED, BEN) == Money(500_000)
    await store.set_limit(members_scope(STUDIO), PeriodKind.MONTH, Money(300_000), BEN)
    await store.set_limit(server_scope(STUDIO), PeriodKind.TOTAL, Money(2_000_000), BEN)
    await store.set_limit(server_scope(5000), PeriodKind.TOTAL, Money(1), BEN)
    await store.set_limit(person_scope(5000, ann.subject), PeriodKind.DAY, Money(1), BEN)
    await store.hold(admission(who=BEN))
    ticket = await store.hold(admission(calls=(2,)))
    await store.begin(ticket.calls[0])
    await store.settle(ticket.calls[0], painted(78_000, 2), looks(2))
    page = await store.limits(STUDIO)
    assert page.rules == (
        RuleSet(members_scope(STUDIO), PeriodKind.MONTH, Money(300_000), None),
        RuleSet(ann, PeriodKind.DAY, Rule.UNLIMITED, ANN),
        RuleSet(server_scope(STUDIO), PeriodKind.TOTAL, Money(2_000_000), None),
    )
    assert page.members == (
        (PeriodKind.DAY, Money.parse("1")),
        (PeriodKind.MONTH, Money(300_000)),
    )
    _, total = page.shared
    assert (total.period.kind, total.used, total.held) == (
        PeriodKind.TOTAL,
        Money(78_000),
        Money(40_000),
    )
    assert page.spenders == (
        Spender(ANN, Money(78_000), Money(0)),
        Spender(BEN, Money(0), Money(40_000)),
    )
    assert (await store.limits(9)).spenders == ()


async def test_an_unset_rule_gives_the_default_back(store: Store) -> None:
    scope = members_scope(STUDIO)
    await store.set_limit(scope, PeriodKind.DAY, Rule.BLOCKED, BEN)
    assert (await store.limits(STUDIO)).members == ((PeriodKind.DAY, Rule.BLOCKED),)
    assert await store.set_limit(scope, PeriodKind.DAY, None, BEN) is Rule.BLOCKED
    assert (await store.limits(STUDIO)).members == ((PeriodKind.DAY, Money.parse("1")),)


async def test_every_change_is_audited(store: Store, tmp_path: Path) -> None:
    await store.set_limit(server_scope(STUDIO), PeriodKind.DAY, Money(500_000), ANN, "party")
    await store.set_limit(server_scope(STUDIO), PeriodKind.DAY, Rule.UNLIMITED, ANN)
    await store.set_limit(server_scope(STUDIO), PeriodKind.DAY, None, ANN)
    await store.set_server(STUDIO, ANN, show_price=False, manager_role=5)
    with closing(sqlite3.connect(tmp_path / "store.db")) as db:
        found = db.execute(
            "SELECT discord_id, what, before, after, reason FROM change"
            " JOIN person ON person.id = actor ORDER BY change.id"
        ).fetchall()
    assert found == [
        (ANN, "limit server/500 day", "not set", "$0.50", "party"),
        (ANN, "limit server/500 day", "$0.50", "unlimited", ""),
        (ANN, "limit server/500 day", "unlimited", "not set", ""),
        (ANN, "server 500 show_price", "True", "False", ""),
        (ANN, "server 500 manager_role", "not set", "5", ""),
    ]


async def test_a_servers_choices_are_changed_one_by_one(store: Store) -> None:
    assert await store.server(STUDIO) == ServerRow(id=STUDIO)
    await store.set_server(STUDIO, ANN, time_zone="Asia/Tokyo", add_watermark=False)
    await store.set_server(STUDIO, ANN, show_price=False, manager_role=5)
    chosen = await store.set_server(STUDIO, ANN, time_zone=None, person_generation="none")
    assert chosen == ServerRow(
        id=STUDIO,
        person_generation="none",
        add_watermark=False,
        show_price=False,
        manager_role=5,
    )
    assert await store.server(STUDIO) == chosen


async def test_a_server_may_have_more_limits_than_one_statement_takes(store: Store) -> None:
    for channel in range(600):
        await store.set_limit(channel_scope(channel), PeriodKind.DAY, UNIT, BEN)
    await store.hold(admission(channel=321))
    shown = (await store.limits(STUDIO)).shared
    assert len(shown) == 1 + 600
    assert [each.scope for each in shown if each.held] == [server_scope(STUDIO), channel_scope(321)]


def channel_scope(channel: int) -> Scope:
    return scope(ScopeKind.CHANNEL, STUDIO, channel)


async def test_a_zone_nobody_knows_is_refused(store: Store) -> None:
    with pytest.raises(ZoneInfoNotFoundError):
        await store.set_server(STUDIO, ANN, time_zone="Nowhere/Land")
    assert await store.server(STUDIO) == ServerRow(id=STUDIO)


async def test_allowances_follow_the_servers_zone(store: Store) -> None:
    await store.set_server(STUDIO, ANN, time_zone="Asia/Tokyo")
    ends = {
        each.scope.kind: each.period.ends_at for each in await store.allowances(HERE, Payer(ANN))
    }
    assert ends[ScopeKind.SERVER] == datetime(2026, 6, 15, 15, tzinfo=UTC)
    assert ends[ScopeKind.OPERATOR] == datetime(2026, 6, 16, tzinfo=UTC)


async def test_receipts_tell_each_job_in_a_word_the_newest_first(
    store: Store, clock: StillClock
) -> None:
    async def bought(server: int | None, *verbs: str) -> JobId:
        clock.at += timedelta(minutes=1)
        ticket = await store.hold(admission(server=server))
        (call,) = ticket.calls
        for verb in verbs:
            if verb == "settle":
                await store.settle(call, painted(39_000), looks())
            elif verb == "release":
                await store.release(call, Failure.BUSY)
            else:
                await getattr(store, verb)(call)
        return ticket.job

    await store.set_limit(server_scope(None), PeriodKind.DAY, Money(80_000), BEN)
    done = await bought(STUDIO, "begin", "settle")
    failed = await bought(STUDIO, "begin", "release")
    unknown = await bought(None, "begin", "doubt")
    running = await bought(STUDIO)
    everywhere = await store.receipts(ANN, None)
    assert [(receipt.job, receipt.state) for receipt in everywhere] == [
        (running, Progress.RUNNING),
        (unknown, Progress.UNKNOWN),
        (failed, Progress.FAILED),
        (done, Progress.DONE),
    ]
    newest, last = everywhere[0], everywhere[-1]
    assert (newest.held, newest.charged, newest.pictures) == (UNIT, Money(0), 0)
    assert (last.held, last.charged, last.pictures) == (Money(0), Money(39_000), 1)
    assert (last.model, last.prompt, last.at) == (
        "painter",
        "a fox",
        NOON + timedelta(minutes=1),
    )
    here = await store.receipts(ANN, STUDIO, last=2)
    assert [receipt.job for receipt in here] == [running, failed]
    assert await store.receipts(BEN, None) == []
