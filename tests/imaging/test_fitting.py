"""A copy that fits is the best that does, and carries nothing but the picture."""

import hashlib
import stat
from collections.abc import AsyncGenerator
from pathlib import Path

import pytest
from PIL import Image

from bot.core.job import Look
from bot.imaging.imaging import CannotFit, Imaging
from tests.imaging.drawing import darkest, names, noisy, read, saved

PLENTY = 10 * 2**20


@pytest.fixture
async def imaging() -> AsyncGenerator[Imaging]:
    async with Imaging() as one:
        yield one


async def test_the_first_rung_is_taken_when_it_fits(imaging: Imaging, tmp_path: Path) -> None:
    source = saved(noisy("RGB", 300, 200), tmp_path / "1.png", "png")
    before = hashlib.sha256(source.read_bytes()).digest()
    fitted = await imaging.fit(source, tmp_path / "k7f2.1-fit", PLENTY)
    assert fitted.path == tmp_path / "k7f2.1-fit.jpg"
    assert fitted.look == Look(format="jpeg", width=300, height=200)
    assert fitted.note == "JPEG 92"
    assert fitted.size_bytes == fitted.path.stat().st_size
    assert stat.S_IMODE(fitted.path.stat().st_mode) == 0o600
    assert hashlib.sha256(source.read_bytes()).digest() == before
    assert names(tmp_path) == ["1.png", "k7f2.1-fit.jpg"]


async def test_each_rung_is_smaller_and_the_next_is_taken(imaging: Imaging, tmp_path: Path) -> None:
    source = saved(noisy("RGB", 2400, 1200), tmp_path / "1.png", "png")
    limit, notes, look = PLENTY, [], None
    for _ in range(4):
        fitted = await imaging.fit(source, tmp_path / "fit", limit)
        assert fitted.size_bytes <= limit
        notes.append(fitted.note)
        limit = fitted.size_bytes - 1
        look = fitted.look
    assert notes == ["JPEG 92", "JPEG 85", "JPEG 75", "JPEG 85, 2048 px"]
    assert look == Look(format="jpeg", width=2048, height=1024)


async def test_what_cannot_fit_leaves_nothing_behind(imaging: Imaging, tmp_path: Path) -> None:
    source = saved(noisy("RGB", 300, 200), tmp_path / "1.png", "png")
    with pytest.raises(CannotFit, match="bytes"):
        await imaging.fit(source, tmp_path / "fit", 1000)
    assert names(tmp_path) == [source.name]


async def test_no_picture_cannot_fit(imaging: Imaging, tmp_path: Path) -> None:
    (tmp_path / "1.png").write_bytes(b"hello")
    with pytest.raises(CannotFit, match="not a picture"):
        await imaging.fit(tmp_path / "1.png", tmp_path / "fit", PLENTY)


