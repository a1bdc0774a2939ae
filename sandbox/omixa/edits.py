"""Pictures made from pictures: an edit, a blend, a cut-out; each shows what it was made of."""

import io
import math
import random

import numpy as np
from PIL import Image, ImageDraw

from sandbox.omixa.models import Size

_LIGHT = 0.26  # how much of the scene's light falls on all of an edit
_OVER = 235  # how opaque the scene is where it covers an edit, of 255
_MASK_PX = 96


def edited(scene: Image.Image, references: tuple[bytes, ...], dice: random.Random) -> Image.Image:
    """Lay the originals under `scene`, which covers them from one side only, another each time."""
    base = Image.blend(_side_by_side(references, scene.size), scene, _LIGHT)
    turn = dice.uniform(0, 2 * math.pi)
    y, x = np.mgrid[-1 : 1 : _MASK_PX * 1j, -1 : 1 : _MASK_PX * 1j]
    cover = np.clip((x * math.cos(turn) + y * math.sin(turn) - 0.35) / 0.5, 0, 1) * _OVER
    mask = Image.fromarray(cover.astype(np.uint8)).resize(scene.size, Image.Resampling.BILINEAR)
    return Image.composite(scene, base, mask)


def fitted(content: bytes, size: Size) -> Image.Image:
    """Fill `size` with a picture, its edges cropped where the shapes differ."""
    with Image.open(io.BytesIO(content)) as image:
        image.draft("RGB", size)
        wide, tall = image.size
        across, down = min(wide, tall * size[0] / size[1]), min(tall, wide * size[1] / size[0])
        left, top = (wide - across) / 2, (tall - down) / 2
        return image.convert("RGB").resize(
            size,
            Image.Resampling.BILINEAR,
            box=(left, top, left + across, top + down),
            reducing_gap=2,
        )


def cut_out(content: bytes) -> Image.Image:
    """Keep an oval in the middle of a picture; around it is nothing."""
    with Image.open(io.BytesIO(content)) as image:
        kept = image.convert("RGBA")
    mask = Image.new("L", kept.size)
    margins = [side * part for part in (0.14, 0.86) for side in kept.size]
    ImageDraw.Draw(mask).ellipse(margins, fill=255)
    kept.putalpha(mask)
    return kept


def _side_by_side(references: tuple[bytes, ...], size: Size) -> Image.Image:
    """Give each picture a tile of its own, in rows as even as they go."""
    width, height = size
    rows = max(1, round(math.sqrt(len(references) * height / width)))
    canvas = Image.new("RGB", size)
    at = 0
    for row in range(rows):
        columns = len(references) * (row + 1) // rows - at
        top, bottom = height * row // rows, height * (row + 1) // rows
        for column in range(columns):
            left, right = width * column // columns, width * (column + 1) // columns
            tile = fitted(references[at + column], (right - left, bottom - top))
            canvas.paste(tile, (left, top))
        at += columns
    return canvas
