"""The child is walled in, replaceable, and its death is one job's trouble."""

import asyncio
import os
import random
import signal
import sys
from asyncio.subprocess import Process
from collections.abc import AsyncGenerator
from contextlib import suppress
from pathlib import Path

import pytest

from bot.core.job import Look
from bot.imaging.child import Child, Fault, Unavailable
from bot.imaging.imaging import CannotFit, Imaging
from tests.imaging.drawing import noisy, read, saved

MIB = 2**20


@pytest.fixture
async def imaging() -> AsyncGenerator[Imaging]:
    async with Imaging(wall_s=3) as one:
        yield one


@pytest.fixture
def picture(tmp_path: Path) -> Path:
    return saved(noisy("RGB", 40, 30), tmp_path / "1.png", "png")


SEEN = Look(format="png", width=40, height=30)


def child(imaging: Imaging) -> Process:
    process = imaging._child._process
    assert process is not None
    return process


def pid(imaging: Imaging) -> int:
    return child(imaging).pid


def proc(imaging: Imaging, name: str) -> str:
    return Path(f"/proc/{pid(imaging)}/{name}").read_text()


async def test_nothing_runs_before_the_first_picture_and_after_the_last(picture: Path) -> None:
    async with Imaging() as imaging:
        assert imaging._child._process is None
        await imaging.look(picture)
        process = child(imaging)
    assert process.returncode == 0


async def test_the_child_knows_no_secret(
    imaging: Imaging, picture: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DISCORD_TOKEN", "canary")
    monkeypatch.setenv("TMPDIR", "/tmp")  # noqa: S108 - a name to find again
    await imaging.look(picture)
    names = {line.partition("=")[0] for line in proc(imaging, "environ").split("\0") if line}
    assert names <= {
        "PATH",
        "TMPDIR",
        "PYTHONUTF8",
        "VIPS_CONCURRENCY",
        "VIPS_DISC_THRESHOLD",
        "MALLOC_ARENA_MAX",
        "LC_CTYPE",
    }


async def test_the_child_has_limits(imaging: Imaging, picture: Path) -> None:
    await imaging.look(picture)
    limits = proc(imaging, "limits")
    data = next(line for line in limits.splitlines() if line.startswith("Max data size"))
    core = next(line for line in limits.splitlines() if line.startswith("Max core file size"))
    assert data.split()[3:5] == [str(140 * MIB)] * 2
    assert core.split()[4:6] == ["0", "0"]


@pytest.mark.parametrize(("width", "height"), [(4096, 4096), (5504, 3072)])
async def test_a_noisy_4k_picture_stays_within_the_memory(
    imaging: Imaging, tmp_path: Path, width: int, height: int
) -> None:
    source = saved(noisy("RGB", width, height), tmp_path / "1.png", "png", compress_level=0)
    fitted = await imaging.fit(source, tmp_path / "fit", 20 * MIB)
    status = dict(line.split(":", 1) for line in proc(imaging, "status").splitlines())
    assert (fitted.look.width, fitted.look.height) == (width, height)
    assert int(status["VmHWM"].split()[0]) * 1024 <= 140 * MIB


async def test_a_child_that_died_between_jobs_is_replaced(imaging: Imaging, picture: Path) -> None:
    await imaging.look(picture)
    process = child(imaging)
    os.kill(process.pid, signal.SIGKILL)
    await process.wait()
    assert await imaging.look(picture) == SEEN
    assert pid(imaging) != process.pid


async def test_a_child_that_hangs_is_killed_and_replaced(imaging: Imaging, picture: Path) -> None:
    await imaging.look(picture)
    hanging = pid(imaging)
    os.kill(hanging, signal.SIGSTOP)
    assert await imaging.look(picture) == SEEN  # by a second child
    assert pid(imaging) != hanging
    with pytest.raises(ProcessLookupError):
        os.kill(hanging, 0)


async def test_two_faults_say_nothing_about_a_picture(
    picture: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with Imaging() as imaging:
        asked = []

        async def dies(_: Child, job: dict[str, object], *_wall_s: float) -> dict[str, object]:
            asked.append(job["do"])
            raise Fault("died")

        monkeypatch.setattr(Child, "ask", dies)
        with pytest.raises(Fault):
            await imaging.look(picture)
        with pytest.raises(CannotFit, match="died"):
            await imaging.fit(picture, picture.with_name("small"), 10_000)
    assert asked == ["look"] * 4


async def test_a_job_that_kills_the_child_is_a_fault(picture: Path) -> None:
    one = Child(wall_s=10, jobs_max=100, turn=asyncio.Lock())
    with pytest.raises(Fault, match="died"):
        await one.ask({"do": "look", "no such argument": str(picture)})
    answer = await one.ask({"do": "look", "path": str(picture)})
    assert answer["format"] == "png"
    await one.close()
    await one.close()


async def test_a_cancelled_job_leaves_no_answer_for_the_next(
    imaging: Imaging, tmp_path: Path, picture: Path
) -> None:
    await imaging.look(picture)
    process = child(imaging)
    os.kill(process.pid, signal.SIGSTOP)
    other = saved(noisy("RGB", 50, 60), tmp_path / "2.webp", "webp")
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.2):
            await imaging.look(picture)
    assert process.returncode == -signal.SIGKILL
    assert await imaging.look(other) == Look(format="webp", width=50, height=60)


async def test_a_second_cancellation_still_kills(imaging: Imaging, picture: Path) -> None:
    await imaging.look(picture)
    process = child(imaging)
    os.kill(process.pid, signal.SIGSTOP)
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.1):
            await imaging._child.close()
    assert await process.wait() == -signal.SIGKILL


