"""What an order works from: encoded again by us, upright, bare, within limits, or refused."""

import asyncio
import io
import resource
import signal
import struct
import sys
import zlib
from collections.abc import AsyncGenerator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, PngImagePlugin

from bot.core.job import Look
from bot.imaging import pictures, worker
from bot.imaging.child import Child, Fault
from bot.imaging.imaging import (
    REFERENCE_WALL_S,
    CannotFit,
    Damaged,
    Imaging,
    NotAPicture,
    WrongMeasures,
)
from bot.imaging.measures import may_be_reference
from tests.imaging.drawing import darkest, interlaced, names, noisy, read, saved

PLENTY = 7_000_000


@pytest.fixture
async def imaging() -> AsyncGenerator[Imaging]:
    async with Imaging() as one:
        yield one


def png(width: int, height: int, *chunks: bytes) -> bytes:
    """A PNG's header with whatever follows it, and no pixels."""
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return pictures.PNG + chunk(b"IHDR", header) + b"".join(chunks)


def chunk(name: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))


@pytest.mark.parametrize("kind", ["png", "jpeg", "webp"])
@pytest.mark.parametrize("name", ["a.png", "a.gif", "a.exe", "no ending"])
async def test_the_first_bytes_count_and_not_the_name(
    imaging: Imaging, tmp_path: Path, kind: str, name: str
) -> None:
    source = saved(noisy("RGB", 100, 80), tmp_path / name, kind)
    before = source.read_bytes()
    prepared = await imaging.prepare(source, tmp_path / "fit", PLENTY)
    assert prepared.path == tmp_path / "fit.jpg"
    assert prepared.look == Look(format="jpeg", width=100, height=80)
    assert not prepared.animated
    assert source.read_bytes() == before
    assert names(tmp_path) == sorted([name, "fit.jpg"])


async def test_a_small_jpeg_is_encoded_again_too(imaging: Imaging, tmp_path: Path) -> None:
    source = saved(noisy("RGB", 100, 80), tmp_path / "1.jpg", "jpeg", comment=b"where I live")
    prepared = await imaging.prepare(source, tmp_path / "fit", PLENTY)
    assert prepared.path.read_bytes() != source.read_bytes()
    assert b"where I live" not in prepared.path.read_bytes()


@pytest.mark.parametrize("kind", ["gif", "tiff", "bmp", "pdf", "ico", "ppm", "jpeg2000", "eps"])
async def test_another_format_is_no_picture_of_ours(
    imaging: Imaging, tmp_path: Path, kind: str
) -> None:
    source = saved(noisy("RGB", 100, 80), tmp_path / "1.png", kind)
    with pytest.raises(NotAPicture):
        await imaging.prepare(source, tmp_path / "fit", PLENTY)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"MZ\x90\x00 a program",
        b"<svg xmlns='http://www.w3.org/2000/svg' width='99' height='99'><rect/></svg>",
        b"\x1f\x8b\x08 an SVGZ",
        b"<!doctype html><img src=x onerror=alert(1)>",
        b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 99 99\n",
        b"%PDF-1.7",
        b"8BPS\0\1",
        b"SIMPLE  =                    T",
        b"RIFF\x10\0\0\0WAVEfmt ",
        b"PK\x03\x04",
    ],
)
async def test_text_and_programs_are_no_pictures(
    imaging: Imaging, tmp_path: Path, body: bytes
) -> None:
    (tmp_path / "1.png").write_bytes(body)
    with pytest.raises(NotAPicture):
        await imaging.prepare(tmp_path / "1.png", tmp_path / "fit", PLENTY)


async def test_a_file_that_is_not_there_is_no_picture(imaging: Imaging, tmp_path: Path) -> None:
    with pytest.raises(NotAPicture):
        await imaging.prepare(tmp_path / "1.png", tmp_path / "fit", PLENTY)


@pytest.mark.parametrize(
    ("width", "height"),
    [(1, 1), (63, 64), (64, 63), (1, 30_000), (64, 513), (8193, 2000), (13_000, 13_000)],
)
async def test_measures_are_refused_by_the_header(
    imaging: Imaging, tmp_path: Path, width: int, height: int
) -> None:
    source = saved(Image.new("1", (width, height)), tmp_path / "1.png", "png")
    with pytest.raises(WrongMeasures) as caught:
        await imaging.prepare(source, tmp_path / "fit", PLENTY)
    assert (caught.value.width, caught.value.height) == (width, height)


