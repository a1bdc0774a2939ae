"""The front of the store: what the house writes and what people are shown."""

import asyncio
import sqlite3
import subprocess
import sys
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import aiosqlite
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.ids import CallId, JobId
from bot.core.job import Acknowledgement, Failure, Place
from bot.core.limits import (
    Allowance,
    PeriodKind,
    Rule,
    ScopeKind,
    members_scope,
    person_scope,
    server_scope,
)
from bot.core.money import Money
from bot.core.order import Effort, Order
from bot.core.problems import OverLimit, Refused
from bot.core.states import CallState, PictureState
from bot.store import rows
from bot.store.errors import StoreError
from bot.store.reading import Reading, reader
from bot.store.servers import ServerRow
from bot.store.store import Store, opened
from bot.store.views import Progress, RuleSet, Spender
from tests.store.shop import (
    ANN,
    BEN,
    LOOK,
    NOON,
    STUDIO,
    TERMS,
    UNIT,
    StillClock,
    admission,
    looks,
    painted,
)

texts = st.none() | st.text()
orders = st.builds(
    Order,
    prompt=st.text(),
    model=st.text(),
    count=st.integers(1, 10),
    aspect=texts,
    size=texts,
    format=texts,
    enhance=st.none() | st.booleans(),
    thinking=st.none() | st.sampled_from(Effort),
    private=st.booleans(),
    spoiler=st.booleans(),
)


@given(orders)
def test_an_order_comes_back_as_it_was(order: Order) -> None:
    assert rows.order_of(rows.order_json(order)) == order


@given(st.datetimes(timezones=st.just(UTC)))
def test_a_moment_comes_back_to_the_microsecond(at: datetime) -> None:
    assert rows.moment(rows.ticks(at)) == at


async def test_a_job_is_remembered_whole(store: Store) -> None:
    order = admission(key="press", calls=(2, 1, 1))
    ticket = await store.hold(order)
    first, second, third = ticket.calls
    assert await store.begin(first)
    await store.settle(first, painted(78_000, 2), looks(2))
    await store.delivered(ticket.job, [1, 2], 600, 901)
    await store.begin(second)
    await store.doubt(second, "silence")
    await store.release(third, Failure.BUSY, "try later")
    job = await store.job(ticket.job)
    assert (job.id, job.key, job.discord_id) == (ticket.job, "press", ANN)
    assert job.place == Place(server_id=STUDIO, channel_id=600)
    assert job.order == order.order
    assert (job.unit_price, job.created_at) == (UNIT, NOON)
    assert job.acknowledgement == order.acknowledgement
    assert [(call.id, call.state, call.images) for call in job.calls] == [
        (first, CallState.SETTLED, 2),
        (second, CallState.UNKNOWN, 1),
        (third, CallState.RELEASED, 1),
    ]
    assert [(call.failure, call.detail) for call in job.calls] == [
        (None, ""),
        (Failure.UNANSWERED, "silence"),
        (Failure.BUSY, "try later"),
    ]
    assert [(p.number, p.name, p.look, p.state, p.message_id) for p in job.pictures] == [
        (1, "1.png", LOOK, PictureState.DELIVERED, 901),
        (2, "2.png", LOOK, PictureState.DELIVERED, 901),
    ]
    assert (job.charged, job.held, job.is_over) == (Money(78_000), Money(40_000), True)
    assert await store.job_by_key("press") == job


async def test_what_nobody_ordered_is_not_there(store: Store) -> None:
    with pytest.raises(LookupError):
        await store.job(JobId("nothing"))
    assert await store.job_by_key("nothing") is None
    assert await store.recall("nothing") is None
    assert await store.take_offer("nothing") is None
    assert await store.learned_price("painter", "1K") is None
    assert await store.receipts(ANN, None) == []


async def test_a_refund_lowers_what_was_charged(store: Store) -> None:
    ticket = await store.hold(admission())
    await store.begin(ticket.calls[0])
    await store.settle(ticket.calls[0], painted(39_000), looks())
    assert await store.refund(ticket.job, 1, "could not be delivered") == Money(39_000)
    job = await store.job(ticket.job)
    assert job.charged == Money(0)
    assert [picture.state for picture in job.pictures] == [PictureState.REFUNDED]


async def test_a_refunded_picture_stays_refunded_when_it_is_shown(store: Store) -> None:
    ticket = await store.hold(admission())
    await store.begin(ticket.calls[0])
    await store.settle(ticket.calls[0], painted(39_000), looks())
    await store.refund(ticket.job, 1, "")
    await store.delivered(ticket.job, [1], 600, 902)
    job = await store.job(ticket.job)
    assert (job.pictures[0].state, job.pictures[0].message_id) == (PictureState.REFUNDED, 902)


