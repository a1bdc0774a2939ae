"""The models this gateway sells: its own price list, field families and pixel tables."""

import math
from dataclasses import dataclass
from typing import Literal

Family = Literal["imagen", "gemini", "pixels", "cutout", "upscale"]
Size = tuple[int, int]

SIZES = ("0.5K", "1K", "2K", "4K")
RATIOS = ("1:1", "16:9", "9:16", "4:3", "3:4")
PIXEL_SIZES = ("auto", "1024x1024", "1024x1536", "1536x1024")
MILLION = 1_000_000

_IMAGEN_1K = {
    "1:1": (1024, 1024),
    "3:4": (896, 1280),
    "4:3": (1280, 896),
    "9:16": (768, 1408),
    "16:9": (1408, 768),
}
_GEMINI_1K = {
    "1:1": (1024, 1024),
    "3:4": (896, 1200),
    "4:3": (1200, 896),
    "9:16": (768, 1376),
    "16:9": (1376, 768),
}
_DOUBLINGS = {"0.5K": 0.5, "1K": 1, "2K": 2, "4K": 4}


@dataclass(frozen=True, slots=True, kw_only=True)
class Model:
    """One row of the price list.

    Args:
        bills_micros: what one picture costs in the end; the published sample bills below the price.
        batch: the most pictures the provider makes for one request.
        reference_bytes_max: how heavy each picture to work from may be.
        source_px_max: how large the one picture may be that a tool works on.
    """

    id: str
    label: str
    family: Family
    price_micros: int
    bills_micros: int
    minimum_hold_micros: int = 10_000
    batch: int = 4
    references_max: int = 14
    reference_bytes_max: int = 7_000_000
    source_px_max: int = 0
    latency_s: float = 4.0


MODELS = (
    Model(
        id="imagen-4.0-generate-001",
        label="Imagen 4",
        family="imagen",
        price_micros=40_000,
        bills_micros=39_000,
    ),
    Model(
        id="imagen-4.0-fast-generate-001",
        label="Imagen 4 Fast",
        family="imagen",
        price_micros=20_000,
        bills_micros=20_000,
        latency_s=2.5,
    ),
    Model(
        id="gemini-2.0-flash-preview-image-generation",
        label="Nano Banana (Gemini 2.5 Flash Image)",
        family="gemini",
        price_micros=40_000,
        bills_micros=40_000,
        minimum_hold_micros=0,
        batch=10,
        references_max=3,
        latency_s=5.0,
    ),
    Model(
        id="MAI-Image-2.5",
        label="MAI Image 2.5",
        family="pixels",
        price_micros=33_000,
        bills_micros=33_000,
        minimum_hold_micros=0,
        batch=10,
    ),
)

# Tools for exactly one picture: not every key has them, so they are not sold unless switched on.
TOOLS = (
    Model(
        id="stability-remove-background",
        label="Stability Remove Background",
        family="cutout",
        price_micros=50_000,
        bills_micros=50_000,
        batch=1,
        references_max=1,
        source_px_max=4_194_304,
    ),
    Model(
        id="stability-upscale-creative",
        label="Stability Creative Upscale",
        family="upscale",
        price_micros=600_000,
        bills_micros=600_000,
        batch=1,
        references_max=1,
        source_px_max=1_048_576,
    ),
    Model(
        id="stability-upscale-conservative",
        label="Stability Conservative Upscale",
        family="upscale",
        price_micros=400_000,
        bills_micros=400_000,
        batch=1,
        references_max=1,
        source_px_max=9_437_184,
    ),
)
UPSCALED_MAX = 4096  # the longer side of what an upscaler makes
UPSCALES_BY = 4


def upscaled(width: int, height: int) -> Size:
    """Give the size that an upscaler makes of a picture."""
    by = max(1.0, min(UPSCALES_BY, UPSCALED_MAX / max(width, height)))
    return round(width * by), round(height * by)


def nearest_ratio(width: int, height: int) -> str:
    """Name the ratio that comes closest to a picture's."""

    def away(ratio: str) -> float:
        across, down = ratio.split(":")
        return abs(math.log(width / height * int(down) / int(across)))

    return min(RATIOS, key=away)


def size_of(model: Model, aspect: str, size: str) -> Size:
    """Give the exact width and height that `model` paints."""
    if model.family == "pixels":
        sides = ("1024x1024" if size == "auto" else size).split("x")
        return int(sides[0]), int(sides[1])
    table = _IMAGEN_1K if model.family == "imagen" else _GEMINI_1K
    width, height = table[aspect]
    return int(width * _DOUBLINGS[size]), int(height * _DOUBLINGS[size])


def dollars(micros: int) -> str:
    """Print an amount as the gateway does: six decimals, no sign, no symbol."""
    return f"{micros // MILLION}.{micros % MILLION:06d}"
