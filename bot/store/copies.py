"""Copies: the database as it stood at one moment, taken while it is in use, and put back."""

import os
import shutil
import sqlite3
from contextlib import closing, suppress
from datetime import datetime
from pathlib import Path

from bot.store import database
from bot.store.errors import Unusable

STAMP = "%Y%m%dT%H%M%S"
RESERVE_BYTES = 64 * 2**20  # a copy must not take the last room from what is being paid for

_BESIDE = ("-wal", "-journal", "-shm")  # what SQLite keeps beside a database

_WITHOUT_TOKENS = "UPDATE job SET token = NULL, token_expires_at = NULL WHERE token IS NOT NULL"

# What waited at the moment of the backup may have left since, at any time after it was ordered.
_PERHAPS_SENT = """
UPDATE call SET state = 'sent', sent_at = job.created_at FROM job
WHERE job.id = call.job_id AND call.state = 'held'
"""


def backup(source: Path, target: Path) -> None:
    """Copy a database that may be in use, without the tokens in it; it blocks no writer.

    Raises:
        Unusable: when there is no room, the copy is not sound, or `target` exists; then nothing
            is left of it.
    """
    if target.exists():
        raise Unusable(f"{target} exists; name a file that does not")
    part = _part(target)
    try:
        _make(source, part, _WITHOUT_TOKENS)
        part.rename(target)
        with suppress(OSError):  # a folder on somebody's share may know no such thing
            _sync(target.parent)
    except (OSError, sqlite3.Error, Unusable) as error:
        raise database.unusable(f"{source} to {target}", error) from error
    finally:
        part.unlink(missing_ok=True)


def restore(source: Path, path: Path, now: datetime) -> Path | None:
    """Put a backup in the place of the database; gives where the replaced one is kept.

    A call that was held counts as sent, since nobody knows any more whether it was.

    Raises:
        InUse: while a bot is at work on the database.
        Unusable: when the backup is not sound, not ours or newer; then nothing was changed.
    """
    part = _part(path)
    with database.locked(path):
        try:
            _make(source, part, _WITHOUT_TOKENS, _PERHAPS_SENT)
            aside = _set_aside(path, now)
            part.replace(path)
            _sync(path.parent)
        except (OSError, sqlite3.Error, Unusable) as error:
            raise database.unusable(f"{source} to {path}", error) from error
        finally:
            part.unlink(missing_ok=True)
    return aside


def _make(source: Path, part: Path, *changes: str) -> None:
    """Write a checked copy, with these changes, that is on the disk for good."""
    _check_room(source, part.parent)
    part.unlink(missing_ok=True)
    os.close(os.open(part, os.O_CREAT | os.O_EXCL, 0o600))  # SQLite itself asks for no privacy
    with closing(database.looked_at(source)) as db:
        database.check_ours(db)
        db.execute("VACUUM INTO ?", (str(part),))
    with closing(sqlite3.connect(part, isolation_level=None)) as db:
        db.execute("PRAGMA journal_mode = OFF")  # a copy that breaks is thrown away
        for change in changes:
            db.execute(change)
        db.execute("VACUUM")  # else tokens could still be read in the free pages
        database.check_whole(db)
    _sync(part)


def _check_room(source: Path, folder: Path) -> None:
    size_bytes = 2 * source.stat().st_size  # emptying a copy's free pages takes another
    if shutil.disk_usage(folder).free - RESERVE_BYTES < size_bytes:
        raise Unusable(f"no room for a copy in {folder}; make room on its disk")


def _part(target: Path) -> Path:
    return target.with_name(f".{target.name}.part")


def _set_aside(path: Path, now: datetime) -> Path | None:
    """Keep the database under a second name, whole, and leave nothing to be taken for the new's.

    It keeps its own name until the new one takes it, so that no start finds nothing there.
    """
    if not path.exists():
        return None
    with suppress(sqlite3.Error, Unusable):
        _write_back(path)
    aside = path.with_name(f"{path.stem}-replaced-{now:{STAMP}}Z{path.suffix}")
    os.link(path, aside)
    for suffix in _BESIDE:
        beside = path.with_name(path.name + suffix)
        if beside.exists():
            beside.rename(aside.with_name(aside.name + suffix))
    _sync(path.parent)
    return aside


def _write_back(path: Path) -> None:
    """Move the log into the file; of a damaged one it is kept beside it, for who can read it."""
    with closing(database.looked_at(path)) as db:
        database.check_pages(db)
    with closing(sqlite3.connect(path)) as db:
        db.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
