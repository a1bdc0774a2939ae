"""What the clocks of the tz database show, from their offsets alone: what periods are held to."""

from bisect import bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo, available_timezones

from bot.core.limits import Period, PeriodKind, period

FIRST, LAST = (int(datetime(year, 1, 1, tzinfo=UTC).timestamp()) for year in (2024, 2031))
COUNTED = (PeriodKind.DAY, PeriodKind.WEEK, PeriodKind.MONTH)
HOUR_S, DAY_S = 3600, 86400
AROUND = (-HOUR_S, -1, 0, 1, HOUR_S)

_MARGIN_S = 35 * DAY_S  # the months at both ends are whole
_EPOCH = date(1970, 1, 1)

Turns = tuple[tuple[int, int], ...]
"""A clock: from which second on it is how far ahead of UTC, in seconds."""


def clocks() -> dict[Turns, list[str]]:
    """Find every zone there is; those that show the same in these years are one clock."""
    found: dict[Turns, list[str]] = {}
    for name in sorted(available_timezones()):
        found.setdefault(_turns(ZoneInfo(name)), []).append(name)
    return found


def offset_at(zone: ZoneInfo, second: int) -> int:
    """Tell how far ahead of UTC a zone is."""
    ahead = datetime.fromtimestamp(second, zone).utcoffset()
    assert ahead is not None
    return ahead // timedelta(seconds=1)


def _turns(zone: ZoneInfo) -> Turns:
    last = FIRST - _MARGIN_S
    found = [(last, offset_at(zone, last))]
    for second in range(last + DAY_S, LAST + _MARGIN_S, DAY_S):
        if offset_at(zone, second) != found[-1][1]:
            turn = _first_second(zone, second - DAY_S, second)
            found.append((turn, offset_at(zone, turn)))
    return tuple(found)


def _first_second(zone: ZoneInfo, before: int, after: int) -> int:
    """Find the second between two at which the offset changes."""
    old = offset_at(zone, before)
    seconds = range(before, after)
    return before + bisect_right(seconds, False, key=lambda second: offset_at(zone, second) != old)


@dataclass(frozen=True, slots=True)
class Calendar:
    """Every period of one clock, worked out second by second.

    A day begins when its date, or a later one, is shown for the first time.
    """

    zone: ZoneInfo
    periods: dict[PeriodKind, list[Period]]
    starts: dict[PeriodKind, list[int]]

    def at(self, kind: PeriodKind, second: int) -> Period:
        """Give the period that a second is in."""
        return self.periods[kind][bisect_right(self.starts[kind], second) - 1]

    def check(self, second: int, kinds: Iterable[PeriodKind] = COUNTED) -> list[Period]:
        """Hold the periods of an instant against this calendar, and give them."""
        now = datetime.fromtimestamp(second, UTC)
        found = [period(kind, now, self.zone) for kind in kinds]
        assert found == [self.at(kind, second) for kind in kinds], (self.zone.key, second)
        return found

    def check_around(self, kind: PeriodKind, shifts: Iterable[int] = AROUND) -> None:
        """Check the instants around each first second of a kind."""
        for second in self.starts[kind]:
            for shift in shifts:
                if FIRST <= second + shift < LAST:
                    self.check(second + shift, (kind,))

    def check_all(self, second: int) -> None:
        """Check all kinds; the local day lies inside the week and the month of the instant."""
        day, *longer = self.check(second)
        for each in longer:
            assert each.first <= day.first < day.after <= each.after, (self.zone.key, second)


def calendar(name: str, turns: Turns) -> Calendar:
    """Work a zone's calendar out, and prove that its periods grow and leave no gap."""
    days = list(_days(turns))
    assert all(after[0] - before[0] == timedelta(days=1) for before, after in pairwise(days))
    periods = {kind: list(_periods(kind, days)) for kind in COUNTED}
    starts = {kind: [_second(each.starts_at) for each in periods[kind]] for kind in COUNTED}
    for kind in COUNTED:
        assert all(before < after for before, after in pairwise(starts[kind]))
        assert starts[kind][0] <= FIRST
        assert _second(periods[kind][-1].ends_at) >= LAST
    return Calendar(ZoneInfo(name), periods, starts)


def _days(turns: Turns) -> Iterator[tuple[date, int]]:
    shown = (turns[0][0] + turns[0][1]) // DAY_S  # has begun already, so it is left out
    for (start, ahead), (end, _) in pairwise([*turns, (LAST + _MARGIN_S, 0)]):
        last = (end - 1 + ahead) // DAY_S
        for number in range(shown + 1, last + 1):
            yield _EPOCH + timedelta(days=number), max(start, number * DAY_S - ahead)
        shown = max(shown, last)


def _periods(kind: PeriodKind, days: Iterable[tuple[date, int]]) -> Iterator[Period]:
    firsts = ((day, second) for day, second in days if _is_first(kind, day))
    for (day, second), (after, end) in pairwise(firsts):
        starts_at, ends_at = (datetime.fromtimestamp(each, UTC) for each in (second, end))
        yield Period(kind, day.isoformat(), after.isoformat(), starts_at, ends_at)


def _is_first(kind: PeriodKind, day: date) -> bool:
    if kind is PeriodKind.MONTH:
        return day.day == 1
    return kind is PeriodKind.DAY or day.weekday() == 0


def _second(moment: datetime | None) -> int:
    assert moment is not None
    return int(moment.timestamp())
