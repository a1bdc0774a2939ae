"""Encoded pictures, kept in nameless files so that four of 4K weigh nothing in memory."""

import os
import tempfile
import weakref
from collections.abc import Iterator

import pybase64
from typing_extensions import Buffer

_READ_BYTES = 3 * 256 * 1024


class Picture:
    """The bytes of one encoded picture; its file goes when the last holder lets go."""

    def __init__(self, content: Buffer, mime: str) -> None:
        with tempfile.TemporaryFile() as file:
            file.write(content)
            file.flush()
            self._file = os.dup(file.fileno())
        weakref.finalize(self, os.close, self._file)
        self.mime = mime
        view = memoryview(content)
        self.length = len(view)
        self.slashes = sum(
            pybase64.b64encode(view[start : start + _READ_BYTES]).count(b"/")
            for start in range(0, self.length, _READ_BYTES)
        )

    def chunks(self, size: int) -> Iterator[bytes]:
        """Read the file in portions of `size`; several readers do not disturb each other."""
        for start in range(0, self.length, size):
            yield os.pread(self._file, size, start)
