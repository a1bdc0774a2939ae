"""A report adds up: days, people, models, channels and the file all tell the ledger's sum."""

import csv
import io
import json
import sqlite3
from collections import defaultdict
from collections.abc import Iterable, Mapping
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.core.ids import JobId
from bot.core.job import Failure, Payer, Place
from bot.core.limits import PeriodKind, Rule, server_scope
from bot.core.money import ZERO, Money, total
from bot.core.report import Report, Span, dates
from bot.store import database, ledger, pools, reports
from bot.store.admission import hold
from bot.store.reading import read
from bot.store.reports import entries_sheet, server_report
from bot.store.rules import Defaults, Terms
from bot.store.servers import set_server
from bot.store.store import Store
from tests.store.shop import ANN, BEN, NOON, STUDIO, StillClock, admission, looks, painted

FREE = Terms(
    default_zone=ZoneInfo("Europe/Warsaw"),
    defaults=Defaults(
        person_day=Rule.UNLIMITED,
        server_day=Rule.UNLIMITED,
        operator_day=Rule.UNLIMITED,
        direct=Rule.UNLIMITED,
    ),
    jobs_per_person=10**6,
    unknown_per_person=10**6,
    unknown_exposure_max=Money(10**15),
)
BOSS = 99
PEOPLE = (1, 2, 3)
CHANNELS = (600, 601)


@dataclass(frozen=True)
class Deal:
    """An order, what became of it, and how many minutes passed before each of them."""

    who: int
    server: int | None
    channel: int
    thread: bool
    model: str
    size: str | None
    images: int
    unit: int
    wait: int
    end: str
    billed: int | None
    usable: int
    later: int
    refunds: int


deals = st.builds(
    Deal,
    who=st.sampled_from(PEOPLE),
    server=st.sampled_from([STUDIO, STUDIO, STUDIO, 501, None]),
    channel=st.sampled_from(CHANNELS),
    thread=st.booleans(),
    model=st.sampled_from(["painter", "sketcher"]),
    size=st.sampled_from([None, "1K", "4K"]),
    images=st.integers(1, 3),
    unit=st.integers(1, 90_000),
    wait=st.integers(0, 60 * 24 * 6),
    end=st.sampled_from(["settle", "settle", "settle", "release", "give up", "late", "none"]),
    billed=st.none() | st.integers(0, 300_000),
    usable=st.integers(0, 3),
    later=st.integers(0, 60 * 24 * 3),
    refunds=st.integers(0, 2),
)
changes = st.one_of(
    st.tuples(st.just("zone"), st.sampled_from(["Asia/Tokyo", "America/Los_Angeles", None])),
    st.tuples(st.just("team"), st.sampled_from(PEOPLE), st.booleans()),
    st.tuples(st.just("erase"), st.sampled_from(PEOPLE)),
)


class Town:
    """A database that things happen in, one after the other."""

    def __init__(self, db: sqlite3.Connection) -> None:
        self.db = db
        self.now = NOON
        self.made = 0
        self.team = pools.create(db, self.now, STUDIO, "=Red", BOSS)

    def zone(self, name: str | None) -> None:
        set_server(self.db, self.now, STUDIO, BOSS, time_zone=name)

    def join(self, who: int, joins: bool) -> None:  # noqa: FBT001 - a step's own column
        pools.join(self.db, self.now, STUDIO, self.team if joins else None, who, BOSS)

    def erase(self, who: int) -> None:
        self.db.execute("UPDATE person SET discord_id = NULL WHERE discord_id = ?", (who,))

    def deal(self, deal: Deal) -> None:
        self.now += timedelta(minutes=deal.wait)
        self.made += 1
        wanted = admission(key=f"deal {self.made}", calls=(deal.images,), unit=Money(deal.unit))
        order = replace(wanted.order, model=deal.model, size=deal.size)
        thread = 900 + deal.channel if deal.thread else deal.channel
        place = Place(server_id=deal.server, channel_id=thread, parent_id=deal.channel)
        ticket = hold(
            self.db,
            self.now,
            FREE,
            replace(wanted, order=order, place=place, payer=Payer(deal.who)),
        )
        (call,) = ticket.calls
        self.now += timedelta(minutes=deal.later)
        if deal.end == "release":
            ledger.release(self.db, self.now, call, Failure.BUSY, "")
        if deal.end in {"release", "none"}:
            return
        ledger.begin(self.db, self.now, call)
        if deal.end in {"give up", "late"}:
            ledger.release(self.db, self.now, call, Failure.UNANSWERED, "")
        if deal.end != "give up":
            answer = painted(deal.billed, deal.images)
            ledger.settle(self.db, self.now, call, answer, looks(min(deal.usable, deal.images)))
        for number in range(1, deal.refunds + 1):
            self.now += timedelta(minutes=deal.later)
            ledger.refund(self.db, self.now, JobId(ticket.job), number, "")

    def report(self, span: Span) -> tuple[Report, list[dict[str, str]]]:
        found, rows = read(self.db, server_report(self.now, FREE, STUDIO, span))
        assert rows is not None
        return found, lines(entries_sheet(rows))


