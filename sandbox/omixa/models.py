"""The models this gateway sells: its own price list, field families and pixel tables."""

from dataclasses import dataclass
from typing import Literal

Family = Literal["imagen", "gemini", "pixels"]

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
    """

    id: str
    label: str
    family: Family
    price_micros: int
    bills_micros: int
    minimum_hold_micros: int = 10_000
    batch: int = 4
    references_max: int = 14
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


def size_of(model: Model, aspect: str, size: str) -> tuple[int, int]:
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
