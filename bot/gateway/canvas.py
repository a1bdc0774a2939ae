"""A picture's file while its bytes arrive."""

import hashlib
import io
from contextlib import suppress
from pathlib import Path
from typing import IO

import pybase64

from bot.core.job import Sketch
from bot.gateway.errors import Garbled

_HEAD_BYTES = 12
_PADDING = ord("=")


class Canvas:
    """Takes bytes, or base64, and ends as a sketch.

    Once spoiled it stays empty: one broken picture must not cost the others, nor the bill.
    """

    def __init__(self, path: Path, bytes_max: int) -> None:
        self._path = path
        self._bytes_max = bytes_max
        self._sha256 = hashlib.sha256()
        self._head = b""
        self._size = 0
        self._spoiled = False
        self._rest = b""
        self._padded = False
        self._file: IO[bytes] = io.BytesIO()
        try:
            self._file = path.open("wb")
        except OSError:  # a full disk has no room for another name either
            self.spoil()

    def write(self, content: bytes) -> None:
        """Add bytes.

        Raises:
            Garbled: when there are more than `bytes_max`.
        """
        if self._spoiled:
            return
        self._size += len(content)
        if self._size > self._bytes_max:
            raise Garbled("a picture is larger than any should be")
        if len(self._head) < _HEAD_BYTES:
            self._head += content[: _HEAD_BYTES - len(self._head)]
        try:
            self._file.write(content)
        except OSError:
            self.spoil()
        else:
            self._sha256.update(content)

    def write_base64(self, text: bytes) -> None:
        """Add base64, cut anywhere; what is none spoils the canvas."""
        if self._padded and text:
            self.spoil()
        if self._spoiled:
            return
        if self._rest:
            text = self._rest + text
        whole = len(text) & ~3
        self._rest = text[whole:]
        if not whole:
            return
        self._padded = text[whole - 1] == _PADDING
        try:
            self.write(pybase64.b64decode(memoryview(text)[:whole], validate=True))
        except Garbled:
            raise
        except ValueError:
            self.spoil()

    def spoil(self) -> None:
        """Give up on the picture."""
        self._spoiled = True
        self._size = 0
        self._head = b""
        self._rest = b""
        self._sha256 = hashlib.sha256()

    def keep(self, number: int) -> Sketch:
        """Name the file after its place and what it really is."""
        try:
            self._file.close()
        except OSError:
            self.spoil()
        if self._rest:
            self.spoil()
        kind = _kind(self._head)
        path = self._path.with_name(f"{number}.{kind or 'bin'}")
        with suppress(OSError):  # whoever keeps the answer will miss the file, and has patience
            if self._spoiled:
                self._path.write_bytes(b"")
            self._path.rename(path)
        return Sketch(
            name=path.name, format=kind, size_bytes=self._size, sha256=self._sha256.hexdigest()
        )

    def discard(self) -> None:
        """Close the file, and remove it unless it was kept."""
        with suppress(OSError):  # its buffer may not fit on a full disk
            self._file.close()
        self._path.unlink(missing_ok=True)


def _kind(head: bytes) -> str | None:
    if head.startswith(b"\x89PNG\r\n\x1a\n"):
        return "png"
    if head.startswith(b"\xff\xd8\xff"):
        return "jpeg"
    if head.startswith(b"RIFF") and head[8:] == b"WEBP":
        return "webp"
    return None
