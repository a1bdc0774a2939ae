"""What people are shown: receipts, and a server's limits with who spent most."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any
from zoneinfo import ZoneInfo

from bot.core.ids import JobId, PersonId
from bot.core.job import Payer, Place
from bot.core.limits import (
    OPERATOR,
    Allowance,
    Limit,
    Period,
    PeriodKind,
    Scope,
    ScopeKind,
    scope,
    server_key,
)
from bot.core.money import Money
from bot.store.grants import Grant, running
from bot.store.limits import allowances
from bot.store.pools import teams
from bot.store.reading import Reading
from bot.store.rows import limit_of, moment, order_of, scope_of
from bot.store.rules import Pool, Terms, server_rules
from bot.store.servers import known_person
from bot.store.tallies import Buyer, standing, tallies

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
    private: bool


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

    `members` is what a person gets for whom nothing was set, `shared` what the server, its pools
    and its channels have left; `teams` lists the people of each team, `grants` those that run.
    """

    rules: tuple[RuleSet, ...]
    members: tuple[tuple[PeriodKind, Limit], ...]
    shared: tuple[Allowance, ...]
    pools: tuple[Pool, ...]
    teams: Mapping[str, tuple[int, ...]]
    grants: tuple[Grant, ...]
    spenders: tuple[Spender, ...]


def person_allowances(
    now: datetime, terms: Terms, place: Place, payer: Payer
) -> Reading[list[Allowance]]:
    """Give every limit that an order of this person would have to meet right now."""
    person = yield from known_person(payer.discord_id)
    (of,) = yield from tallies(now, terms, [Buyer(place, payer, person or PersonId(""))])
    return (yield from allowances(of))


def quota(
    now: datetime, terms: Terms, place: Place, payer: Payer, last: int = 5
) -> Reading[tuple[list[Allowance], list[Receipt]]]:
    """Read what a person has left and their newest jobs there, of one moment."""
    left = yield from person_allowances(now, terms, place, payer)
    return left, (yield from receipts(payer.discord_id, place.server_id, last))


def server_limits(now: datetime, terms: Terms, server_id: int) -> Reading[ServerLimits]:
    """Read a server's budget page."""
    here = yield from standing(now, terms, server_id)
    month = here.periods[PeriodKind.MONTH]
    return ServerLimits(
        rules=(yield from _rules(server_id)),
        members=tuple((held.period.kind, held.limit) for held in here.members()),
        shared=tuple((yield from allowances(here.shared(now)))),
        pools=tuple(here.rules.open_pools(now)),
        teams=(yield from teams(server_id)),
        grants=(yield from running(now, server_id)),
        spenders=(yield from _spenders(server_id, month)),
    )


def open_pools(now: datetime, server_id: int) -> Reading[list[Pool]]:
    """Read a server's teams, and its events that run."""
    return (yield from server_rules(server_id)).open_pools(now)


def zone(server_id: int, terms: Terms) -> Reading[ZoneInfo]:
    """Find the time zone that a server's limits count in."""
    return (yield from server_rules(server_id)).zone or terms.default_zone


def operator_held() -> Reading[Money]:
    """Give what is reserved in the whole bot."""
    rows = yield "SELECT coalesce(sum(held), 0) FROM balance WHERE scope = ?", (str(OPERATOR),)
    return Money(rows[0][0])


def receipts(discord_id: int, server_id: int | None, last: int = 5) -> Reading[list[Receipt]]:
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
    job, at, text, pictures, held, charged, open_calls, unknown = row
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
        state=Progress.RUNNING if open_calls else Progress.UNKNOWN if unknown else over,
        private=order.private,
    )


def _rules(server_id: int) -> Reading[tuple[RuleSet, ...]]:
    rows = yield (
        f"""
        SELECT limit_rule.scope, limit_rule.period, limit_rule.rule, limit_rule.amount,
        person.discord_id FROM limit_rule
        LEFT JOIN person ON person.id = substr(limit_rule.scope, -{_REFERENCE})
        WHERE limit_rule.server = ? ORDER BY limit_rule.scope, limit_rule.period
        """,  # noqa: S608 - a number
        (server_key(server_id),),
    )
    return tuple(
        RuleSet(scope_of(text), PeriodKind(kind), limit_of(rule, amount), discord_id)
        for text, kind, rule, amount, discord_id in rows
    )


def _spenders(server_id: int, month: Period) -> Reading[tuple[Spender, ...]]:
    own, part = (f"{scope(kind, server_id)}/" for kind in (ScopeKind.PERSON, ScopeKind.MEMBER))
    rows = yield (
        f"""
        SELECT person.discord_id, sum(balance.used), sum(balance.held) FROM balance
        JOIN person ON person.id = substr(balance.scope, -{_REFERENCE})
        WHERE ((balance.scope >= ? AND balance.scope < ?)
        OR (balance.scope >= ? AND balance.scope < ?))
        AND balance.day >= ? AND balance.day < ? AND balance.used + balance.held > 0
        GROUP BY person.id ORDER BY sum(balance.used + balance.held) DESC, person.id LIMIT ?
        """,  # noqa: S608 - a number
        (own, f"{own}~", part, f"{part}~", month.first, month.after, _SPENDERS_MAX),
    )
    return tuple(Spender(discord_id, Money(used), Money(held)) for discord_id, used, held in rows)


_REFERENCE = 32  # the letters of a person's reference, with which their scopes end