async def test_a_header_of_sixty_thousand_is_not_followed(imaging: Imaging, tmp_path: Path) -> None:
    (tmp_path / "1.png").write_bytes(png(60_000, 60_000, chunk(b"IDAT", zlib.compress(b""))))
    with pytest.raises((WrongMeasures, Damaged)):
        await imaging.prepare(tmp_path / "1.png", tmp_path / "fit", PLENTY)


@pytest.mark.parametrize(("width", "height"), [(64, 64), (64, 512), (8192, 1024), (8000, 5000)])
async def test_measures_that_are_just_right(
    imaging: Imaging, tmp_path: Path, width: int, height: int
) -> None:
    source = saved(Image.new("1", (width, height)), tmp_path / "1.png", "png")
    prepared = await imaging.prepare(source, tmp_path / "fit", PLENTY)
    assert (prepared.look.width, prepared.look.height) == (width, height)


async def test_rows_out_of_order_are_decoded_up_to_twelve_megapixels(
    imaging: Imaging, tmp_path: Path
) -> None:
    most = interlaced(tmp_path / "most.png", 4000, 3000)
    assert (await imaging.prepare(most, tmp_path / "fit", PLENTY)).look.width == 4000
    with pytest.raises(WrongMeasures):
        await imaging.prepare(
            interlaced(tmp_path / "more.png", 4000, 3001), tmp_path / "fit", PLENTY
        )
    waves = saved(Image.new("L", (4000, 3001)), tmp_path / "1.jpg", "jpeg", progressive=True)
    with pytest.raises(WrongMeasures):
        await imaging.prepare(waves, tmp_path / "fit", PLENTY)


