"""Alerts: shared limits that were used up to a mark, and the audit of refused orders."""

from dataclasses import dataclass
from datetime import datetime
from sqlite3 import Connection

from bot.core.job import Payer
from bot.core.limits import Allowance
from bot.core.money import Money
from bot.core.problems import Blocked, OverLimit, Problem, Shortage
from bot.store.limits import allowances
from bot.store.reading import Reading, read
from bot.store.rows import ticks
from bot.store.rules import Terms
from bot.store.servers import known_person
from bot.store.tallies import standing

MARKS = (50, 80, 100)
"""Percent of a limit that are told, each once a period."""


@dataclass(frozen=True, slots=True)
class Alert:
    """A limit of a server of which `percent` are used, and the channel that is to hear of it."""

    server_id: int
    channel_id: int
    allowance: Allowance
    percent: int


def due_alerts(now: datetime, terms: Terms) -> Reading[list[Alert]]:
    """Find limits beyond a mark that nobody was told of yet, the highest mark of each."""
    servers = yield "SELECT id, budget_channel FROM server WHERE budget_channel IS NOT NULL", ()
    due = []
    for server_id, channel_id in servers:
        here = yield from standing(now, terms, server_id)
        for each in (yield from allowances(here.shared(now))):
            mark = yield from _mark(each)
            if mark and not (yield from _is_told(each, mark)):
                due.append(Alert(server_id, channel_id, each, mark))
    return due


def alerted(db: Connection, now: datetime, alert: Alert) -> None:
    """Remember that this mark, and with it every lower one, was told."""
    db.executemany(
        "INSERT INTO alert (scope, period, first, amount, percent, at)"
        " VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
        [(*_key(alert.allowance), mark, ticks(now)) for mark in MARKS if mark <= alert.percent],
    )


def note_refusal(
    db: Connection, now: datetime, payer: Payer, server_id: int | None, problem: Problem
) -> None:
    """Write down who was refused and why; never what the picture should have been."""
    scope = str(problem.scope) if isinstance(problem, OverLimit | Blocked) else None
    detail = ""
    if isinstance(problem, OverLimit):
        detail = f"{problem.shortage}: {problem.needed} of {problem.limit} {problem.period}"
    db.execute(
        "INSERT INTO refusal (at, server_id, person_id, problem, scope, detail)"
        " VALUES (?, ?, ?, ?, ?, ?)",
        (
            *(ticks(now), server_id, read(db, known_person(payer.discord_id))),
            *(type(problem).__name__, scope, detail),
        ),
    )


def _mark(each: Allowance) -> Reading[int]:
    """Tell the highest mark that was reached; an order refused for want of money is the last."""
    if not isinstance(each.limit, Money) or not each.limit:
        return 0
    percent = each.used.micros * 100 // each.limit.micros
    if MARKS[0] <= percent < MARKS[-1] and (yield from _is_used_up(each)):
        return MARKS[-1]
    return max((mark for mark in MARKS if mark <= percent), default=0)


def _is_used_up(each: Allowance) -> Reading[bool]:
    since = each.period.starts_at
    rows = yield (
        "SELECT 1 FROM refusal WHERE scope = ? AND at >= ? AND detail LIKE ? LIMIT 1",
        (
            str(each.scope),
            0 if since is None else ticks(since),
            f"{Shortage.USED_UP}: % of {each.limit} {each.period.kind}",
        ),
    )
    return bool(rows)


def _is_told(each: Allowance, mark: int) -> Reading[bool]:
    rows = yield (
        """
        SELECT 1 FROM alert
        WHERE scope = ? AND period = ? AND first = ? AND amount = ? AND percent = ?
        """,
        (*_key(each), mark),
    )
    return bool(rows)


def _key(each: Allowance) -> tuple[str, str, str, int]:
    amount = each.limit.micros if isinstance(each.limit, Money) else 0
    return str(each.scope), each.period.kind.value, each.period.first, amount
