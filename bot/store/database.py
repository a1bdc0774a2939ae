"""What only SQLite has: the file, its lock, its pragmas and its migrations."""

import fcntl
import os
import sqlite3
from collections.abc import Generator
from contextlib import closing, contextmanager
from functools import cache
from pathlib import Path
from urllib.parse import quote

from bot.store.errors import InUse, Unusable
from bot.store.mounts import check_local

MIGRATIONS = Path(__file__).with_name("migrations")

_RESTORE = "restore a sound backup with `python -m bot restore PATH`"
_WRITABLE = "this user must be able to write it and its folder"
_WHAT_HELPS = {
    "CORRUPT": _RESTORE,
    "NOTADB": _RESTORE,
    "READONLY": _WRITABLE,
    "CANTOPEN": _WRITABLE,
    "BUSY": "another program has it open; close that one",
    "FULL": "make room on its disk",
    "IOERR": "check its disk",
}

_OWNER_ONLY = 0o600  # prompts and interaction tokens are nobody else's business
_BUSY_MS = 5_000
_WAL_PAGES = 8_000  # 32 MB
_CACHE_KIB = 16_384

_PRAGMAS: dict[str, tuple[str, str | int]] = {
    "journal_mode": ("WAL", "wal"),
    "synchronous": ("FULL", 2),  # NORMAL may lose the last commits with the power
    "foreign_keys": ("ON", 1),
    "recursive_triggers": ("ON", 1),  # else INSERT OR REPLACE slips past the append-only triggers
    "busy_timeout": (str(_BUSY_MS), _BUSY_MS),
    "temp_store": ("MEMORY", 2),  # what a savepoint would undo needs no file
    "cache_size": (str(-_CACHE_KIB), -_CACHE_KIB),
    # Each batch may write a thousand pages; moved into the file at each commit they would cost
    # more than the commit.
    "wal_autocheckpoint": (str(_WAL_PAGES), _WAL_PAGES),
}


@contextmanager
def locked(path: Path) -> Generator[None]:
    """Keep other processes out for as long as this one lives.

    Raises:
        InUse: when another process is in.
        Unusable: when the folder cannot be written, or is not on a local disk.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        check_local(path.parent)
        handle = os.open(f"{path}.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, _OWNER_ONLY)
    except OSError as error:
        raise unusable(path, error) from error
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(handle)
        raise InUse(f"{path} is in use by another process; stop that one first") from None
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
        raise unusable(path, error) from error
    try:
        _configure(db)
        check_pages(db)
        migrate(db, MIGRATIONS)
    except (sqlite3.Error, Unusable) as error:
        db.close()
        raise unusable(path, error) from error
    return db


def looked_at(path: Path) -> sqlite3.Connection:
    """Open an existing file to read only, whether or not a bot is at work on it.

    Raises:
        OSError: when it is not there.
        sqlite3.Error: when it cannot be opened.
    """
    path.stat()  # SQLite would not say what is wrong
    # With nobody at work there is no log either, and looking must not leave one behind, which
    # might belong to a user other than the bot's.
    idle = "" if path.with_name(f"{path.name}-wal").exists() else "&immutable=1"
    return sqlite3.connect(f"{uri(path)}{idle}", uri=True, isolation_level=None)


def uri(path: Path) -> str:
    """Address a file for reading only."""
    return f"file:{quote(str(path))}?mode=ro"


def unusable(what: object, error: Exception) -> Unusable:
    """Say what is wrong with a file and what helps."""
    if isinstance(error, Unusable):
        return Unusable(f"{what}: {error}")
    name = getattr(error, "sqlite_errorname", None)
    family = name.split("_")[1] if name else "CANTOPEN"
    told = getattr(error, "strerror", None) or error
    return Unusable("; ".join(filter(None, [f"{what}: {told}", _WHAT_HELPS.get(family)])))


def _configure(db: sqlite3.Connection) -> None:
    for name, (wanted, expected) in _PRAGMAS.items():
        db.execute(f"PRAGMA {name} = {wanted}")
        (found,) = db.execute(f"PRAGMA {name}").fetchone()
        if found != expected:
            raise Unusable(f"{name} is {found}, not {expected}; put the file on a local disk")


def check_pages(db: sqlite3.Connection) -> None:
    """Read every page, as quickly as may be.

    Raises:
        Unusable: naming the first damages.
    """
    _check(db, "PRAGMA quick_check(3)")


def check_whole(db: sqlite3.Connection) -> None:
    """Read every page and index, and follow every reference.

    Raises:
        Unusable: naming the first damages.
    """
    _check(db, "PRAGMA integrity_check(3)")
    lost = db.execute("PRAGMA foreign_key_check").fetchall()
    if lost:
        tables = ", ".join(
            sorted({f"{table} without its {parent}" for table, _, parent, _ in lost})
        )
        raise Unusable(f"damaged ({len(lost)} rows point nowhere: {tables}); {_RESTORE}")


def _check(db: sqlite3.Connection, pragma: str) -> None:
    found = [line for (line,) in db.execute(pragma)]
    if found != ["ok"]:
        raise Unusable(f"damaged ({'; '.join(found)}); {_RESTORE}")


def check_version(db: sqlite3.Connection) -> int:
    """Give the schema's number.

    Raises:
        Unusable: when the file is none of ours, or newer than this program.
    """
    (seen,) = db.execute("PRAGMA user_version").fetchone()
    if not seen:
        raise Unusable("no database of Easel")
    _check_not_newer(seen, max(_numbered(MIGRATIONS)))
    return int(seen)


def check_ours(db: sqlite3.Connection) -> None:
    """Compare every table, index and trigger with the migrations that made them.

    Raises:
        Unusable: when the file is none of ours, newer than this program, or was tampered with.
    """
    wanted, found = _schema_at(check_version(db)), _schema(db)
    wrong = sorted(name for name in wanted | found if wanted.get(name) != found.get(name))
    if wrong:
        raise Unusable(f"not as Easel made it ({', '.join(wrong)})")


def _schema(db: sqlite3.Connection) -> dict[str, str]:
    rows = db.execute(
        "SELECT type, name, sql FROM sqlite_schema WHERE sql IS NOT NULL"
        " AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\'"
    )
    return {f"{kind} {name}": sql for kind, name, sql in rows}


@cache
def _schema_at(version: int) -> dict[str, str]:
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as db:
        migrate(db, MIGRATIONS, version)
        return _schema(db)


def _numbered(folder: Path) -> dict[int, Path]:
    return {int(file.name.partition("_")[0]): file for file in folder.glob("*.sql")}


def _check_not_newer(seen: int, newest: int) -> None:
    if seen > newest:
        raise Unusable(
            f"made by a newer version (schema {seen}, not {newest}); start that version instead"
        )


def migrate(db: sqlite3.Connection, folder: Path, to: int | None = None) -> None:
    """Apply every numbered file the database has not seen, each in a transaction of its own.

    Raises:
        Unusable: when the database has seen more than the folder holds.
    """
    files = _numbered(folder)
    newest = max(files)
    (seen,) = db.execute("PRAGMA user_version").fetchone()
    _check_not_newer(seen, newest)
    for number in range(seen + 1, (to or newest) + 1):
        sql = files[number].read_text(encoding="utf-8")
        try:
            db.executescript(f"BEGIN IMMEDIATE;\n{sql}\nPRAGMA user_version = {number};\nCOMMIT;")
        except sqlite3.Error:
            if db.in_transaction:
                db.execute("ROLLBACK")
            raise
