"""Every instant is in exactly one period of each kind, whatever the zone does to its clocks."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest

from bot.core.limits import Period, PeriodKind, period

COUNTED = [PeriodKind.DAY, PeriodKind.WEEK, PeriodKind.MONTH]
FIRST, LAST = datetime(2024, 1, 1, tzinfo=UTC), datetime(2031, 1, 1, tzinfo=UTC)
AROUND = [timedelta(seconds=s) for s in (-3600, -1, 0, 1, 3600)]


def bounds(found: Period) -> tuple[datetime, datetime]:
    assert found.starts_at is not None
    assert found.ends_at is not None
    return found.starts_at, found.ends_at


def walk(kind: PeriodKind, zone: ZoneInfo, start: datetime, end: datetime) -> list[Period]:
    found = [period(kind, start, zone)]
    while (edge := bounds(found[-1])[1]) < end:
        found.append(period(kind, edge, zone))
    return found


def check(kind: PeriodKind, zone: ZoneInfo, start: datetime, end: datetime) -> None:
    periods = walk(kind, zone, start, end)
    assert len({each.first for each in periods}) == len(periods)
    for before, after in pairwise(periods):
        assert bounds(before)[1] == bounds(after)[0]
        assert bounds(after)[0] < bounds(after)[1]
        for moment in (bounds(after)[0] + shift for shift in AROUND):
            expected = before if moment < bounds(after)[0] else after
            assert period(kind, moment, zone) == expected


@pytest.mark.parametrize(
    ("name", "year"),
    [
        ("America/Toronto", 1919),  # 23:30 became 00:30
        ("America/St_Johns", 2006),  # 00:01 became 23:01
        ("Pacific/Apia", 2011),  # 30 December never was
    ],
)
@pytest.mark.parametrize("kind", COUNTED)
def test_clocks_that_jump_across_midnight_leave_no_hole(
    name: str, year: int, kind: PeriodKind
) -> None:
    zone = ZoneInfo(name)
    start = datetime(year, 1, 1, tzinfo=UTC)
    check(kind, zone, start, start + timedelta(days=366))
    for minutes in range(0, 366 * 24 * 60, 20):
        moment = start + timedelta(minutes=minutes)
        starts_at, ends_at = bounds(period(kind, moment, zone))
        assert starts_at <= moment < ends_at


@pytest.mark.parametrize(
    ("name", "day", "starts", "hours"),
    [
        ("Africa/Cairo", "2026-04-24", "2026-04-23T22:00", 23),  # no midnight
        ("Asia/Beirut", "2026-03-29", "2026-03-28T22:00", 23),
        ("America/Santiago", "2026-09-06", "2026-09-06T04:00", 23),
        ("America/Havana", "2026-11-01", "2026-11-01T04:00", 25),  # two midnights
        ("Asia/Kathmandu", "2026-11-01", "2026-10-31T18:15", 24),
    ],
)
def test_odd_midnights_start_the_day_once(name: str, day: str, starts: str, hours: int) -> None:
    starts_at = datetime.fromisoformat(starts).replace(tzinfo=UTC)
    found = period(PeriodKind.DAY, starts_at + timedelta(hours=12), ZoneInfo(name))
    assert found.first == day
    assert bounds(found) == (starts_at, starts_at + timedelta(hours=hours))


def test_a_lord_howe_day_can_be_half_an_hour_long_or_short() -> None:
    days = walk(PeriodKind.DAY, ZoneInfo("Australia/Lord_Howe"), FIRST, LAST)
    lengths = {ends_at - starts_at for starts_at, ends_at in map(bounds, days)}
    assert lengths == {timedelta(hours=hours) for hours in (23.5, 24, 24.5)}


def test_a_week_starts_on_monday_and_a_month_on_its_first() -> None:
    now = datetime(2026, 3, 1, 12, tzinfo=UTC)  # a Sunday
    zone = ZoneInfo("UTC")
    assert period(PeriodKind.WEEK, now, zone).first == "2026-02-23"
    month = period(PeriodKind.MONTH, now, zone)
    assert (month.first, month.after) == ("2026-03-01", "2026-04-01")
    assert bounds(month)[1] == datetime(2026, 4, 1, tzinfo=UTC)


def test_the_total_never_ends() -> None:
    now = datetime(2026, 3, 1, tzinfo=UTC)
    total = period(PeriodKind.TOTAL, now, ZoneInfo("UTC"))
    assert (total.starts_at, total.ends_at) == (None, None)
    for day in ("0001-01-01", "9999-12-31"):
        assert total.first <= day < total.after
