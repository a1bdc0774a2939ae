"""What is in a picture: six scenes, each drawn from a palette and a seeded dice."""

import math
import random
from collections.abc import Callable

import numpy as np
from PIL import Image, ImageDraw

from sandbox.omixa.brush import disc, glow, gradient, ridge, rough
from sandbox.omixa.palettes import Colour, Palette, mix, words_of

Scene = Callable[[Image.Image, Palette, random.Random], None]
_BLACK: Colour = (4, 4, 12)
_MASTS = 0.25  # the share of towers that have one
_LIT = 0.42  # the share of windows


def choose_scene(prompt: str, dice: random.Random) -> Scene:
    """Take the first scene that a word asks for, else any."""
    fallback = dice.choice(sorted(SCENES))
    said = set(words_of(prompt))
    return SCENES[next((name for name in _WORDS if said & set(_WORDS[name].split())), fallback)]


def mountains(image: Image.Image, palette: Palette, dice: random.Random) -> None:
    """Ridge behind ridge, paler with distance, pines in front."""
    width, height = image.size
    _sky(image, palette, dice, sun_y=dice.uniform(0.2, 0.42))
    layers = 5
    for layer in range(layers):
        near = layer / (layers - 1)
        line = rough(dice, width, first=2 + layer, octaves=6, decay=0.48)
        crest = height * (0.46 + 0.11 * layer) + line * height * (0.13 - 0.018 * layer)
        tone = mix(palette.far, palette.near, near)
        mist = mix(tone, palette.horizon, 0.55 * (1 - near))
        ridge(image, crest.astype(np.float32), tone, mist)
    _pines(image, mix(palette.near, _BLACK, 0.45), dice)


def sea(image: Image.Image, palette: Palette, dice: random.Random) -> None:
    """A low sun over water, islands, and one sail."""
    width, height = image.size
    level = round(height * dice.uniform(0.5, 0.58))
    sun_x = _sky(image, palette, dice, sun_y=level / height - dice.uniform(0.06, 0.16))
    for layer in range(2):
        line = rough(dice, width, first=3, octaves=5, decay=0.5)
        crest = level - height * 0.02 + line * height * (0.075 - 0.03 * layer)
        tone = mix(palette.far, palette.near, 0.25 + 0.3 * layer)
        ridge(image, crest.astype(np.float32), tone, mix(tone, palette.horizon, 0.4))
    water = gradient((width, height - level), mix(palette.horizon, palette.far, 0.45), palette.near)
    image.paste(water, (0, level))
    draw = ImageDraw.Draw(image, "RGBA")
    for _ in range(420):
        depth = dice.random() ** 1.6
        y = level + depth * (height - level)
        spread = width * (0.03 + 0.22 * depth)
        x = dice.gauss(sun_x, spread)
        half = width * dice.uniform(0.004, 0.02) * (0.4 + depth)
        thick = max(1, height * 0.0022 * (0.5 + 1.6 * depth))
        alpha = round(170 * math.exp(-abs(x - sun_x) / (1.6 * spread)))
        draw.ellipse((x - half, y - thick, x + half, y + thick), fill=(*palette.light, alpha))
    _sail(draw, width * dice.uniform(0.2, 0.8), level + height * 0.05, height * 0.11, palette)


def city(image: Image.Image, palette: Palette, dice: random.Random) -> None:
    """Towers in three depths, windows lit."""
    width, height = image.size
    _sky(image, palette, dice, sun_y=dice.uniform(0.22, 0.4))
    draw = ImageDraw.Draw(image, "RGBA")
    for layer in range(3):
        tone = mix(palette.far, mix(palette.near, _BLACK, 0.25), layer / 2)
        x = -width * 0.02
        while x < width:
            broad = width * dice.uniform(0.035, 0.085) * (0.75 + 0.25 * layer)
            top = height * (dice.uniform(0.34, 0.62) + 0.1 * layer)
            draw.rectangle((x, top, x + broad, height), fill=tone)
            if dice.random() < _MASTS:
                middle, mast = x + broad / 2, max(1, width * 0.0014)
                draw.rectangle((middle - mast, top - height * 0.05, middle + mast, top), fill=tone)
            if layer:
                _windows(draw, (x, top, broad, height), palette.light, dice)
            x += broad + width * dice.uniform(-0.006, 0.008)


