"""One writer: batches, savepoints, failures and cancelled waiters."""

import asyncio
import sqlite3
import threading
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

import pytest

from bot.store import database
from bot.store.errors import StoreError
from bot.store.writer import BATCH_MAX, Operation, Together, Writer, run_batch


def remember(name: str) -> Operation[str]:
    def operation(db: sqlite3.Connection) -> str:
        db.execute("INSERT INTO fact VALUES (?, 'x')", (name,))
        return name

    return operation


def fail_after_writing(db: sqlite3.Connection) -> None:
    db.execute("INSERT INTO fact VALUES ('half', 'x')")
    raise LookupError("no")


def names(db: sqlite3.Connection) -> list[str]:
    return [name for (name,) in db.execute("SELECT name FROM fact ORDER BY name")]


def fill_the_disk(db: sqlite3.Connection) -> None:
    (pages,) = db.execute("PRAGMA page_count").fetchone()
    db.execute(f"PRAGMA max_page_count = {pages}")


def large(db: sqlite3.Connection) -> None:
    db.execute("INSERT INTO fact VALUES ('large', ?)", ("x" * 1_000_000,))


def test_one_failure_undoes_only_itself(db: sqlite3.Connection) -> None:
    first, second, third = run_batch(db, [remember("a"), fail_after_writing, remember("b")])
    assert (first.value, third.value) == ("a", "b")
    assert isinstance(second.error, LookupError)
    assert names(db) == ["a", "b"]
    assert not db.in_transaction


def test_a_broken_constraint_is_named(db: sqlite3.Connection) -> None:
    outcomes = run_batch(db, [remember("a"), remember("a")])
    assert outcomes[0].value == "a"
    assert isinstance(outcomes[1].error, StoreError)
    assert "SQLITE_CONSTRAINT_PRIMARYKEY" in str(outcomes[1].error)


def test_a_full_disk_answers_nobody_with_success(db: sqlite3.Connection) -> None:
    fill_the_disk(db)
    outcomes = run_batch(db, [remember("a"), large, remember("b")])
    assert ["SQLITE_FULL" in str(outcome.error) for outcome in outcomes] == [True] * 3
    assert all(isinstance(outcome.error, StoreError) for outcome in outcomes)
    assert names(db) == []


def test_a_failed_commit_answers_nobody_with_success(db: sqlite3.Connection) -> None:
    db.execute("CREATE TABLE late (id TEXT REFERENCES fact (name) DEFERRABLE INITIALLY DEFERRED)")

    def point_nowhere(db: sqlite3.Connection) -> None:
        db.execute("INSERT INTO late VALUES ('nobody')")

    outcomes = run_batch(db, [remember("a"), point_nowhere])
    assert all("SQLITE_CONSTRAINT" in str(outcome.error) for outcome in outcomes)
    assert not db.in_transaction
    assert names(db) == []


def test_an_operation_that_commits_by_itself_fails_the_batch(db: sqlite3.Connection) -> None:
    def rogue(db: sqlite3.Connection) -> None:
        db.execute("ROLLBACK")
        raise LookupError("gone")

    outcomes = run_batch(db, [remember("a"), rogue])
    assert [str(outcome.error) for outcome in outcomes] == ["LookupError: gone"] * 2
    assert names(db) == []


def test_a_read_only_file_fails_closed(tmp_path: Path) -> None:
    database.opened(tmp_path / "easel.db").close()
    uri = (tmp_path / "easel.db").as_uri() + "?mode=ro"
    with closing(sqlite3.connect(uri, uri=True, isolation_level=None)) as db:
        (outcome,) = run_batch(db, [remember("a")])
        assert "SQLITE_READONLY" in str(outcome.error)


