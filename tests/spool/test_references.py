"""A prepared picture is kept once, durable and private, for as long as somebody may need it."""

import asyncio
import hashlib
import os
import shutil
import stat
from datetime import timedelta
from pathlib import Path

import pytest

from bot.spool.references import KEPT_FOR, ReferenceLost, ReferenceShelf
from bot.spool.spool import Spool
from sandbox.clock import MovableClock

BODY = b"a prepared picture"
NAME = hashlib.sha256(BODY).hexdigest() + ".jpg"


@pytest.fixture
def clock() -> MovableClock:
    return MovableClock()


@pytest.fixture
def shelf(tmp_path: Path, clock: MovableClock) -> ReferenceShelf:
    return ReferenceShelf(tmp_path / "spool", clock)


def prepared(tmp_path: Path, body: bytes = BODY, name: str = "fit.jpg") -> Path:
    path = tmp_path / name
    path.write_bytes(body)
    path.chmod(0o644)
    return path


async def test_what_is_kept_is_named_after_its_bytes_and_read_back(
    shelf: ReferenceShelf, tmp_path: Path
) -> None:
    path = prepared(tmp_path)
    assert await shelf.keep(path) == NAME
    assert not path.exists()
    assert await shelf.read(NAME) == BODY


async def test_only_we_can_read_it(shelf: ReferenceShelf, tmp_path: Path) -> None:
    file = shelf.path(await shelf.keep(prepared(tmp_path)))
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE(file.parent.stat().st_mode) == 0o700


async def test_the_same_bytes_are_one_file(shelf: ReferenceShelf, tmp_path: Path) -> None:
    names = [await shelf.keep(prepared(tmp_path)) for _ in range(3)]
    other = await shelf.keep(prepared(tmp_path, name="fit.webp"))
    assert set(names) == {NAME}
    assert other == NAME.replace(".jpg", ".webp")
    assert len(list(shelf.path(NAME).parent.iterdir())) == 2


async def test_it_is_on_disk_before_its_name_is_told(
    shelf: ReferenceShelf, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    done: list[str] = []
    fsync, replace = os.fsync, Path.replace

    def recorded_fsync(handle: int) -> None:
        done.append(f"sync {Path(f'/proc/self/fd/{handle}').readlink().name}")
        fsync(handle)

    def recorded_replace(source: Path, target: Path) -> Path:
        done.append("move")
        return replace(source, target)

    monkeypatch.setattr(os, "fsync", recorded_fsync)
    monkeypatch.setattr(Path, "replace", recorded_replace)
    await shelf.keep(prepared(tmp_path))
    assert done == ["sync fit.jpg", "move", "sync references", "sync spool"]


@pytest.mark.parametrize("damage", [b"", BODY[:-1], BODY + b"x", b"another picture!!!", None])
async def test_what_is_lost_or_changed_is_told(
    shelf: ReferenceShelf, tmp_path: Path, damage: bytes | None
) -> None:
    file = shelf.path(await shelf.keep(prepared(tmp_path)))
    if damage is None:
        file.unlink()
    else:
        file.write_bytes(damage)
    with pytest.raises(ReferenceLost, match=NAME):
        await shelf.read(NAME)


async def test_a_link_is_not_followed(shelf: ReferenceShelf, tmp_path: Path) -> None:
    file = shelf.path(await shelf.keep(prepared(tmp_path)))
    file.rename(tmp_path / "elsewhere")
    file.symlink_to(tmp_path / "elsewhere")
    with pytest.raises(ValueError, match="plain file name"):
        await shelf.read(NAME)


@pytest.mark.parametrize("name", ["../easel.db", "a/b", "", ".hidden", "/etc/passwd"])
async def test_only_plain_names_are_looked_up(shelf: ReferenceShelf, name: str) -> None:
    for look_up in (shelf.read, shelf.renew):
        with pytest.raises(ValueError, match="plain file name"):
            await look_up(name)


async def test_what_nobody_used_for_three_days_is_swept(
    shelf: ReferenceShelf, tmp_path: Path, clock: MovableClock
) -> None:
    assert await shelf.sweep(()) == 0
    await shelf.keep(prepared(tmp_path))
    clock.advance((KEPT_FOR - timedelta(seconds=9)).total_seconds())
    assert await shelf.sweep(()) == 0
    clock.advance(10)
    assert await shelf.sweep({NAME}) == 0
    assert await shelf.sweep({"another.jpg"}) == 1
    assert not await shelf.renew(NAME)


@pytest.mark.parametrize("use", ["keep", "read", "renew"])
async def test_using_it_again_keeps_it_longer(
    shelf: ReferenceShelf, tmp_path: Path, clock: MovableClock, use: str
) -> None:
    await shelf.keep(prepared(tmp_path))
    clock.advance(60 * 3600)
    match use:
        case "keep":
            await shelf.keep(prepared(tmp_path))
        case "read":
            await shelf.read(NAME)
        case _:
            assert await shelf.renew(NAME)
    clock.advance(60 * 3600)
    assert await shelf.sweep(()) == 0
    clock.advance(13 * 3600)
    assert await shelf.sweep(()) == 1


async def test_sweeping_and_keeping_at_once_loses_nothing(
    shelf: ReferenceShelf, tmp_path: Path, clock: MovableClock
) -> None:
    for round_ in range(20):
        await shelf.keep(prepared(tmp_path))
        clock.advance(80 * 3600)
        again = prepared(tmp_path, name=f"{round_}.jpg")
        await asyncio.gather(shelf.sweep(()), shelf.keep(again), shelf.sweep(()))
        assert await shelf.read(NAME) == BODY


async def test_a_full_disk_keeps_nothing(
    shelf: ReferenceShelf, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", full)
        with pytest.raises(OSError, match="No space"):
            await shelf.keep(prepared(tmp_path))
    assert not await shelf.renew(NAME)
    assert await shelf.keep(prepared(tmp_path)) == NAME


async def test_a_workplace_is_private_and_gone_afterwards(tmp_path: Path) -> None:
    spool = Spool(tmp_path / "spool")
    async with spool.workplace() as one, spool.workplace() as other:
        assert one != other
        assert stat.S_IMODE(one.stat().st_mode) == 0o700
        (one / "download").write_bytes(BODY)
    assert not one.exists()
    assert await spool.kept() == []


async def test_a_workplace_that_a_crash_left_is_swept_at_start(tmp_path: Path) -> None:
    spool = Spool(tmp_path / "spool")
    async with spool.workplace() as folder:
        (folder / "download").write_bytes(BODY)
        shutil.copytree(folder, folder.with_name("left"))
    await spool.sweep()
    assert not list((tmp_path / "spool").rglob("download"))
