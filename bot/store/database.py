"""What only SQLite has: the file, its lock, its pragmas and its migrations."""

import fcntl
import os
import sqlite3
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from bot.store.errors import InUse, Unusable

MIGRATIONS = Path(__file__).with_name("migrations")

_OWNER_ONLY = 0o600  # prompts and interaction tokens are nobody else's business
_BUSY_MS = 5_000

_PRAGMAS: dict[str, tuple[str, str | int]] = {
    "journal_mode": ("WAL", "wal"),
    "synchronous": ("FULL", 2),  # NORMAL may lose the last commits with the power
    "foreign_keys": ("ON", 1),
    "recursive_triggers": ("ON", 1),  # else INSERT OR REPLACE slips past the append-only triggers
    "busy_timeout": (str(_BUSY_MS), _BUSY_MS),
}


@contextmanager
def locked(path: Path) -> Generator[None]:
    """Keep other processes out for as long as this one lives.

    Raises:
        InUse: when another process is in.
        Unusable: when the folder cannot be written.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle = os.open(f"{path}.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, _OWNER_ONLY)
    except OSError as error:
        raise Unusable(f"{path}: {error}") from error
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(handle)
        raise InUse(f"{path} is in use by another process") from None
    try:
        yield
    finally:
        os.close(handle)


def opened(path: Path) -> sqlite3.Connection:
    """Open, check and migrate the file; the connection may move to the writer's thread.

    Raises:
        Unusable: when it is not a sound database of this or an older version.
    """
    try:
        os.close(os.open(path, os.O_RDWR | os.O_CREAT, _OWNER_ONLY))
        db = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    except (OSError, sqlite3.Error) as error:
        raise Unusable(f"{path}: {error}") from error
    try:
        _configure(db)
        _check(db)
        migrate(db, MIGRATIONS)
    except (sqlite3.Error, Unusable) as error:
        db.close()
        raise Unusable(f"{path}: {error}") from error
    return db


def _configure(db: sqlite3.Connection) -> None:
    for name, (wanted, expected) in _PRAGMAS.items():
        db.execute(f"PRAGMA {name} = {wanted}")
        (found,) = db.execute(f"PRAGMA {name}").fetchone()
        if found != expected:
            raise Unusable(f"{name} is {found}, not {expected}")


def _check(db: sqlite3.Connection) -> None:
    found = [line for (line,) in db.execute("PRAGMA quick_check(3)")]
    if found != ["ok"]:
        raise Unusable("damaged: " + "; ".join(found))


def migrate(db: sqlite3.Connection, folder: Path) -> None:
    """Apply every numbered file the database has not seen, each in a transaction of its own.

    Raises:
        Unusable: when the database has seen more than the folder holds.
    """
    files = {int(file.name.partition("_")[0]): file for file in folder.glob("*.sql")}
    (seen,) = db.execute("PRAGMA user_version").fetchone()
    if seen > max(files):
        raise Unusable(f"made by a newer version (schema {seen}, not {max(files)})")
    for number in range(seen + 1, max(files) + 1):
        sql = files[number].read_text(encoding="utf-8")
        try:
            db.executescript(f"BEGIN IMMEDIATE;\n{sql}\nPRAGMA user_version = {number};\nCOMMIT;")
        except sqlite3.Error:
            if db.in_transaction:
                db.execute("ROLLBACK")
            raise
