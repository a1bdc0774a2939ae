"""The manifest: one call's answer and bill, as a file beside its pictures."""

import json
import re
from collections.abc import Mapping
from typing import Any

from bot.core.ids import CallId
from bot.core.job import Painted, Sketch
from bot.core.money import Money


class Damaged(Exception):
    """A kept call cannot be read back; the message says what is wrong with it."""


_PLAIN = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,127}", re.ASCII)


def is_plain(name: str) -> bool:
    """Tell whether a name can only be a file's in the folder it is looked up in."""
    return _PLAIN.fullmatch(name) is not None


def encode(call: CallId, painted: Painted, record: Mapping[str, Any] | None = None) -> bytes:
    """Write an answer down, and what it is told of its order; `decode` and `record_in` read it."""
    pictures = [
        {
            "name": sketch.name,
            "format": sketch.format,
            "size_bytes": sketch.size_bytes,
            "sha256": sketch.sha256,
        }
        for sketch in painted.sketches
    ]
    whole = {
        "version": 1,
        "call": call,
        "billed_micros": None if painted.billed is None else painted.billed.micros,
        "created": painted.created,
        "pictures": pictures,
        "record": record,
    }
    return json.dumps(whole, indent=1).encode()


def decode(call: CallId, body: bytes) -> Painted:
    """Read an answer back.

    Raises:
        Damaged: when it is no manifest of this call and version.
    """
    try:
        match json.loads(body):
            case {
                "version": 1,
                "call": str(owner),
                "billed_micros": int() | None as billed,
                "created": int() | None as created,
                "pictures": list(pictures),
            } if owner == call:
                return Painted(
                    sketches=tuple(_sketch(picture) for picture in pictures),
                    billed=None if billed is None else Money(billed),
                    created=created,
                )
    except ValueError as error:
        raise Damaged(f"{call}: its manifest is no JSON") from error
    raise Damaged(f"{call}: its manifest is another call's or another version's")


def record_in(call: CallId, body: bytes) -> Mapping[str, Any] | None:
    """Read back what an answer was told of its order; None when that was nothing.

    Raises:
        Damaged: as `decode` does.
    """
    decode(call, body)
    match json.loads(body).get("record"):
        case dict() | None as record:
            return record
        case _:
            raise Damaged(f"{call}: what is told of its order is no record")


def _sketch(picture: Any) -> Sketch:
    match picture:
        case {
            "name": str(name),
            "format": str() | None as kind,
            "size_bytes": int(size_bytes),
            "sha256": str(sha256),
        } if is_plain(name):
            return Sketch(name=name, format=kind, size_bytes=size_bytes, sha256=sha256)
        case _:
            raise Damaged("a manifest lists something that is no picture")
