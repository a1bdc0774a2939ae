"""A full disk, a read-only and a locked file: each verb does its work whole or not at all."""

import json
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, closing, contextmanager
from dataclasses import dataclass
from typing import Any

import pytest

from bot.core.ids import CallId, JobId, job_of
from bot.core.job import Failure
from bot.core.limits import OPERATOR, PeriodKind
from bot.core.money import Money
from bot.core.states import CallState
from bot.store import audit, jobs, ledger, offers
from bot.store.admission import hold
from bot.store.adoption import adopt
from bot.store.errors import StoreError
from bot.store.limits import set_limit
from bot.store.writer import Operation, run_batch
from tests.store.shop import ANN, NOON, TERMS, admission, call_in, dump, looks, painted
from tests.store.test_adoption import kept


@dataclass(frozen=True)
class Shop:
    """A database with a call to do each thing with."""

    db: sqlite3.Connection
    held: CallId
    sent: CallId
    settled: JobId
    record: dict[str, Any]


@pytest.fixture
def shop(db: sqlite3.Connection) -> Shop:
    settled = job_of(call_in(db, CallState.SETTLED))
    _, record = kept(db)
    long = json.dumps({"prompt": "x" * 9000, "model": "painter"})
    record["job"] |= {"id": "another", "key": "another", "order_json": long}
    record["calls"] = [
        call | {"id": f"another.{call['number']}", "job_id": "another"} for call in record["calls"]
    ]
    return Shop(db, call_in(db, CallState.HELD), call_in(db, CallState.SENT), settled, record)


@contextmanager
def full(db: sqlite3.Connection) -> Iterator[None]:
    """No page more than there are, and hardly a byte free in those."""
    db.execute("PRAGMA max_page_count = 1")
    db.execute("PRAGMA synchronous = OFF")
    for size in (3_000, 300, 30):
        with pytest.raises(sqlite3.OperationalError, match="full"):
            fill(db, size)
    yield
    db.execute("PRAGMA max_page_count = 1000000")


def fill(db: sqlite3.Connection, size: int) -> None:
    for number in range(10_000):
        offers.remember(db, f"{size} {number}", "x" * size)


@contextmanager
def read_only(db: sqlite3.Connection) -> Iterator[None]:
    db.execute("PRAGMA query_only = ON")
    yield
    db.execute("PRAGMA query_only = OFF")


@contextmanager
def locked(db: sqlite3.Connection) -> Iterator[None]:
    """Somebody else writes, for longer than anybody waits."""
    db.execute("PRAGMA busy_timeout = 50")
    (_, _, path), *_ = db.execute("PRAGMA database_list")
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        yield


Trouble = Callable[[sqlite3.Connection], AbstractContextManager[None]]
VERBS: dict[str, Callable[[Shop], Operation[Any]]] = {
    "hold": lambda _: lambda db: hold(db, NOON, TERMS, admission(key="during")),
    "begin": lambda shop: lambda db: ledger.begin(db, NOON, shop.held),
    "settle": lambda shop: lambda db: ledger.settle(db, NOON, shop.sent, painted(39_000), looks()),
    "release": lambda shop: lambda db: ledger.release(db, NOON, shop.sent, Failure.BUSY, ""),
    "doubt": lambda shop: lambda db: ledger.doubt(db, NOON, shop.sent, "silence"),
    "refund": lambda shop: lambda db: ledger.refund(db, NOON, shop.settled, 1, "lost"),
    "delivered": lambda shop: lambda db: jobs.delivered(db, shop.settled, [1], 5, 6),
    "adopt": lambda shop: lambda db: adopt(db, shop.record),
    "set limit": lambda _: (
        lambda db: set_limit(
            db, NOON, OPERATOR, PeriodKind.DAY, Money(9_000_000), ANN, "because " * 1000
        )
    ),
    "prove room": lambda _: offers.prove_room,
}
NEEDS_A_PAGE = {"adopt", "set limit", "prove room"}


@pytest.mark.parametrize("verb", VERBS)
@pytest.mark.parametrize("trouble", [full, read_only, locked])
def test_nothing_is_written_by_halves(shop: Shop, trouble: Trouble, verb: str) -> None:
    operation = VERBS[verb](shop)
    with trouble(shop.db):
        before = dump(shop.db)
        (outcome,) = run_batch(shop.db, [operation])
        if outcome.error is not None:
            assert isinstance(outcome.error, StoreError)
            assert dump(shop.db) == before
        else:  # it found room in a page that there was
            assert trouble is full
            assert verb not in NEEDS_A_PAGE
        assert not shop.db.in_transaction
        assert audit.findings(shop.db) == []

    (outcome,) = run_batch(shop.db, [operation])
    assert outcome.error is None
    assert audit.findings(shop.db) == []
