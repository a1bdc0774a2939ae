"""Files that only we may read, and that are on the disk when we say so."""

import os
import shutil
from pathlib import Path

from bot.spool import manifest


def inside(folder: Path, name: str) -> Path:
    """Name a file of a folder.

    Raises:
        ValueError: for anything but a plain file name that stays in the folder.
    """
    path = folder / name
    if not manifest.is_plain(name) or not path.resolve().is_relative_to(folder):
        raise ValueError(f"not a plain file name: {name!r}")
    return path


def settle(path: Path) -> None:
    """Make a file that was written private and durable."""
    handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW)
    try:
        os.fchmod(handle, 0o600)
        os.fsync(handle)
    finally:
        os.close(handle)


def sync(folder: Path) -> None:
    """Make the names in a folder durable."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def write(path: Path, body: bytes) -> None:
    """Write a new file, private and durable."""
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
    with os.fdopen(handle, "wb") as file:
        file.write(body)
        file.flush()
        os.fsync(handle)


def read(path: Path) -> bytes:
    """Read a file that is no link."""
    handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW)
    with os.fdopen(handle, "rb") as file:
        return file.read()


def remove(folder: Path) -> None:
    """Remove a folder with all that is in it, if there is one."""
    if folder.exists():
        shutil.rmtree(folder)