async def test_recovery_finds_what_is_not_finished_the_oldest_first(
    store: Store, clock: StillClock
) -> None:
    async def started(state: CallState) -> JobId:
        clock.at += timedelta(minutes=1)
        ticket = await store.hold(admission())
        if state is not CallState.HELD:
            await store.begin(ticket.calls[0])
        if state is CallState.UNKNOWN:
            await store.doubt(ticket.calls[0], "silence")
        if state is CallState.SETTLED:
            await store.settle(ticket.calls[0], painted(39_000), looks())
        return ticket.job

    held = await started(CallState.HELD)
    unknown = await started(CallState.UNKNOWN)
    spooled = await started(CallState.SETTLED)
    sent = await started(CallState.SENT)
    assert await store.unfinished() == [held, spooled, sent]
    (doubt,) = await store.doubts()
    assert (doubt.call, doubt.hold, doubt.detail) == (CallId(f"{unknown}.1"), UNIT, "silence")
    assert doubt.since == NOON + timedelta(minutes=2)
    await store.delivered(spooled, [1], 600, 903)
    assert await store.unfinished() == [held, sent]


async def test_tokens_are_forgotten_once_they_died(store: Store, clock: StillClock) -> None:
    first = await store.hold(admission())
    later = Acknowledgement(
        application_id=9, token="not-a-real-one", expires_at=NOON + timedelta(hours=1)
    )
    second = await store.hold(replace(admission(), acknowledgement=later))
    third = await store.hold(replace(admission(), acknowledgement=None))
    assert await store.forget_tokens() == 0
    clock.at = NOON + timedelta(minutes=15)
    assert await store.forget_tokens() == 1
    jobs = [await store.job(ticket.job) for ticket in (first, second, third)]
    assert [job.acknowledgement for job in jobs] == [None, later, None]


async def test_an_offer_is_taken_once(store: Store) -> None:
    order = Order(prompt="a fox", model="painter", thinking=Effort.HIGH)
    offer = await store.park(order, ANN)
    assert await store.take_offer(offer) == order
    assert await store.take_offer(offer) is None


async def test_a_fact_is_replaced(store: Store) -> None:
    await store.remember("commands", "one")
    await store.remember("commands", "two")
    assert await store.recall("commands") == "two"


async def test_a_person_is_one_reference(store: Store) -> None:
    assert await store.person(ANN) == await store.person(ANN)
    assert await store.person(ANN) != await store.person(BEN)


async def test_what_is_shown_is_what_is_enforced(store: Store) -> None:
    await store.set_limit(server_scope(STUDIO), PeriodKind.WEEK, Money(100_000), BEN)
    await store.hold(admission())
    ticket = await store.hold(admission())
    await store.begin(ticket.calls[0])
    await store.settle(ticket.calls[0], painted(39_000), looks())
    shown = {
        (each.scope.kind, each.period.kind): each for each in await store.allowances(STUDIO, ANN)
    }
    assert set(shown) == {
        (ScopeKind.PERSON, PeriodKind.DAY),
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

    assert seen(await store.allowances(STUDIO, 999)) == [
        (ScopeKind.PERSON, Money.parse("1")),
        (ScopeKind.SERVER, Money.parse("10")),
        (ScopeKind.OPERATOR, Money.parse("25")),
    ]
    assert (ScopeKind.SERVER, Rule.BLOCKED) in seen(await store.allowances(None, 999))


async def test_a_budget_page_shows_rules_defaults_usage_and_spenders(store: Store) -> None:
    ann = person_scope(STUDIO, await store.person(ANN))
    assert await store.set_limit(ann, PeriodKind.DAY, Money(500_000), BEN, "asked") is None
    assert await store.set_limit(ann, PeriodKind.DAY, Rule.UNLIMITED, BEN) == Money(500_000)
    await store.set_limit(members_scope(STUDIO), PeriodKind.MONTH, Money(300_000), BEN)
    await store.set_limit(server_scope(STUDIO), PeriodKind.TOTAL, Money(2_000_000), BEN)
    await store.set_limit(server_scope(5000), PeriodKind.TOTAL, Money(1), BEN)
    await store.set_limit(person_scope(5000, ann.id), PeriodKind.DAY, Money(1), BEN)
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
    assert page.members == ((PeriodKind.MONTH, Money(300_000)),)
    (total,) = page.server
    assert (total.period.kind, total.used, total.held) == (
        PeriodKind.TOTAL,
        Money(78_000),
        Money(40_000),
    )
    assert page.spenders == (
        Spender(ANN, Money(78_000), Money(0)),
        Spender(BEN, Money(0), Money(40_000)),
    )
    assert (await store.limits(None)).spenders == ()


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
        (ANN, "limit server:500 day", "not set", "$0.50", "party"),
        (ANN, "limit server:500 day", "$0.50", "unlimited", ""),
        (ANN, "limit server:500 day", "unlimited", "not set", ""),
        (ANN, "server 500 show_price", "True", "False", ""),
        (ANN, "server 500 manager_role", "not set", "5", ""),
    ]


async def test_a_servers_choices_are_changed_one_by_one(store: Store) -> None:
    assert await store.server(STUDIO) == ServerRow(id=STUDIO)
    await store.set_server(STUDIO, ANN, time_zone="Asia/Tokyo", add_watermark=False)
    await store.set_server(STUDIO, ANN, default_model="painter", manager_role=5)
    chosen = await store.set_server(STUDIO, ANN, time_zone=None, person_generation="none")
    assert chosen == ServerRow(
        id=STUDIO,
        default_model="painter",
        person_generation="none",
        add_watermark=False,
        manager_role=5,
    )
    assert await store.server(STUDIO) == chosen


