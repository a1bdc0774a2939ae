"""How a process dies here: at a boundary, at once, and leaving on disk what a kill would leave.

A boundary is whatever the outside could tell apart: each statement of a transaction, a commit
(before it, torn in the middle, after it), each change to a file or folder, each step towards the
gateway and towards Discord. The fuse counts them; where it ends, `Crash` leaves through asyncio
as a SystemExit does, and everything the dying code still tries meets `Crash` again.
"""

import os
import shutil
import sqlite3
import sys
from collections.abc import Callable, Generator, Iterable
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from random import Random
from typing import Any

from bot.spool.spool import MANIFEST
from bot.store import database

WAL = "-wal"


class Crash(SystemExit):
    """The process is gone."""


class Fuse:
    """Counts the boundaries that a life passes and ends it at number `length`, or at one by name.

    Every boundary is named by what was being done, so that the places of death can be counted.
    """

    def __init__(self, length: int | None, chance: Random, place: str | None = None) -> None:
        self.left = length
        self.place = place
        self.chance = chance
        self.doing = "nothing"
        self.died_at: str | None = None

    def burn(self, boundary: str) -> None:
        """Pass a boundary, or die at it."""
        if self.died_at is None:
            if self.left is not None:
                self.left -= 1
            if self.left != -1 and boundary != self.place:
                return
            self.died_at = boundary
        raise Crash(self.died_at)

    def tears(self, boundary: str) -> bool:
        """Tell whether the next boundary, a commit, is one to die in the middle of."""
        return boundary == self.place or (self.left == 0 and self.chance.random() < 0.5)


_FAULTS = "disk I/O error", "database or disk is full"


def is_fault(error: BaseException) -> bool:
    """Tell whether an error is one that was made here."""
    return any(fault in str(error) for fault in _FAULTS)


class BrittleDb:
    """The writer's connection as the store sees it: dies between statements, sometimes fails.

    `committed` tells whether the last transaction is in the file, whoever heard of it.
    """

    def __init__(self, path: Path, fuse: Fuse) -> None:
        self.path = path
        self.real = database.opened(path)
        self._fuse = fuse
        self.committed = False
        self.fails_in: list[int] = []  # statements until one fails, and then until the next
        self.fails_wholly = False

    def __getattr__(self, name: str) -> Any:
        return getattr(self.real, name)

    def execute(self, sql: str, parameters: Any = ()) -> sqlite3.Cursor:
        if sql == "COMMIT":
            return self._commit()
        self._pass(sql)
        return self.real.execute(sql, parameters)

    def executemany(self, sql: str, parameters: Iterable[Any]) -> sqlite3.Cursor:
        self._pass(sql)
        return self.real.executemany(sql, parameters)

    def _pass(self, sql: str) -> None:
        if sql == "BEGIN IMMEDIATE":
            self.committed = False
        self._fuse.burn(f"inside {self._fuse.doing}")
        if not sql.startswith("ROLLBACK"):  # which needs nothing of the disk
            self._fail_if_due()

    def _fail_if_due(self) -> None:
        if not self.fails_in:
            return
        self.fails_in[0] -= 1
        if self.fails_in[0] < 0:
            del self.fails_in[0]
            if self.fails_wholly and self.real.in_transaction:
                self.real.execute("ROLLBACK")  # SQLITE_FULL rolls back by itself
            raise sqlite3.OperationalError(_FAULTS[self.fails_wholly])

    def _commit(self) -> sqlite3.Cursor:
        doing = self._fuse.doing
        if self._fuse.tears(f"torn commit of {doing}"):
            done = self._tear(doing)
        else:
            self._fuse.burn(f"before commit of {doing}")
            self._fail_if_due()
            done = self.real.execute("COMMIT")
        self.committed = True
        self._fuse.burn(f"after commit of {doing}")
        return done

    def _tear(self, doing: str) -> sqlite3.Cursor:
        """Die inside COMMIT: the log got some of the transaction's bytes, but not the last."""
        log = Path(f"{self.path}{WAL}")
        file, before = self.path.read_bytes(), log.read_bytes()
        done = self.real.execute("COMMIT")
        after = log.read_bytes()
        if after != before:
            self.path.write_bytes(file)  # it may have been checkpointed, which comes later
            torn = self._fuse.chance.randrange(_last_difference(before, after) + 1)
            log.write_bytes(after[:torn] + before[torn:])
            self._fuse.burn(f"torn commit of {doing}")
        return done

    def remains(self, into: Path) -> None:
        """Copy what a killed process leaves: the file and its log, whatever was going on."""
        shutil.copyfile(self.path, into)
        log = Path(f"{self.path}{WAL}")
        if log.exists():
            shutil.copyfile(log, f"{into}{WAL}")

    def close(self) -> None:
        self.real.close()


def _last_difference(before: bytes, after: bytes) -> int:
    if len(after) > len(before):
        return len(after) - 1
    return next(index for index in reversed(range(len(after))) if after[index] != before[index])


_CHANGES = {"os.mkdir", "os.rename", "os.remove", "os.rmdir"}


@dataclass(frozen=True)
class _Watch:
    root: str
    fuse: Fuse
    now_s: Callable[[], float]

    def change(self, what: str, path: Any) -> None:
        if isinstance(path, str) and path.startswith(self.root):
            kind = "manifest" if path.endswith(f"/{MANIFEST}") else "in the spool"
            self.fuse.burn(f"{what} {kind}")

    def date(self, folder: Any) -> None:
        """Let the time of a manifest be the world's: the machine's is another in each run."""
        file = Path(folder) / MANIFEST
        if file.is_relative_to(self.root) and file.exists():
            os.utime(file, (self.now_s(), self.now_s()))


_watches: list[_Watch] = []


def _audit(event: str, args: tuple[Any, ...]) -> None:
    if not _watches:
        return
    watch = _watches[-1]
    if event == "open":
        path, _, flags = args
        if isinstance(flags, int) and flags & os.O_CREAT:
            watch.change("create", path)
    elif event in _CHANGES:
        if event == "os.rename":
            watch.date(args[0])
        watch.change(event.removeprefix("os."), os.fspath(args[0]))


@cache
def _listen() -> None:
    sys.addaudithook(_audit)  # it stays for good, so there is one


@contextmanager
def brittle_files(root: Path, fuse: Fuse, now_s: Callable[[], float]) -> Generator[None]:
    """Make every change below `root` a boundary, by Python's own audit events."""
    _listen()
    _watches.append(_Watch(f"{root}/", fuse, now_s))
    try:
        yield
    finally:
        _watches.pop()
