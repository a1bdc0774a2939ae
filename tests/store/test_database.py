"""The file: who may open it, what it must be, and how it grows."""

import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from bot.store import database
from bot.store.errors import InUse, StoreError, Unusable
from bot.store.store import opened
from tests.store.shop import TERMS, StillClock

_TRY_TO_LOCK = """
import sys
from pathlib import Path
from bot.store.database import locked
from bot.store.errors import InUse
try:
    with locked(Path(sys.argv[1])):
        print("got in")
except InUse as error:
    print(error)
"""


def _other_process(path: Path) -> str:
    done = subprocess.run(  # noqa: S603 - this very Python
        [sys.executable, "-c", _TRY_TO_LOCK, str(path)],
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout.strip()


def test_a_second_process_is_kept_out_while_the_first_lives(tmp_path: Path) -> None:
    path = tmp_path / "easel.db"
    with database.locked(path):
        told = f"{path} is in use by another process; stop that one first"
        assert _other_process(path) == told
    assert _other_process(path) == "got in"


async def test_a_store_is_not_opened_twice(tmp_path: Path) -> None:
    path = tmp_path / "easel.db"
    async with opened(path, terms=TERMS, clock=StillClock()):
        with pytest.raises(InUse):
            async with opened(path, terms=TERMS, clock=StillClock()):
                pass


def test_every_pragma_is_read_back(db: sqlite3.Connection) -> None:
    found = {name: db.execute(f"PRAGMA {name}").fetchone()[0] for name in database._PRAGMAS}
    assert found == {
        "journal_mode": "wal",
        "synchronous": 2,
        "foreign_keys": 1,
        "recursive_triggers": 1,
        "busy_timeout": 5_000,
        "wal_autocheckpoint": 8_000,
        "temp_store": 2,
        "cache_size": -16_384,
    }


def test_a_file_that_cannot_keep_a_write_ahead_log_is_refused() -> None:
    with (
        closing(sqlite3.connect(":memory:")) as db,
        pytest.raises(Unusable, match="journal_mode is memory, not wal; put the file on a local"),
    ):
        database._configure(db)


def test_only_the_owner_may_read_it(tmp_path: Path) -> None:
    database.opened(tmp_path / "easel.db").close()
    assert (tmp_path / "easel.db").stat().st_mode & 0o777 == 0o600


def test_its_folder_is_made(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "down" / "easel.db"
    with database.locked(path):
        assert path.parent.is_dir()


def test_a_folder_that_is_a_file_is_unusable(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("not a folder")
    with pytest.raises(Unusable), database.locked(tmp_path / "data" / "easel.db"):
        pass
    with pytest.raises(Unusable):
        database.opened(tmp_path / "data" / "easel.db")


def test_garbage_is_no_database(tmp_path: Path) -> None:
    (tmp_path / "easel.db").write_bytes(b"garbage, not pages" * 100)
    with pytest.raises(Unusable, match="not a database; restore a sound backup with `python -m"):
        database.opened(tmp_path / "easel.db")


def test_a_file_that_others_hold_on_to_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "easel.db"
    database.opened(path).close()
    monkeypatch.setitem(database._PRAGMAS, "busy_timeout", ("0", 0))
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("PRAGMA locking_mode = EXCLUSIVE")
        other.execute("BEGIN EXCLUSIVE")
        with pytest.raises(Unusable, match="database is locked; another program has it open"):
            database.opened(path)


def test_a_folder_on_a_shared_file_system_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(folder: Path) -> None:
        raise Unusable(f"{folder} is shared")

    monkeypatch.setattr(database, "check_local", refuse)
    with pytest.raises(Unusable, match="shared"), database.locked(tmp_path / "easel.db"):
        pass


def test_a_damaged_page_is_found_at_opening(tmp_path: Path) -> None:
    path = tmp_path / "easel.db"
    with closing(database.opened(path)) as db:
        db.executemany("INSERT INTO fact VALUES (?, ?)", [(str(n), "x" * 500) for n in range(200)])
        (root,) = db.execute("SELECT rootpage FROM sqlite_schema WHERE name = 'fact'").fetchone()
        (size,) = db.execute("PRAGMA page_size").fetchone()
    with path.open("r+b") as file:
        file.seek((root - 1) * size)
        file.write(b"\xff" * size)
    with pytest.raises(Unusable, match=r"damaged|malformed"):
        database.opened(path)


def test_an_empty_file_gets_the_newest_schema(db: sqlite3.Connection) -> None:
    numbers = sorted(int(file.name[:4]) for file in database.MIGRATIONS.glob("*.sql"))
    assert numbers == list(range(1, len(numbers) + 1))
    assert db.execute("PRAGMA user_version").fetchone() == (numbers[-1],)


def test_every_table_is_strict(db: sqlite3.Connection) -> None:
    lax = db.execute(
        "SELECT name FROM pragma_table_list WHERE schema = 'main' AND type = 'table'"
        " AND NOT strict AND name NOT LIKE 'sqlite_%'"
    ).fetchall()
    assert lax == []


def test_opening_again_changes_nothing(tmp_path: Path) -> None:
    with closing(database.opened(tmp_path / "easel.db")) as db:
        before = list(db.iterdump())
    with closing(database.opened(tmp_path / "easel.db")) as db:
        assert list(db.iterdump()) == before


def test_a_newer_schema_is_refused(tmp_path: Path) -> None:
    with closing(database.opened(tmp_path / "easel.db")) as db:
        db.execute("PRAGMA user_version = 9999")
    with pytest.raises(Unusable, match="made by a newer version"):
        database.opened(tmp_path / "easel.db")


def test_only_the_missing_migrations_run(db: sqlite3.Connection, tmp_path: Path) -> None:
    (seen,) = db.execute("PRAGMA user_version").fetchone()
    (tmp_path / f"{seen:04}_seen.sql").write_text("CREATE TABLE never (id);")
    (tmp_path / f"{seen + 1:04}_next.sql").write_text("CREATE TABLE next (id);")
    database.migrate(db, tmp_path)
    tables = {name for (name,) in db.execute("SELECT name FROM sqlite_schema")}
    assert "next" in tables
    assert "never" not in tables
    assert db.execute("PRAGMA user_version").fetchone() == (seen + 1,)


@pytest.mark.parametrize(
    "sql",
    ["CREATE TABLE half (id); INSERT INTO nowhere VALUES (1);", "COMMIT; SELECT * FROM nowhere;"],
)
def test_a_failed_migration_leaves_the_version_as_it_was(
    db: sqlite3.Connection, tmp_path: Path, sql: str
) -> None:
    (seen,) = db.execute("PRAGMA user_version").fetchone()
    (tmp_path / f"{seen + 1:04}_broken.sql").write_text(sql)
    with pytest.raises(sqlite3.OperationalError, match="nowhere"):
        database.migrate(db, tmp_path)
    assert not db.in_transaction
    assert db.execute("PRAGMA user_version").fetchone() == (seen,)
    assert db.execute("SELECT count(*) FROM sqlite_schema WHERE name = 'half'").fetchone() == (0,)


def test_the_errors_are_one_family() -> None:
    assert issubclass(InUse, StoreError)
    assert issubclass(Unusable, StoreError)


@pytest.mark.parametrize("table", ["entry", "change"])
@pytest.mark.parametrize("verb", ["UPDATE {} SET at = 0", "DELETE FROM {}"])
def test_history_is_append_only(db: sqlite3.Connection, table: str, verb: str) -> None:
    _some_history(db)
    with pytest.raises(sqlite3.IntegrityError, match="append-only"):
        db.execute(verb.format(table))


@pytest.mark.parametrize(
    "sql",
    [
        "INSERT OR REPLACE INTO entry SELECT * FROM entry",
        "INSERT OR REPLACE INTO change SELECT * FROM change",
    ],
)
def test_replacing_a_row_does_not_slip_past_the_triggers(db: sqlite3.Connection, sql: str) -> None:
    _some_history(db)
    with pytest.raises(sqlite3.IntegrityError, match="append-only"):
        db.execute(sql)


def _some_history(db: sqlite3.Connection) -> None:
    db.executescript("""
        INSERT INTO person VALUES ('p', 1, 0);
        INSERT INTO job (id, key, person_id, channel_id, order_json, frames, unit_price, created_at)
        VALUES ('j', 'k', 'p', 1, '{}', '[]', 1, 0);
        INSERT INTO call (id, job_id, person_id, number, images, hold, state)
        VALUES ('j.1', 'j', 'p', 1, 1, 1, 'held');
        INSERT INTO entry (at, call_id, kind, person_id, person_micros, operator_micros,
        gateway_micros) VALUES (0, 'j.1', 'settled', 'p', 1, 2, 3);
        INSERT INTO change (at, actor, what, before, after, reason)
        VALUES (0, 'p', 'w', 'b', 'a', 'r');
    """)


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE balance SET held = -1",
        "UPDATE balance SET used = -1",
        "UPDATE call SET charged = hold + 1, state = 'settled', billed = 0",
        "UPDATE call SET refunded = 1",
        "UPDATE call SET charged = 1",
        "UPDATE call SET state = 'settled'",
        "UPDATE call SET state = 'unknown'",
        "UPDATE call SET state = 'paid'",
        "INSERT INTO entry VALUES (NULL, 0, 'j.1', 'refunded', 'p', 1, 1, 3, 0, '')",
        "INSERT INTO entry VALUES (NULL, 0, 'j.1', 'released', 'p', 0, 0, 0, 0, '')",
        "INSERT INTO entry VALUES (NULL, 0, 'j.9', 'settled', 'p', 0, 0, 0, 0, '')",
        "INSERT INTO balance VALUES ('s', 'p', 0.5, 0)",
        "INSERT INTO limit_rule VALUES ('500', 's', 'day', 'amount', NULL)",
        "INSERT INTO limit_rule VALUES ('500', 's', 'day', 'blocked', 1)",
    ],
)
def test_the_schema_itself_refuses_what_cannot_be(db: sqlite3.Connection, sql: str) -> None:
    _some_history(db)
    db.execute("INSERT INTO balance VALUES ('scope', 'day', 0, 0)")
    with pytest.raises(sqlite3.IntegrityError):
        db.execute(sql)


def test_the_periods_of_a_job_are_frozen(db: sqlite3.Connection) -> None:
    _some_history(db)
    with pytest.raises(sqlite3.IntegrityError, match="frozen"):
        db.execute('UPDATE job SET frames = \'[["a", "b"]]\'')
