"""Limits, the scopes they hold for, and the periods they are counted in."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import Enum, StrEnum
from typing import TypeAlias
from zoneinfo import ZoneInfo

from typing_extensions import override

from bot.core.money import Money


class PeriodKind(StrEnum):
    """How long a limit counts."""

    DAY = "day"
    WEEK = "week"  # from Monday
    MONTH = "month"
    TOTAL = "total"


@dataclass(frozen=True, slots=True)
class Period:
    """A stretch of time in one zone; `key` is stored on holds and never recomputed."""

    kind: PeriodKind
    key: str
    starts_at: datetime | None  # UTC; None for total
    ends_at: datetime | None


def period(kind: PeriodKind, now: datetime, zone: ZoneInfo) -> Period:
    """Find the period of `kind` that contains `now`.

    A period starts at local midnight. Where that midnight is skipped it starts when it would
    have come, and where midnight comes twice, at the first.
    """
    if kind is PeriodKind.TOTAL:
        return Period(kind, "total", None, None)
    today = now.astimezone(zone).date()
    # A clock set back or forward across midnight shows a day that ended or has not begun yet.
    near = (_first_day(kind, today + timedelta(days=days)) for days in (1, 0, -1))
    first = next(day for day in near if _midnight(day, zone) <= now)
    following = _next_first_day(kind, first)
    return Period(
        kind,
        f"{kind[0]}:{first.isoformat()}@{zone.key}",
        _midnight(first, zone),
        _midnight(following, zone),
    )


def _first_day(kind: PeriodKind, day: date) -> date:
    if kind is PeriodKind.WEEK:
        return day - timedelta(days=day.weekday())
    return day.replace(day=1) if kind is PeriodKind.MONTH else day


def _next_first_day(kind: PeriodKind, first: date) -> date:
    if kind is PeriodKind.MONTH:
        return (first + timedelta(days=31)).replace(day=1)
    return first + timedelta(days=7 if kind is PeriodKind.WEEK else 1)


def _midnight(day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, time(), zone).astimezone(UTC)


class Rule(Enum):
    """The two limits that are not amounts. Unset is neither of them: it is no rule at all."""

    UNLIMITED = "unlimited"
    BLOCKED = "blocked"


Limit: TypeAlias = Money | Rule


class ScopeKind(StrEnum):
    """Whose spending a limit bounds."""

    PERSON = "person"  # one person in one server
    MEMBERS = "members"  # the default for each person of a server: a rule, never a balance
    SERVER = "server"
    OPERATOR = "operator"  # everything this bot spends


@dataclass(frozen=True, slots=True)
class Scope:
    """A limit's subject; `id` is empty for the operator."""

    kind: ScopeKind
    id: str = ""

    @override
    def __str__(self) -> str:
        return f"{self.kind}:{self.id}"


DIRECT = "direct"  # the "server" of DMs and user-installs, whose default limit is 0


def server_key(server_id: int | None) -> str:
    """Name a server in scopes; None is a place outside servers."""
    return DIRECT if server_id is None else str(server_id)


def person_scope(server_id: int | None, person: str) -> Scope:
    """Give the scope of one person's own limit in one server."""
    return Scope(ScopeKind.PERSON, f"{server_key(server_id)}/{person}")


def members_scope(server_id: int | None) -> Scope:
    """Give the scope of a server's default for each person."""
    return Scope(ScopeKind.MEMBERS, server_key(server_id))


def server_scope(server_id: int | None) -> Scope:
    """Give the scope of a server's own limit."""
    return Scope(ScopeKind.SERVER, server_key(server_id))


OPERATOR = Scope(ScopeKind.OPERATOR)


@dataclass(frozen=True, slots=True, kw_only=True)
class Allowance:
    """What one limit allows in the period that runs now."""

    scope: Scope
    period: Period
    limit: Limit
    used: Money
    held: Money

    @property
    def left(self) -> Money | None:
        """Give what can still be held; None means unlimited."""
        match self.limit:
            case Rule.UNLIMITED:
                return None
            case Rule.BLOCKED:
                return Money(0)
            case amount:
                return max(amount - self.used - self.held, Money(0))


def tightest(allowances: Iterable[Allowance]) -> Allowance | None:
    """Find the allowance with the least left; None when all are unlimited."""
    limited = [(left, each) for each in allowances if (left := each.left) is not None]
    return min(limited, key=lambda pair: pair[0])[1] if limited else None
