"""Asks: a person's wish for more than a limit allows, which a manager grants or declines."""

import json
import sqlite3
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from bot.core.job import Payer, Place
from bot.core.limits import PeriodKind, Scope
from bot.core.money import Money
from bot.core.order import Order
from bot.store.reading import Reading
from bot.store.rows import order_json, order_of, scope_of, ticks
from bot.store.servers import note, person


class AskState(StrEnum):
    """What became of a wish."""

    OPEN = "open"
    APPROVED = "approved"  # once, by a grant
    RAISED = "raised"  # the limit itself
    DECLINED = "declined"


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask:
    """Who wants more of which limit, and the order that waits for it.

    `id` is that of the offer its button carried, so that one button makes one wish.
    """

    id: str
    payer: Payer
    place: Place
    order: Order
    scope: Scope
    period: PeriodKind
    needed: Money
    reason: str
    state: AskState = AskState.OPEN


def ask(db: sqlite3.Connection, wish: Ask, now: datetime) -> bool:
    """Keep a wish; False when one with its id was kept before."""
    place = wish.place
    kept = db.execute(
        "INSERT INTO ask (id, at, server_id, channel_id, parent_id, person_id, roles, order_json,"
        " scope, period, needed, reason, state)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 'open') ON CONFLICT (id) DO NOTHING",
        (
            *(wish.id, ticks(now), place.server_id, place.channel_id, place.parent_id),
            *(person(db, wish.payer.discord_id, now), json.dumps(wish.payer.roles)),
            *(order_json(wish.order), str(wish.scope), wish.period.value),
            *(wish.needed.micros, wish.reason),
        ),
    )
    return bool(kept.rowcount)


def decide(db: sqlite3.Connection, wish: str, state: AskState, actor: int, now: datetime) -> bool:
    """Decide an open wish; False when somebody was quicker."""
    decided = db.execute(
        "UPDATE ask SET state = ?, decided_by = ? WHERE id = ? AND state = 'open'",
        (state, person(db, actor, now), wish),
    ).rowcount
    if decided:
        note(db, now, actor, f"ask {wish}", (AskState.OPEN, state), "")
    return bool(decided)


def asked(wish: str) -> Reading[Ask | None]:
    """Read a wish; None when there is none, or its person was erased."""
    rows = yield (
        """
        SELECT ask.id, person.discord_id, ask.roles, ask.server_id, ask.channel_id,
        ask.parent_id, ask.order_json, ask.scope, ask.period, ask.needed, ask.reason, ask.state
        FROM ask JOIN person ON person.id = ask.person_id
        WHERE ask.id = ? AND person.discord_id IS NOT NULL
        """,
        (wish,),
    )
    return _ask(*rows[0]) if rows else None


def _ask(wish: str, discord_id: int, roles: str, *rest: Any) -> Ask:
    server_id, channel_id, parent_id, order, scope, period, needed, reason, state = rest
    return Ask(
        id=wish,
        payer=Payer(discord_id, tuple(json.loads(roles))),
        place=Place(server_id=server_id, channel_id=channel_id, parent_id=parent_id),
        order=order_of(order),
        scope=scope_of(scope),
        period=PeriodKind(period),
        needed=Money(needed),
        reason=reason,
        state=AskState(state),
    )
