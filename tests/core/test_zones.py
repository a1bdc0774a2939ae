"""In every zone of the tz database each instant is in exactly one period of each kind."""

from zoneinfo import available_timezones

import pytest

from bot.core.limits import PeriodKind
from tests.core.zones import AROUND, COUNTED, FIRST, LAST, Turns, calendar, clocks


@pytest.fixture(scope="module")
def every_clock() -> dict[Turns, list[str]]:
    return clocks()


def test_no_zone_is_left_out(every_clock: dict[Turns, list[str]]) -> None:
    names = [name for same in every_clock.values() for name in same]
    assert sorted(names) == sorted(available_timezones())
    assert len(names) > 500
    assert any(len(turns) > 14 for turns in every_clock)  # two changes each year


def test_periods_abut_grow_and_change_at_the_first_second_of_a_date_in_every_zone(
    every_clock: dict[Turns, list[str]],
) -> None:
    for turns, (name, *_) in every_clock.items():
        found = calendar(name, turns)
        found.check_around(PeriodKind.DAY, (-1, 0))  # the rest of AROUND: `make storm`
        found.check_around(PeriodKind.WEEK)
        found.check_around(PeriodKind.MONTH)


def test_a_day_lies_inside_its_week_and_month_wherever_a_clock_is_set(
    every_clock: dict[Turns, list[str]],
) -> None:
    for turns, (name, *_) in every_clock.items():
        found = calendar(name, turns)
        for turn, _ in turns[1:]:
            for second in (turn + shift for shift in AROUND):
                if FIRST <= second < LAST:
                    found.check_all(second)


def test_every_period_begins_on_a_whole_minute_so_that_a_minute_has_one_answer(
    every_clock: dict[Turns, list[str]],
) -> None:
    for turns, (name, *_) in every_clock.items():
        starts = calendar(name, turns).starts
        assert not [second for kind in COUNTED for second in starts[kind] if second % 60], name