def lines(body: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(body.decode("utf-8-sig"), newline="")))


def micros(amounts: Iterable[str]) -> int:
    return sum(int(amount.replace(".", "")) for amount in amounts)


def booked(db: sqlite3.Connection, days: set[str]) -> tuple[int, int, int, int]:
    """Add up the ledger itself: people's, operator's, the gateway's, what may have been billed."""
    rows = db.execute("""
        SELECT job.frames, person_micros, operator_micros, gateway_micros, exposure_micros
        FROM entry JOIN call ON call.id = call_id JOIN job ON job.id = job_id
    """)
    mine = [
        amounts
        for frames, *amounts in rows
        if dict(json.loads(frames)).get(str(server_scope(STUDIO))) in days
    ]
    people, operator, gateway, exposure = (
        (sum(column) for column in zip(*mine, strict=True)) if mine else (0,) * 4
    )
    return people, operator, gateway, exposure


def drawn(db: sqlite3.Connection, days: set[str]) -> int:
    """Count the pictures there are of these days."""
    jobs = db.execute("SELECT job.frames FROM picture JOIN job ON job.id = picture.job_id")
    whole = str(server_scope(STUDIO))
    return sum(dict(json.loads(frames)).get(whole) in days for (frames,) in jobs)


def used(db: sqlite3.Connection, days: set[str]) -> Mapping[str, int]:
    """Give the balances of these days by scope."""
    found: dict[str, int] = defaultdict(int)
    for scope, day, amount in db.execute("SELECT scope, day, used FROM balance"):
        found[scope] += amount if day in days else 0
    return found


def check(town: Town, span: Span) -> None:
    report, rows = town.report(span)
    days = {day.isoformat() for day in dates(report.period)}
    people, operator, gateway, exposure = booked(town.db, days)
    balances = used(town.db, days)

    assert report.spent.micros == people == balances[str(server_scope(STUDIO))]
    for shares in (report.people, report.models, report.channels):
        assert total(amount for _, amount in shares) == report.spent
        assert list(shares) == sorted(shares, key=lambda share: -share[1].micros)
    assert (report.operator.micros, report.exposure.micros) == (operator, exposure)
    columns = ("charged", "operator", "gateway", "exposure")
    sums = tuple(micros(row[column] for row in rows) for column in columns)
    assert sums == (people, operator, gateway, exposure)
    assert report.entries == len(rows)
    assert report.pictures == sum(int(row["pictures"]) for row in rows) == drawn(town.db, days)

    for day, amount in zip(report.dates, report.days, strict=False):
        assert amount.micros == used(town.db, {day.isoformat()})[str(server_scope(STUDIO))]
    for channel, amount in report.channels:
        assert amount.micros == balances[f"channel/{STUDIO}/{channel}"]
    assert dict(report.pools) == {
        name: Money(spent)
        for name, spent in (("=Red", balances[f"pool/{STUDIO}/{town.team}"]),)
        if spent
    }
    for who, amount in report.people:
        own = (row["charged"] for row in rows if row["person"] == (str(who) if who else "erased"))
        assert micros(own) == amount.micros


@settings(max_examples=80, deadline=None)
@given(st.lists(st.one_of(deals, deals, deals, changes), min_size=1, max_size=25))
def test_every_way_of_adding_up_gives_the_ledgers_sum(
    steps: list[Deal | tuple[object, ...]],
) -> None:
    with (
        TemporaryDirectory() as folder,
        closing(database.opened(Path(folder) / "easel.db")) as db,
    ):
        town = Town(db)
        for step in steps:
            match step:
                case Deal():
                    town.deal(step)
                case ("zone", name):
                    town.zone(name)  # type: ignore[arg-type]  # drawn so
                case ("team", who, joins):
                    town.join(who, joins)  # type: ignore[arg-type]  # drawn so
                case (_, who):
                    town.erase(who)  # type: ignore[arg-type]  # drawn so
                case _:
                    raise AssertionError(step)
        for span in Span:
            check(town, span)


DEAL = Deal(
    who=ANN,
    server=STUDIO,
    channel=600,
    thread=False,
    model="painter",
    size="1K",
    images=2,
    unit=40_000,
    wait=0,
    end="settle",
    billed=90_000,
    usable=2,
    later=0,
    refunds=1,
)


@pytest.fixture
def town(db: sqlite3.Connection) -> Town:
    return Town(db)