async def test_many_jobs_at_once_are_done_one_by_one(imaging: Imaging, tmp_path: Path) -> None:
    sizes = range(10, 30)
    paths = [saved(noisy("RGB", n, 9), tmp_path / f"{n}.png", "png") for n in sizes]
    looks = await asyncio.gather(*(imaging.look(path) for path in paths))
    assert [look and look.width for look in looks] == list(sizes)


async def test_a_child_is_replaced_after_so_many_jobs(picture: Path) -> None:
    async with Imaging(jobs_max=2) as imaging:
        await imaging.look(picture)
        first = pid(imaging)
        await imaging.look(picture)
        assert imaging._child._process is None
        await imaging.look(picture)
        assert pid(imaging) != first


@pytest.mark.parametrize("program", ["/nonexistent/python", "/bin/false"])
async def test_without_a_child_nothing_is_said_about_the_picture(
    imaging: Imaging, picture: Path, program: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(sys, "executable", program)
        with pytest.raises(Unavailable):
            await imaging.look(picture)
    assert await imaging.look(picture) == SEEN


async def test_a_start_that_is_cancelled_leaves_no_child(imaging: Imaging, picture: Path) -> None:
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0):
            await imaging.look(picture)
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.01):
            await imaging.look(picture)
    assert imaging._child._process is None
    assert await imaging.look(picture) == SEEN


@pytest.mark.parametrize("kind", ["png", "jpeg", "webp"])
async def test_damaged_bytes_are_refused_or_fitted_and_nothing_else(
    imaging: Imaging, tmp_path: Path, kind: str
) -> None:
    chance = random.Random(7)  # noqa: S311 - the same damage every time
    sound = saved(noisy("RGBA" if kind != "jpeg" else "RGB", 64, 64), tmp_path / "1", kind)
    body = sound.read_bytes()
    for _ in range(8):
        damaged = bytearray(body)
        for _ in range(chance.randint(1, 6)):
            damaged[chance.randrange(len(damaged))] = chance.randrange(256)
        source = tmp_path / "damaged"
        source.write_bytes(damaged)
        with suppress(CannotFit):
            fitted = await imaging.fit(source, tmp_path / "fit", MIB)
            read(fitted.path)
