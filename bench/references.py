"""What pictures to work from cost the bot: ours beside Pillow, base64 and json on the loop.

    python -m bench.references

Every figure comes from a process of its own: the most CPU that the loop's thread used between two
ticks of 1 ms, which is how long everybody else had to wait, and the peak of memory above the start.
"""

import asyncio
import base64
import json
import subprocess
import sys
import tempfile
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image, ImageOps

from bench.process import MIB, Stalls, peak_bytes, reset_peak, resident_bytes
from bot.core.catalogue import SHIPPED, load
from bot.core.clock import Clock
from bot.core.order import Reference
from bot.gateway import client, wire
from bot.imaging.imaging import Imaging
from bot.spool.references import ReferenceShelf
from bot.studio.references import TOTAL_BYTES_MAX, DataUrls

CALLS = 10
_PHOTO = 4000, 3000
_LIMIT_BYTES = 7_000_000
_MODEL = load(SHIPPED).default
Work = Callable[[Path], Awaitable[object]]


async def prepare_ours(folder: Path) -> object:
    """Prepare the photo in the child."""
    async with Imaging() as imaging:
        return await imaging.prepare(folder / "photo", folder / "fit", _LIMIT_BYTES)


async def prepare_naive(folder: Path) -> object:
    """Prepare it as one does at first."""
    with Image.open(folder / "photo") as image:
        ImageOps.exif_transpose(image).convert("RGB").save(folder / "fit.jpg", quality=92)
    return folder


async def calls_ours(folder: Path) -> object:
    """Write ten bodies at once, and take each to the point where it goes into the socket."""
    shelf = ReferenceShelf(folder, Clock())
    name = await shelf.keep(folder / "large.jpg")
    urls = DataUrls(shelf)
    reference = Reference(name=name, label="image", width=1, height=1)

    async def call() -> object:
        references = await urls.read([reference])
        request = wire.Request(model=_MODEL, prompt="a fox", references=references)
        body = wire.encode(request)
        async for piece in client._slices(body):  # noqa: SLF001 - the last step of ours
            assert piece
        return request, body  # a call has both until it is answered

    return await asyncio.gather(*(call() for _ in range(CALLS)))


async def calls_naive(folder: Path) -> object:
    """Write them as one does at first."""

    async def call() -> bytes:
        text = base64.b64encode((folder / "large.jpg").read_bytes()).decode()
        image = {"type": "image_url", "image_url": {"url": f"data:image/jpeg;base64,{text}"}}
        body = {"model": _MODEL.id, "prompt": "a fox", "input_images": [image]}
        return json.dumps(body).encode()

    return await asyncio.gather(*(call() for _ in range(CALLS)))


PAIRS: dict[str, tuple[Work, Work]] = {
    "a photo of 12 megapixels prepared": (prepare_ours, prepare_naive),
    "10 calls with 11 MB of references": (calls_ours, calls_naive),
}


def table() -> list[dict[str, Any]]:
    """Measure both ways of both steps."""
    return [_row(what, number) for number, what in enumerate(PAIRS)]


def _row(what: str, number: int) -> dict[str, Any]:
    ours, naive = (_measured_apart(number, way) for way in (0, 1))
    row: dict[str, Any] = {"step": what}
    for figure, value in ours.items():
        row |= {f"{figure}, ours": value, f"{figure}, naive": naive[figure]}
    return row


def _measured_apart(number: int, way: int) -> dict[str, float]:
    command = [sys.executable, "-m", "bench.references", str(number), str(way)]
    done = subprocess.run(command, stdout=subprocess.PIPE, check=True)  # noqa: S603 - our own module
    return dict(json.loads(done.stdout))


async def _measured(work: Work) -> dict[str, float]:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        _furnish(folder)
        stalls = Stalls()
        async with asyncio.TaskGroup() as group:
            watch = group.create_task(stalls.watch())
            await asyncio.sleep(0.05)
            resident, stalls.longest_s = resident_bytes(), 0.0
            reset_peak()
            kept = await work(folder)
            await asyncio.sleep(0.01)
            watch.cancel()
        assert kept
        return {
            "longest loop stall ms": round(stalls.longest_s * 1e3, 1),
            "peak MiB": round((peak_bytes() - resident) / MIB, 1),
        }


def _furnish(folder: Path) -> None:
    noise = np.random.default_rng(7)
    small = noise.integers(0, 256, (_PHOTO[1] // 8, _PHOTO[0] // 8, 3), dtype=np.uint8)
    Image.fromarray(small).resize(_PHOTO).save(folder / "photo", "jpeg", quality=95)
    (folder / "large.jpg").write_bytes(noise.bytes(TOTAL_BYTES_MAX))


if __name__ == "__main__":
    if len(sys.argv) > 1:
        chosen = list(PAIRS.values())[int(sys.argv[1])][int(sys.argv[2])]
        print(json.dumps(asyncio.run(_measured(chosen))))
    else:
        sys.stdout.writelines(f"{row}\n" for row in table())