def test_a_locked_file_fails_closed(db: sqlite3.Connection, tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "easel.db", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        db.execute("PRAGMA busy_timeout = 0")
        (outcome,) = run_batch(db, [remember("a")])
        assert "SQLITE_BUSY" in str(outcome.error)
    assert run_batch(db, [remember("a")])[0].value == "a"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "writer.db"


def stored(file: Path) -> list[str]:
    with closing(sqlite3.connect(file)) as db:
        return names(db)


async def test_a_value_or_the_error_comes_back(file: Path) -> None:
    writer = Writer(database.opened(file))
    assert await writer.run(remember("a")) == "a"
    with pytest.raises(LookupError):
        await writer.run(fail_after_writing)
    await writer.close()
    assert stored(file) == ["a"]


async def test_many_operations_share_few_commits(file: Path) -> None:
    commits = []
    db = database.opened(file)
    db.set_trace_callback(lambda sql: commits.append(sql) if sql == "COMMIT" else None)
    gate = threading.Event()
    writer = Writer(db)
    async with asyncio.TaskGroup() as group:
        blocked = group.create_task(writer.run(lambda _: gate.wait()))
        many = [group.create_task(writer.run(remember(f"{n:04}"))) for n in range(1_200)]
        await asyncio.sleep(0)
        gate.set()
    await writer.close()
    assert blocked.result()
    assert [task.result() for task in many] == [f"{n:04}" for n in range(1_200)]
    assert len(stored(file)) == 1_200
    assert 1_200 / BATCH_MAX <= len(commits) <= 5


async def test_a_cancelled_waiter_does_not_stop_what_was_queued(file: Path) -> None:
    gate = threading.Event()
    writer = Writer(database.opened(file))
    async with asyncio.TaskGroup() as group:
        first = group.create_task(writer.run(lambda _: gate.wait()))
        doomed = [
            group.create_task(writer.run(operation))
            for operation in (remember("a"), fail_after_writing)
        ]
        await asyncio.sleep(0)
        for task in doomed:
            task.cancel()
        kept = group.create_task(writer.run(remember("b")))
        await asyncio.sleep(0)
        gate.set()
    assert first.result()
    assert [task.cancelled() for task in doomed] == [True, True]
    assert kept.result() == "b"
    await writer.close()
    assert stored(file) == ["a", "b"]


async def test_closing_carries_out_what_is_queued_and_then_refuses(file: Path) -> None:
    gate = threading.Event()
    writer = Writer(database.opened(file))
    async with asyncio.TaskGroup() as group:
        group.create_task(writer.run(lambda _: gate.wait()))
        tasks = [group.create_task(writer.run(remember(name))) for name in "abc"]
        await asyncio.sleep(0)
        closing_task = group.create_task(writer.close())
        await asyncio.sleep(0)
        with pytest.raises(StoreError, match="closed"):
            await writer.run(remember("late"))
        gate.set()
    assert closing_task.done()
    assert [task.result() for task in tasks] == ["a", "b", "c"]
    assert stored(file) == ["a", "b", "c"]


async def test_a_full_disk_reaches_every_waiter(file: Path) -> None:
    db = database.opened(file)
    fill_the_disk(db)
    writer = Writer(db)
    results = await asyncio.gather(writer.run(large), writer.run(large), return_exceptions=True)
    assert all(isinstance(result, StoreError) for result in results)
    await writer.close()


async def test_closing_while_it_writes_carries_out_what_was_queued_before(file: Path) -> None:
    writer = Writer(database.opened(file))
    started, gate = threading.Event(), threading.Event()

    def waits(_: sqlite3.Connection) -> None:
        started.set()
        gate.wait(60)

    async def close_behind_it() -> None:
        await asyncio.to_thread(started.wait)
        rest = asyncio.gather(writer.run(remember("a")), writer.close())
        await asyncio.sleep(0)  # both stand in the queue now
        gate.set()
        await rest

    await asyncio.gather(writer.run(waits), close_behind_it())
    with closing(database.opened(file)) as db:
        assert names(db) == ["a"]


def test_where_nothing_was_written_before_a_failure_nothing_is_run_twice(
    db: sqlite3.Connection,
) -> None:
    runs = []

    def refuses(db: sqlite3.Connection) -> None:
        runs.append(db.in_transaction)
        raise LookupError

    outcomes = run_batch(db, [remember("a"), refuses, remember("b")])
    assert [outcome.error is None for outcome in outcomes] == [True, False, True]
    assert names(db) == ["a", "b"]
    assert runs == [True]


def test_what_a_failed_operation_wrote_is_undone_and_its_neighbours_stay(
    db: sqlite3.Connection,
) -> None:
    runs = []

    def half_done(db: sqlite3.Connection) -> None:
        runs.append(db.in_transaction)
        remember("half")(db)
        raise LookupError

    outcomes = run_batch(db, [remember("a"), half_done, remember("b")])
    assert [outcome.error is None for outcome in outcomes] == [True, False, True]
    assert names(db) == ["a", "b"]
    assert runs == [True, True]  # again, with a savepoint


def test_neighbours_of_a_kind_are_run_as_one(db: sqlite3.Connection) -> None:
    runs = []

    def remember_all(db: sqlite3.Connection, items: Sequence[str]) -> list[str | Exception]:
        runs.append(list(items))
        db.executemany("INSERT INTO fact VALUES (?, 'x')", [(item,) for item in items])
        return [*items]

    a, b, d = (Together(remember_all, name) for name in "abd")
    outcomes = run_batch(db, [a, b, remember("between"), d])
    assert [outcome.value for outcome in outcomes] == ["a", "b", "between", "d"]
    assert runs == [["a", "b"], ["d"]]
    assert names(db) == ["a", "b", "between", "d"]


def test_where_neighbours_fail_as_one_each_is_run_by_itself(db: sqlite3.Connection) -> None:
    def remember_all(db: sqlite3.Connection, items: Sequence[str]) -> list[str | Exception]:
        answers: list[str | Exception] = []
        for item in items:
            if item == "no":
                answers.append(LookupError(item))
                continue
            db.execute("INSERT INTO fact VALUES (?, 'x')", (item,))
            answers.append(item)
        return answers

    outcomes = run_batch(db, [Together(remember_all, item) for item in ("a", "no", "a", "b")])
    assert [outcome.value for outcome in outcomes] == ["a", None, None, "b"]
    assert isinstance(outcomes[1].error, LookupError)
    assert "SQLITE_CONSTRAINT_PRIMARYKEY" in str(outcomes[2].error)
    assert names(db) == ["a", "b"]
