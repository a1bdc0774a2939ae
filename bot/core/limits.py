"""Limits, the scopes they hold for, and the periods they are counted in."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import Enum, StrEnum
from math import inf
from typing import TypeAlias
from zoneinfo import ZoneInfo

from typing_extensions import override

from bot.core.money import ZERO, Money


class PeriodKind(StrEnum):
    """How long a limit counts."""

    DAY = "day"
    WEEK = "week"  # from Monday
    MONTH = "month"
    TOTAL = "total"


@dataclass(frozen=True, slots=True)
class Period:
    """A stretch of whole local days, as ISO dates: those from `first` up to, not with, `after`.

    Spending is kept by local day, so a period's is a sum over its days and nothing is ever reset.
    """

    kind: PeriodKind
    first: str
    after: str
    starts_at: datetime | None  # UTC; None for total
    ends_at: datetime | None


_ALWAYS = Period(PeriodKind.TOTAL, "", "~", None, None)  # around every ISO date there is


def period(kind: PeriodKind, now: datetime, zone: ZoneInfo) -> Period:
    """Find the period of `kind` that contains `now`.

    A period starts at local midnight. Where that midnight is skipped it starts when it would
    have come, and where midnight comes twice, at the first.
    """
    if kind is PeriodKind.TOTAL:
        return _ALWAYS
    today = now.astimezone(zone).date()
    # A clock set back or forward across midnight shows a day that ended or has not begun yet.
    near = (_first_day(kind, today + timedelta(days=days)) for days in (1, 0, -1))
    first = next(day for day in near if _midnight(day, zone) <= now)
    following = _next_first_day(kind, first)
    return Period(
        kind,
        first.isoformat(),
        following.isoformat(),
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
    """Whose spending a limit bounds; the last three are rules only and have no balance."""

    PERSON = "person"  # one person in one server
    MEMBER = "member"  # one person's part of a pool
    POOL = "pool"  # a team, or everybody at an event
    CHANNEL = "channel"
    SERVER = "server"
    OPERATOR = "operator"  # everything this bot spends
    ROLE = "role"  # each person who has it
    MEMBERS = "members"  # each person of a server who has no rule of their own
    CAP = "cap"  # each member of a pool


@dataclass(frozen=True, slots=True)
class Scope:
    """A limit's subject within a server; only the operator's has no server."""

    kind: ScopeKind
    server: str = ""
    subject: str = ""

    @override
    def __str__(self) -> str:
        return "/".join(filter(None, (self.kind, self.server, self.subject)))


DIRECT = "direct"  # the "server" of DMs and user-installs, whose default limit is 0
OPERATOR = Scope(ScopeKind.OPERATOR)


def server_key(server_id: int | None) -> str:
    """Name a server in scopes; None is a place outside servers."""
    return DIRECT if server_id is None else str(server_id)


def scope(kind: ScopeKind, server_id: int | None, subject: object = "") -> Scope:
    """Give a scope of a server: subjects are a person's reference, a pool's, or Discord ids."""
    return Scope(kind, server_key(server_id), str(subject))


def person_scope(server_id: int | None, person: str) -> Scope:
    """Give the scope of one person's own limit in one server."""
    return scope(ScopeKind.PERSON, server_id, person)


def members_scope(server_id: int | None) -> Scope:
    """Give the scope of a server's default for each person."""
    return scope(ScopeKind.MEMBERS, server_id)


def server_scope(server_id: int | None) -> Scope:
    """Give the scope of a server's own limit."""
    return scope(ScopeKind.SERVER, server_id)


def member_scope(server_id: int | None, pool: str, person: str) -> Scope:
    """Give the scope of one person's part of a pool."""
    return Scope(ScopeKind.MEMBER, server_key(server_id), f"{pool}/{person}")


OWN = frozenset({ScopeKind.PERSON, ScopeKind.MEMBER})
"""The scopes that a grant can raise: what one person may spend."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Allowance:
    """What one limit allows in the period that runs now.

    `source` is where the rule was set, None for what holds until somebody sets one; `name` is the
    pool's if it is one's. `granted` is contained in `limit`.
    """

    scope: Scope
    period: Period
    limit: Limit
    used: Money
    held: Money
    source: Scope | None = None
    name: str = ""
    granted: Money = ZERO

    @property
    def left(self) -> Money | None:
        """Give what can still be held; None means unlimited."""
        match self.limit:
            case Rule.UNLIMITED:
                return None
            case Rule.BLOCKED:
                return ZERO
            case amount:
                return max(amount - self.used - self.held, ZERO)


def tightest(allowances: Iterable[Allowance]) -> Allowance | None:
    """Find the allowance with the least left; None when all are unlimited.

    Of several it is the one that starts again last, or never: until then nothing fits.
    """
    limited = [(left, each) for each in allowances if (left := each.left) is not None]
    return min(limited, key=_by_room)[1] if limited else None


def _by_room(pair: tuple[Money, Allowance]) -> tuple[Money, float]:
    left, allowance = pair
    ends_at = allowance.period.ends_at
    return left, -inf if ends_at is None else -ends_at.timestamp()


def highest(limits: Iterable[Limit]) -> Limit | None:
    """Pick the most generous of several rules: unlimited is above every amount; no block counts."""
    given = set(limits)
    if Rule.UNLIMITED in given:
        return Rule.UNLIMITED
    return max((limit for limit in given if isinstance(limit, Money)), default=None)
