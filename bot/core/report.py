"""Reports: what a server spent in a period, on whom and what, and where that leads."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import TypeAlias, TypeVar
from zoneinfo import ZoneInfo

from bot.core.limits import Period, PeriodKind, period
from bot.core.money import Money, total

T = TypeVar("T")
Shares: TypeAlias = tuple[tuple[T, Money], ...]
"""Subjects with what each of them took, the most first."""

_TICK = timedelta(microseconds=1)
_RECENT = 7  # days that the pace is taken from


class Span(StrEnum):
    """The period that a report is about."""

    THIS_WEEK = "this week"
    LAST_WEEK = "last week"
    THIS_MONTH = "this month"
    LAST_MONTH = "last month"

    @property
    def kind(self) -> PeriodKind:
        """Tell which limits count over it."""
        weeks = (Span.THIS_WEEK, Span.LAST_WEEK)
        return PeriodKind.WEEK if self in weeks else PeriodKind.MONTH

    def period(self, now: datetime, zone: ZoneInfo) -> Period:
        """Find the days it has."""
        running = period(self.kind, now, zone)
        if self in {Span.THIS_WEEK, Span.THIS_MONTH} or running.starts_at is None:
            return running
        return period(self.kind, running.starts_at - _TICK, zone)


def dates(about: Period) -> tuple[date, ...]:
    """Give every day of a period that has an end."""
    first, after = (date.fromisoformat(day) for day in (about.first, about.after))
    return tuple(first + timedelta(days=each) for each in range((after - first).days))


@dataclass(frozen=True, slots=True)
class Pace:
    """What was spent lately, over so many ticks; `gone` of a `day` of them are today's."""

    spent: Money
    ticks: int
    day: int
    gone: int

    @classmethod
    def of(cls, days: Sequence[Money], now: datetime, zone: ZoneInfo) -> "Pace | None":
        """Take the pace of the last seven days, or of as many as there are; the last is today.

        None as long as no whole day has passed: an hour's pace says nothing about a month.
        """
        today, recent = period(PeriodKind.DAY, now, zone), days[-_RECENT:]
        if len(recent) < 2 or today.starts_at is None or today.ends_at is None:  # noqa: PLR2004 - today and a whole one
            return None
        day, gone = (today.ends_at - today.starts_at) // _TICK, (now - today.starts_at) // _TICK
        return cls(total(recent), (len(recent) - 1) * day + gone, day, gone)

    def in_days(self, days: int) -> Money:
        """Tell what is spent from now to the end of the day so many days after today."""
        return Money(self.spent.micros * ((days + 1) * self.day - self.gone) // self.ticks)

    def days_for(self, amount: Money) -> int | None:
        """Tell how many days after today that much will be spent; None is never."""
        if not self.spent:
            return None
        ticks = amount.micros * self.ticks // self.spent.micros
        return (self.gone + ticks) // self.day


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What people were charged for a server's orders, less what they got back.

    An order counts on the local day it was taken, as for limits, whenever it is settled.

    Args:
        days: what each day took; those to come are not among them.
        people: by Discord id; None stands for everybody who was erased.
        pools: by name; what people pay themselves is not in there.
        entries: how many lines of the ledger this is the sum of.
        operator: what the operator paid besides: bills above the quote, and refunds.
        exposure: what may have been billed to the operator besides.
        limit: what the server may spend in the period, while that runs.
        day_limit: what it may spend in a day, likewise.
        pace: None when the period is over, or has only begun.
    """

    span: Span
    period: Period
    days: tuple[Money, ...]
    people: Shares[int | None]
    models: Shares[str]
    channels: Shares[int]
    pools: Shares[str]
    entries: int
    pictures: int
    operator: Money
    exposure: Money
    limit: Money | None
    day_limit: Money | None
    pace: Pace | None

    @property
    def spent(self) -> Money:
        """Add up the days."""
        return total(self.days)

    @property
    def dates(self) -> tuple[date, ...]:
        """Give every day of the period."""
        return dates(self.period)

    @property
    def forecast(self) -> Money | None:
        """Tell what the period will have taken at this pace; never less than was spent."""
        if self.pace is None:
            return None
        return self.spent + self.pace.in_days(len(self.dates) - len(self.days))

    @property
    def runs_out(self) -> date | None:
        """Tell on which day of the period its limit is used up at this pace, if on any."""
        if self.pace is None or self.limit is None or self.spent >= self.limit:
            return None
        days = self.pace.days_for(self.limit - self.spent)
        left = self.dates[len(self.days) - 1 :]
        return left[days] if days is not None and days < len(left) else None
