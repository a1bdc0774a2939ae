"""The audit finds nothing in sound books, and every way of breaking them on purpose."""

import sqlite3

import pytest

from bot.core.ids import job_of
from bot.core.money import Money
from bot.core.states import CallState
from bot.store import audit, ledger
from bot.store.admission import hold
from tests.store.shop import BEN, NOON, TERMS, admission, call_in, give_up, looks, painted


@pytest.fixture
def books(db: sqlite3.Connection) -> sqlite3.Connection:
    """A bit of everything: each state, a refund, an excess, an exposure and a late bill."""
    for state in CallState:
        call_in(db, state)
    settled = call_in(db, CallState.SETTLED, images=2)
    ledger.refund(db, NOON, job_of(settled), 1, "not delivered")
    dear = call_in(db, CallState.SENT)
    ledger.settle(db, NOON, dear, painted(70_000), looks())
    given_up = [call_in(db, CallState.UNKNOWN) for _ in range(2)]
    for call in given_up:
        give_up(db, call)
    ledger.settle(db, NOON, given_up[0], painted(39_000), looks())
    hold(db, NOON, TERMS, admission(who=BEN, server=501, calls=(2, 1)))
    return db


def break_(db: sqlite3.Connection, sql: str) -> None:
    """Change what the schema itself does not let anybody change, and leave the schema as it was."""
    triggers = db.execute("SELECT name, sql FROM sqlite_schema WHERE type = 'trigger'").fetchall()
    db.execute("PRAGMA foreign_keys = OFF")
    db.execute("PRAGMA ignore_check_constraints = ON")
    for name, _ in triggers:
        db.execute(f"DROP TRIGGER {name}")
    call, job, other = db.execute(
        "SELECT settled.id, job.id, job.person_id FROM call AS settled, job"
        " WHERE charged = 39000 AND images = 1 AND server_id = 501"
    ).fetchone()
    assert db.execute(sql, {"call": call, "job": job, "other": other}).rowcount > 0
    for _, text in triggers:
        db.execute(text)


def test_sound_books_have_no_findings(books: sqlite3.Connection) -> None:
    assert audit.findings(books) == []


def test_an_empty_ledger_is_sound(db: sqlite3.Connection) -> None:
    assert audit.findings(db) == []
    assert audit.sums(db) == audit.Sums(*[Money(0)] * 5)


@pytest.mark.parametrize(
    ("sql", "finding"),
    [
        ("UPDATE balance SET held = held + 5 WHERE scope = 'operator'", "off by +$0.000005 held"),
        ("UPDATE balance SET used = used - 1 WHERE scope = 'server/500'", "-$0.000001 used"),
        ("DELETE FROM balance WHERE scope = 'channel/500/600'", "The balance of channel/500/600"),
        ("INSERT INTO balance VALUES ('server/9', '2026-06-15', 0, 1)", "The balance of server/9"),
        ("UPDATE job SET frames = '[]'", "The balance of operator"),
        ("UPDATE job SET frames = 'broken'", "The balance of operator"),
        ("UPDATE call SET charged = hold + 1 WHERE id = :call", "of a hold of $0.04"),
        ("UPDATE call SET refunded = charged + 1 WHERE id = :call", "given back $0.039001"),
        ("UPDATE call SET refunded = -1 WHERE id = :call", "given back -$0.000001"),
        ("UPDATE call SET hold = hold + 1 WHERE id = :call", "holds $0.040001 for 1 pictures"),
        ("DELETE FROM picture WHERE call_id = :call", "charged $0.039 for 0 pictures"),
        ("UPDATE job SET unit_price = 7", "for 1 pictures at $0.000007"),
        (
            "UPDATE entry SET operator_micros = 3 WHERE call_id = :call",
            "cost people $0.039 and the operator $0.000003, and the gateway took $0.039",
        ),
        (
            "UPDATE entry SET kind = 'billed late' WHERE kind = 'settled'",
            "is settled, by 0 entries that settle and 0 that release",
        ),
        (
            "UPDATE call SET state = 'released' WHERE state = 'settled'",
            "is released, by 1 entries that settle",
        ),
        ("UPDATE call SET state = 'settled' WHERE state = 'sent'", "is settled, by 0 entries"),
        (
            "UPDATE call SET charged = charged - 1 WHERE id = :call",
            "says charged $0.038999, its entries $0.039",
        ),
        (
            "UPDATE entry SET person_micros = 4, gateway_micros = 39004 WHERE kind = 'billed late'",
            "says charged $0.00, its entries $0.00",
        ),
        ("UPDATE call SET refunded = 1 WHERE id = :call", "says refunded $0.000001, its"),
        ("UPDATE call SET billed = 1 WHERE id = :call", "says billed $0.000001, its entries"),
        (
            "UPDATE picture SET share = share + 1 WHERE call_id = :call",
            "was charged $0.039, its pictures' shares are $0.039001",
        ),
        (
            "UPDATE picture SET state = 'refunded' WHERE call_id = :call",
            "was refunded $0.00, its refunded pictures' shares are $0.039",
        ),
        (
            "UPDATE entry SET exposure_micros = 40000 WHERE call_id = :call",
            "is settled with an exposure of $0.04",
        ),
        (
            "UPDATE entry SET exposure_micros = 1 WHERE exposure_micros > 0",
            "is released with an exposure of $0.000001",
        ),
        (
            "UPDATE entry SET person_id = :other WHERE call_id = :call",
            "has a job, entries or pictures of another",
        ),
        (
            "UPDATE call SET person_id = :other WHERE id = :call",
            "has a job, entries or pictures of another",
        ),
        (
            "UPDATE picture SET job_id = :job WHERE call_id = :call",
            "has a job, entries or pictures of another",
        ),
        ("DELETE FROM entry WHERE id = 1", "entries"),
        ("DELETE FROM entry WHERE id = (SELECT max(id) FROM entry)", "are there"),
    ],
)
def test_what_is_broken_is_found(books: sqlite3.Connection, sql: str, finding: str) -> None:
    break_(books, sql)
    found = audit.findings(books)
    assert any(finding in line for line in found), found
    assert not any("schema" in line for line in found)


@pytest.mark.parametrize(
    ("sql", "finding"),
    [
        ("DROP TRIGGER entry_is_not_deleted", "trigger entry_is_not_deleted"),
        ("DROP INDEX entry_resolves_once", "index entry_resolves_once"),
        ("CREATE TABLE more (id INTEGER)", "table more"),
        ("PRAGMA user_version = 99", "made by a newer version"),
    ],
)
def test_guards_that_are_gone_are_found(books: sqlite3.Connection, sql: str, finding: str) -> None:
    books.execute(sql)
    (found,) = audit.findings(books)
    assert found.startswith("The schema is ")
    assert finding in found


def test_the_sums_are_those_of_the_books(books: sqlite3.Connection) -> None:
    assert audit.sums(books) == audit.Sums(
        people=Money(39_000 * 2 + 40_000),
        operator=Money(39_000 + 30_000 + 39_000),
        gateway=Money(39_000 * 3 + 70_000 + 39_000),
        exposure=Money(40_000),
        held=Money(40_000 * 6),
    )
    counts = audit.counts(books)
    assert counts["people"] == 2
    assert counts["jobs"] == 10
    assert {name: counts[name] for name in counts if name.startswith("calls")} == {
        "calls held": 3,
        "calls sent": 1,
        "calls unknown": 1,
        "calls settled": 3,
        "calls released": 3,
    }
    assert counts["entries"] == 8
