"""Where the files of the proofs are made, and the empty database they all start from."""

from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from bot.store import database

_MEMORY = Path("/dev/shm")  # noqa: S108 - fsync costs nothing there; a kill loses nothing written


def room() -> Path | None:
    """Give a folder in memory where there is one, else where temporary files go."""
    return _MEMORY if _MEMORY.is_dir() else None


@cache
def empty() -> bytes:
    """Give the bytes of a new database; making one takes longer than a whole life of a process."""
    with TemporaryDirectory() as name:
        file = Path(name) / "empty.db"
        database.opened(file).close()
        return file.read_bytes()
