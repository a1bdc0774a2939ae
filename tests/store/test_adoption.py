"""An order that the database has forgotten is made again from what was kept beside its answer."""

import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from bot.core.ids import CallId
from bot.core.money import Money
from bot.core.states import CallState
from bot.store import adoption, audit, database, ledger
from bot.store.admission import hold
from bot.store.adoption import adopt
from bot.store.jobs import job
from bot.store.reading import read
from tests.store.shop import ANN, BEN, NOON, TERMS, admission, balances, dump, looks, painted


@pytest.fixture
def older(tmp_path: Path) -> Iterator[sqlite3.Connection]:
    """A backup of before the order."""
    with closing(database.opened(tmp_path / "older.db")) as connection:
        yield connection


def kept(db: sqlite3.Connection, **more: Any) -> tuple[list[CallId], dict[str, Any]]:
    """Order, and give its calls and its record as it comes back from a file."""
    ticket = hold(db, NOON, TERMS, replace(admission(calls=(2, 1)), **more))
    record: dict[str, Any] = json.loads(json.dumps(read(db, adoption.record(ticket.job))))
    return list(ticket.calls), record


def person_of(db: sqlite3.Connection, discord_id: int) -> Any:
    return db.execute("SELECT id FROM person WHERE discord_id = ?", (discord_id,)).fetchone()


def test_it_is_the_same_order_held_again_and_sent(
    db: sqlite3.Connection, older: sqlite3.Connection
) -> None:
    calls, record = kept(db)
    assert adopt(older, record)

    before, after = read(db, job(record["job"]["id"])), read(older, job(record["job"]["id"]))
    assert before is not None
    assert after is not None
    assert [call.state for call in after.calls] == [CallState.SENT, CallState.SENT]
    held = tuple(replace(call, state=CallState.HELD) for call in after.calls)
    assert replace(after, calls=held) == replace(before, acknowledgement=None)
    assert balances(older) == balances(db)
    assert audit.findings(older) == []

    ledger.settle(older, NOON, calls[0], painted(78_000, 2), looks(2))
    ledger.doubt(older, NOON, calls[1], "")
    assert audit.findings(older) == []
    assert audit.sums(older) == audit.Sums(
        *(Money(micros) for micros in (78_000, 0, 78_000, 0, 40_000))
    )


def test_a_record_says_nothing_secret(db: sqlite3.Connection) -> None:
    _, record = kept(db)
    assert "not-a-real-token" in "".join(dump(db))
    assert "not-a-real-token" not in json.dumps(record)


def test_a_known_order_stays_as_it_is(db: sqlite3.Connection, older: sqlite3.Connection) -> None:
    calls, record = kept(db)
    for one in (db, older):
        adopt(one, record)
        before = dump(one)
        assert not adopt(one, record)
        assert dump(one) == before
    assert ledger.begin(db, NOON, calls[0])


def test_a_person_the_backup_knows_keeps_their_reference(
    db: sqlite3.Connection, older: sqlite3.Connection
) -> None:
    calls, record = kept(db)
    hold(older, NOON, TERMS, admission())  # so that Ann has another reference there
    (own,) = person_of(older, ANN)
    assert own != record["person"]["id"]

    assert adopt(older, record)

    assert balances(older)[f"person/500/{own}", "2026-06-15"] == (160_000, 0)
    ledger.settle(older, NOON, calls[0], painted(78_000, 2), looks(2))
    assert audit.findings(older) == []


def test_an_erased_person_stays_erased(db: sqlite3.Connection, older: sqlite3.Connection) -> None:
    _, record = kept(db)
    person = record["person"]
    older.execute("INSERT INTO person VALUES (?, NULL, 0)", (person["id"],))
    older.execute("INSERT INTO person VALUES ('b', ?, 0)", (person["discord_id"],))
    assert adopt(older, record)
    assert older.execute("SELECT person_id FROM job").fetchone() == (person["id"],)


def test_columns_that_came_or_went_meanwhile_do_not_matter(
    db: sqlite3.Connection, older: sqlite3.Connection
) -> None:
    _, record = kept(db)
    older.execute("ALTER TABLE job ADD COLUMN mood TEXT NOT NULL DEFAULT 'calm'")
    record["job"]["weather"] = "fair"
    assert adopt(older, record)
    assert older.execute("SELECT mood FROM job").fetchone() == ("calm",)


def test_orders_of_two_people_do_not_mix(db: sqlite3.Connection, older: sqlite3.Connection) -> None:
    for who in (ANN, BEN):
        _, record = kept(db, payer=admission(who=who).payer)
        assert adopt(older, record)
    assert balances(older) == balances(db)
