"""Transport compression of the gateway: one stream a connection, flushed after each frame."""

import importlib
import importlib.util
import zlib
from typing import Any, Protocol

ZSTD = "zstandard"


class Squeezer(Protocol):
    """Makes frames of one stream out of texts."""

    def squeeze(self, text: str) -> bytes | str:
        """Give the frame for a text."""
        ...


class Plain:
    """No compression at all."""

    def squeeze(self, text: str) -> bytes | str:
        """Give the text itself."""
        return text


class Zlib:
    """One zlib context for the whole connection, flushed after each frame."""

    def __init__(self) -> None:
        self._stream = zlib.compressobj()

    def squeeze(self, text: str) -> bytes | str:
        """Give the next piece of the stream."""
        return self._stream.compress(text.encode()) + self._stream.flush(zlib.Z_SYNC_FLUSH)


class Zstd:
    """The same with zstandard, where that is installed."""

    def __init__(self) -> None:
        library: Any = importlib.import_module(ZSTD)
        self._flush = library.COMPRESSOBJ_FLUSH_BLOCK
        self._stream = library.ZstdCompressor().compressobj()

    def squeeze(self, text: str) -> bytes | str:
        """Give the next piece of the stream."""
        piece: bytes = self._stream.compress(text.encode()) + self._stream.flush(self._flush)
        return piece


def squeezer_for(wanted: str | None) -> Squeezer:
    """Choose what the client asked for, as far as this machine can."""
    if wanted == "zstd-stream" and importlib.util.find_spec(ZSTD):
        return Zstd()
    return Zlib() if wanted == "zlib-stream" else Plain()
