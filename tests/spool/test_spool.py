"""A paid answer is kept whole or not at all, in files that only we can read."""

import asyncio
import hashlib
import os
import resource
import shutil
import signal
import stat
import sys
from pathlib import Path

import pytest

from bot.core.ids import CallId
from bot.core.job import Painted, Sketch
from bot.core.money import Money
from bot.spool.manifest import Damaged
from bot.spool.spool import MANIFEST, RESERVE_BYTES, Spool

CALL = CallId("k7f2abcd.1")
BYTES = b"a picture"


def sketch(name: str = "1.png", body: bytes = BYTES) -> Sketch:
    digest = hashlib.sha256(body).hexdigest()
    return Sketch(name=name, format="png", size_bytes=len(body), sha256=digest)


def painted(*sketches: Sketch) -> Painted:
    return Painted(sketches=sketches, billed=Money(39_000), created=5)


@pytest.fixture
def spool(tmp_path: Path) -> Spool:
    return Spool(tmp_path / "data" / "spool")


async def kept(spool: Spool, call: CallId = CALL) -> Painted:
    folder = await spool.open(call)
    (folder / "1.png").write_bytes(BYTES)
    answer = painted(sketch())
    await spool.keep(call, answer)
    return answer


async def test_what_is_kept_is_read_back(spool: Spool) -> None:
    answer = await kept(spool)
    assert await spool.kept() == [CALL]
    assert await spool.manifest(CALL) == answer
    assert spool.path(CALL, "1.png").read_bytes() == BYTES


async def test_what_is_told_of_the_order_is_read_back(spool: Spool) -> None:
    await spool.open(CALL)
    await spool.keep(CALL, painted(), {"job": {"id": "k7f2abcd", "frames": [["operator", "x"]]}})
    assert await spool.record(CALL) == {"job": {"id": "k7f2abcd", "frames": [["operator", "x"]]}}
    with pytest.raises(Damaged):
        await spool.record(CallId("k7f2abcd.2"))


async def test_answers_are_listed_in_the_order_they_came(spool: Spool, tmp_path: Path) -> None:
    names = [CallId(f"k7f2abcd.{number}") for number in (2, 3, 1)]
    for name in names:
        await kept(spool, name)
    for seconds, name in enumerate(names):  # file systems differ in how finely they tell time
        os.utime(spool.path(name, MANIFEST), (seconds, seconds))
    (tmp_path / "data" / "spool" / "kept" / "empty.1").mkdir()
    assert await spool.kept() == ["empty.1", *names]


async def test_an_answer_without_pictures_is_kept_for_its_bill(spool: Spool) -> None:
    await spool.open(CALL)
    await spool.keep(CALL, painted())
    assert (await spool.manifest(CALL)).billed == Money(39_000)


async def test_only_we_can_read_it(spool: Spool) -> None:
    folder = await spool.open(CALL)
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    (folder / "1.png").write_bytes(BYTES)
    (folder / "1.png").chmod(0o644)
    await spool.keep(CALL, painted(sketch()))
    for name in ("1.png", MANIFEST):
        assert stat.S_IMODE(spool.path(CALL, name).stat().st_mode) == 0o600


async def test_everything_is_on_disk_before_the_folder_moves(
    spool: Spool, monkeypatch: pytest.MonkeyPatch
) -> None:
    done: list[str] = []
    fsync, rename = os.fsync, os.rename

    def recorded_fsync(handle: int) -> None:
        done.append(f"sync {Path(f'/proc/self/fd/{handle}').readlink().name}")
        fsync(handle)

    def recorded_rename(source: Path, target: Path) -> None:
        done.append("rename")
        rename(source, target)

    monkeypatch.setattr(os, "fsync", recorded_fsync)
    monkeypatch.setattr(os, "rename", recorded_rename)
    await kept(spool)
    before, after = done[: done.index("rename")], done[done.index("rename") :]
    first_time = "sync data"  # the folder that the spool's own was just made in
    assert before == [first_time, "sync 1.png", f"sync {MANIFEST}", f"sync {CALL}"]
    assert "sync kept" in after


async def test_a_missing_picture_keeps_nothing(spool: Spool) -> None:
    await spool.open(CALL)
    with pytest.raises(FileNotFoundError):
        await spool.keep(CALL, painted(sketch()))
    assert await spool.kept() == []
    with pytest.raises(Damaged, match="No such file"):
        await spool.manifest(CALL)


async def test_a_picture_that_is_a_link_is_refused(spool: Spool, tmp_path: Path) -> None:
    folder = await spool.open(CALL)
    (tmp_path / "elsewhere").write_bytes(BYTES)
    (folder / "1.png").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(ValueError, match="plain file name"):
        await spool.keep(CALL, painted(sketch()))
    (folder / "2.png").write_bytes(BYTES)
    (folder / "1.png").unlink()
    (folder / "1.png").symlink_to(folder / "2.png")
    with pytest.raises(OSError, match="symbolic"):
        await spool.keep(CALL, painted(sketch()))
    assert await spool.kept() == []


async def test_evidence_is_never_overwritten(spool: Spool) -> None:
    answer = await kept(spool)
    await spool.open(CALL)
    with pytest.raises(OSError, match="not empty"):
        await spool.keep(CALL, painted())
    assert await spool.manifest(CALL) == answer


