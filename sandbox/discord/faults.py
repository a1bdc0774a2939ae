"""Faults to order: the next request that matches is answered wrongly, once or several times."""

import asyncio
import socket
import struct
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import Final

from aiohttp import web

from sandbox.discord.limits import VIA

RESET_ON_CLOSE: Final = struct.pack("ii", 1, 0)
Answer = Callable[[], Awaitable[web.StreamResponse]]
Play = Callable[[web.Request, Answer], Awaitable[web.StreamResponse]]


@dataclass(slots=True)
class Fault:
    """One ordered fault and how often it is still to happen."""

    method: str
    path: str
    play: Play
    times: int

    def fits(self, method: str, path: str) -> bool:
        """Say whether a request is the one it waits for."""
        return self.times > 0 and self.method in {method, "*"} and fnmatchcase(path, self.path)


@dataclass(slots=True)
class Faults:
    """What was ordered; paths are written from behind /api/v10, with * for anything."""

    ordered: list[Fault] = field(default_factory=list)

    def fail(
        self, method: str, path: str, *, status: int = 502, applied: bool = False, times: int = 1
    ) -> Fault:
        """Answer with a server error, before or after doing what was asked."""

        async def play(request: web.Request, answer: Answer) -> web.StreamResponse:
            await (answer() if applied else _swallowed(request))
            return web.Response(status=status, text="<html>bad gateway</html>")

        return self._order(Fault(method, path, play, times))

    def throttle(
        self, method: str, path: str, *, retry_after_s: float, via: bool = True, times: int = 1
    ) -> Fault:
        """Answer 429; without Via it comes from the wall in front of Discord, as a page."""

        async def play(request: web.Request, _: Answer) -> web.StreamResponse:
            await _swallowed(request)
            if not via:
                return web.Response(status=429, text="<html>banned</html>")
            body = f'{{"message": "slow", "retry_after": {retry_after_s}, "global": false}}'
            headers = VIA | {"Content-Type": "application/json", "X-RateLimit-Scope": "shared"}
            headers["Retry-After"] = str(retry_after_s)
            return web.Response(status=429, body=body.encode(), headers=headers)

        return self._order(Fault(method, path, play, times))

    def cut(self, method: str, path: str, *, applied: bool = True, times: int = 1) -> Fault:
        """Reset the connection instead of answering, by default after doing what was asked."""

        async def play(request: web.Request, answer: Answer) -> web.StreamResponse:
            await (answer() if applied else _swallowed(request))
            if (transport := request.transport) is not None:
                wire = transport.get_extra_info("socket")
                wire.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET_ON_CLOSE)
                transport.abort()
            return web.Response()

        return self._order(Fault(method, path, play, times))

    @asynccontextmanager
    async def held(
        self, method: str, path: str, *, applied: bool = False
    ) -> AsyncGenerator[asyncio.Event]:
        """Let matching requests wait until the block ends; the event tells that one arrived."""
        arrived, released = asyncio.Event(), asyncio.Event()

        async def play(_: web.Request, answer: Answer) -> web.StreamResponse:
            done = await answer() if applied else None
            arrived.set()
            await released.wait()
            return done or await answer()

        fault = self._order(Fault(method, path, play, 1 << 30))
        try:
            yield arrived
        finally:
            fault.times = 0
            released.set()

    def taken(self, method: str, path: str) -> Play | None:
        """Give the first fault that fits a request, and count it."""
        for fault in self.ordered:
            if fault.fits(method, path):
                fault.times -= 1
                return fault.play
        return None

    def _order(self, fault: Fault) -> Fault:
        self.ordered.append(fault)
        return fault


async def _swallowed(request: web.Request) -> None:
    """Read a body to its end, so that the client gets to hear the answer."""
    async for _ in request.content.iter_any():
        pass
