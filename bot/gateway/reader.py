"""The answer, read while it arrives: pictures go to files, and only the rest stays in memory.

Every long text is taken out of the JSON and decoded into a file of its own; a mark stands in for
it. What is left is small, whatever the pictures weigh, and the standard library reads it. So any
legal JSON is understood, and this module knows no more of its grammar than where a string ends.
"""

import json
import re
import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bot.core.job import Painted, Sketch
from bot.gateway.canvas import Canvas
from bot.gateway.errors import Garbled
from bot.gateway.wire import Number, bill_of, loads, said

_LONG = 4 * 1024  # a text of more bytes goes to a file
_REST_MAX = 256 * 1024
_TEXTS_PER_PICTURE = 4  # beside each picture there may be a signature or a rewritten prompt
_CREATED_DIGITS_MAX = 15
_QUOTE, _BACKSLASH = b'"', ord("\\")
_OTHER_ESCAPE = re.compile(rb"\\[^/]")
_ESCAPE_MAX = len(r"\u002f")


@dataclass(frozen=True, slots=True, kw_only=True)
class Caps:
    """What no honest answer exceeds; beyond it the answer is refused."""

    picture_bytes: int = 64 * 1024 * 1024
    pictures: int = 16
    answer_bytes: int = 512 * 1024 * 1024


class Reader:
    """Takes chunks of one answer, cut anywhere, and ends as `Painted`.

    Files are kept in `folder` as `1.png`, `2.jpeg`, ... in the order of the answer; `links` tells
    which of the sketches are only a URL so far, by their place.
    """

    def __init__(self, folder: Path, caps: Caps) -> None:
        self._folder = folder
        self._caps = caps
        self._size = 0
        self._held = b""  # an escape cut by a chunk's border
        self._rest = bytearray()
        self._begin: int | None = None  # where the open string begins in `_rest`
        self._long: Canvas | None = None  # the open string, once it is a long one
        self._mark = secrets.token_hex(8)  # so that no answer can name a file
        self._canvases: dict[str, Canvas] = {}
        self.links: dict[int, str] = {}

    def feed(self, chunk: bytes) -> None:
        """Take the next bytes.

        Raises:
            Garbled: when they exceed a cap.
        """
        self._size += len(chunk)
        if self._size > self._caps.answer_bytes:
            raise Garbled("the answer is larger than any should be")
        if self._held:
            chunk = self._held + chunk
            self._held = b""
        at = 0
        while at < len(chunk):
            at = self._between(chunk, at) if self._begin is None else self._within(chunk, at)
        if len(self._rest) > _REST_MAX:
            raise Garbled("the answer has too much beside its pictures")

    def finish(self) -> Painted:
        """Read what is left, once everything has arrived.

        Raises:
            Garbled: when it is no legal JSON, or no answer.
        """
        if self._begin is not None:
            raise Garbled("the answer ends within a text")
        try:
            answer = loads(self._rest.decode())
        except ValueError:
            raise Garbled("the answer is no JSON") from None
        if not isinstance(answer, dict):
            raise Garbled("the answer is no object")
        sketches = tuple(self._sketches(answer))
        return Painted(sketches=sketches, billed=bill_of(answer), created=_created(answer))

    def close(self) -> None:
        """Remove every file that was not kept."""
        for canvas in self._canvases.values():
            canvas.discard()

    def new_canvas(self) -> Canvas:
        """Open a file that does not count as a picture before it is kept."""
        name = f"{self._mark}.{len(self._canvases)}"
        canvas = Canvas(self._folder / f"{name}.part", self._caps.picture_bytes)
        self._canvases[name] = canvas
        return canvas

    def _between(self, chunk: bytes, at: int) -> int:
        """Keep everything up to the next string."""
        quote = chunk.find(_QUOTE, at)
        end = len(chunk) if quote < 0 else quote + 1
        self._rest += chunk[at:end]
        if quote >= 0:
            self._begin = len(self._rest)
        return end

    def _within(self, chunk: bytes, at: int) -> int:
        """Take everything up to the end of the string."""
        quote = _closing_quote(chunk, at)
        if quote < 0:
            end = _whole_escapes(chunk, at)
            self._take(chunk[at:end])
            self._held = chunk[end:]
            return len(chunk)
        self._take(chunk[at:quote])
        if self._long is not None:
            self._rest += next(reversed(self._canvases)).encode()
        self._rest += _QUOTE
        self._begin = self._long = None
        return quote + 1

    def _take(self, text: bytes) -> None:
        begin = self._begin or 0
        if self._long is None and len(self._rest) - begin + len(text) > _LONG:
            text = bytes(self._rest[begin:]) + text
            del self._rest[begin:]
            if len(self._canvases) >= self._caps.pictures * _TEXTS_PER_PICTURE:
                raise Garbled("the answer has too many long texts")
            self._long = self.new_canvas()
        if self._long is None:
            self._rest += text
        else:
            _paint(self._long, text)

    def _sketches(self, answer: dict[str, Any]) -> Iterator[Sketch]:
        entries = [entry for entry in _data(answer) if _text(entry, "b64_json", "url")]
        if len(entries) > self._caps.pictures:
            raise Garbled("the answer has too many pictures")
        for place, entry in enumerate(entries):
            yield self._canvas(entry, place).keep(place + 1)

    def _canvas(self, entry: dict[str, Any], place: int) -> Canvas:
        if text := _text(entry, "b64_json"):
            return self._canvases.get(text) or self._short(text)
        self.links[place] = _text(entry, "url")
        canvas = self.new_canvas()
        canvas.spoil()
        return canvas

    def _short(self, text: str) -> Canvas:
        canvas = self.new_canvas()
        _decode(canvas, text)
        return canvas