async def test_a_full_disk_keeps_nothing_and_the_next_try_keeps_all(spool: Spool) -> None:
    folder = await spool.open(CALL)
    (folder / "1.png").write_bytes(BYTES)
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    before = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    try:
        resource.setrlimit(resource.RLIMIT_FSIZE, (20, hard))
        with pytest.raises(OSError, match="too large"):
            await spool.keep(CALL, painted(sketch()))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
        signal.signal(signal.SIGXFSZ, before)
    assert await spool.kept() == []
    await spool.keep(CALL, painted(sketch()))
    assert await spool.manifest(CALL) == painted(sketch())


async def test_strange_things_in_the_folder_are_no_calls(spool: Spool, tmp_path: Path) -> None:
    await kept(spool)
    root = tmp_path / "data" / "spool" / "kept"
    (root / ".hidden").mkdir()
    (root / "a-file").touch()
    assert await spool.kept() == [CALL]


KEEPER = """
import asyncio, sys
from pathlib import Path
from bot.core.job import Painted, Sketch
from bot.core.money import Money
from bot.spool.spool import Spool

async def run():
    spool = Spool(Path(sys.argv[1]))
    for number in range(1, 100_000):
        call = f"k7f2abcd.{number}"
        folder = await spool.open(call)
        (folder / "1.png").write_bytes(b"a picture")
        sketch = Sketch(name="1.png", format="png", size_bytes=9, sha256=sys.argv[2])
        await spool.keep(call, Painted(sketches=(sketch,), billed=Money(number)))
        print(number, flush=True)
        if number % 3 == 0:
            await spool.discard(call)

asyncio.run(run())
"""


@pytest.mark.parametrize("acknowledged", [1, 20, 57, 120])
async def test_a_killed_process_loses_nothing_and_leaves_nothing_half(
    tmp_path: Path, acknowledged: int
) -> None:
    digest = sketch().sha256
    command = [sys.executable, "-c", KEEPER, str(tmp_path), digest]
    process = await asyncio.create_subprocess_exec(*command, stdout=asyncio.subprocess.PIPE)
    assert process.stdout is not None
    for _ in range(acknowledged):
        assert (await process.stdout.readline()).endswith(b"\n")
    process.kill()
    told = acknowledged + (await process.stdout.read()).count(b"\n")
    await process.wait()
    spool = Spool(tmp_path)
    await spool.sweep()
    found = {int(call.partition(".")[2]): call for call in await spool.kept()}
    promised = {number for number in range(1, told + 1) if number % 3}
    assert promised <= found.keys()
    assert found.keys() - promised <= {told, told + 1}  # about to be discarded, or to be told
    for number, call in found.items():
        assert (await spool.manifest(call)).billed == Money(number)
        assert await spool.intact(call, sketch().name, sketch().sha256)


async def test_a_second_try_starts_empty(spool: Spool) -> None:
    (await spool.open(CALL) / "half.png").write_bytes(b"half")
    assert list((await spool.open(CALL)).iterdir()) == []


async def test_sweeping_removes_what_is_half_done_and_nothing_else(spool: Spool) -> None:
    await kept(spool)
    folder = await spool.open(CallId("k7f2abcd.2"))
    (folder / "1.png").write_bytes(b"half")
    await spool.sweep()
    assert not folder.exists()
    assert await spool.kept() == [CALL]


async def test_sweeping_an_empty_place_is_fine(spool: Spool) -> None:
    await spool.sweep()
    assert await spool.kept() == []


async def test_discarding_forgets_the_call(spool: Spool) -> None:
    await kept(spool)
    other = CallId("k7f2abcd.2")
    await kept(spool, other)
    await spool.discard(CALL)
    await spool.discard(CALL)
    assert await spool.kept() == [other]
    assert not spool.path(CALL, "1.png").exists()


async def test_discarding_an_answer_that_is_still_arriving_removes_it(spool: Spool) -> None:
    folder = await spool.open(CALL)
    await spool.discard(CALL)
    assert not folder.exists()


async def test_a_crash_while_discarding_leaves_no_half_answer(
    spool: Spool, monkeypatch: pytest.MonkeyPatch
) -> None:
    await kept(spool)

    def crash(_: Path) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(shutil, "rmtree", crash)
        with pytest.raises(KeyboardInterrupt):
            spool._discard(CALL)
    assert await spool.kept() == []
    await spool.sweep()
    assert not list(spool._incoming.parent.glob("**/1.png"))


@pytest.mark.parametrize(
    "name", ["", ".", "..", "../x", "a/b", "/etc/passwd", ".hidden", "a\0b", "é.png", "a" * 200]
)
async def test_only_plain_names_are_names(spool: Spool, name: str) -> None:
    with pytest.raises(ValueError, match="plain file name"):
        spool.path(CALL, name)
    with pytest.raises(ValueError, match="plain file name"):
        await spool.open(CallId(name))


async def test_intact_means_the_same_bytes(spool: Spool) -> None:
    await kept(spool)
    assert await spool.intact(CALL, sketch().name, sketch().sha256)
    spool.path(CALL, "1.png").write_bytes(b"a pictune")
    assert not await spool.intact(CALL, sketch().name, sketch().sha256)
    spool.path(CALL, "1.png").unlink()
    assert not await spool.intact(CALL, sketch().name, sketch().sha256)


async def test_a_cut_manifest_is_damaged(spool: Spool) -> None:
    await kept(spool)
    path = spool.path(CALL, MANIFEST)
    path.write_bytes(path.read_bytes()[:20])
    with pytest.raises(Damaged):
        await spool.manifest(CALL)


async def test_room_leaves_the_database_its_reserve(spool: Spool, tmp_path: Path) -> None:
    free = shutil.disk_usage(tmp_path).free
    assert spool.has_room(free // 2)
    assert not spool.has_room(free - RESERVE_BYTES // 2)
