"""Clients and servers that the gateway's tests share."""

import asyncio
import socket
import struct
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from typing_extensions import override

from bot.core.clock import Clock
from bot.gateway.client import Gateway

KEY = "omx_test_canary_2f9c"


def names(folder: Path) -> set[str]:
    return {file.name for file in folder.iterdir()}


class SwiftClock(Clock):
    """Sleeps are written down instead of slept."""

    def __init__(self) -> None:
        self.slept_s: list[float] = []

    @override
    async def sleep(self, wait_s: float) -> None:
        self.slept_s.append(wait_s)


class Open(Protocol):
    async def __call__(self, base_url: str, key: str = KEY, **options: Any) -> Gateway: ...


@dataclass(slots=True)
class RawServer:
    """Answers every request with the same bytes, and keeps what it was sent."""

    answers: tuple[bytes, ...]
    then: str = "close"
    base_url: str = ""
    requests: list[bytes] = field(default_factory=list)

    async def answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Read one request, write the answers, and end as `then` says."""
        try:
            if self.then != "speak first":
                self.requests.append(await _request(reader))
            for part in self.answers:
                writer.write(part)
                await writer.drain()
                await asyncio.sleep(0.005)
            if self.then == "hold":
                await reader.read()
            if self.then == "reset":
                _reset(writer)
        except ConnectionError:  # the client had seen enough
            pass
        finally:
            writer.close()


class Serve(Protocol):
    async def __call__(self, *answers: bytes, then: str = "close") -> RawServer: ...


async def _request(reader: asyncio.StreamReader) -> bytes:
    head = await reader.readuntil(b"\r\n\r\n")
    length = next(
        (
            int(line.partition(b":")[2])
            for line in head.split(b"\r\n")
            if line.lower().startswith(b"content-length:")
        ),
        0,
    )
    return head + await reader.readexactly(length)


def _reset(writer: asyncio.StreamWriter) -> None:
    file: socket.socket = writer.get_extra_info("socket")
    file.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()
