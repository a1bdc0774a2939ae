"""Backups are sound copies of one moment, and a restored one takes the database's place."""

import sqlite3
import stat
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import timedelta
from pathlib import Path

import pytest

from bot.core.ids import CallId
from bot.core.job import Failure
from bot.core.limits import PeriodKind, Rule
from bot.core.money import Money
from bot.core.states import CallState
from bot.store import audit, copies, database, ledger
from bot.store.copies import backup, restore
from bot.store.errors import InUse, Unusable
from bot.store.limits import set_limit
from bot.store.reconciling import reconcile
from bot.store.rows import scope_of, ticks
from bot.store.writer import run_batch
from tests.store.shop import (
    ANN,
    BEN,
    NOON,
    balances,
    call_in,
    column,
    dump,
    entries,
    give_up,
    state_of,
)

TOKEN = b"not-a-real-token"


@contextmanager
def seen(path: Path) -> Iterator[sqlite3.Connection]:
    with closing(sqlite3.connect(path, isolation_level=None)) as db:
        yield db


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A database at rest, with one settled call in it."""
    path = tmp_path / "data" / "easel.db"
    path.parent.mkdir()
    with closing(database.opened(path)) as db:
        call_in(db, CallState.SETTLED)
    return path


def plenty(db: sqlite3.Connection) -> None:
    for scope in ("members/500", "server/500", "operator"):
        set_limit(db, NOON, scope_of(scope), PeriodKind.DAY, Rule.UNLIMITED, ANN, "")


def calls(path: Path) -> int:
    with seen(path) as db:
        (number,) = db.execute("SELECT count(*) FROM call").fetchone()
        return int(number)


def test_a_backup_is_the_database_without_its_tokens(path: Path, tmp_path: Path) -> None:
    target = tmp_path / "copy.db"
    with closing(database.opened(path)) as db:
        backup(path, target)
        assert db.execute("SELECT count(*) FROM job WHERE token IS NOT NULL").fetchone() == (1,)
        db.execute("UPDATE job SET token = NULL, token_expires_at = NULL")
        with seen(target) as copy:
            assert sorted(dump(copy)) == sorted(dump(db))
            assert copy.execute("PRAGMA user_version").fetchone() != (0,)
            assert audit.findings(copy) == []
    assert TOKEN not in target.read_bytes()
    assert stat.S_IMODE(target.stat().st_mode) == 0o600
    assert [file.name for file in tmp_path.iterdir() if file.is_file()] == ["copy.db"]


def test_the_bytes_searched_for_tokens_are_those_of_the_database(path: Path) -> None:
    assert TOKEN in path.read_bytes()


def test_backups_taken_while_orders_run_are_each_of_one_moment(path: Path, tmp_path: Path) -> None:
    stop = threading.Event()
    written = 0

    def orders() -> None:
        nonlocal written
        with closing(database.opened(path)) as db:
            plenty(db)
            while not stop.is_set():
                (outcome,) = run_batch(db, [lambda db: call_in(db, CallState.SETTLED)])
                assert outcome.error is None
                written += 1

    writer = threading.Thread(target=orders)
    writer.start()
    try:
        sizes = []
        for number in range(5):
            target = tmp_path / f"{number}.db"
            backup(path, target)
            sizes.append(calls(target))
            with seen(target) as copy:
                assert audit.findings(copy) == []
    finally:
        stop.set()
        writer.join()
    assert sizes == sorted(sizes)
    assert calls(path) == written + 1  # none was refused meanwhile


_COPY_UNTIL_KILLED = """
import sys
from itertools import count
from pathlib import Path
from bot.store.copies import backup
for number in count():
    backup(Path(sys.argv[1]), Path(sys.argv[2]) / f"{number}.db")
    print(number, flush=True)
