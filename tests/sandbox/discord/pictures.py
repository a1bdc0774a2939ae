"""Small pictures for tests."""

import io

import discord as library
from PIL import Image


def png(width: int = 8, height: int = 6) -> bytes:
    held = io.BytesIO()
    Image.new("RGB", (width, height), "teal").save(held, "PNG")
    return held.getvalue()


def file(name: str = "k7-1.png", *, description: str | None = None) -> library.File:
    return library.File(io.BytesIO(png()), name, description=description)
