"""Pictures for tests, drawn by another library than the one that is tested."""

import io
from pathlib import Path
from typing import Any

import numpy as np
import pyvips
from PIL import Image


def noisy(mode: str, width: int, height: int) -> Image.Image:
    """Draw noise: what compresses worst."""
    bands = len(Image.new(mode, (1, 1)).getbands())
    shape = (height, width) if bands == 1 else (height, width, bands)
    pixels = np.random.default_rng(7).integers(0, 256, shape, dtype=np.uint8)
    return Image.fromarray(pixels, mode=None if mode in {"L", "RGB", "RGBA"} else mode)


def saved(image: Image.Image, path: Path, kind: str, **options: Any) -> Path:
    """Save a picture as a format, whatever its name says."""
    body = io.BytesIO()
    image.save(body, kind, **options)
    path.write_bytes(body.getvalue())
    return path


def interlaced(path: Path, width: int, height: int) -> Path:
    """Save an interlaced PNG, which Pillow cannot."""
    pyvips.Image.black(width, height).pngsave(str(path), interlace=True)
    return path


def read(path: Path) -> Image.Image:
    """Read a picture whole and close its file."""
    with Image.open(path) as image:
        image.load()
        return image.copy()


def darkest(image: Image.Image) -> int:
    """Give the value of the darkest pixel."""
    return int(np.asarray(image.convert("L")).min())


def names(folder: Path) -> list[str]:
    """List a folder's files."""
    return sorted(path.name for path in folder.iterdir())
