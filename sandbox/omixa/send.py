"""Put a reply on the wire in bounded portions, or break the wire as a fault demands."""

import asyncio
import fcntl
import socket
import struct
import termios
import zlib
from collections.abc import Iterator

from aiohttp import web

from bot.core.clock import Clock
from sandbox.omixa.faults import Fault
from sandbox.omixa.reply import Reply

_GZIP_WBITS = 31


async def send(
    request: web.Request, reply: Reply, fault: Fault, *, chunked: bool, clock: Clock
) -> tuple[web.StreamResponse, bool]:
    """Answer `request`, and tell whether every byte was handed over."""
    response = web.StreamResponse(status=reply.status, headers=dict(reply.headers))
    response.content_type = reply.content_type
    if fault.reset or fault.hang:
        _reset(request)
        return response, False
    length = sum(part.length() for part in reply.parts)
    if fault.gzip:
        response.headers["Content-Encoding"] = "gzip"
    if chunked or fault.gzip:
        response.enable_chunked_encoding()
    else:
        response.content_length = length
    try:
        await response.prepare(request)
        pace_s = fault.body_s / max(length, 1)
        whole = await _body(request, response, _pieces(reply, fault), fault, pace_s, clock)
        if whole:
            await response.write_eof()
    except ConnectionError:  # the client went away
        return response, False
    return response, whole


async def gone(request: web.Request) -> None:
    """Wait until the client has closed its connection."""
    while not _closed(request):  # noqa: ASYNC110 - aiohttp has no event for it
        await asyncio.sleep(0.02)


def _closed(request: web.Request) -> bool:
    return request.transport is None or request.transport.is_closing()


def _pieces(reply: Reply, fault: Fault) -> Iterator[bytes]:
    plain = (piece for part in reply.parts for piece in part.pieces())
    if not fault.gzip:
        yield from plain
        return
    packer = zlib.compressobj(1, zlib.DEFLATED, _GZIP_WBITS)
    for piece in plain:
        yield packer.compress(piece)
    yield packer.flush()


async def _body(
    request: web.Request,
    response: web.StreamResponse,
    pieces: Iterator[bytes],
    fault: Fault,
    pace_s: float,
    clock: Clock,
) -> bool:
    sent = 0
    for piece in pieces:
        if fault.cut_at is not None and sent + len(piece) >= fault.cut_at:
            await response.write(piece[: fault.cut_at - sent])
            await _flushed(request)
            _reset(request)
            return False
        if piece:
            await response.write(piece)
        sent += len(piece)
        # A sleep of zero lets other calls run: writing to a fast reader never waits.
        await (clock.sleep(pace_s * len(piece)) if pace_s else asyncio.sleep(0))
    return True


async def _flushed(request: web.Request) -> None:
    """Wait until the client's machine has every byte, which a reset would otherwise discard."""
    while (there := request.transport) is not None and not there.is_closing():
        file: socket.socket = there.get_extra_info("socket")
        queued = fcntl.ioctl(file.fileno(), termios.TIOCOUTQ, bytes(4))
        if not any(queued) and not there.get_write_buffer_size():
            return
        await asyncio.sleep(0.001)


def _reset(request: web.Request) -> None:
    """Close with a TCP reset, not with a polite end."""
    if (transport := request.transport) is not None:
        file: socket.socket = transport.get_extra_info("socket")
        file.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        transport.abort()
