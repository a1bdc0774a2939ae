"""Orders, answers and a clock for the store's tests."""

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any
from zoneinfo import ZoneInfo

from typing_extensions import override

from bot.core.clock import Clock
from bot.core.ids import CallId
from bot.core.job import (
    Acknowledgement,
    Admission,
    Failure,
    Look,
    Painted,
    Payer,
    Place,
    Sketch,
    Ticket,
)
from bot.core.money import Money
from bot.core.order import Order
from bot.core.problems import Refused
from bot.core.states import CallState
from bot.store import ledger
from bot.store.admission import hold, hold_all
from bot.store.rules import Terms
from bot.store.writer import Together

NOON = datetime(2026, 6, 15, 12, tzinfo=UTC)  # a Monday
UNIT = Money(40_000)
TERMS = Terms(default_zone=ZoneInfo("UTC"))
STUDIO = 500
ANN, BEN = 71, 72
LOOK = Look(format="png", width=640, height=480)

_keys: Iterator[int] = count(1)


class StillClock(Clock):
    """A clock that stands until it is set."""

    def __init__(self, at: datetime = NOON) -> None:
        self.at = at

    @override
    def now(self) -> datetime:
        return self.at


def admission(
    *,
    key: str | None = None,
    who: int = ANN,
    server: int | None = STUDIO,
    calls: tuple[int, ...] = (1,),
    unit: Money = UNIT,
    size: str | None = "1K",
    roles: tuple[int, ...] = (),
    channel: int = 600,
    thread: int | None = None,
) -> Admission:
    return Admission(
        key=key or f"interaction {next(_keys)}",
        payer=Payer(who, roles),
        place=Place(
            server_id=server, channel_id=thread or channel, parent_id=channel if thread else None
        ),
        order=Order(prompt="a fox", model="painter", count=sum(calls), size=size),
        calls=calls,
        unit_price=unit,
        acknowledgement=Acknowledgement(
            application_id=9, token="not-a-real-token", expires_at=NOON + timedelta(minutes=15)
        ),
    )


def together(
    orders: Iterable[Admission], terms: Terms = TERMS, now: datetime = NOON
) -> list[Together[Admission, Ticket]]:
    """Bring orders to the desk as the store does: to be held together where they can be."""

    def run(db: sqlite3.Connection, orders: Sequence[Admission]) -> list[Ticket | Refused]:
        return hold_all(db, now, terms, orders)

    return [Together(run, order) for order in orders]


def sketches(number: int) -> tuple[Sketch, ...]:
    return tuple(
        Sketch(name=f"{index}.png", format="png", size_bytes=10 + index, sha256="00" * 32)
        for index in range(1, number + 1)
    )


def painted(billed: int | None, pictures: int = 1) -> Painted:
    return Painted(sketches=sketches(pictures), billed=None if billed is None else Money(billed))


def looks(pictures: int = 1) -> dict[str, Look]:
    return {f"{index}.png": LOOK for index in range(1, pictures + 1)}


def call_in(db: sqlite3.Connection, state: CallState, *, images: int = 1) -> CallId:
    """Bring a fresh call into a state by the verbs that lead there."""
    (call,) = hold(db, NOON, TERMS, admission(calls=(images,))).calls
    if state is CallState.RELEASED:
        assert ledger.release(db, NOON, call, Failure.INTERRUPTED, "")
    elif state is not CallState.HELD:
        assert ledger.begin(db, NOON, call)
    if state is CallState.UNKNOWN:
        assert ledger.doubt(db, NOON, call, "silence")
    if state is CallState.SETTLED:
        ledger.settle(db, NOON, call, painted(39_000 * images, images), looks(images))
    return call


def begin(db: sqlite3.Connection, call: CallId) -> bool:
    return ledger.begin(db, NOON, call)


def give_up(db: sqlite3.Connection, call: CallId) -> bool:
    return ledger.release(db, NOON, call, Failure.UNANSWERED, "window over")


def state_of(db: sqlite3.Connection, call: CallId) -> CallState:
    return CallState(column(db, call, "state"))


def column(db: sqlite3.Connection, call: CallId, name: str) -> Any:
    rows = db.execute("SELECT * FROM call WHERE id = ?", (call,))
    return dict(zip((each[0] for each in rows.description), rows.fetchone(), strict=True))[name]


def entries(db: sqlite3.Connection, call: CallId) -> list[tuple[str, int, int, int, int]]:
    return db.execute(
        "SELECT kind, person_micros, operator_micros, gateway_micros, exposure_micros"
        " FROM entry WHERE call_id = ? ORDER BY id",
        (call,),
    ).fetchall()


def dump(db: sqlite3.Connection) -> list[str]:
    """Everything there is, to prove that nothing changed."""
    return list(db.iterdump())


def balances(db: sqlite3.Connection) -> dict[tuple[str, str], tuple[int, int]]:
    rows = db.execute("SELECT scope, day, held, used FROM balance").fetchall()
    return {(scope, day): (held, used) for scope, day, held, used in rows}


def spent(db: sqlite3.Connection) -> tuple[int, int]:
    """What every limit but the operator's counts, and what the operator's does; nothing is held."""
    found = balances(db)
    assert {held for held, _ in found.values()} == {0}
    (people,) = {used for (scope, _), (_, used) in found.items() if scope != "operator"}
    (wallet,) = {used for (scope, _), (_, used) in found.items() if scope == "operator"}
    return people, wallet
