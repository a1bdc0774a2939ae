"""C13: a process that dies in a migration leaves the old schema, and the next one finishes it."""

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

from bot.store import database
from bot.store.audit import findings


def test_a_migration_that_dies_never_began(tmp_path: Path) -> None:
    file, photos = tmp_path / "easel.db", tmp_path / "photos"
    photos.mkdir()

    def photograph() -> int:
        """Take what a kill would leave at this instruction of SQLite's machine."""
        copy = photos / f"{len(list(photos.glob('*.db')))}.db"
        shutil.copyfile(file, copy)
        if (log := Path(f"{file}-wal")).exists():
            shutil.copyfile(log, f"{copy}-wal")
        return 0

    with closing(sqlite3.connect(file, isolation_level=None)) as db:
        db.execute("PRAGMA journal_mode = WAL")
        db.execute("PRAGMA cache_size = 1")  # pages go to the log long before the commit
        db.set_progress_handler(photograph, 25)
        database.migrate(db, database.MIGRATIONS)

    copies = sorted(photos.glob("*.db"))
    assert len(copies) > 20
    for copy in copies:
        with closing(sqlite3.connect(copy)) as db:
            (tables,) = db.execute("SELECT count(*) FROM sqlite_schema").fetchone()
            (version,) = db.execute("PRAGMA user_version").fetchone()
            assert bool(tables) is bool(version)
        with closing(database.opened(copy)) as db:
            assert findings(db) == []
