"""What a request may say: one table of fields a family, and the order that passes it."""

import binascii
import re
from collections.abc import Callable
from dataclasses import dataclass
from io import BytesIO
from typing import Any

import pybase64
from PIL import Image

from sandbox.omixa.models import (
    PIXEL_SIZES,
    RATIOS,
    SIZES,
    Family,
    Model,
    Size,
    nearest_ratio,
    size_of,
    upscaled,
)

Check = Callable[[Any], str | None]  # the complaint, or nothing

PROMPT_MAX = 10_000
N_MAX = 10
SOURCE_SIDE_MIN = 64
_FORMATS = ("PNG", "JPEG", "WEBP")
_UNREADABLE = (
    KeyError,
    TypeError,
    ValueError,
    OSError,
    SyntaxError,  # Pillow's word for a broken PNG
    Image.DecompressionBombError,
)
_SURROGATE = re.compile("[\ud800-\udfff]")  # JSON can spell half a character; UTF-8 can't
_DATA_URL = re.compile(r"data:image/(?:png|jpeg|webp);base64,")


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """A request that passed."""

    model: Model
    prompt: str
    n: int
    output_format: str
    aspect: str
    size: str
    references: tuple[bytes, ...]

    @property
    def count(self) -> int:
        """The pictures the provider will make: `n` up to its batch."""
        return min(self.n, self.model.batch)

    def pixels(self, *, cap_4k_to_2k: bool) -> Size:
        """Give the exact size of each picture; a tool goes by the picture it works on."""
        match self.model.family:
            case "cutout":
                return _size(self.references[0])
            case "upscale":
                return upscaled(*_size(self.references[0]))
            case _:
                size = "2K" if self.size == "4K" and cap_4k_to_2k else self.size
                return size_of(self.model, self.aspect, size)


def read_order(body: dict[str, Any], model: Model) -> Order:
    """Read a body that has no `problems`."""
    sized = "auto" if model.family == "pixels" else "1K"
    references = tuple(map(_reference, body.get("input_images") or ()))
    follows = model.family == "gemini" and references
    usual = nearest_ratio(*_size(references[-1])) if follows else "1:1"
    return Order(
        model=model,
        prompt=body.get("prompt") or "",
        n=body.get("n") or 1,
        output_format=body.get("output_format") or "png",
        aspect=body.get("aspect_ratio") or usual,
        size=body.get("size") or sized,
        references=references,
    )


def problems(body: dict[str, Any], model: Model, *, strict: bool) -> dict[str, str]:
    """Name what is wrong with each field; `strict` also refuses fields the model does not list."""
    table = FIELDS[model.family]
    required = REQUIRED[model.family]
    found = {name: f"The {name} field is required." for name in required if not body.get(name)}
    for name, value in body.items():
        if name in found or value is None:
            continue
        if (check := table.get(name)) is None:
            if strict:
                found[name] = f"The {name} field is not supported by {model.id}."
        elif complaint := check(value):
            found[name] = f"The {name} field {complaint}."
    readable = [] if "input_images" in found else body.get("input_images") or []
    if complaint := _unfit(readable, model):
        found["input_images"] = f"The input_images field {complaint}."
    return found


def _unfit(references: list[Any], model: Model) -> str | None:
    """Say what is wrong with readable references for this model."""
    if len(references) > model.references_max:
        return f"must not have more than {model.references_max} items"
    contents = [_reference(item) for item in references]
    if any(len(content) > model.reference_bytes_max for content in contents):
        return f"has an image of more than {model.reference_bytes_max} bytes"
    if contents and (most := model.source_px_max):
        width, height = _size(contents[0])
        if min(width, height) < SOURCE_SIDE_MIN or width * height > most:
            return f"must be of 64 x 64 to {most} pixels"
    return None


def _text(value: Any) -> str | None:
    if not isinstance(value, str) or _SURROGATE.search(value):
        return "must be a string of whole characters"
    return f"must not be longer than {PROMPT_MAX} characters" if len(value) > PROMPT_MAX else None


def _count(value: Any) -> str | None:
    if not isinstance(value, int) or isinstance(value, bool):
        return "must be an integer"
    return None if 1 <= value <= N_MAX else f"must be between 1 and {N_MAX}"


def _number(value: Any) -> str | None:
    fine = isinstance(value, int | float) and not isinstance(value, bool) and value >= 0
    return None if fine else "must be a number from 0"


def _flag(value: Any) -> str | None:
    return None if isinstance(value, bool) else "must be true or false"


def _one_of(*accepted: str) -> Check:
    def check(value: Any) -> str | None:
        if isinstance(value, str) and value in accepted:
            return None
        return f"must be one of {', '.join(accepted)}"

    return check


def _references(value: Any) -> str | None:
    if not isinstance(value, list):
        return "must be an array"
    for place, item in enumerate(value):
        try:
            with Image.open(BytesIO(_reference(item)), formats=_FORMATS) as image:
                image.load()
        except _UNREADABLE:
            return f"has no readable inline image at {place}"
    return None


def _size(content: bytes) -> Size:
    with Image.open(BytesIO(content)) as image:
        return image.size


def _reference(item: Any) -> bytes:
    """Decode one `{type: image_url, image_url: {url: data:…}}`; ValueError when it is another."""
    if item["type"] != "image_url":
        raise ValueError("not an image_url")
    url = item["image_url"]["url"]
    if (start := _DATA_URL.match(url)) is None:
        raise ValueError("not an inline image")
    try:
        return pybase64.b64decode(url[start.end() :], validate=True)
    except binascii.Error as error:
        raise ValueError("not base64") from error


REQUIRED: dict[Family, tuple[str, ...]] = {
    **dict.fromkeys(("imagen", "gemini", "pixels"), ("model", "prompt")),
    "cutout": ("model", "input_images"),
    "upscale": ("model", "prompt", "input_images"),
}
_COMMON: dict[str, Check] = {
    "model": _text,
    "prompt": _text,
    "n": _count,
    "output_format": _one_of("png", "jpeg", "webp"),
    "input_images": _references,
}
_ONE_PICTURE = {name: check for name, check in _COMMON.items() if name != "prompt"}
_GOOGLE = _COMMON | {
    "aspect_ratio": _one_of(*RATIOS),
    "size": _one_of(*SIZES),
    "reasoning_effort": _one_of("minimal", "high"),
}
FIELDS: dict[Family, dict[str, Check]] = {
    "imagen": _GOOGLE
    | {
        "person_generation": _one_of("allow_adult", "allow_all", "dont_allow"),
        "enhance_prompt": _flag,
        "add_watermark": _flag,
    },
    "gemini": _GOOGLE,
    "pixels": _COMMON
    | {
        "size": _one_of(*PIXEL_SIZES),
        "quality": _one_of("auto", "low", "medium", "high"),
        "background": _one_of("auto", "transparent", "opaque"),
        "moderation": _one_of("auto", "low"),
        "input_fidelity": _one_of("auto", "low", "high"),
    },
    "cutout": _ONE_PICTURE | {"output_format": _one_of("png", "webp")},
    "upscale": _COMMON | {"negative_prompt": _text, "seed": _number, "creativity": _number},
}
