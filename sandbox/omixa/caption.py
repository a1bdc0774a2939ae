"""The strip at the foot that says in words what a picture is."""

from contextlib import suppress
from functools import cache

from PIL import Image, ImageDraw, ImageFilter, ImageFont

Font = ImageFont.FreeTypeFont | ImageFont.ImageFont
_MARGIN = 0.022
_LARGE = 0.034
_SMALL = 0.024
_WIDE_FONTS = ("DejaVuSans.ttf", "Arial.ttf", "Arial Unicode.ttf")


def caption(image: Image.Image, title: str, note: str) -> None:
    """Lay a frosted card over the foot of `image`, with two lines of text cut to its width."""
    width, height = image.size
    unit = min(width, height) * 0.6 + max(width, height) * 0.25
    margin = round(unit * _MARGIN)
    line = " ".join(title.split())
    large = font(round(unit * _LARGE), wide=not line.isascii())
    small = font(round(unit * _SMALL), wide=False)
    tall = round(unit * (_LARGE + _SMALL) * 1.35 + 1.6 * margin)
    box = (margin, height - margin - tall, width - margin, height - margin)
    card = image.crop(box)
    # Blurred when small: the blur is wide, and a wide blur of a large picture is slow.
    little = card.resize((max(2, card.width // 8), max(2, card.height // 8)))
    frosted = little.filter(ImageFilter.GaussianBlur(3)).resize(card.size, Image.Resampling.BICUBIC)
    frosted = Image.blend(frosted, Image.new("RGB", card.size, (12, 14, 24)), 0.62)
    mask = Image.new("L", card.size)
    ImageDraw.Draw(mask).rounded_rectangle((0, 0, *card.size), margin * 0.8, fill=255)
    draw = ImageDraw.Draw(frosted)
    room = card.width - 2 * margin
    draw.text((margin, margin * 0.75), _cut(line, large, room), (255, 255, 255), large)
    foot = (margin, round(card.height - margin * 0.75 - unit * _SMALL * 1.15))
    draw.text(foot, _cut(note, small, room), (205, 212, 226), small)
    image.paste(frosted, box[:2], mask)


@cache
def font(size: int, *, wide: bool) -> Font:
    """Open the built-in font, which knows ASCII only, or a `wide` one of this machine."""
    for name in _WIDE_FONTS if wide else ():
        with suppress(OSError):
            return ImageFont.truetype(name, max(10, size))
    return ImageFont.load_default(max(10, size))


def _cut(text: str, font: Font, room: float) -> str:
    """Shorten `text` until it fits."""
    text = text[:200]
    if font.getlength(text) <= room:
        return text
    while text and font.getlength(text + "...") > room:
        text = text[:-1]
    return text.rstrip() + "..."
