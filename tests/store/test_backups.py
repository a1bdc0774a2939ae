"""Hourly backups: when one is due, which ones stay, and what a failure does."""

import asyncio
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from bot.core.tasks import Tasks
from bot.store import backups, database
from bot.store.backups import EVERY, Backup, Backups, name_at, surplus
from bot.store.errors import Unusable
from sandbox.clock import MovableClock
from tests.flow.orders import until
from tests.store.shop import NOON, StillClock


@pytest.fixture
def path(tmp_path: Path) -> Path:
    database.opened(tmp_path / "easel.db").close()
    return tmp_path / "easel.db"


def names(folder: Path) -> list[str]:
    return sorted(file.name for file in folder.iterdir())


def every_hour(hours: int, size_bytes: int = 1) -> list[Backup]:
    """As many, the newest first."""
    times = [NOON - timedelta(hours=hour) for hour in range(hours)]
    return [Backup(Path(name_at(at)), at, size_bytes) for at in times]


def test_three_hours_and_seven_days_stay() -> None:
    found = every_hour(24 * 10)
    gone = surplus(found)
    stay = [each.at for each in found if each not in gone]
    days = [NOON.replace(hour=23) - timedelta(days=day) for day in range(1, 7)]
    assert stay == [NOON, NOON - timedelta(hours=1), NOON - timedelta(hours=2), *days]


def test_what_stays_is_the_same_however_often_it_is_tidied() -> None:
    kept: list[Backup] = []
    for hour in range(24 * 9):
        at = NOON + timedelta(hours=hour)
        kept.insert(0, Backup(Path(name_at(at)), at, 1))
        gone = surplus(kept)
        kept = [each for each in kept if each not in gone]
    assert len(kept) == 3 + 6
    assert kept[-1].at.date() == (kept[0].at - timedelta(days=6)).date()


def test_gaps_do_not_cost_old_ones_their_place() -> None:
    found = [each for each in every_hour(24 * 40) if each.at.hour == 5 and each.at.day % 3 == 0]
    assert surplus(found) == found[7:]


def test_the_oldest_go_first_when_all_together_are_too_large() -> None:
    found = every_hour(3, backups.BYTES_MAX // 2)
    assert surplus(found) == found[2:]


def test_the_newest_stays_whatever_its_size() -> None:
    found = every_hour(3, backups.BYTES_MAX + 1)
    assert surplus(found) == found[1:]


def test_names_are_by_utc_and_read_back(tmp_path: Path) -> None:
    warsaw = NOON.astimezone(tz=None)
    assert name_at(warsaw) == "easel-20260615T120000Z.db"
    for name in ("easel-20260615T120000Z.db", "easel-broken.db", "other.db", "easel-1.db.part"):
        (tmp_path / name).write_text("four")
    (found,) = backups.backups(tmp_path)
    assert (found.at, found.size_bytes) == (NOON, 4)


class Told:
    """Remembers what it was told of the newest backup."""

    def __init__(self) -> None:
        self.at: datetime | None = None

    def __call__(self, at: datetime) -> None:
        self.at = at


def test_one_is_taken_when_the_newest_is_an_hour_old(path: Path, tmp_path: Path) -> None:
    clock, told, folder = StillClock(), Told(), tmp_path / "backups"
    keeper = Backups(path, folder, clock, told)
    keeper.round()
    assert names(folder) == ["easel-20260615T120000Z.db"]
    assert told.at == NOON

    clock.at += EVERY - timedelta(seconds=1)
    keeper.round()
    assert len(names(folder)) == 1

    clock.at += timedelta(seconds=1)
    keeper.round()
    assert names(folder)[1:] == ["easel-20260615T130000Z.db"]
    assert told.at == NOON + EVERY
    assert folder.stat().st_mode & 0o777 == 0o700


def test_surplus_ones_and_what_a_kill_left_are_removed(path: Path, tmp_path: Path) -> None:
    clock, folder = StillClock(), tmp_path / "backups"
    folder.mkdir()
    (folder / ".easel-20260615T103000Z.db.part").touch()
    (folder / ".easel-20260615T115000Z.db.part").touch()  # perhaps of another process, at work
    (folder / ".easel-odd.db.part").touch()
    (folder / "notes.txt").touch()
    for hour in range(6):
        clock.at = NOON + hour * EVERY
        Backups(path, folder, clock, Told()).round()
        if not hour:
            assert ".easel-20260615T103000Z.db.part" not in names(folder)
            assert ".easel-20260615T115000Z.db.part" in names(folder)
    assert names(folder) == [
        ".easel-odd.db.part",
        *[f"easel-20260615T{hour}0000Z.db" for hour in (15, 16, 17)],
        "notes.txt",
    ]


def test_one_from_the_future_does_not_stand_in_for_todays(path: Path, tmp_path: Path) -> None:
    folder, told = tmp_path / "backups", Told()
    folder.mkdir()
    future = folder / name_at(NOON + timedelta(days=365))
    future.write_text("of a clock that was wrong")
    Backups(path, folder, StillClock(), told).round()
    assert told.at == NOON
    assert future.exists()


async def test_a_failure_is_told_and_the_next_round_comes(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    clock, told, path = MovableClock(), Told(), tmp_path / "easel.db"
    keeper = Backups(path, tmp_path / "backups", clock, told)
    with pytest.raises(Unusable):
        keeper.round()
    async with asyncio.timeout(60), Tasks(_unexpected) as tasks:
        _ = tasks.spawn("backups", keeper.rounds())
        await until(lambda: "no backup was made" in capsys.readouterr().out)
        database.opened(path).close()
        clock.advance(600)
        await until(lambda: told.at)
    assert len(names(tmp_path / "backups")) == 1


def _unexpected(name: str, error: BaseException) -> None:
    raise AssertionError(name) from error