def test_an_entry_is_a_row_with_what_it_was_for(town: Town) -> None:
    town.deal(DEAL)
    report, (paid, refunded) = town.report(Span.THIS_WEEK)
    job = paid["job"]
    assert paid == {
        "time": "2026-06-15T12:00:00+00:00",
        "day": "2026-06-15",
        "job": job,
        "call": f"{job}.1",
        "kind": "settled",
        "person": str(ANN),
        "channel": "600",
        "pool": "",
        "model": "painter",
        "size": "1K",
        "pictures": "2",
        "charged": "0.080000",
        "operator": "0.010000",
        "gateway": "0.090000",
        "exposure": "0.000000",
    }
    assert (refunded["kind"], refunded["pictures"]) == ("refunded", "0")
    assert (refunded["charged"], refunded["operator"]) == ("-0.040000", "0.040000")
    assert (report.spent, report.operator, report.pictures) == (Money(40_000), Money(50_000), 2)


def test_no_prompt_leaves_the_store(town: Town) -> None:
    town.deal(DEAL)
    _, rows = read(town.db, server_report(NOON, FREE, STUDIO, Span.THIS_WEEK))
    assert rows is not None
    assert "fox" not in repr(rows)


def test_who_paid_nothing_is_not_listed_and_a_gift_is_a_picture(town: Town) -> None:
    town.deal(replace(DEAL, end="late", billed=None, refunds=0))
    report, rows = town.report(Span.THIS_WEEK)
    assert [(row["kind"], row["pictures"]) for row in rows] == [
        ("released", "2"),
        ("billed late", "0"),
    ]
    assert (report.pictures, report.people, report.models, report.channels) == (2, (), (), ())
    assert (report.spent, report.operator, report.exposure) == (ZERO, Money(80_000), ZERO)


def test_an_order_counts_on_the_day_it_was_taken(town: Town) -> None:
    town.now = datetime(2026, 6, 14, 21, 59, tzinfo=UTC)  # Sunday, a minute before Warsaw's Monday
    town.deal(replace(DEAL, later=3, refunds=0))
    assert town.report(Span.THIS_WEEK)[0].spent == ZERO
    report, (row,) = town.report(Span.LAST_WEEK)
    assert report.days[-1] == Money(80_000)
    assert (row["day"], row["time"]) == ("2026-06-14", "2026-06-14T22:02:00+00:00")


def test_a_pool_and_a_thread_are_told_by_name_and_by_channel(town: Town) -> None:
    town.join(BEN, joins=True)
    town.deal(replace(DEAL, who=BEN, channel=601, thread=True))
    report, (row, _) = town.report(Span.THIS_WEEK)
    assert report.pools == (("=Red", Money(40_000)),)
    assert report.channels == ((601, Money(40_000)),)
    assert row["pool"] == "'=Red"  # or a spreadsheet would run it


def test_the_erased_are_one_and_have_no_name(town: Town) -> None:
    for who in (ANN, BEN):
        town.deal(replace(DEAL, who=who, refunds=0))
        town.erase(who)
    report, rows = town.report(Span.THIS_WEEK)
    assert report.people == ((None, Money(160_000)),)
    assert {row["person"] for row in rows} == {"erased"}


def test_what_another_server_spent_is_not_told(town: Town) -> None:
    town.deal(replace(DEAL, server=501))
    town.deal(replace(DEAL, server=None))
    report, rows = town.report(Span.THIS_WEEK)
    assert (report.spent, rows, report.people, report.pictures) == (ZERO, [], (), 0)


def test_days_of_a_zone_left_behind_are_not_lost(town: Town) -> None:
    town.zone("Asia/Tokyo")
    town.now = datetime(2026, 6, 15, 20, tzinfo=UTC)  # Tuesday there
    town.deal(replace(DEAL, refunds=0))
    town.zone("America/Los_Angeles")  # Monday still
    report, _ = town.report(Span.THIS_WEEK)
    assert report.days == (ZERO, Money(80_000))


def test_too_many_entries_are_summed_all_the_same(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reports, "LINES_MAX", 1)
    town.deal(DEAL)
    report, rows = read(town.db, server_report(town.now, FREE, STUDIO, Span.THIS_WEEK))
    assert (report.spent, report.entries, rows) == (Money(40_000), 2, None)


async def test_a_running_period_is_compared_with_the_limits_that_hold(
    store: Store, clock: StillClock
) -> None:
    await store.set_limit(server_scope(STUDIO), PeriodKind.WEEK, Money(5_000_000), BEN)
    week, sheet = await store.report(STUDIO, Span.THIS_WEEK)
    assert (week.limit, week.day_limit) == (Money(5_000_000), Money(10_000_000))
    assert week.days == (ZERO,)
    assert sheet is not None
    assert lines(sheet) == []
    last, _ = await store.report(STUDIO, Span.LAST_WEEK)
    assert (last.limit, last.day_limit, last.pace, len(last.days)) == (None, None, None, 7)
    assert last.dates[-1] == date(2026, 6, 14)
    clock.at += timedelta(days=1)
    month, _ = await store.report(STUDIO, Span.THIS_MONTH)
    assert (month.limit, len(month.days)) == (None, 16)
    assert month.forecast == ZERO
    await store.set_limit(server_scope(STUDIO), PeriodKind.DAY, Rule.UNLIMITED, BEN)
    assert (await store.report(STUDIO, Span.THIS_WEEK))[0].day_limit is None
