"""What is done to a picture, in the child: reading its header, and encoding it smaller."""

import os
import struct
from pathlib import Path
from typing import IO, Any

import pyvips

from bot.imaging.measures import PIXELS_MAX, pixels_max

PNG = b"\x89PNG\r\n\x1a\n"
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
    if image.width * image.height > PIXELS_MAX:
        raise Unusable(f"{image.width} x {image.height} pixels are too many")
    return {
        "format": LOADERS[image.get("vips-loader")],
        "width": image.width,
        "height": image.height,
        "alpha": image.hasalpha(),
    }


def examine(path: str) -> dict[str, Any]:
    """Tell what a person's picture is from its first bytes and its header, of whatever size.

    The answer is empty for other formats than ours.

    Raises:
        Unusable: when it is one of ours by its first bytes, and its header is damaged.
    """
    kind = _kind(path)
    if kind is None:
        return {}
    image = _header(path)
    return {
        "format": kind,
        "width": image.width,
        "height": image.height,
        "alpha": image.hasalpha(),
        "interlaced": _is_interlaced(image),
        "animated": _is_animated(path, image),
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
        return pyvips.Image.new_from_file(path, access=access, fail_on="error")
    except pyvips.Error as error:
        raise Unusable(_reason(error)) from error


def _opened(path: str, access: str = "sequential") -> Any:
    image = _header(path, access)
    if image.width * image.height > pixels_max(interlaced=_is_interlaced(image)):
        raise Unusable(f"{image.width} x {image.height} pixels are too many to decode")
    return image


def _is_interlaced(image: Any) -> bool:
    return "interlaced" in image.get_fields() and bool(image.get("interlaced"))


def _kind(path: str) -> str | None:
    try:
        with open(path, "rb") as file:  # noqa: PTH123 - the path is a plain string here
            head = file.read(12)
    except OSError:
        return None
    if head.startswith(PNG):
        return "png"
    if head.startswith(b"\xff\xd8\xff"):
        return "jpeg"
    return "webp" if head.startswith(b"RIFF") and head[8:] == b"WEBP" else None


def _is_animated(path: str, image: Any) -> bool:
    if "n-pages" in image.get_fields():
        return bool(image.get("n-pages") > 1)
    with open(path, "rb") as file:  # noqa: PTH123 - the path is a plain string here
        return file.read(len(PNG)) == PNG and _has_animation(file)


def _has_animation(file: IO[bytes]) -> bool:
    """Look for the chunk before its pixels that makes a PNG move; libvips says nothing of it."""
    name = b""
    while name not in {b"acTL", b"IDAT"} and len(head := file.read(8)) == 8:  # noqa: PLR2004 - length and name
        length, name = struct.unpack(">I4s", head)
        file.seek(length + 4, os.SEEK_CUR)  # past the content and its checksum
    return name == b"acTL"


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
