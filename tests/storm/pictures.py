"""Broken pictures by the thousand: each is prepared or refused, and nothing else ever happens."""

import asyncio
import io
import resource
import struct
import sys
import time
import zlib
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from multiprocessing import get_context
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

from PIL import Image

from bot.imaging.imaging import CannotFit, Damaged, Imaging, NotAPicture, Prepared, WrongMeasures
from bot.imaging.measures import SIDE_MAX, SIDE_MIN
from bot.imaging.worker import DATA_BYTES_MAX
from tests.imaging.drawing import noisy
from tests.storm.disk import room

PICTURES = 10_000
LIMIT_BYTES = 785_000

_CHUNK = 250
_HANGS = "took longer"  # how the end of a child begins that met its wall
_PNG_HEAD = 8
_SIZES = (0, 1, 63, 8192, 8193, 65_535, 0x7FFF_FFFF, 0xFFFF_FFFF)

Counts = Counter[str]
Change = Callable[[Random, bytearray, bytes], None]


def originals() -> list[bytes]:
    """Draw a picture of every kind that loaders treat in a way of its own."""
    colour, alpha = noisy("RGB", 96, 80), noisy("RGBA", 96, 80)
    exif = Image.Exif()
    exif[0x0112], exif[0x010E] = 6, "somewhere"
    moving = {"save_all": True, "append_images": [alpha]}
    return [
        *(_saved(colour.convert(mode), "png") for mode in ("RGB", "L", "P", "1", "LA", "I;16")),
        *(_saved(alpha, "png"), _saved(alpha, "png", **moving)),
        *(_saved(colour, "png", icc_profile=bytes(500)), _interlaced()),
        *(_saved(colour.convert(mode), "jpeg") for mode in ("RGB", "L", "CMYK")),
        *(_saved(colour, "jpeg", progressive=True), _saved(colour, "jpeg", exif=exif)),
        *(_saved(colour, "webp"), _saved(alpha, "webp"), _saved(alpha, "webp", lossless=True)),
        _saved(colour, "webp", **moving),
    ]


def mutated(chance: Random, bodies: list[bytes]) -> bytes:
    """Break one of them in some places; a PNG's checksums are often made right again."""
    body = bytearray(chance.choice(bodies))
    for _ in range(chance.choice((1, 1, 2, 4, 16))):
        chance.choice(_CHANGES)(chance, body, chance.choice(bodies))
    if body.startswith(b"\x89PNG") and chance.random() < 0.7:
        _mend(body)
    return bytes(body)


async def prepared(numbers: range, seed: int) -> Counts:
    """Prepare the broken pictures of these numbers, and count what became of them.

    Raises:
        AssertionError: for a prepared file that is not what it should be.
        Exception: whatever is none of the answers that `Imaging.prepare` promises.
    """
    bodies, counts = originals(), Counts()
    with TemporaryDirectory(dir=room()) as name:
        folder = Path(name)
        async with Imaging() as imaging:
            for number in numbers:
                body = mutated(Random(f"{seed} {number}"), bodies)  # noqa: S311 - repeatable
                (folder / "source").write_bytes(body)
                counts[await _end(imaging, folder)] += 1
    return counts


async def _end(imaging: Imaging, folder: Path) -> str:
    try:
        done = await imaging.prepare(folder / "source", folder / "fit", LIMIT_BYTES)
    except NotAPicture:
        return "no pictures"
    except WrongMeasures:
        return "of wrong measures"
    except CannotFit:
        return "too large"
    except Damaged as damage:
        return "out of time" if _HANGS in str(damage) else "damaged"
    finally:
        assert (folder / "source").exists()
    _check(done)
    done.path.unlink()
    return "prepared"


def _check(done: Prepared) -> None:
    body = done.path.read_bytes()
    assert len(body) <= LIMIT_BYTES
    with Image.open(io.BytesIO(body)) as image:
        image.load()
        assert image.format == done.look.format.upper()
        assert image.size == (done.look.width, done.look.height)
        assert image.mode in {"RGB", "RGBA"}
        assert not image.getexif()
        assert SIDE_MIN // 8 <= min(image.size) <= max(image.size) <= SIDE_MAX


def _flip(chance: Random, body: bytearray, _: bytes) -> None:
    if body:
        body[chance.randrange(len(body))] = chance.randrange(256)


def _cut(chance: Random, body: bytearray, _: bytes) -> None:
    del body[chance.randrange(len(body) + 1) :]


def _drop(chance: Random, body: bytearray, _: bytes) -> None:
    start = chance.randrange(len(body) + 1)
    del body[start : start + chance.randrange(64)]


def _splice(chance: Random, body: bytearray, other: bytes) -> None:
    start, taken = chance.randrange(len(body) + 1), chance.randrange(len(other))
    body[start:start] = other[taken : taken + chance.randrange(512)]


def _size(chance: Random, body: bytearray, _: bytes) -> None:
    """Put a telling number where a size may stand, in the order of either kind of machine."""
    at = chance.randrange(min(len(body), 64) + 1)
    body[at : at + 4] = struct.pack(chance.choice("<>") + "I", chance.choice(_SIZES))


_CHANGES: tuple[Change, ...] = (_flip, _flip, _flip, _cut, _drop, _splice, _size)


def _mend(body: bytearray) -> None:
    at = _PNG_HEAD
    while at + 12 <= len(body):
        (length,) = struct.unpack_from(">I", body, at)
        end = at + 8 + length
        if end + 4 > len(body):
            return
        struct.pack_into(">I", body, end, zlib.crc32(body[at + 4 : end]))
        at = end + 4


def _saved(image: Image.Image, kind: str, **options: object) -> bytes:
    body = io.BytesIO()
    image.save(body, kind, **options)
    return body.getvalue()


def _interlaced() -> bytes:
    import pyvips  # noqa: PLC0415 - in this process too, only to draw

    return bytes(pyvips.Image.black(96, 80).pngsave_buffer(interlace=True))


def _chunk(numbers: range, seed: int) -> tuple[Counts, int]:
    counts = asyncio.run(prepared(numbers, seed))
    return counts, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * 1024


def _chunks(pictures: int) -> Iterator[range]:
    return (range(at, min(at + _CHUNK, pictures)) for at in range(0, pictures, _CHUNK))


def run(pictures: int = PICTURES, *, seed: int = 1, jobs: int = 2) -> bool:
    """Break and prepare so many, print what became of them, and tell whether all is well."""
    began, counts, peak_bytes = time.monotonic(), Counts(), 0
    with ProcessPoolExecutor(jobs, mp_context=get_context("spawn")) as pool:
        for found, peak in pool.map(partial(_chunk, seed=seed), _chunks(pictures)):
            counts += found
            peak_bytes = max(peak_bytes, peak)
    told = ", ".join(f"{count:,} {end}" for end, count in counts.most_common())
    sys.stdout.write(
        f"pictures: {counts.total():,} broken ones (seed {seed}), {told}; no crash but a child's,"
        f" whose memory was {peak_bytes / 2**20:.0f} MiB at most"
        f" ({time.monotonic() - began:.0f} s)\n"
    )
    return not counts["out of time"] and peak_bytes <= DATA_BYTES_MAX


if __name__ == "__main__":
    sys.exit(not run())