@pytest.mark.parametrize("mode", ["RGB", "RGBA"])
@pytest.mark.parametrize("kind", ["png", "jpeg", "webp"])
async def test_a_cut_picture_is_damaged(
    imaging: Imaging, tmp_path: Path, kind: str, mode: str
) -> None:
    image = noisy("RGB" if kind == "jpeg" else mode, 300, 200)
    source = saved(image, tmp_path / "1", kind)
    body = source.read_bytes()
    for kept in (len(body) // 2, len(body) - 20, 40):
        source.write_bytes(body[:kept])
        with pytest.raises(Damaged):
            await imaging.prepare(source, tmp_path / "fit", PLENTY)
    assert names(tmp_path) == ["1"]


@pytest.mark.parametrize("kind", ["png", "jpeg", "webp"])
@pytest.mark.parametrize("body", [b"", b"\0" * 100, b"\xff" * 100])
async def test_first_bytes_alone_are_a_damaged_picture(
    imaging: Imaging, tmp_path: Path, kind: str, body: bytes
) -> None:
    source = saved(noisy("RGB", 100, 80), tmp_path / "1", kind)
    source.write_bytes(source.read_bytes()[:12] + body)
    with pytest.raises(Damaged):
        await imaging.prepare(source, tmp_path / "fit", PLENTY)


@pytest.mark.parametrize("mode", ["L", "CMYK", "P", "I;16", "1", "LA"])
async def test_every_kind_of_pixel_is_converted(
    imaging: Imaging, tmp_path: Path, mode: str
) -> None:
    kind = "jpeg" if mode == "CMYK" else "png"
    white = Image.new("RGB", (64, 64), "white")
    image = Image.new(mode, (64, 64), 65_535) if mode == "I;16" else white.convert(mode)
    source = saved(image, tmp_path / "1", kind)
    prepared = await imaging.prepare(source, tmp_path / "fit", PLENTY)
    copy = read(prepared.path)
    assert (copy.mode, prepared.look.format) == ("RGB", "jpeg")
    assert darkest(copy) > 240


async def test_a_palette_with_a_see_through_colour_stays_see_through(
    imaging: Imaging, tmp_path: Path
) -> None:
    image = Image.new("P", (80, 80), 1)
    image.paste(0, (0, 0, 40, 80))
    image.putpalette([255, 0, 0, 0, 0, 255])
    source = saved(image, tmp_path / "1.png", "png", transparency=0)
    prepared = await imaging.prepare(source, tmp_path / "fit", PLENTY)
    copy = read(prepared.path)
    assert (prepared.look.format, copy.mode) == ("webp", "RGBA")
    assert (copy.getpixel((10, 40)) or (1,) * 4)[3] == 0  # type: ignore[index]
    assert (copy.getpixel((70, 40)) or (1,) * 4)[3] == 255  # type: ignore[index]


async def test_huge_and_broken_metadata_does_no_harm(imaging: Imaging, tmp_path: Path) -> None:
    info = PngImagePlugin.PngInfo()
    info.add_text("Comment", "a secret " * 500_000, zip=True)
    image = noisy("RGB", 100, 80)
    source = saved(image, tmp_path / "1.png", "png", pnginfo=info, icc_profile=b"\0" * 3_000_000)
    prepared = await imaging.prepare(source, tmp_path / "fit", PLENTY)
    assert prepared.look == Look(format="jpeg", width=100, height=80)
    assert b"secret" not in prepared.path.read_bytes()


async def test_a_bomb_in_a_text_chunk_stays_in_the_child(imaging: Imaging, tmp_path: Path) -> None:
    image = saved(noisy("RGB", 100, 80), tmp_path / "1.png", "png").read_bytes()
    bomb = chunk(b"zTXt", b"Comment\0\0" + zlib.compress(bytes(300 << 20), 9))
    source = tmp_path / "2.png"
    source.write_bytes(image[:33] + bomb * 5 + image[33:])
    try:
        prepared = await imaging.prepare(source, tmp_path / "fit", PLENTY)
    except Damaged:
        return
    assert prepared.look.width == 100


async def test_what_stands_beside_the_pixels_stays_behind(imaging: Imaging, tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[0x010E] = "where I live"
    exif[0x0112] = 6
    exif.get_ifd(0x8825)[2] = (52.0, 13.0, 48.0)
    image = Image.new("RGB", (300, 200))
    image.paste((255, 255, 255), (0, 0, 300, 20))  # the top, which 6 puts to the right
    source = saved(image, tmp_path / "1.jpg", "jpeg", exif=exif, xmp=b"<x:xmpmeta>who I am")
    with source.open("ab") as file:
        file.write(b"PK\x03\x04 a hidden archive")
    body = source.read_bytes()
    secrets = b"where I live", b"who I am", b"PK\x03\x04", b"Exif"
    assert all(secret in body for secret in secrets)
    prepared = await imaging.prepare(source, tmp_path / "fit", PLENTY)
    assert not any(secret in prepared.path.read_bytes() for secret in secrets)
    assert (prepared.look.width, prepared.look.height) == (200, 300)
    copy = read(prepared.path).convert("L")
    assert (copy.getpixel((195, 150)), copy.getpixel((5, 150))) == (255, 0)


@pytest.mark.parametrize("kind", ["png", "webp"])
async def test_of_an_animation_the_first_picture_is_taken(
    imaging: Imaging, tmp_path: Path, kind: str
) -> None:
    first, second = Image.new("RGB", (64, 64), "white"), Image.new("RGB", (64, 64))
    source = saved(first, tmp_path / "1", kind, save_all=True, append_images=[second])
    prepared = await imaging.prepare(source, tmp_path / "fit", PLENTY)
    assert prepared.animated
    assert prepared.look == Look(format="jpeg", width=64, height=64)
    assert darkest(read(prepared.path)) > 240


async def test_a_still_picture_may_speak_of_an_animation_after_its_pixels(
    imaging: Imaging, tmp_path: Path
) -> None:
    body = saved(noisy("RGB", 100, 80), tmp_path / "1.png", "png").read_bytes()
    (tmp_path / "1.png").write_bytes(body + chunk(b"acTL", bytes(8)))
    assert not (await imaging.prepare(tmp_path / "1.png", tmp_path / "fit", PLENTY)).animated


@pytest.mark.parametrize(("mode", "kind"), [("RGB", "jpeg"), ("RGBA", "webp")])
async def test_it_fits_whatever_the_limit(
    imaging: Imaging, tmp_path: Path, mode: str, kind: str
) -> None:
    source = saved(noisy(mode, 1200, 1200), tmp_path / "1.png", "png")
    sizes, limit = [], PLENTY
    while True:
        try:
            prepared = await imaging.prepare(source, tmp_path / "fit", limit)
        except CannotFit:
            break
        assert prepared.path.stat().st_size <= limit
        sizes.append((prepared.look.format, prepared.look.width))
        limit = prepared.path.stat().st_size - 1
    assert sizes[0] == (kind, 1200)
    assert sizes[-1] == ("jpeg", 1024)
    assert limit < 785_714  # one of fourteen
    assert not (tmp_path / f"fit.{kind}").exists()


async def test_a_large_see_through_picture_stays_so_within_the_memory(
    imaging: Imaging, tmp_path: Path
) -> None:
    side = 4096
    image = noisy("RGB", 64, 64).resize((side, side))
    image.putalpha(noisy("L", 32, 32).resize((side, side)))
    prepared = await imaging.prepare(saved(image, tmp_path / "1", "png"), tmp_path / "fit", PLENTY)
    assert prepared.look == Look(format="webp", width=1280, height=1280)


async def test_two_deaths_are_damage(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    source = saved(noisy("RGB", 100, 80), tmp_path / "1.png", "png")
    asked: list[object] = []
    ask = Child.ask

    async def dies(
        child: Child, job: dict[str, object], wall_s: float | None = None
    ) -> dict[str, object]:
        asked.append((job["do"], wall_s))
        if job["do"] in deadly:
            raise Fault("died")
        return await ask(child, job, wall_s)

    monkeypatch.setattr(Child, "ask", dies)
    async with Imaging() as imaging:
        for step in ("examine", "encode"):
            asked.clear()
            deadly = {step}
            with pytest.raises(Damaged, match="died"):
                await imaging.prepare(source, tmp_path / "fit", PLENTY)
            assert asked[-2:] == [(step, REFERENCE_WALL_S)] * 2
            assert len(asked) <= 3


async def test_one_death_costs_nothing_but_size(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = saved(noisy("RGB", 3000, 80 * 5), tmp_path / "1.png", "png")
    ask, deaths = Child.ask, iter(["encode"])

    async def dies_once(child: Child, job: dict[str, object], *wall_s: float) -> dict[str, object]:
        if job["do"] == "encode" and next(deaths, None):
            raise Fault("died")
        return await ask(child, job, *wall_s)

    monkeypatch.setattr(Child, "ask", dies_once)
    async with Imaging() as imaging:
        assert (await imaging.prepare(source, tmp_path / "fit", PLENTY)).look.width == 2048


async def test_a_hanging_child_costs_a_reference_no_more_than_its_wall(
    imaging: Imaging, tmp_path: Path
) -> None:
    source = saved(noisy("RGB", 100, 80), tmp_path / "1.png", "png")
    child = imaging._child
    await imaging.look(source)
    assert child._process is not None
    child._process.send_signal(signal.SIGSTOP)
    with pytest.raises(Fault, match=r"longer than 0\.2 s"):
        await child.ask({"do": "examine", "path": str(source)}, 0.2)
    assert (await imaging.prepare(source, tmp_path / "fit", PLENTY)).look.width == 100


async def test_each_job_may_use_so_much_of_a_processor(imaging: Imaging, tmp_path: Path) -> None:
    source = saved(noisy("RGB", 100, 80), tmp_path / "1.png", "png")
    await imaging.prepare(source, tmp_path / "fit", PLENTY)
    process = imaging._child._process
    assert process is not None
    soft, _ = resource.prlimit(process.pid, resource.RLIMIT_CPU)
    assert REFERENCE_WALL_S < soft <= REFERENCE_WALL_S + 5  # what was used before, in seconds
    await imaging.look(source)
    longer, _ = resource.prlimit(process.pid, resource.RLIMIT_CPU)
    assert longer >= 30


async def test_the_kernel_ends_what_uses_more() -> None:
    spinning = "from bot.imaging.worker import allow\nallow(1)\nallow(1)\nwhile True: pass"
    process = await asyncio.create_subprocess_exec(sys.executable, "-c", spinning)
    assert await process.wait() == -signal.SIGXCPU


def test_an_older_limit_is_kept() -> None:
    before = resource.getrlimit(resource.RLIMIT_CPU)
    try:
        worker.allow(1000)
        assert resource.getrlimit(resource.RLIMIT_CPU)[1] == before[1]
    finally:
        resource.setrlimit(resource.RLIMIT_CPU, before)


def test_the_child_tells_what_a_header_says(tmp_path: Path) -> None:
    source = saved(noisy("RGBA", 40, 30), tmp_path / "1.gif", "png")
    assert pictures.examine(str(source)) == {
        "format": "png",
        "width": 40,
        "height": 30,
        "alpha": True,
        "interlaced": False,
        "animated": False,
    }
    assert pictures.examine(str(tmp_path)) == {}
    answers = io.BytesIO()
    worker.serve(io.BytesIO(b'{"do":"examine","path":"%b"}\n' % bytes(tmp_path / "no")), answers)
    assert answers.getvalue().splitlines()[1] == b"{}"


@given(st.integers(1, 10_000), st.integers(1, 10_000), st.booleans())
def test_measures_do_not_depend_on_which_way_up(width: int, height: int, woven: bool) -> None:  # noqa: FBT001 - given
    accepted = may_be_reference(width, height, interlaced=woven)
    assert accepted == may_be_reference(height, width, interlaced=woven)
    assert accepted == (
        min(width, height) >= 64
        and max(width, height) <= 8192
        and max(width, height) <= 8 * min(width, height)
        and width * height <= (12_000_000 if woven else 40_000_000)
    )
