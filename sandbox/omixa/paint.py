"""Paint a subject: scene, references, grain and caption, encoded as asked; the same every time."""

import hashlib
import io
import random
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageDraw

from sandbox.omixa.caption import caption
from sandbox.omixa.palettes import choose_palette
from sandbox.omixa.picture import Picture
from sandbox.omixa.scenes import choose_scene

CANVAS_PX_MAX = 4_500_000  # larger pictures are drawn smaller and stretched under their grain
_GRAIN_SIDE = 509  # prime, so that the tiles never line up
_GRAIN_SPREAD = 2.1
_STRIP_ROWS = 256
_LARGE_THUMBNAILS_MAX = 3
_SETTINGS: dict[str, dict[str, Any]] = {
    "png": {"compress_level": 1, "compress_type": 2},  # Huffman only: grain has no repetitions
    "jpeg": {"quality": 90},
    "webp": {"quality": 90, "method": 0},
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """Everything a picture depends on; equal subjects give equal bytes."""

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
    image = _scene(subject, dice)
    _add_grain(image, dice)
    caption(
        image,
        subject.prompt,
        f"{subject.label}  ·  {subject.aspect}  ·  {subject.width} x {subject.height}"
        f"  ·  {subject.place + 1} of {subject.count}",
    )
    file = io.BytesIO()
    image.save(file, subject.format, **_SETTINGS[subject.format])
    return Picture(file.getbuffer(), f"image/{subject.format}")


def _scene(subject: Subject, dice: random.Random) -> Image.Image:
    full = (subject.width, subject.height)
    shrink = max(1.0, (full[0] * full[1] / CANVAS_PX_MAX) ** 0.5)
    canvas = Image.new("RGB", (round(full[0] / shrink), round(full[1] / shrink)))
    palette = choose_palette(subject.prompt, dice)
    choose_scene(subject.prompt, dice)(canvas, palette, dice)
    if subject.references:
        canvas = _edited(canvas, subject.references)
    return canvas if canvas.size == full else canvas.resize(full, Image.Resampling.BICUBIC)


def _edited(canvas: Image.Image, references: tuple[bytes, ...]) -> Image.Image:
    """Tint towards the first reference, and pin all of them to the corner."""
    side = round(min(canvas.size) * (0.2 if len(references) <= _LARGE_THUMBNAILS_MAX else 0.11))
    edge = max(2, side // 32)
    thumbnails = []
    for content in references:
        with Image.open(io.BytesIO(content)) as reference:
            reference.draft("RGB", (side * 2, side * 2))
            thumbnail = reference.convert("RGB")
        thumbnail.thumbnail((side, side))
        thumbnails.append(thumbnail)
    tint = thumbnails[0].resize((4, 4), Image.Resampling.BOX)
    canvas = Image.blend(canvas, tint.resize(canvas.size, Image.Resampling.BICUBIC), 0.38)
    draw = ImageDraw.Draw(canvas)
    x = y = edge * 4
    for thumbnail in thumbnails:
        if x + thumbnail.width + edge * 4 > canvas.width:
            x, y = edge * 4, y + side + edge * 4
        box = (x - edge, y - edge, x + thumbnail.width + edge - 1, y + thumbnail.height + edge - 1)
        draw.rounded_rectangle(box, edge, fill=(250, 250, 250))
        canvas.paste(thumbnail, (x, y))
        x += thumbnail.width + edge * 5
    return canvas


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
