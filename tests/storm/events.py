"""What the store is asked to write, as data: the same for the simulator, the differential run and
the oracle that looks on."""

import sqlite3
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from bot.core.job import Admission
from bot.core.limits import Rule
from bot.core.money import Money
from bot.store import alerts, grants, jobs, ledger, limits, pools, servers
from bot.store.admission import hold, hold_all
from bot.store.reconciling import reconcile
from bot.store.rules import Defaults, Terms
from bot.store.writer import Operation, Together
from tests.storm import oracle

ZONE = "Europe/Warsaw"

TERMS = Terms(
    default_zone=ZoneInfo(ZONE),
    defaults=Defaults(
        person_day=Money(400_000),
        server_day=Money(900_000),
        operator_day=Money(1_500_000),
        direct=Money(150_000),
    ),
    jobs_per_person=4,
    unknown_per_person=3,
    unknown_exposure_max=Money(300_000),
)


def known(limit: Money | Rule) -> oracle.Limit:
    """Say a limit in the oracle's words."""
    return limit.micros if isinstance(limit, Money) else limit.value


ORACLE_TERMS = oracle.Terms(
    zone=ZONE,
    person_day=known(TERMS.defaults.person_day),
    server_day=known(TERMS.defaults.server_day),
    operator_day=known(TERMS.defaults.operator_day),
    direct=known(TERMS.defaults.direct),
    jobs=TERMS.jobs_per_person,
    unknown=TERMS.unknown_per_person,
    exposure=TERMS.unknown_exposure_max.micros,
    window=TERMS.exposure_window,
)


@dataclass(frozen=True)
class Event:
    """One write: a method of the store by name, its arguments, and when it was asked for.

    `cause` tells who asked: "person", "worker", "process start", ...
    """

    verb: str
    now: datetime
    given: Mapping[str, Any] = field(default_factory=dict)
    cause: str = ""


_WORK: dict[str, Callable[..., Any]] = {
    "hold": lambda db, now, admission: hold(db, now, TERMS, admission),
    "begin": ledger.begin,
    "doubt": ledger.doubt,
    "release": ledger.release,
    "settle": ledger.settle,
    "reconcile": reconcile,
    "refund": ledger.refund,
    "delivered": lambda db, now, **given: jobs.delivered(db, **given),  # noqa: ARG005
    "set_limit": limits.set_limit,
    "set_server": lambda db, now, changes, **given: servers.set_server(db, now, **given, **changes),
    "create_pool": pools.create,
    "close_pool": pools.close,
    "join_pool": pools.join,
    "grant": grants.grant,
    "revoke": grants.revoke,
    "note_refusal": alerts.note_refusal,
}


@dataclass(frozen=True)
class _HoldAll:
    """Orders of one moment at the desk; equal for all of them, so that they are held together."""

    now: datetime

    def __call__(self, db: sqlite3.Connection, orders: Sequence[Admission]) -> list[Any]:
        return [*hold_all(db, self.now, TERMS, orders)]


def operation(event: Event) -> Operation[Any]:
    """Give an event to the writer, as the store does."""
    if event.verb == "hold":
        return Together(_HoldAll(event.now), event.given["admission"])
    return lambda db: carry_out(db, event)


def carry_out(db: sqlite3.Connection, event: Event) -> Any:
    """Do what an event says, as the store does."""
    return _WORK[event.verb](db, event.now, **event.given)