def space(image: Image.Image, palette: Palette, dice: random.Random) -> None:
    """A banded planet with a ring, its moons, and stars behind."""
    width, height = image.size
    image.paste(
        gradient(image.size, mix(palette.zenith, _BLACK, 0.8), mix(palette.near, _BLACK, 0.5))
    )
    _stars(image, dice, 420)
    short = min(width, height)
    centre = (width * dice.uniform(0.38, 0.62), height * dice.uniform(0.36, 0.46))
    radius = short * dice.uniform(0.2, 0.27)
    cloud = (width * dice.random(), height * dice.uniform(0.5, 0.9))
    glow(image, cloud, short * 0.35, mix(palette.far, _BLACK, 0.35))
    glow(image, centre, radius * 1.5, mix(palette.horizon, _BLACK, 0.3))
    _ring(image, centre, radius, palette, (180, 360))
    _planet(image, centre, radius, palette, dice)
    _ring(image, centre, radius, palette, (0, 180))
    for _ in range(2):
        angle = dice.uniform(0, math.tau)
        away = radius * dice.uniform(1.5, 1.9)
        place = (centre[0] + away * math.cos(angle), centre[1] + away * math.sin(angle) * 0.7)
        disc(image, place, radius * dice.uniform(0.05, 0.1), mix(palette.light, palette.far, 0.3))


def layers(image: Image.Image, palette: Palette, dice: random.Random) -> None:
    """Cut paper: soft waves in depth, each throwing a shadow."""
    width, height = image.size
    image.paste(gradient(image.size, palette.light, palette.horizon))
    short = min(width, height)
    place = (width * dice.uniform(0.25, 0.75), height * dice.uniform(0.2, 0.34))
    disc(image, place, short * 0.13, mix(palette.light, palette.zenith, 0.35))
    count = 7
    for layer in range(count):
        share = layer / (count - 1)
        line = rough(dice, width, first=2, octaves=2, decay=0.35)
        slope = np.linspace(-1, 1, width, dtype=np.float32) * dice.uniform(-0.07, 0.07) * height
        crest = height * (0.26 + 0.1 * layer) + line * height * 0.075 + slope
        tone = mix(mix(palette.horizon, palette.far, min(1, 2 * share)), palette.near, share**1.4)
        ridge(
            image,
            crest.astype(np.float32),
            mix(tone, palette.light, 0.12),
            mix(tone, palette.near, 0.25),
            shade=short * 0.035,
        )


def shapes(image: Image.Image, palette: Palette, dice: random.Random) -> None:
    """Discs, arcs and bars in balance."""
    width, height = image.size
    image.paste(gradient(image.size, mix(palette.horizon, palette.light, 0.6), palette.horizon))
    short = min(width, height)
    tones = [palette.zenith, palette.far, palette.near, palette.light]
    tones.append(mix(palette.far, palette.horizon, 0.5))
    for step in range(9):
        place = (width * dice.uniform(0.08, 0.92), height * dice.uniform(0.08, 0.86))
        radius = short * dice.uniform(0.07, 0.34) * (1 - step * 0.05)
        disc(image, place, radius, dice.choice(tones), dice.choice((0.5, 0.75, 1.0)))
        if step % 3 == 0:
            ring = mix(dice.choice(tones), palette.light, 0.3)
            for inner in range(4):
                disc(image, place, radius * (0.8 - 0.2 * inner), (ring, palette.near)[inner % 2])
    draw = ImageDraw.Draw(image, "RGBA")
    for _ in range(5):
        x, y = width * dice.uniform(0, 0.8), height * dice.uniform(0.1, 0.8)
        long, thick = short * dice.uniform(0.15, 0.45), short * dice.uniform(0.008, 0.022)
        box = (x, y, x + long, y + thick)
        draw.rounded_rectangle(box, thick / 2, fill=(*dice.choice(tones), 230))


def _sky(image: Image.Image, palette: Palette, dice: random.Random, *, sun_y: float) -> float:
    """Paint sky, stars and sun; give the x of the sun."""
    width, height = image.size
    image.paste(gradient((width, round(height * 0.7)), palette.zenith, palette.horizon))
    image.paste(palette.horizon, (0, round(height * 0.7), width, height))
    if palette.dark:
        _stars(image, dice, 220)
    centre = (width * dice.uniform(0.22, 0.78), height * sun_y)
    radius = min(width, height) * dice.uniform(0.05, 0.085)
    glow(image, centre, radius * 5, mix(palette.light, palette.horizon, 0.35))
    disc(image, centre, radius, palette.light)
    return centre[0]


def _stars(image: Image.Image, dice: random.Random, count: int) -> None:
    width, height = image.size
    draw = ImageDraw.Draw(image, "RGBA")
    unit = min(width, height) / 1024
    for _ in range(count):
        x, y = dice.uniform(0, width), dice.uniform(0, height * 0.92)
        size = unit * dice.choice((0.5, 0.6, 0.8, 1.0, 1.7))
        alpha = dice.randint(70, 235)
        draw.ellipse((x - size, y - size, x + size, y + size), fill=(255, 250, 240, alpha))


