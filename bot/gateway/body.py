"""A response's body in bounded pieces, packed or not."""

import asyncio
import zlib
from collections.abc import AsyncGenerator, Iterator
from contextlib import aclosing
from typing import cast

import httpx

from bot.gateway.errors import Garbled

_PIECE_BYTES = 64 * 1024
_GZIP_WBITS = 31


async def pieces(response: httpx.Response) -> AsyncGenerator[bytes]:
    """Yield the body; gzip, which nobody asked for, is unpacked without trusting its size.

    Each chunk of the wire gives a piece, be it an empty one: who counts is never kept waiting.

    Raises:
        Garbled: when it is packed in another way, or badly.
    """
    packing = response.headers.get("content-encoding", "identity").strip().lower()
    async with aclosing(cast(AsyncGenerator[bytes], response.aiter_raw())) as chunks:
        if packing == "identity":
            async for chunk in chunks:
                yield chunk
        elif packing in {"gzip", "x-gzip"}:
            unpacker = _Unpacker()
            async for chunk in chunks:
                for piece in unpacker.pieces(chunk):
                    yield piece
                    await asyncio.sleep(0)  # a bomb must not stop the world while it is counted
            unpacker.finish()
        else:
            raise Garbled("the answer is packed in an unknown way")


class _Unpacker:
    def __init__(self) -> None:
        self._inflate = zlib.decompressobj(wbits=_GZIP_WBITS)

    def pieces(self, chunk: bytes) -> Iterator[bytes]:
        piece = b"more"
        while chunk or piece:
            try:
                piece = self._inflate.decompress(chunk, _PIECE_BYTES)
            except zlib.error:
                raise Garbled("the answer is badly packed") from None
            chunk = self._inflate.unconsumed_tail
            yield piece

    def finish(self) -> None:
        if not self._inflate.eof or self._inflate.unused_data:
            raise Garbled("the answer is badly packed")
