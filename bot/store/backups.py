"""Backups on their own: one an hour, of which the last three hours and seven days are kept."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import structlog

from bot.core.clock import Clock
from bot.store.copies import STAMP, backup
from bot.store.database import unusable
from bot.store.errors import Unusable

log = structlog.get_logger(__name__)

EVERY = timedelta(hours=1)
HOURS_KEPT, DAYS_KEPT = 3, 7
BYTES_MAX = 2 * 2**30  # of all together; the newest stays whatever its size
_LOOK_S = 300.0

_NAME = f"easel-{STAMP}Z.db"


@dataclass(frozen=True, slots=True)
class Backup:
    """A finished one; `at` is read from its name, which no copying about changes."""

    path: Path
    at: datetime
    size_bytes: int


def name_at(now: datetime) -> str:
    """Name a backup by its time in UTC."""
    return now.astimezone(UTC).strftime(_NAME)


def backups(folder: Path) -> list[Backup]:
    """Find what stands in a folder, the newest first."""
    files = folder.glob("easel-*.db")
    found = [Backup(path, at, path.stat().st_size) for path in files if (at := _time_of(path.name))]
    return sorted(found, key=lambda each: each.at, reverse=True)


def take(database: Path, folder: Path, now: datetime) -> Path:
    """Take one into a folder, which is made if it is not there; see `copies.backup`."""
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise unusable(folder, error) from error
    target = folder / name_at(now)
    backup(database, target)
    return target


def check_not_lost(database: Path, folder: Path) -> None:
    """Refuse to begin anew where a database must have been: everybody's limits would be fresh.

    Raises:
        Unusable: when there are backups of a database that is not there.
    """
    found = [] if database.exists() else backups(folder)
    if found:
        raise Unusable(
            f"{database} is not there, but backups of it are; put the newest in its place with "
            f"`python -m bot restore {found[0].path}`, or move {folder} away to begin anew"
        )


def surplus(found: Sequence[Backup]) -> list[Backup]:
    """Pick what may go, of backups with the newest first.

    The newest one of each of the last hours and days that have any is kept.
    """
    kept = _newest_of_each(found, "%Y%m%d%H", HOURS_KEPT) | _newest_of_each(
        found, "%Y%m%d", DAYS_KEPT
    )
    gone, sum_bytes = [], 0
    for index, each in enumerate(found):
        sum_bytes += each.size_bytes if each in kept else 0
        if each not in kept or (index and sum_bytes > BYTES_MAX):
            gone.append(each)
    return gone


class Backups:
    """Takes the hourly backup; one that fails is tried again, and never stops the bot.

    Args:
        database: the file.
        folder: where backups go; made when the first is.
        clock: the time they are named by.
        taken: told the time of the newest backup, at the start and after each.
    """

    def __init__(
        self, database: Path, folder: Path, clock: Clock, taken: Callable[[datetime], object]
    ) -> None:
        self._database = database
        self._folder = folder
        self._clock = clock
        self._taken = taken

    async def rounds(self) -> None:
        """Look every few minutes whether one is due, for ever."""
        while True:
            try:
                await asyncio.to_thread(self.round)
            except Exception:
                log.exception("no backup was made")
            await self._clock.sleep(_LOOK_S)

    def round(self) -> None:
        """Take a backup if the newest is an hour old, and let go of surplus ones.

        Raises:
            Unusable: when none could be made.
        """
        now = self._clock.now()
        found = self._past(now)
        if not found or now - found[0].at >= EVERY:
            take(self._database, self._folder, now)
            found = self._past(now)
            for each in surplus(found):
                each.path.unlink(missing_ok=True)
            self._drop_parts(now)
        self._taken(found[0].at)

    def _past(self, now: datetime) -> list[Backup]:
        # One from the future, of a clock that was wrong, must not stand in for today's.
        return [each for each in backups(self._folder) if each.at <= now]

    def _drop_parts(self, now: datetime) -> None:
        """Remove what a kill left half-done."""
        for part in self._folder.glob(".easel-*.db.part"):
            at = _time_of(part.name.removeprefix(".").removesuffix(".part"))
            if at is not None and now - at >= EVERY:
                part.unlink(missing_ok=True)


def _newest_of_each(found: Sequence[Backup], unit: str, units: int) -> set[Backup]:
    newest: dict[str, Backup] = {}
    for each in found:
        newest.setdefault(each.at.strftime(unit), each)
    return set(list(newest.values())[:units])


def _time_of(name: str) -> datetime | None:
    try:
        return datetime.strptime(name, _NAME).replace(tzinfo=UTC)
    except ValueError:
        return None