def _pines(image: Image.Image, tone: Colour, dice: random.Random) -> None:
    width, height = image.size
    ground = height * 0.965 + rough(dice, width, first=3, octaves=3, decay=0.5) * height * 0.02
    draw = ImageDraw.Draw(image)
    x = -width * 0.02
    while x < width:
        foot = float(ground[min(width - 1, max(0, int(x)))]) + height * 0.02
        tall = height * dice.uniform(0.07, 0.19)
        for tier in range(5):
            half = tall * (0.07 + 0.045 * tier)
            peak = foot - tall * (1 - 0.17 * tier)
            draw.polygon(
                [(x, peak), (x - half, peak + tall * 0.3), (x + half, peak + tall * 0.3)], tone
            )
        x += tall * dice.uniform(0.28, 0.75)
    ridge(image, ground.astype(np.float32), tone, mix(tone, _BLACK, 0.4))


def _sail(draw: ImageDraw.ImageDraw, x: float, y: float, tall: float, palette: Palette) -> None:
    dark = mix(palette.near, _BLACK, 0.5)
    draw.polygon(
        [(x, y - tall), (x, y - tall * 0.12), (x + tall * 0.5, y - tall * 0.12)], palette.light
    )
    draw.polygon(
        [
            (x - tall * 0.05, y - tall * 0.85),
            (x - tall * 0.05, y - tall * 0.12),
            (x - tall * 0.36, y - tall * 0.12),
        ],
        mix(palette.light, palette.far, 0.3),
    )
    hull = [(x - tall * 0.42, y - tall * 0.07), (x + tall * 0.55, y - tall * 0.07)]
    draw.polygon(
        [*hull, (x + tall * 0.38, y + tall * 0.07), (x - tall * 0.3, y + tall * 0.07)], dark
    )


def _windows(
    draw: ImageDraw.ImageDraw,
    tower: tuple[float, float, float, float],
    light: Colour,
    dice: random.Random,
) -> None:
    x, top, broad, bottom = tower
    across = 4
    pitch = broad / (across + 1)
    for row in range(int((bottom - top) / (pitch * 1.5)) - 1):
        for column in range(across):
            if dice.random() < _LIT:
                left = x + pitch * (column + 0.75)
                upper = top + pitch * (1.5 * row + 0.9)
                glass = (left, upper, left + pitch * 0.5, upper + pitch * 0.7)
                draw.rectangle(glass, fill=(*light, dice.choice((60, 120, 215))))


def _planet(
    image: Image.Image,
    centre: tuple[float, float],
    radius: float,
    palette: Palette,
    dice: random.Random,
) -> None:
    side = max(4, round(2 * radius))
    y, x = np.mgrid[-1 : 1 : side * 1j, -1 : 1 : side * 1j].astype(np.float32)
    depth = np.sqrt(np.clip(1 - x * x - y * y, 0, 1))
    bands = rough(dice, 256, first=9, octaves=3, decay=0.6)
    wobble = y + 0.06 * np.sin(3 * x + dice.uniform(0, 6))
    band = np.clip(bands[np.clip((wobble + 1) * 127, 0, 255).astype(int)] * 0.5 + 0.5, 0, 1)
    lit = np.clip(-0.55 * x - 0.45 * y + 0.75 * depth, 0.06, 1)[..., None]
    far, bright = np.array(palette.far, np.float32), np.array(palette.light, np.float32)
    body = (far + (bright - far) * band[..., None] * 0.8) * lit
    edge = np.clip((1 - np.hypot(x, y)) * radius + 0.5, 0, 1) * 255
    place = (round(centre[0] - radius), round(centre[1] - radius))
    image.paste(
        Image.fromarray(body.astype(np.uint8)), place, Image.fromarray(edge.astype(np.uint8))
    )


def _ring(
    image: Image.Image,
    centre: tuple[float, float],
    radius: float,
    palette: Palette,
    arc: tuple[int, int],
) -> None:
    draw = ImageDraw.Draw(image, "RGBA")
    for step in range(14):
        across = radius * (1.35 + 0.035 * step)
        box = (
            centre[0] - across,
            centre[1] - across * 0.26,
            centre[0] + across,
            centre[1] + across * 0.26,
        )
        tone = (*mix(palette.light, palette.far, (step % 5) / 5), 150 - 7 * step)
        draw.arc(box, *arc, fill=tone, width=max(1, round(radius * 0.022)))


SCENES: dict[str, Scene] = {
    "mountains": mountains,
    "sea": sea,
    "city": city,
    "space": space,
    "layers": layers,
    "shapes": shapes,
}
_WORDS = {
    "sea": "sea ocean beach boat ship lake island whale harbour harbor sail lighthouse",
    "city": "city street town tokyo building skyline tower neon cyberpunk car robot",
    "space": "space planet star galaxy rocket astronaut alien moon cosmic",
    "layers": "dune desert wave paper abstract calm field canyon",
    "mountains": "mountain hill forest tree fox bear wolf valley cabin deer snow autumn",
    "shapes": "logo poster dashboard pattern geometric icon product bauhaus art cat",
}
