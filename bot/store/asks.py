"""Asks: a person's wish for more than a limit allows, which a manager grants or declines."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from sqlite3 import Connection
from typing import Any

from bot.core.ids import PersonId
from bot.core.job import Admission, Payer, Place, Ticket
from bot.core.limits import OWN, PeriodKind, Scope, ScopeKind, tightest
from bot.core.money import ZERO, Money
from bot.core.order import Order
from bot.core.problems import OverLimit, Problem, Refused
from bot.store.admission import hold
from bot.store.grants import grant
from bot.store.jobs import job_by_key
from bot.store.limits import allowances, set_limit
from bot.store.reading import Reading, read
from bot.store.rows import moment, order_json, order_of, scope_of, ticks
from bot.store.rules import Terms
from bot.store.servers import known_person, note, person
from bot.store.tallies import Buyer, Tally, tallies

LASTS = timedelta(days=7)
OPEN_MAX = 5  # a person's undecided wishes in a server: each is a message for its managers

_GRANT_LASTS = timedelta(days=1)  # at most: it raises the limits of shorter periods as well


class TooManyAsks(Exception):
    """A person has `OPEN_MAX` wishes waiting."""


class Decided(Exception):
    """Somebody was quicker; nothing was changed."""


class NoLonger(Exception):
    """The limit to be raised holds for the order no more: an event ended, a team was left."""


class AskState(StrEnum):
    """What became of a wish."""

    OPEN = "open"
    APPROVED = "approved"  # once, by a grant
    RAISED = "raised"  # the limit itself
    DECLINED = "declined"


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What a manager says to a wish; `limit` is what the limit in its way is raised to.

    `actor` is 0 once they were erased; `at` is known when it was carried out.
    """

    state: AskState
    actor: int
    limit: Money | None = None
    reason: str = ""
    at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask:
    """Who wants more of which limit, and the order that waits for it.

    `id` is that of the offer its button carried, so that one button makes one wish. Without a
    `verdict` it is open; `message_id` is what managers read it in, None while they can't.
    """

    id: str
    payer: Payer
    place: Place
    order: Order
    scope: Scope
    period: PeriodKind
    needed: Money
    reason: str
    verdict: Verdict | None = None
    message_id: int | None = None


def key_of(wish: str) -> str:
    """Give the key of the job that a wish becomes, once."""
    return f"ask:{wish}"


def ask(db: Connection, now: datetime, wish: Ask) -> bool:
    """Keep a wish; False when one with its id was kept before.

    Raises:
        TooManyAsks: when too many of the person's wait already.
    """
    place, asker = wish.place, person(db, now, wish.payer.discord_id)
    kept = db.execute(
        "INSERT INTO ask (id, at, server_id, channel_id, parent_id, person_id, roles, order_json,"
        " scope, period, needed, reason, state)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 'open') ON CONFLICT (id) DO NOTHING",
        (
            *(wish.id, ticks(now), place.server_id, place.channel_id, place.parent_id),
            *(asker, json.dumps(wish.payer.roles)),
            *(order_json(wish.order), str(_of(asker, wish.scope)), wish.period.value),
            *(wish.needed.micros, wish.reason),
        ),
    ).rowcount
    ((waiting,),) = db.execute(
        "SELECT count(*) FROM ask"
        " WHERE person_id = ? AND server_id = ? AND state = 'open' AND at > ?",
        (asker, place.server_id, ticks(now - LASTS)),
    )
    if kept and waiting > OPEN_MAX:
        raise TooManyAsks
    return bool(kept)


def _of(asker: PersonId, scope: Scope) -> Scope:
    """Name an own limit by its person, whose reference a refusal at first sight did not outlive."""
    if scope.kind not in OWN:
        return scope
    *pool, _ = scope.subject.split("/")
    return Scope(scope.kind, scope.server, "/".join([*pool, asker]))


def posted(db: Connection, wish: str, message_id: int) -> None:
    """Remember the message that managers read a wish in."""
    db.execute("UPDATE ask SET message_id = ? WHERE id = ?", (message_id, wish))


def decide(db: Connection, now: datetime, wish: str, verdict: Verdict) -> bool:
    """Decide an open wish; False when somebody was quicker."""
    actor, limit = verdict.actor, None if verdict.limit is None else verdict.limit.micros
    decided = db.execute(
        "UPDATE ask SET state = ?, decided_by = ?, decided_at = ?, raised_to = ?, answer = ?"
        " WHERE id = ? AND state = 'open'",
        (verdict.state, person(db, now, actor), ticks(now), limit, verdict.reason, wish),
    ).rowcount
    if decided:
        note(db, now, actor, f"ask {wish}", (AskState.OPEN, verdict.state), verdict.reason)
    return bool(decided)


