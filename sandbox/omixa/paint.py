"""Paint pictures."""

import io
from dataclasses import dataclass

from PIL import Image

from sandbox.omixa.picture import Picture


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """Everything a picture depends on; equal subjects give equal bytes."""

    prompt: str
    label: str
    aspect: str
    width: int
    height: int
    place: int
    count: int
    format: str
    seed: int
    references: tuple[bytes, ...] = ()


def paint(subject: Subject) -> Picture:
    """Paint and encode."""
    image = Image.linear_gradient("L").resize((subject.width, subject.height)).convert("RGB")
    file = io.BytesIO()
    image.save(file, subject.format, compress_level=1)
    return Picture(file.getvalue(), f"image/{subject.format}")
