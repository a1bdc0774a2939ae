"""Paint a subject: scene, references, grain and caption, encoded as asked; the same every time."""

import hashlib
import io
import random
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
import numpy.typing as npt
from PIL import Image

from sandbox.omixa.caption import caption
from sandbox.omixa.edits import cut_out, edited, fitted
from sandbox.omixa.models import Family
from sandbox.omixa.palettes import choose_palette
from sandbox.omixa.picture import Picture
from sandbox.omixa.scenes import choose_scene

CANVAS_PX_MAX = 4_500_000  # larger pictures are drawn smaller and stretched under their grain
_GRAIN_SIDE = 509  # prime, so that the tiles never line up
_GRAIN_SPREAD = 2.1
_STRIP_ROWS = 256
_SETTINGS: dict[str, dict[str, Any]] = {
    "png": {"compress_level": 1, "compress_type": 2},  # Huffman only: grain has no repetitions
    "jpeg": {"quality": 90},
    "webp": {"quality": 90, "method": 0},
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """Everything a picture depends on; equal subjects give equal bytes."""

    family: Family = "imagen"
    prompt: str
    label: str
    aspect: str
    width: int
    height: int
    take: int
    place: int
    count: int
    format: str
    seed: int
    references: tuple[bytes, ...] = ()


def paint(subject: Subject) -> Picture:
    """Paint and encode."""
    key = f"{subject.prompt}\0{subject.take}\0{subject.place}\0{subject.seed}".encode()
    dice = random.Random(hashlib.sha256(key).digest())  # noqa: S311 - pictures, not secrets
    match subject.family:
        case "cutout":
            image = cut_out(subject.references[0])
        case "upscale":
            image = fitted(subject.references[0], (subject.width, subject.height))
        case _:
            image = _scene(subject, dice)
            _add_grain(image, dice)
            caption(image, _title(subject), _note(subject))
    file = io.BytesIO()
    if subject.format == "jpeg":
        image = image.convert("RGB")  # no transparency there
    image.save(file, subject.format, **_SETTINGS[subject.format])
    return Picture(file.getbuffer(), f"image/{subject.format}")


def _title(subject: Subject) -> str:
    match len(subject.references):
        case 0:
            return subject.prompt
        case 1:
            return f"edit: {subject.prompt}"
        case several:
            return f"blend of {several}: {subject.prompt}"


def _note(subject: Subject) -> str:
    return (
        f"{subject.label}  ·  {subject.aspect}  ·  {subject.width} x {subject.height}"
        f"  ·  {subject.place + 1} of {subject.count}"
    )


def _scene(subject: Subject, dice: random.Random) -> Image.Image:
    full = (subject.width, subject.height)
    shrink = max(1.0, (full[0] * full[1] / CANVAS_PX_MAX) ** 0.5)
    canvas = Image.new("RGB", (round(full[0] / shrink), round(full[1] / shrink)))
    palette = choose_palette(subject.prompt, dice)
    choose_scene(subject.prompt, dice)(canvas, palette, dice)
    if subject.references:
        canvas = edited(canvas, subject.references, dice)
    return canvas if canvas.size == full else canvas.resize(full, Image.Resampling.BICUBIC)


@cache
def _grain() -> npt.NDArray[np.int16]:
    noise = np.random.default_rng(7).normal(0, _GRAIN_SPREAD, (_GRAIN_SIDE, _GRAIN_SIDE, 1))
    return noise.round().astype(np.int16)


def _add_grain(image: Image.Image, dice: random.Random) -> None:
    """Add film grain, strip by strip; it also gives a PNG the weight of a real one."""
    shift = dice.randrange(_GRAIN_SIDE)
    columns = (np.arange(image.width) + shift) % _GRAIN_SIDE
    for top in range(0, image.height, _STRIP_ROWS):
        strip = image.crop((0, top, image.width, min(image.height, top + _STRIP_ROWS)))
        rows = (np.arange(top, top + strip.height) * 3 + shift) % _GRAIN_SIDE
        noise = _grain()[rows[:, None], columns]
        pixels = np.clip(np.asarray(strip) + noise, 0, 255)
        image.paste(Image.fromarray(pixels.astype(np.uint8)), (0, top))