def fulfil(
    db: Connection,
    now: datetime,
    terms: Terms,
    wish: Ask,
    verdict: Verdict,
    admission: Admission | None,
) -> Ticket | Problem | None:
    """Decide a wish in its person's favour and hold its order, in one go.

    Gives the ticket, or what stands in the way although more is allowed now. Without an
    `admission` nothing is held.

    Raises:
        Decided: when somebody was quicker.
        NoLonger: when the limit to be raised is not in the way any more.
        Refused: when the limit was raised by too little; nothing is changed then.
    """
    who = read(db, known_person(wish.payer.discord_id)) or PersonId("")
    (of,) = read(db, tallies(now, terms, [Buyer(wish.place, wish.payer, who)]))
    if verdict.limit is not None and wish.scope not in [each.scope for each in of]:
        raise NoLonger
    if not decide(db, now, wish.id, verdict):
        raise Decided
    if verdict.limit is not None:
        scope = _rule_of(wish.scope)
        set_limit(db, now, scope, wish.period, verdict.limit, verdict.actor, wish.reason)
    elif read(db, job_by_key(key_of(wish.id))) is None:  # else it fitted meanwhile
        _grant(db, now, wish, of, verdict.actor)
    if admission is None:
        return None
    try:
        return hold(db, now, terms, admission)
    except Refused as refused:  # which wrote nothing, so there is nothing to undo
        if verdict.limit is not None and _is_in_the_way(refused.problem, wish):
            raise
        return refused.problem


def _grant(db: Connection, now: datetime, wish: Ask, of: Sequence[Tally], actor: int) -> None:
    """Grant what the order lacks in its person's tightest own limit, until that starts again."""
    server, who = wish.place.server_id, wish.payer.discord_id
    own = tightest(each for each in read(db, allowances(of)) if each.scope.kind in OWN)
    if own is None or server is None or not isinstance(own.limit, Money):
        return  # unlimited by now, or blocked, which no grant lifts
    lacking = wish.needed - (own.limit - own.used - own.held)
    if lacking > ZERO:
        until = min(filter(None, (own.period.ends_at, now + _GRANT_LASTS)))
        grant(db, now, server, who, lacking, until, actor, wish.reason)


def _rule_of(scope: Scope) -> Scope:
    """Give the scope that a limit is set for: a part of a pool has the pool's cap."""
    if scope.kind is not ScopeKind.MEMBER:
        return scope
    return Scope(ScopeKind.CAP, scope.server, scope.subject.partition("/")[0])


def _is_in_the_way(problem: Problem, wish: Ask) -> bool:
    same = (wish.scope, wish.period)
    return isinstance(problem, OverLimit) and (problem.scope, problem.period) == same


def asked(now: datetime, wish: str) -> Reading[Ask | None]:
    """Read a wish; None when there is none, it is too old, or its person was erased."""
    rows = yield (
        """
        SELECT ask.id, person.discord_id, ask.roles, ask.server_id, ask.channel_id,
        ask.parent_id, ask.order_json, ask.scope, ask.period, ask.needed, ask.reason,
        ask.message_id, ask.state, decider.discord_id, ask.raised_to, ask.answer, ask.decided_at
        FROM ask JOIN person ON person.id = ask.person_id
        LEFT JOIN person AS decider ON decider.id = ask.decided_by
        WHERE ask.id = ? AND ask.at > ? AND person.discord_id IS NOT NULL
        """,
        (wish, ticks(now - LASTS)),
    )
    return _ask(*rows[0]) if rows else None


def waiting(now: datetime) -> Reading[list[Order]]:
    """Read the orders with references that open wishes and buttons may still become."""
    rows = yield (
        """
        SELECT order_json FROM ask WHERE state = 'open' AND at > ? AND order_json LIKE ?
        UNION SELECT order_json FROM offer WHERE order_json LIKE ?
        """,
        (ticks(now - LASTS), _WITH_REFERENCES, _WITH_REFERENCES),
    )
    return [order_of(order) for (order,) in rows]


_WITH_REFERENCES = '%"references"%'  # most are without, and reading them takes longer


def _ask(wish: str, discord_id: int, roles: str, *rest: Any) -> Ask:
    server_id, channel_id, parent_id, order, scope, period, needed, reason, *end = rest
    message_id, state, *said = end
    return Ask(
        id=wish,
        payer=Payer(discord_id, tuple(json.loads(roles))),
        place=Place(server_id=server_id, channel_id=channel_id, parent_id=parent_id),
        order=order_of(order),
        scope=scope_of(scope),
        period=PeriodKind(period),
        needed=Money(needed),
        reason=reason,
        verdict=None if state == AskState.OPEN else _verdict(state, *said),
        message_id=message_id,
    )


def _verdict(state: str, actor: int | None, limit: int | None, reason: str, at: int) -> Verdict:
    return Verdict(
        state=AskState(state),
        actor=actor or 0,
        limit=None if limit is None else Money(limit),
        reason=reason,
        at=moment(at),
    )
