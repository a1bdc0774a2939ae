"""What is done to a picture, in the child: reading its header, and encoding it smaller."""

import os
from pathlib import Path
from typing import Any

import pyvips

PIXELS_MAX = 40_000_000
PIXELS_MAX_INTERLACED = 12_000_000  # these cannot be read row by row: the whole is in memory
LOADERS = {"pngload": "png", "jpegload": "jpeg", "webpload": "webp"}
WHITE = [255, 255, 255]


class Unusable(Exception):
    """No picture that may be worked on; the message says why."""


def restrict() -> None:
    """Close every door of libvips but three loaders, and keep nothing in its cache."""
    pyvips.cache_set_max(0)
    pyvips.block_untrusted_set(True)
    pyvips.operation_block_set("VipsForeignLoad", True)
    for name in ("Png", "Jpeg", "Webp"):
        pyvips.operation_block_set(f"VipsForeignLoad{name}", False)


def look(path: str) -> dict[str, Any]:
    """Read format, size and whether there is an alpha channel from the header alone.

    Raises:
        Unusable: for an unknown format, a damaged header or more pixels than are accepted.
    """
    image = _header(path)
    return {
        "format": LOADERS[image.get("vips-loader")],
        "width": image.width,
        "height": image.height,
        "alpha": image.hasalpha(),
    }


def see_through(path: str) -> bool:
    """Tell whether an alpha channel hides anything at all."""
    alpha = _opened(path)[-1]
    return bool(alpha.min() < _opaque(alpha))


def encode(source: str, target: str, *, quality: int, side: int | None) -> dict[str, Any]:
    """Write `source` as the format of `target`'s ending, upright, in sRGB, without metadata.

    Args:
        source: a picture; never changed.
        target: a new file ending in `.jpg` or `.webp`; there whole or not at all.
        quality: the encoder's, up to 100.
        side: the longest side at most, or None to keep the size.

    Raises:
        Unusable: when the source's pixels are damaged or the encoder failed.
    """
    ending = Path(target).suffix
    part = f"{target}.part"
    try:
        image = _plain(_upright(source) if side is None else _smaller(source, side))
        if ending == ".webp":
            image.webpsave(part, Q=quality, effort=1, keep="none")
        else:
            _flat(image).jpegsave(part, Q=quality, keep="none")
    except pyvips.Error as error:
        Path(part).unlink(missing_ok=True)
        raise Unusable(_reason(error)) from error
    os.replace(part, target)  # noqa: PTH105 - both are plain strings here
    return {"width": image.width, "height": image.height, "size_bytes": os.path.getsize(target)}  # noqa: PTH202 - as above


def _header(path: str, access: str = "sequential") -> Any:
    try:
        image = pyvips.Image.new_from_file(path, access=access, fail_on="error")
    except pyvips.Error as error:
        raise Unusable(_reason(error)) from error
    if image.width * image.height > PIXELS_MAX:
        raise Unusable(f"{image.width} x {image.height} pixels are too many")
    return image


def _opened(path: str, access: str = "sequential") -> Any:
    image = _header(path, access)
    # All of an interlaced picture is in memory before its first row is.
    whole = "interlaced" in image.get_fields() and image.get("interlaced")
    if whole and image.width * image.height > PIXELS_MAX_INTERLACED:
        raise Unusable(f"{image.width} x {image.height} pixels are too many to decode interlaced")
    return image


def _upright(path: str) -> Any:
    image = _opened(path)
    if "orientation" in image.get_fields() and image.get("orientation") > 1:
        # Turning needs pixels in another order than the file has them.
        image = _opened(path, access="random").autorot()
    return image


def _smaller(path: str, side: int) -> Any:
    _opened(path)  # for our limits
    return pyvips.Image.thumbnail(path, side, height=side, size="down", fail_on="error")


def _plain(image: Any) -> Any:
    """Convert to sRGB of 8 bits: CMYK, grey, 16 bits and palettes all come out the same."""
    if "icc-profile-data" in image.get_fields():  # one that does not suit the pixels is ignored
        image = image.icc_transform("srgb", embedded=True)
    return image.colourspace("srgb").cast("uchar")


def _flat(image: Any) -> Any:
    return image.flatten(background=WHITE) if image.hasalpha() else image


def _opaque(alpha: Any) -> int:
    return 65_535 if alpha.format == "ushort" else 255


def _reason(error: pyvips.Error) -> str:
    return " ".join(str(error).split())[:300]
