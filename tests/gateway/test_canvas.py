"""A picture's file when the disk is full."""

import hashlib
from pathlib import Path

import pytest

from bot.core.job import Sketch
from bot.gateway.canvas import Canvas


@pytest.mark.parametrize("size", [10, 100_000])
def test_a_full_disk_spoils_the_picture_and_raises_nothing(tmp_path: Path, size: int) -> None:
    path = tmp_path / "a.part"
    path.symlink_to("/dev/full")
    canvas = Canvas(path, 1 << 20)
    canvas.write(b"\x89PNG\r\n\x1a\n" + b"x" * size)
    canvas.write(b"more")
    assert canvas.keep(1) == Sketch(
        name="1.bin", format=None, size_bytes=0, sha256=hashlib.sha256().hexdigest()
    )


def test_a_discarded_picture_leaves_nothing_even_on_a_full_disk(tmp_path: Path) -> None:
    path = tmp_path / "a.part"
    path.symlink_to("/dev/full")
    canvas = Canvas(path, 1 << 20)
    canvas.write(b"x")
    canvas.discard()
    assert not list(tmp_path.iterdir())
