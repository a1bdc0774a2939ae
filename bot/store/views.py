"""What people are shown: receipts, and a server's limits with who spent most."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from bot.core.ids import JobId
from bot.core.limits import (
    Allowance,
    Limit,
    PeriodKind,
    Scope,
    members_scope,
    person_scope,
    server_scope,
)
from bot.core.money import Money
from bot.store.limits import Terms, allowances, chains
from bot.store.reading import Reading
from bot.store.rows import limit_of, moment, order_of, scope_of
from bot.store.servers import known_person

_SPENDERS_MAX = 5


class Progress(StrEnum):
    """A job in one word."""

    RUNNING = "running"
    UNKNOWN = "unknown"  # a call got no answer and its hold is kept
    DONE = "done"
    FAILED = "failed"  # over, without a picture


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """What a job cost its person so far; `charged` is less what was refunded."""

    job: JobId
    at: datetime
    model: str
    prompt: str
    pictures: int
    held: Money
    charged: Money
    state: Progress


@dataclass(frozen=True, slots=True)
class RuleSet:
    """A rule somebody set; `discord_id` names whose it is if it is one person's."""

    scope: Scope
    kind: PeriodKind
    limit: Limit
    discord_id: int | None


@dataclass(frozen=True, slots=True)
class Spender:
    """A person's month in one server; None once they were erased."""

    discord_id: int | None
    used: Money
    held: Money


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerLimits:
    """A server's budget page, of one moment.

    `members` is what a person gets who has no rule of their own.
    """

    rules: tuple[RuleSet, ...]
    members: tuple[tuple[PeriodKind, Limit], ...]
    server: tuple[Allowance, ...]
    spenders: tuple[Spender, ...]


def person_allowances(
    server_id: int | None, discord_id: int, terms: Terms, now: datetime
) -> Reading[list[Allowance]]:
    """Give every limit that an order of this person would have to meet right now."""
    person = yield from known_person(discord_id)
    of = yield from chains(server_id, person, terms, now)
    return (yield from allowances(of))


def server_limits(server_id: int | None, terms: Terms, now: datetime) -> Reading[ServerLimits]:
    """Read a server's budget page."""
    stranger, server, _ = yield from chains(server_id, None, terms, now)
    members = yield from allowances((stranger,))
    return ServerLimits(
        rules=(yield from _rules(server_id)),
        members=tuple((each.period.kind, each.limit) for each in members),
        server=tuple((yield from allowances((server,)))),
        spenders=(yield from _spenders(server_id, server.periods[PeriodKind.MONTH].key)),
    )


def receipts(discord_id: int, server_id: int | None, last: int) -> Reading[list[Receipt]]:
    """Read a person's newest jobs, of one server or (None) of all places."""
    rows = yield (
        """
        SELECT job.id, job.created_at, job.order_json,
        (SELECT count(*) FROM picture WHERE picture.job_id = job.id),
        sum(CASE WHEN call.resolved_at IS NULL THEN call.hold ELSE 0 END),
        sum(call.charged - call.refunded),
        sum(CASE WHEN call.state IN ('held', 'sent') THEN 1 ELSE 0 END),
        sum(CASE WHEN call.state = 'unknown' THEN 1 ELSE 0 END)
        FROM job JOIN person ON person.id = job.person_id JOIN call ON call.job_id = job.id
        WHERE person.discord_id = ? AND (? IS NULL OR job.server_id = ?)
        GROUP BY job.id ORDER BY job.created_at DESC, job.id LIMIT ?
        """,
        (discord_id, server_id, server_id, last),
    )
    return [_receipt(row) for row in rows]


def _receipt(row: tuple[Any, ...]) -> Receipt:
    job, at, text, pictures, held, charged, running, unknown = row
    order = order_of(text)
    over = Progress.DONE if pictures else Progress.FAILED
    return Receipt(
        job=JobId(job),
        at=moment(at),
        model=order.model,
        prompt=order.prompt,
        pictures=pictures,
        held=Money(held),
        charged=Money(charged),
        state=Progress.RUNNING if running else Progress.UNKNOWN if unknown else over,
    )


def _rules(server_id: int | None) -> Reading[tuple[RuleSet, ...]]:
    first, after = _people(server_id)
    rows = yield (
        """
        SELECT limit_rule.scope, limit_rule.period, limit_rule.rule, limit_rule.amount,
        person.discord_id FROM limit_rule
        LEFT JOIN person ON person.id = substr(limit_rule.scope, ?)
        WHERE limit_rule.scope IN (?, ?) OR (limit_rule.scope >= ? AND limit_rule.scope < ?)
        ORDER BY limit_rule.scope, limit_rule.period
        """,
        (
            len(first) + 1,
            str(server_scope(server_id)),
            str(members_scope(server_id)),
            first,
            after,
        ),
    )
    return tuple(
        RuleSet(scope_of(scope), PeriodKind(kind), limit_of(rule, amount), discord_id)
        for scope, kind, rule, amount, discord_id in rows
    )


def _spenders(server_id: int | None, month: str) -> Reading[tuple[Spender, ...]]:
    first, after = _people(server_id)
    rows = yield (
        """
        SELECT person.discord_id, balance.used, balance.held FROM balance
        JOIN person ON person.id = substr(balance.scope, ?)
        WHERE balance.scope >= ? AND balance.scope < ? AND balance.period = ?
        AND balance.used + balance.held > 0
        ORDER BY balance.used + balance.held DESC, balance.scope LIMIT ?
        """,
        (len(first) + 1, first, after, month, _SPENDERS_MAX),
    )
    return tuple(Spender(discord_id, Money(used), Money(held)) for discord_id, used, held in rows)


def _people(server_id: int | None) -> tuple[str, str]:
    """Give the range of scopes that are a person's in a server: from the first to before."""
    first = str(person_scope(server_id, ""))
    return first, first[:-1] + chr(ord(first[-1]) + 1)
