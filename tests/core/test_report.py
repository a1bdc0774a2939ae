"""Reports: which days they have, and where the money spent so far leads."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.limits import PeriodKind, period
from bot.core.money import ZERO, Money, total
from bot.core.report import Pace, Report, Span, dates

UTC_ZONE = ZoneInfo("UTC")
WARSAW = ZoneInfo("Europe/Warsaw")
NOON = datetime(2026, 6, 17, 12, tzinfo=UTC)  # a Wednesday
DOLLAR = Money(1_000_000)

instants = st.datetimes(datetime(2000, 1, 3), datetime(2040, 1, 1)).map(  # noqa: DTZ001 - made aware
    lambda naive: naive.replace(tzinfo=UTC)
)
zones = st.sampled_from(["UTC", "Europe/Warsaw", "Pacific/Apia", "America/Santiago"]).map(ZoneInfo)


def report(
    span: Span = Span.THIS_MONTH,
    *,
    spent: list[Money],
    now: datetime = NOON,
    zone: ZoneInfo = UTC_ZONE,
    limit: Money | None = None,
) -> Report:
    return Report(
        span=span,
        period=span.period(now, zone),
        days=tuple(spent),
        people=(),
        models=(),
        channels=(),
        pools=(),
        entries=0,
        pictures=0,
        operator=ZERO,
        exposure=ZERO,
        limit=limit,
        day_limit=None,
        pace=Pace.of(spent, now, zone),
    )


@pytest.mark.parametrize(
    ("span", "first", "after"),
    [
        (Span.THIS_WEEK, "2026-06-15", "2026-06-22"),
        (Span.LAST_WEEK, "2026-06-08", "2026-06-15"),
        (Span.THIS_MONTH, "2026-06-01", "2026-07-01"),
        (Span.LAST_MONTH, "2026-05-01", "2026-06-01"),
    ],
)
def test_a_span_is_whole_local_days(span: Span, first: str, after: str) -> None:
    about = span.period(NOON, UTC_ZONE)
    assert (about.kind, about.first, about.after) == (span.kind, first, after)
    days = dates(about)
    assert (days[0], days[-1] + timedelta(days=1)) == (
        date.fromisoformat(first),
        date.fromisoformat(after),
    )


@given(
    st.sampled_from([(Span.LAST_WEEK, Span.THIS_WEEK), (Span.LAST_MONTH, Span.THIS_MONTH)]),
    instants,
    zones,
)
def test_the_last_period_ends_where_this_one_begins(
    spans: tuple[Span, Span], now: datetime, zone: ZoneInfo
) -> None:
    last, this = (span.period(now, zone) for span in spans)
    assert last.after == this.first


def test_the_pace_is_that_of_the_days_so_far_and_of_the_part_of_today() -> None:
    one = report(Span.THIS_WEEK, spent=[DOLLAR * 2, DOLLAR * 2, DOLLAR])  # $5 in two and a half
    assert one.spent == DOLLAR * 5
    assert one.forecast == DOLLAR * 5 + DOLLAR * 9  # four and a half to come


def test_later_the_pace_is_that_of_the_last_seven_days() -> None:
    spent = [DOLLAR * 100] * 10 + [DOLLAR] * 6 + [Money(500_000)]
    assert report(spent=spent).forecast == total(spent) + Money(13_500_000)


def test_before_a_whole_day_has_passed_nothing_is_foretold() -> None:
    one = report(Span.THIS_WEEK, spent=[DOLLAR], limit=DOLLAR * 2)
    assert (one.forecast, one.runs_out) == (None, None)


def test_it_tells_on_which_day_the_limit_is_used_up() -> None:
    spent = [DOLLAR] * 16 + [Money(500_000)]  # the 17th at noon, a dollar a day
    ends = {16_800_000: 17, 17_000_000: 18, 28_600_000: 29, 30_000_000: None, 400_000_000: None}
    for limit, day in ends.items():  # midnight is the next day's
        one = report(spent=spent, limit=Money(limit))
        assert one.runs_out == (None if day is None else date(2026, 6, day)), limit
    assert report(spent=spent, limit=total(spent)).runs_out is None  # it is used up already
    assert report(spent=spent).runs_out is None
    assert report(spent=[ZERO] * 17, limit=DOLLAR).runs_out is None


def test_a_day_of_another_length_is_a_day_all_the_same() -> None:
    now = datetime(2026, 3, 29, 10, tzinfo=UTC)  # noon in Warsaw, eleven hours after midnight
    one = report(Span.THIS_WEEK, spent=[DOLLAR] * 6 + [ZERO], now=now, zone=WARSAW)
    assert one.pace is not None
    assert one.pace.day == 23 * 3600 * 10**6
    assert one.pace.gone == 11 * 3600 * 10**6
    assert one.forecast == DOLLAR * 6 + Money(6_000_000 * 12 // (6 * 23 + 11))


@given(
    st.sampled_from([Span.THIS_WEEK, Span.THIS_MONTH]),
    instants,
    zones,
    st.lists(st.integers(0, 10**12).map(Money), min_size=31, max_size=31),
    st.integers(0, 10**13).map(Money),
)
def test_a_forecast_is_never_below_what_is_spent_nor_at_odds_with_the_limit(
    span: Span, now: datetime, zone: ZoneInfo, spent: list[Money], limit: Money
) -> None:
    today = period(PeriodKind.DAY, now, zone).first
    every = [day.isoformat() for day in dates(span.period(now, zone))]
    so_far = spent[: every.index(today) + 1] if today in every else spent[: len(every)]
    one = report(span, spent=so_far, now=now, zone=zone, limit=limit)
    if one.forecast is None:
        assert one.runs_out is None
        return
    assert one.forecast >= one.spent
    if one.runs_out is not None:
        assert one.forecast >= limit - Money(1)  # a rest of a division is given away
        assert one.dates[len(so_far) - 1] <= one.runs_out <= one.dates[-1]
    elif one.spent < limit:
        assert one.forecast <= limit
