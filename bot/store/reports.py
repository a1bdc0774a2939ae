"""Reports: every entry of a server's period with what it was for, and what they add up to."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

from bot.core.limits import Limit, Period, PeriodKind, ScopeKind, period, scope
from bot.core.money import Money
from bot.core.report import Pace, Report, Shares, Span, dates
from bot.core.sheet import Cell, sheet
from bot.store.reading import Reading, Rows
from bot.store.rows import moment, ticks
from bot.store.rules import Terms
from bot.store.tallies import standing

T = TypeVar("T")

LINES_MAX = 20_000  # some 3 MB as a file, and 20 MB while they are written down
_COLUMNS = (
    *("time", "day", "job", "call", "kind", "person", "channel", "pool", "model", "size"),
    *("pictures", "charged", "operator", "gateway", "exposure"),
)
_SLACK = timedelta(days=2)  # no zone's day is that far from UTC's

# A job's frames are its own scope (in a pool also that), channel, server and operator; all but
# the last stand on the server's day. Pictures are counted where their call was resolved.
_LINES = """
WITH line AS MATERIALIZED (
SELECT entry.id, entry.at, json_extract(job.frames, '$[0][1]') AS day, job.id AS job,
call.id AS call, entry.kind, person.discord_id AS person,
substr(json_extract(job.frames, '$[#-3][0]'), ?) AS channel, pool.name AS pool,
json_extract(job.order_json, '$.model') AS model, json_extract(job.order_json, '$.size') AS size,
CASE WHEN entry.kind IN ('settled', 'released')
THEN (SELECT count(*) FROM picture WHERE picture.call_id = call.id) ELSE 0 END AS pictures,
entry.person_micros AS charged, entry.operator_micros AS operator,
entry.gateway_micros AS gateway, entry.exposure_micros AS exposure
FROM job JOIN call ON call.job_id = job.id JOIN entry ON entry.call_id = call.id
JOIN person ON person.id = entry.person_id
LEFT JOIN pool ON pool.id = substr(json_extract(job.frames, '$[1][0]'), ?)
WHERE job.server_id = ? AND job.created_at >= ? AND job.created_at < ?
AND json_extract(job.frames, '$[0][1]') >= ? AND json_extract(job.frames, '$[0][1]') < ?)
"""
_SUMS = _LINES + " UNION ALL ".join(
    [
        *(
            f"SELECT '{what}', '', coalesce(sum({what}), 0) FROM line"  # noqa: S608 - names
            for what in ("pictures", "operator", "exposure")
        ),
        "SELECT 'entries', '', count(*) FROM line",
        *(
            f"SELECT '{by}', coalesce(CAST({by} AS TEXT), ''), sum(charged) FROM line GROUP BY {by}"  # noqa: S608 - names
            for by in ("day", "person", "channel", "pool", "model")
        ),
    ]
)
_EACH = f"{_LINES} SELECT * FROM line ORDER BY id LIMIT ?"  # noqa: S608 - text from above


def server_report(
    now: datetime, terms: Terms, server_id: int, span: Span
) -> Reading[tuple[Report, Rows | None]]:
    """Read a report and, of the same moment, the entries it is the sum of; None if too many."""
    here = yield from standing(now, terms, server_id)
    zone = here.zone
    about, today = span.period(now, zone), period(PeriodKind.DAY, now, zone).first
    of = _parameters(server_id, about)
    sums: dict[str, dict[str, int]] = {}
    for by, subject, amount in (yield _SUMS, of):
        sums.setdefault(by, {})[subject] = amount
    rows = yield _EACH, (*of, LINES_MAX + 1)
    days = _days(about, sums.get("day", {}), today)
    runs = today < about.after
    (whole, *_) = here.shared(now)
    limits = {held.period.kind: held.limit for held in whole.limits if runs}
    report = Report(
        span=span,
        period=about,
        days=days,
        people=_shares(sums.get("person"), lambda text: int(text) if text else None),
        models=_shares(sums.get("model"), str),
        channels=_shares(sums.get("channel"), int),
        pools=tuple(share for share in _shares(sums.get("pool"), str) if share[0]),
        entries=sums["entries"][""],
        pictures=sums["pictures"][""],
        operator=Money(sums["operator"][""]),
        exposure=Money(sums["exposure"][""]),
        limit=_amount(limits.get(span.kind)),
        day_limit=_amount(limits.get(PeriodKind.DAY)),
        pace=Pace.of(days, now, zone) if runs else None,
    )
    return report, rows if len(rows) <= LINES_MAX else None


def entries_sheet(rows: Rows) -> bytes:
    """Write the entries of a report as a CSV file."""
    return sheet(_COLUMNS, map(_cells, rows))


def _cells(row: tuple[Any, ...]) -> list[Cell]:
    _, at, day, job, call, kind, person, *what, charged, operator, gateway, exposure = row
    time = moment(at).isoformat(timespec="seconds")
    amounts = map(Money, (charged, operator, gateway, exposure))
    return [time, day, job, call, kind, person or "erased", *what, *amounts]


def _parameters(server_id: int, about: Period) -> tuple[str | int, ...]:
    channel, pool = (
        len(str(scope(kind, server_id))) + 2 for kind in (ScopeKind.CHANNEL, ScopeKind.POOL)
    )
    first, after = (
        datetime.fromisoformat(day).replace(tzinfo=UTC) for day in (about.first, about.after)
    )
    window = ticks(first - _SLACK), ticks(after + _SLACK)
    return (channel, pool, server_id, *window, about.first, about.after)


def _days(about: Period, spent: Mapping[str, int], today: str) -> tuple[Money, ...]:
    """Give what each day took up to today, or on to where a server with another zone was."""
    last = max([today, *spent])
    every = (day.isoformat() for day in dates(about))
    return tuple(Money(spent.get(day, 0)) for day in every if day <= last)


def _shares(sums: Mapping[str, int] | None, read: Callable[[str], T]) -> Shares[T]:
    """Sort subjects by what they took, and leave out those that took nothing."""
    spent = sorted((sums or {}).items(), key=lambda share: (-share[1], share[0]))
    return tuple((read(subject), Money(micros)) for subject, micros in spent if micros)


def _amount(limit: Limit | None) -> Money | None:
    return limit if isinstance(limit, Money) else None
