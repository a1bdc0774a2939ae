"""A person's money, added up from calls and entries alone: what views are held against."""

import json
import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from bot.core.limits import OPERATOR, PeriodKind
from bot.core.money import ZERO, Money, total


@dataclass(frozen=True, slots=True)
class Work:
    """One job as its calls and entries have it, past the balances and the store's own words."""

    id: str
    discord_id: int
    frames: Mapping[str, str]  # scope: the local day it counts on
    held: Money
    paid: Money
    wallet: Money


@dataclass(frozen=True, slots=True)
class Line:
    """One limit, as a view should show it."""

    kind: PeriodKind
    limit: Money
    used: Money
    held: Money

    @property
    def left(self) -> Money:
        """Give what is neither used nor held."""
        return max(self.limit - self.used - self.held, ZERO)


class Account:
    """What the calls and entries of a database say, read again only once something was booked."""

    def __init__(self, db: sqlite3.Connection) -> None:
        self._db = db
        self._read_at = -1
        self._works: list[Work] = []

    def version(self) -> int:
        """Give a number that changes with every commit."""
        (version,) = self._db.execute("PRAGMA data_version").fetchone()
        return int(version)

    def works(self) -> list[Work]:
        """Give every job, the newest first."""
        if self._read_at != (version := self.version()):
            self._works = [
                Work(job, who, dict(json.loads(frames)), *map(Money, money))
                for job, who, frames, *money in self._db.execute(_WORKS)
            ]
            self._read_at = version
        return self._works


_WORKS = """
WITH money AS (SELECT job_id, sum(person_micros) AS paid,
sum(gateway_micros + exposure_micros) AS wallet
FROM entry JOIN call ON call.id = call_id GROUP BY job_id)
SELECT job.id, discord_id, frames, coalesce(sum(hold) FILTER (WHERE
state IN ('held', 'sent', 'unknown')), 0), coalesce(paid, 0), coalesce(wallet, 0)
FROM job JOIN person ON person.id = job.person_id JOIN call ON call.job_id = job.id
LEFT JOIN money ON money.job_id = job.id
GROUP BY job.id ORDER BY job.created_at DESC, job.id
"""


def lines(
    done: list[Work], subject: str, limits: Mapping[PeriodKind, Money], today: date
) -> list[Line]:
    """Add up what counts in the periods of a scope that run today."""
    found = []
    for kind, limit in limits.items():
        counted = [
            work
            for work in done
            if subject in work.frames
            and _mark(kind, date.fromisoformat(work.frames[subject])) == _mark(kind, today)
        ]
        used = total(each.wallet if subject == str(OPERATOR) else each.paid for each in counted)
        found.append(Line(kind, limit, used, total(each.held for each in counted)))
    return found


def _mark(kind: PeriodKind, day: date) -> object:
    """Give what the days of one period have in common."""
    match kind:
        case PeriodKind.DAY:
            return day
        case PeriodKind.WEEK:
            return day.isocalendar()[:2]
        case PeriodKind.MONTH:
            return day.year, day.month
        case PeriodKind.TOTAL:
            return None
