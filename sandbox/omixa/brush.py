"""Strokes that scenes are made of: skies, ridges, discs, all smooth at any size."""

import random

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageDraw

from sandbox.omixa.palettes import Colour

Curve = npt.NDArray[np.float32]
_COARSE = 8  # smooth things are computed this much smaller, then stretched
_DISC_PX = 512
_SMOOTH_OCTAVES = 2


def gradient(size: tuple[int, int], top: Colour, bottom: Colour) -> Image.Image:
    """Fade from `top` to `bottom`."""
    steps = np.linspace(0, 1, 64, dtype=np.float32)[:, None]
    rows = np.array(top, np.float32) * (1 - steps) + np.array(bottom, np.float32) * steps
    column = Image.fromarray(rows.astype(np.uint8)[:, None, :])
    return column.resize(size, Image.Resampling.BICUBIC)


def glow(image: Image.Image, centre: tuple[float, float], radius: float, colour: Colour) -> None:
    """Lay soft light around `centre`; all lengths in pixels."""
    width, height = (max(2, side // _COARSE) for side in image.size)
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    away = np.hypot(x - centre[0] / _COARSE, y - centre[1] / _COARSE) / (radius / _COARSE)
    light = Image.fromarray((np.exp(-away * 1.6) * 225).astype(np.uint8))
    image.paste(colour, mask=light.resize(image.size, Image.Resampling.BICUBIC))


def disc(
    image: Image.Image,
    centre: tuple[float, float],
    radius: float,
    colour: Colour,
    opacity: float = 1.0,
) -> None:
    """Fill a circle with a clean edge."""
    mask = Image.new("L", (_DISC_PX, _DISC_PX))
    ImageDraw.Draw(mask).ellipse((2, 2, _DISC_PX - 3, _DISC_PX - 3), fill=round(255 * opacity))
    side = max(2, round(2 * radius))
    mask = mask.resize((side, side), Image.Resampling.LANCZOS)
    image.paste(colour, (round(centre[0] - radius), round(centre[1] - radius)), mask)


def rough(dice: random.Random, width: int, *, first: int, octaves: int, decay: float) -> Curve:
    """Give a fractal line of `width` points, roughly from -1 to 1; `first` hills across.

    The two finest of many octaves stay angular, as rock is; a few octaves alone are smooth.
    """
    across = np.linspace(0, 1, width, dtype=np.float32)
    line = np.zeros(width, np.float32)
    for octave in range(octaves):
        knots = first * 2**octave + 1
        heights = [dice.uniform(-1, 1) for _ in range(knots)]
        places = across * (knots - 1)
        left = np.minimum(places.astype(int), knots - 2)
        inside = places - left
        ease = (
            inside * inside * (3 - 2 * inside)
            if octave < max(_SMOOTH_OCTAVES, octaves - 2)
            else inside
        )
        values = np.array(heights, np.float32)
        line += (values[left] * (1 - ease) + values[left + 1] * ease) * decay**octave
    return line


def ridge(image: Image.Image, curve: Curve, top: Colour, bottom: Colour, shade: float = 0) -> None:
    """Fill everything below `curve` (a height in pixels a column), fading from crest to foot.

    Args:
        image: painted on.
        curve: y of the crest for each column.
        top: colour at the crest.
        bottom: colour at the foot.
        shade: height of the shadow that the layer throws on what is behind it.
    """
    width, height = image.size
    start = max(0, int(curve.min() - shade) - 1)
    if start >= height:
        return
    rows = np.arange(start, height, dtype=np.float32)[:, None]
    if shade:
        dark = np.clip((rows - curve + shade) / shade, 0, 1) ** 2 * 70
        image.paste((8, 8, 20), (0, start), Image.fromarray(dark.astype(np.uint8)))
    cover = np.clip((rows - curve + 0.5) * 255, 0, 255).astype(np.uint8)
    fill = gradient((width, height - start), top, bottom)
    image.paste(fill, (0, start), Image.fromarray(cover))