"""


def test_a_kill_leaves_whole_backups_only(path: Path, tmp_path: Path) -> None:
    for round_ in range(5):
        folder = tmp_path / str(round_)
        folder.mkdir()
        with subprocess.Popen(  # noqa: S603 - this very Python
            [sys.executable, "-c", _COPY_UNTIL_KILLED, str(path), str(folder)],
            stdout=subprocess.PIPE,
            text=True,
        ) as process:
            assert process.stdout is not None
            process.stdout.readline()
            time.sleep(round_ * 0.003)  # somewhere inside the next one
            process.kill()
        made = list(folder.glob("*.db"))
        assert made
        for each in made:
            assert audit.report(each).findings == []
        backup(path, folder / "next.db")
        backup(path, folder / f"{len(made)}.db")  # what was left of that one is in nobody's way


def test_a_writer_in_the_middle_of_a_transaction_is_neither_waited_for_nor_copied(
    path: Path, tmp_path: Path
) -> None:
    with closing(database.opened(path)) as db:
        db.execute("BEGIN IMMEDIATE")
        call_in(db, CallState.HELD)
        backup(path, tmp_path / "copy.db")
        db.execute("COMMIT")
    assert calls(tmp_path / "copy.db") == 1
    assert calls(path) == 2


def test_a_backup_writes_over_nothing(path: Path) -> None:
    with pytest.raises(Unusable, match="exists"):
        backup(path, path)
    assert calls(path) == 1


def test_a_copy_that_is_not_sound_is_no_backup(path: Path, tmp_path: Path) -> None:
    with seen(path) as db:
        db.execute("PRAGMA foreign_keys = OFF")
        db.execute("DELETE FROM call")
    with pytest.raises(Unusable, match="entry without its call, picture without its call"):
        backup(path, tmp_path / "copy.db")
    assert [file.name for file in tmp_path.iterdir() if file.is_file()] == []


def test_without_room_no_backup_is_begun(
    path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(copies, "RESERVE_BYTES", 1 << 60)
    with pytest.raises(Unusable, match="no room for a copy"):
        backup(path, tmp_path / "copy.db")


def test_a_missing_database_or_folder_is_told(path: Path, tmp_path: Path) -> None:
    with pytest.raises(Unusable, match=r"nothing\.db to .*: No such file"):
        backup(tmp_path / "nothing.db", tmp_path / "copy.db")
    with pytest.raises(Unusable, match="No such file"):
        backup(path, tmp_path / "nowhere" / "copy.db")


def test_a_folder_that_cannot_be_synced_takes_backups_too(
    path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def sync(what: Path) -> None:
        if what.is_dir():
            raise OSError("Invalid argument")

    monkeypatch.setattr(copies, "_sync", sync)
    backup(path, tmp_path / "copy.db")
    assert calls(tmp_path / "copy.db") == 1


def test_a_restored_backup_takes_the_place_of_the_database(path: Path, tmp_path: Path) -> None:
    backup(path, tmp_path / "copy.db")
    with closing(database.opened(path)) as db:
        call_in(db, CallState.HELD)

    aside = restore(tmp_path / "copy.db", path, NOON)

    assert aside == path.with_name("easel-replaced-20260615T120000Z.db")
    assert calls(aside) == 2
    assert calls(path) == 1
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    with closing(database.opened(path)) as db:
        assert audit.findings(db) == []
        call_in(db, CallState.SETTLED)
    assert (tmp_path / "copy.db").exists()
    assert sorted(file.name for file in path.parent.iterdir()) == [
        "easel-replaced-20260615T120000Z.db",
        "easel.db",
        "easel.db.lock",
    ]


@pytest.fixture
def perhaps_sent(path: Path, tmp_path: Path) -> Iterator[tuple[sqlite3.Connection, CallId]]:
    """A restored backup, taken while a call waited that may have left since."""
    with closing(database.opened(path)) as db:
        call = call_in(db, CallState.HELD)
        backup(path, tmp_path / "copy.db")
    restore(tmp_path / "copy.db", path, NOON)
    with closing(database.opened(path)) as db:
        yield db, call


def test_a_backup_leaves_what_waits_as_it_is(path: Path, tmp_path: Path) -> None:
    with closing(database.opened(path)) as db:
        call = call_in(db, CallState.HELD)
    backup(path, tmp_path / "copy.db")
    with seen(tmp_path / "copy.db") as copy:
        assert state_of(copy, call) is CallState.HELD


def test_what_waited_at_the_backup_counts_as_sent_once_restored(
    perhaps_sent: tuple[sqlite3.Connection, CallId],
) -> None:
    db, call = perhaps_sent
    assert state_of(db, call) is CallState.SENT
    assert column(db, call, "sent_at") == ticks(NOON)  # of the order: it can't have left before
    assert not ledger.begin(db, NOON, call)
    assert not ledger.release(db, NOON, call, Failure.INTERRUPTED, "")
    assert {held for held, _ in balances(db).values()} >= {40_000}
    assert audit.findings(db) == []
    states = db.execute("SELECT state FROM call ORDER BY state").fetchall()
    assert states == [("sent",), ("settled",)]


@pytest.mark.parametrize(
    ("billed", "state", "booked"),
    [
        (41_000, CallState.SETTLED, ("settled", 0, 41_000, 41_000, 0)),
        (None, CallState.RELEASED, ("released", 0, 0, 0, 0)),  # it never left
    ],
)
def test_how_such_a_call_ended_can_be_told(
    perhaps_sent: tuple[sqlite3.Connection, CallId],
    billed: int | None,
    state: CallState,
    booked: tuple[str, int, int, int, int],
) -> None:
    db, call = perhaps_sent
    ledger.doubt(db, NOON, call, "")
    total = None if billed is None else Money(billed)
    reconcile(db, NOON, call, total, "the invoice", BEN)
    assert state_of(db, call) is state
    assert entries(db, call) == [booked]
    assert audit.findings(db) == []


def test_nobody_knows_and_the_window_ends_such_a_call(
    perhaps_sent: tuple[sqlite3.Connection, CallId],
) -> None:
    db, call = perhaps_sent
    ledger.doubt(db, NOON, call, "")
    assert give_up(db, call)
    assert entries(db, call) == [("released", 0, 0, 0, 40_000)]
    reconcile(db, NOON, call, Money(40_000), "the invoice", BEN)  # found out later after all
    assert entries(db, call)[1:] == [("billed late", 0, 40_000, 40_000, -40_000)]
    assert audit.findings(db) == []


def test_what_a_killed_bot_left_in_its_log_stays_with_the_replaced_database(
    path: Path, tmp_path: Path
) -> None:
    backup(path, tmp_path / "copy.db")
    killed = tmp_path / "killed"
    killed.mkdir()
    with closing(database.opened(path)) as db:
        call_in(db, CallState.HELD)
        for file in path.parent.iterdir():  # as a kill leaves them
            (killed / file.name).write_bytes(file.read_bytes())
    assert calls(path) == 2

    aside = restore(tmp_path / "copy.db", killed / "easel.db", NOON)

    assert aside is not None
    assert calls(aside) == 2
    assert not list(killed.glob("easel.db-*"))
    assert calls(killed / "easel.db") == 1


@pytest.mark.parametrize("how", ["garbage", "damaged page"])
def test_a_damaged_database_is_replaced_and_kept_as_it_is(
    path: Path, tmp_path: Path, how: str
) -> None:
    backup(path, tmp_path / "copy.db")
    spoil(path, how)
    damaged = path.read_bytes()
    for suffix in ("-wal", "-shm", "-journal"):
        path.with_name(f"easel.db{suffix}").write_bytes(b"stale")

    aside = restore(tmp_path / "copy.db", path, NOON)

    assert aside is not None
    assert aside.read_bytes() == damaged
    assert aside.with_name(f"{aside.name}-wal").read_bytes() == b"stale"
    assert not [file for file in path.parent.iterdir() if file.name.startswith("easel.db-")]
    assert calls(path) == 1


def test_a_missing_database_is_restored_into_its_place(path: Path, tmp_path: Path) -> None:
    backup(path, tmp_path / "copy.db")
    elsewhere = tmp_path / "new" / "easel.db"
    assert restore(tmp_path / "copy.db", elsewhere, NOON) is None
    assert calls(elsewhere) == 1


def test_nothing_is_restored_while_a_bot_is_at_work(path: Path, tmp_path: Path) -> None:
    backup(path, tmp_path / "copy.db")
    with database.locked(path), pytest.raises(InUse):
        restore(tmp_path / "copy.db", path, NOON)


def spoil(path: Path, how: str) -> None:
    if how == "garbage":
        path.write_bytes(b"garbage, not pages" * 100)
        return
    with seen(path) as db:
        if how == "damaged page":
            (root,) = db.execute(
                "SELECT rootpage FROM sqlite_schema WHERE name = 'call'"
            ).fetchone()
            (size,) = db.execute("PRAGMA page_size").fetchone()
        else:
            db.execute(how)
            return
    with path.open("r+b") as file:
        file.seek((root - 1) * size)
        file.write(b"\xff" * size)


@pytest.mark.parametrize(
    ("how", "why"),
    [
        ("garbage", "file is not a database; restore a sound backup"),
        ("damaged page", "damaged|malformed"),
        ("PRAGMA user_version = 9999", "made by a newer version"),
        ("PRAGMA user_version = 0", "no database of Easel"),
        ("DROP TRIGGER entry_is_not_updated", "not as Easel made it"),
        ("DELETE FROM person", "call without its person"),
    ],
)
def test_what_is_no_backup_of_ours_changes_nothing(
    path: Path, tmp_path: Path, how: str, why: str
) -> None:
    backup(path, tmp_path / "copy.db")
    spoil(tmp_path / "copy.db", how)
    before = path.read_bytes()

    with pytest.raises(Unusable, match=why):
        restore(tmp_path / "copy.db", path, NOON)

    assert path.read_bytes() == before
    assert sorted(file.name for file in path.parent.iterdir()) == ["easel.db", "easel.db.lock"]


def test_the_database_is_no_backup_of_itself(path: Path) -> None:
    restored = restore(path, path, NOON + timedelta(seconds=1))
    assert restored is not None
    assert calls(path) == calls(restored) == 1


def test_looking_at_a_database_leaves_nothing_beside_it(path: Path) -> None:
    with closing(database.looked_at(path)) as db:
        assert db.execute("SELECT count(*) FROM call").fetchone() == (1,)
    assert [file.name for file in path.parent.iterdir()] == ["easel.db"]


def test_looking_at_one_in_use_sees_what_is_committed(path: Path) -> None:
    with closing(database.opened(path)) as db, closing(database.looked_at(path)) as look:
        call_in(db, CallState.HELD)
        assert look.execute("SELECT count(*) FROM call").fetchone() == (2,)
        with pytest.raises(sqlite3.OperationalError, match="readonly"):
            look.execute("DELETE FROM call")
