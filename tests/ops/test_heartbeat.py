"""The heartbeat is young only while the bot is alive."""

import os
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from typing_extensions import override

from bot.core.clock import Clock
from bot.core.tasks import Tasks
from bot.ops.heartbeat import EVERY_S, STALE_S, Heartbeat, is_fresh


class Stopped(Exception):
    """The clock was asked to sleep once too often."""


class Hand(Clock):
    """A clock moved by its sleeper."""

    def __init__(self, naps: int = 0) -> None:
        self.at = datetime(2026, 1, 2, tzinfo=UTC)
        self.naps = naps

    @override
    def now(self) -> datetime:
        return self.at

    @override
    async def sleep(self, wait_s: float) -> None:
        if not self.naps:
            raise Stopped
        self.naps -= 1
        self.at += timedelta(seconds=wait_s)


async def yes() -> bool:
    return True


async def test_it_is_renewed_as_long_as_the_bot_lives(tmp_path: Path) -> None:
    path, clock = tmp_path / "data" / "heartbeat", Hand(naps=12)
    ended: list[BaseException] = []
    async with Tasks(lambda _, error: ended.append(error), grace_s=9) as tasks:
        _ = tasks.spawn("heartbeat", Heartbeat(path, yes, clock).run())
    assert [type(error) for error in ended] == [Stopped]
    assert path.read_text() == "2026-01-02T00:02:00+00:00\n"
    assert is_fresh(path, clock)
    clock.at += timedelta(seconds=STALE_S)
    assert is_fresh(path, clock)
    clock.at += timedelta(seconds=1)
    assert not is_fresh(path, clock)
    assert STALE_S > 2 * EVERY_S


async def test_it_is_not_renewed_when_a_part_is_dead(tmp_path: Path) -> None:
    async def no() -> bool:
        return False

    async def broken() -> bool:
        raise OSError("the database is gone")

    path = tmp_path / "heartbeat"
    assert not await Heartbeat(path, no, Hand()).beat()
    assert not await Heartbeat(path, broken, Hand()).beat()
    assert not path.exists()
    assert await Heartbeat(path, yes, Hand()).beat()


async def test_a_full_disk_stops_the_beat_and_not_the_bot(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "file").touch()
    assert not await Heartbeat(tmp_path / "file" / "heartbeat", yes, Hand()).beat()
    assert "no heartbeat" in caplog.text


def test_a_beat_from_the_future_is_no_sign_of_life(tmp_path: Path) -> None:
    path, clock = tmp_path / "heartbeat", Hand()
    assert not is_fresh(path, clock)  # no beat at all is none either
    path.touch()
    later = clock.at.timestamp() + STALE_S + 1
    os.utime(path, (later, later))
    assert not is_fresh(path, clock)


def checked(*arguments: str) -> int:
    command = [sys.executable, "-m", "bot.ops.heartbeat", *arguments]
    return subprocess.run(command, check=False).returncode  # noqa: S603 - our own program


def test_the_container_asks_by_exit_code(tmp_path: Path) -> None:
    path = tmp_path / "heartbeat"
    assert checked(str(path)) == 1
    path.touch()
    assert checked(str(path)) == 0
    os.utime(path, (0, 0))
    assert checked(str(path)) == 1
    assert checked() == 1