async def test_a_zone_nobody_knows_is_refused(store: Store) -> None:
    with pytest.raises(ZoneInfoNotFoundError):
        await store.set_server(STUDIO, ANN, time_zone="Nowhere/Land")
    assert await store.server(STUDIO) == ServerRow(id=STUDIO)


async def test_allowances_follow_the_servers_zone(store: Store) -> None:
    await store.set_server(STUDIO, ANN, time_zone="Asia/Tokyo")
    ends = {each.scope.kind: each.period.ends_at for each in await store.allowances(STUDIO, ANN)}
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


async def test_a_learned_price_is_there_for_the_next_quote(store: Store) -> None:
    ticket = await store.hold(admission())
    await store.begin(ticket.calls[0])
    await store.settle(ticket.calls[0], painted(50_000), looks())
    assert await store.learned_price("painter", "1K") == Money(50_000)


async def test_a_closed_store_takes_nothing(tmp_path: Path, clock: StillClock) -> None:
    async with opened(tmp_path / "easel.db", terms=TERMS, clock=clock) as store:
        await store.ping()
    with pytest.raises(StoreError, match="closed"):
        await store.ping()


async def test_readers_cannot_write(store: Store, tmp_path: Path) -> None:
    def writing() -> Reading[None]:
        yield "INSERT INTO fact VALUES ('a', 'b')", ()

    await store.ping()
    async with reader(tmp_path / "store.db") as reading:
        with pytest.raises(sqlite3.OperationalError, match="readonly"):
            await reading.read(writing())


@pytest.mark.usefixtures("store")
async def test_a_reading_sees_one_moment(tmp_path: Path) -> None:
    async with reader(tmp_path / "store.db") as reading:
        seen = []

        def twice() -> Reading[None]:
            for _ in range(2):
                rows = yield "SELECT count(*) FROM fact", ()
                seen.append(rows[0][0])
                with closing(sqlite3.connect(tmp_path / "store.db")) as other, other:
                    other.execute("INSERT INTO fact VALUES (?, 'x')", (str(len(seen)),))

        await reading.read(twice())
        assert seen == [0, 0]
        await reading.read(twice_counted(seen))
        assert seen[-1] == 2


def twice_counted(seen: list[int]) -> Reading[None]:
    rows = yield "SELECT count(*) FROM fact", ()
    seen.append(rows[0][0])


async def test_a_cancelled_reading_leaves_no_transaction(store: Store, tmp_path: Path) -> None:
    await store.remember("a", "x")
    async with reader(tmp_path / "store.db") as reading:
        seen: list[int] = []
        async with asyncio.TaskGroup() as group:
            doomed = [group.create_task(reading.read(twice_counted(seen))) for _ in range(5)]
            for steps, task in enumerate(doomed):
                for _ in range(steps):
                    await asyncio.sleep(0)
                task.cancel()
        seen.clear()
        await reading.read(twice_counted(seen))
        assert seen == [1]
        assert isinstance(reading._db, aiosqlite.Connection)
        assert not reading._db.in_transaction


_HOLD_UNTIL_KILLED = """
import asyncio, sys
from pathlib import Path
from tests.store.shop import TERMS, StillClock, admission
from bot.core.limits import PeriodKind, Rule, server_scope, person_scope
from bot.store.store import opened
from dataclasses import replace

async def main():
    terms = replace(TERMS, jobs_per_person=10**6)
    async with opened(Path(sys.argv[1]), terms=terms, clock=StillClock()) as store:
        n = 0
        while True:
            n += 1
            ticket = await store.hold(admission(key=str(n), who=n))
            await store.begin(ticket.calls[0])
            print(ticket.calls[0], flush=True)

asyncio.run(main())
"""


async def test_what_was_answered_survives_a_kill(tmp_path: Path) -> None:
    path = tmp_path / "killed.db"
    process = subprocess.Popen(  # noqa: ASYNC220, S603 - this very Python, and nothing else runs
        [sys.executable, "-c", _HOLD_UNTIL_KILLED, str(path)], stdout=subprocess.PIPE, text=True
    )
    with process:
        assert process.stdout is not None
        told = [process.stdout.readline().strip() for _ in range(20)]
        process.kill()
        told += [line.strip() for line in process.stdout if line.endswith("\n")]
    async with opened(path, terms=TERMS, clock=StillClock()) as store:
        for call in told:
            job = await store.job(JobId(call.partition(".")[0]))
            assert job.calls[0].state is CallState.SENT
        (allowance,) = (await store.limits(STUDIO)).server
        assert allowance.held.micros in {40_000 * len(told), 40_000 * (len(told) + 1)}


def test_terms_have_the_designs_defaults() -> None:
    terms = TERMS
    assert terms.default_zone == ZoneInfo("UTC")
    assert (terms.jobs_per_person, terms.unknown_per_person) == (10, 3)
    assert terms.unknown_exposure_max == Money.parse("2")