@pytest.mark.parametrize("kind", ["png", "jpeg", "webp"])
async def test_a_cut_picture_is_never_passed_on(
    imaging: Imaging, tmp_path: Path, kind: str
) -> None:
    source = saved(noisy("RGB", 300, 200), tmp_path / "1", kind)
    source.write_bytes(source.read_bytes()[: source.stat().st_size // 2])
    with pytest.raises(CannotFit):
        await imaging.fit(source, tmp_path / "fit", PLENTY)
    assert names(tmp_path) == [source.name]


async def test_what_is_see_through_stays_so(imaging: Imaging, tmp_path: Path) -> None:
    source = saved(noisy("RGBA", 300, 200), tmp_path / "1.png", "png")
    fitted = await imaging.fit(source, tmp_path / "fit", PLENTY)
    assert (fitted.path.suffix, fitted.note) == (".webp", "WEBP 92")
    assert fitted.look == Look(format="webp", width=300, height=200)
    assert read(fitted.path).mode == "RGBA"


async def test_an_alpha_channel_that_hides_nothing_costs_no_webp(
    imaging: Imaging, tmp_path: Path
) -> None:
    image = noisy("RGB", 300, 200).convert("RGBA")
    fitted = await imaging.fit(saved(image, tmp_path / "1.png", "png"), tmp_path / "fit", PLENTY)
    assert fitted.look.format == "jpeg"


async def test_the_very_last_rung_is_flat_on_white(imaging: Imaging, tmp_path: Path) -> None:
    image = noisy("RGBA", 2048, 1024)
    image.putalpha(noisy("L", 2048, 1024).point(lambda value: value // 128))
    source = saved(image, tmp_path / "1.png", "png")
    fitted = await imaging.fit(source, tmp_path / "fit", 400_000)
    assert fitted.note == "JPEG 85, 2048 px"
    assert darkest(read(fitted.path)) > 200
    assert names(tmp_path) == ["1.png", "fit.jpg"]


async def test_metadata_stays_behind(imaging: Imaging, tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[0x010E] = "where I live"
    exif.get_ifd(0x8825)[2] = (52.0, 13.0, 48.0)
    image = noisy("RGB", 300, 200)
    source = saved(image, tmp_path / "1.jpg", "jpeg", exif=exif, comment=b"my name")
    with source.open("ab") as file:
        file.write(b"PK\x03\x04 a hidden archive")
    assert b"where I live" in source.read_bytes()
    fitted = await imaging.fit(source, tmp_path / "fit", PLENTY)
    body = fitted.path.read_bytes()
    assert not any(secret in body for secret in (b"where I live", b"my name", b"PK\x03\x04"))
    assert not read(fitted.path).getexif()


async def test_a_turned_picture_is_turned_for_good(imaging: Imaging, tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    image = Image.new("RGB", (300, 200))
    image.paste((255, 255, 255), (0, 0, 300, 20))  # the top, which 6 puts to the right
    source = saved(image, tmp_path / "1.jpg", "jpeg", exif=exif)
    fitted = await imaging.fit(source, tmp_path / "fit", PLENTY)
    assert (fitted.look.width, fitted.look.height) == (200, 300)
    copy = read(fitted.path).convert("L")
    assert copy.getpixel((195, 150)) == 255
    assert copy.getpixel((5, 150)) == 0


@pytest.mark.parametrize("mode", ["L", "CMYK", "P", "I;16", "1", "LA"])
async def test_every_kind_of_pixel_becomes_rgb(imaging: Imaging, tmp_path: Path, mode: str) -> None:
    kind = "jpeg" if mode == "CMYK" else "png"
    white = Image.new("RGB", (64, 64), "white")
    image = Image.new(mode, (64, 64), 65_535) if mode == "I;16" else white.convert(mode)
    fitted = await imaging.fit(saved(image, tmp_path / "1", kind), tmp_path / "fit", PLENTY)
    copy = read(fitted.path)
    assert copy.mode == "RGB"
    assert darkest(copy) > 240


async def test_a_broken_colour_profile_is_ignored(imaging: Imaging, tmp_path: Path) -> None:
    image = noisy("RGB", 300, 200)
    source = saved(image, tmp_path / "1.jpg", "jpeg", icc_profile=b"no profile" * 20)
    fitted = await imaging.fit(source, tmp_path / "fit", PLENTY)
    assert fitted.note == "JPEG 92"
    assert b"no profile" not in fitted.path.read_bytes()


async def test_an_animation_gives_its_first_picture(imaging: Imaging, tmp_path: Path) -> None:
    first, second = Image.new("RGB", (64, 64), "white"), Image.new("RGB", (64, 64))
    path = tmp_path / "1.webp"
    source = saved(first, path, "webp", save_all=True, append_images=[second])
    fitted = await imaging.fit(source, tmp_path / "fit", PLENTY)
    assert (fitted.look.width, fitted.look.height) == (64, 64)
    assert darkest(read(fitted.path)) > 240


async def test_a_picture_as_large_as_any_is_shrunk_within_the_memory_there_is(
    imaging: Imaging, tmp_path: Path
) -> None:
    """A WebP of this size fits the child's memory only when it is decoded smaller."""
    source = saved(noisy("RGB", 64, 64).resize((5632, 3072)), tmp_path / "1", "webp", method=0)
    fitted = await imaging.fit(source, tmp_path / "fit", PLENTY)
    assert fitted.look == Look(format="jpeg", width=2048, height=1117)