def _closing_quote(chunk: bytes, at: int) -> int:
    quote = chunk.find(_QUOTE, at)
    while quote > at and _is_escaped(chunk, at, quote):
        quote = chunk.find(_QUOTE, quote + 1)
    return quote


def _is_escaped(chunk: bytes, at: int, place: int) -> bool:
    """Tell whether an odd number of backslashes stands before `place`."""
    before = place - 1
    while before >= at and chunk[before] == _BACKSLASH:
        before -= 1
    return (place - before) % 2 == 0


def _whole_escapes(chunk: bytes, at: int) -> int:
    """Find where the last, incomplete escape begins; the chunk's end when there is none."""
    last = chunk.rfind(b"\\", max(at, len(chunk) - _ESCAPE_MAX + 1))
    if last < 0 or _is_escaped(chunk, at, last):
        return len(chunk)
    is_whole = len(chunk) - last >= (_ESCAPE_MAX if chunk[last + 1 : last + 2] == b"u" else 2)
    return len(chunk) if is_whole else last


def _paint(canvas: Canvas, text: bytes) -> None:
    """Decode a string's source; escapes other than that of a slash are rare, and slow."""
    if not _OTHER_ESCAPE.search(text):
        canvas.write_base64(text.replace(b"\\", b""))  # far faster than replacing the pair
        return
    try:
        _decode(canvas, json.loads(b'"%b"' % text))
    except ValueError:
        canvas.spoil()


def _decode(canvas: Canvas, text: str) -> None:
    """Decode a string's value; lines of base64, as mail has them, are base64 still."""
    joined = text.replace("\r", "").replace("\n", "")
    if joined.isascii():
        canvas.write_base64(joined.encode())
    else:
        canvas.spoil()


def _data(answer: dict[str, Any]) -> list[Any]:
    match answer.get("data"):
        case list(entries):
            return entries
        case dict(entries):  # a PHP list with a gap is printed as an object
            return list(entries.values())
        case _:
            raise Garbled(f"the answer has no data, but says {said(answer)!r}")


def _text(entry: object, *names: str) -> str:
    """Give the first of these that is a text and not empty."""
    values = (entry.get(name) for name in names) if isinstance(entry, dict) else ()
    return next((value for value in values if isinstance(value, str) and value), "")


def _created(answer: dict[str, Any]) -> int | None:
    match answer.get("created"):
        case Number(text) if text.isdecimal() and len(text) <= _CREATED_DIGITS_MAX:
            return int(text)
        case _:
            return None
