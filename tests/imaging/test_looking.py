"""A picture is what its header says, and only three formats are pictures."""

from collections.abc import AsyncGenerator
from pathlib import Path

import pytest
from PIL import Image

from bot.core.job import Look
from bot.imaging.imaging import CannotFit, Imaging
from tests.imaging.drawing import interlaced, noisy, saved


@pytest.fixture
async def imaging() -> AsyncGenerator[Imaging]:
    async with Imaging() as one:
        yield one


@pytest.mark.parametrize("kind", ["png", "jpeg", "webp"])
async def test_the_bytes_count_and_not_the_name(
    imaging: Imaging, tmp_path: Path, kind: str
) -> None:
    path = saved(noisy("RGB", 40, 30), tmp_path / "picture.gif", kind)
    assert await imaging.look(path) == Look(format=kind, width=40, height=30)


@pytest.mark.parametrize("kind", ["gif", "tiff", "bmp", "pdf", "ico", "ppm", "jpeg2000", "avif"])
async def test_no_other_format_is_opened(imaging: Imaging, tmp_path: Path, kind: str) -> None:
    path = saved(noisy("RGB", 40, 30), tmp_path / "picture.png", kind)
    assert await imaging.look(path) is None


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"\x89PNG\r\n\x1a\n",
        b"\xff\xd8\xff",
        b"RIFF\x10\0\0\0WEBPVP8 ",
        b"<svg xmlns='http://www.w3.org/2000/svg' width='9' height='9'><rect/></svg>",
        b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n",
        b"9 9\n1 2 3\n",
        b"hello",
    ],
)
async def test_bytes_that_are_no_picture(imaging: Imaging, tmp_path: Path, body: bytes) -> None:
    path = tmp_path / "picture.png"
    path.write_bytes(body)
    assert await imaging.look(path) is None


async def test_a_file_that_is_not_there_is_no_picture(imaging: Imaging, tmp_path: Path) -> None:
    assert await imaging.look(tmp_path / "none.png") is None


async def test_forty_megapixels_are_the_most(imaging: Imaging, tmp_path: Path) -> None:
    most = saved(Image.new("1", (8000, 5000)), tmp_path / "most.png", "png")
    more = saved(Image.new("1", (8000, 5001)), tmp_path / "more.png", "png")
    assert await imaging.look(most) == Look(format="png", width=8000, height=5000)
    assert await imaging.look(more) is None


async def test_a_paid_picture_may_be_interlaced_whatever_its_size(
    imaging: Imaging, tmp_path: Path
) -> None:
    assert await imaging.look(interlaced(tmp_path / "more.png", 4000, 3001)) is not None
    waves = saved(Image.new("L", (4000, 3001)), tmp_path / "waves.jpg", "jpeg", progressive=True)
    assert await imaging.look(waves) is not None


async def test_twelve_megapixels_are_decoded_when_rows_come_out_of_order(
    imaging: Imaging, tmp_path: Path
) -> None:
    most = interlaced(tmp_path / "most.png", 4000, 3000)
    assert (await imaging.fit(most, tmp_path / "fit", 10**7)).look.width == 4000
    with pytest.raises(CannotFit, match="too many"):
        await imaging.fit(interlaced(tmp_path / "more.png", 4000, 3001), tmp_path / "no", 10**7)
