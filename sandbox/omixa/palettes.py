"""Colours that go together, chosen by the words of a prompt or else by its hash."""

import random
import re
from dataclasses import dataclass

Colour = tuple[int, int, int]


@dataclass(frozen=True, slots=True)
class Palette:
    """From the zenith to the foreground, and the one bright thing between."""

    zenith: Colour
    horizon: Colour
    light: Colour
    far: Colour
    near: Colour
    dark: bool = False


def _rgb(code: str) -> Colour:
    return int(code[:2], 16), int(code[2:4], 16), int(code[4:], 16)


def _palette(codes: str, *, dark: bool = False) -> Palette:
    zenith, horizon, light, far, near = map(_rgb, codes.split())
    return Palette(zenith, horizon, light, far, near, dark)


PALETTES = {
    "dawn": _palette("7d9fd3 fbd9c5 fff4dc c9a4b4 3d3558"),
    "sunset": _palette("43306b ff9a62 fff0b8 b4557a 2b1b3f"),
    "night": _palette("0b1030 2f4a86 f3f0dc 31477c 0a0f24", dark=True),
    "aurora": _palette("081b33 1f7a78 d8ffe9 1b4d63 06121f", dark=True),
    "winter": _palette("9cc3e0 f2f6fa ffffff b7cfe2 456a88"),
    "autumn": _palette("f2c48d fdebc8 fff8e6 d98a4a 6b2d1f"),
    "forest": _palette("b9d8c2 f3f4d6 fffbe0 8fb996 173d2f"),
    "desert": _palette("f0b88a fbe3b8 fff6dc e39a63 7d3b2c"),
    "ocean": _palette("4fa3c7 d9f1ef fffbe8 6fb7c4 0f4c68"),
    "rose": _palette("c98bb0 fde3e0 fff6ec d997a8 59314f"),
    "neon": _palette("150a3c b0268f ffe36e 5a2aa8 0c0622", dark=True),
    "mint": _palette("8fd0c4 f5f7e4 ffffff 7fbfae 22535c"),
}
_WORDS = {  # the mood of an hour before the colour of a thing
    "aurora": "aurora northern magic dream fantasy wizard",
    "neon": "neon cyberpunk synthwave robot retro arcade",
    "sunset": "sunset dusk evening fire volcano dragon",
    "dawn": "dawn morning sunrise mist cloud",
    "night": "night moon star midnight dark space galaxy planet",
    "winter": "winter snow ice frozen arctic white",
    "autumn": "autumn fall fox orange pumpkin copper",
    "desert": "desert sand dune canyon mars camel",
    "rose": "rose pink flower blossom cherry love cat",
    "ocean": "ocean sea beach wave whale fish blue underwater",
    "forest": "forest green jungle garden tree moss frog",
    "mint": "mint tea spring bird",
}


def words_of(prompt: str) -> list[str]:
    """Split a prompt into lower-case words, plurals cut."""
    return [word.removesuffix("s") for word in re.findall(r"\w+", prompt.lower())]


def choose_palette(prompt: str, dice: random.Random) -> Palette:
    """Take the first palette that a word asks for, else any."""
    fallback = dice.choice(sorted(PALETTES))
    said = set(words_of(prompt))
    return PALETTES[next((name for name in _WORDS if said & set(_WORDS[name].split())), fallback)]


def mix(one: Colour, other: Colour, share: float) -> Colour:
    """Blend two colours; a share of 0 is `one`."""
    red, green, blue = (round(a + (b - a) * share) for a, b in zip(one, other, strict=True))
    return red, green, blue
