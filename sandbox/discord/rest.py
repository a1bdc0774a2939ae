"""Discord's HTTP manners: tokens, error bodies, rate limit headers, the exact content type."""

import json
import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any, Final

from aiohttp import web

from sandbox.discord.faults import Faults
from sandbox.discord.limits import Limits
from sandbox.discord.refusals import Refused

PREFIX: Final = "/api/v10"
OPEN_PATHS: Final = ("/interactions/", "/webhooks/", "/gateway")
NOTHING: Final = object()
Endpoint = Callable[[web.Request], Awaitable[Any]]
BUCKETS: Final = (
    ("POST", re.compile(r"/channels/(\d+)/messages"), "send", 5, 5.0),
    ("PATCH", re.compile(r"/channels/(\d+)/messages/\d+"), "edit", 5, 5.0),
    ("*", re.compile(r"/webhooks/\d+/([^/]+).*"), "webhook", 5, 2.0),
)


@dataclass(frozen=True, slots=True)
class Seen:
    """One request of the bot and how it was answered."""

    method: str
    path: str
    status: int


@dataclass(slots=True)
class Rest:
    """The door every request of the bot comes through.

    `broken` holds the stand-in's own errors, `departed` those of bots that went away halfway.
    """

    token: str
    faults: Faults
    limits: Limits
    seen: list[Seen] = field(default_factory=list)
    broken: list[Exception] = field(default_factory=list)
    departed: list[Exception] = field(default_factory=list)

    def route(self, method: str, path: str, endpoint: Endpoint) -> web.RouteDef:
        """Hang an endpoint behind the door."""

        async def handle(request: web.Request) -> web.StreamResponse:
            return await self._answer(request, endpoint)

        return web.route(method, PREFIX + path, handle)

    def otherwise(self) -> web.RouteDef:
        """Answer what the stand-in does not know, so that a test can find it in `seen`."""

        async def unknown(_: web.Request) -> Any:
            raise Refused(404, 0, "404: Not Found")

        return self.route("*", "/{rest:.*}", unknown)

    async def _answer(self, request: web.Request, endpoint: Endpoint) -> web.StreamResponse:
        path = request.path.removeprefix(PREFIX)

        async def answer() -> web.StreamResponse:
            return await self._carried_out(request, path, endpoint)

        play = self.faults.taken(request.method, path)
        response = await (play(request, answer) if play else answer())
        self.seen.append(Seen(request.method, path, response.status))
        return response

    async def _carried_out(
        self, request: web.Request, path: str, endpoint: Endpoint
    ) -> web.StreamResponse:
        headers: dict[str, str] = {}
        try:
            self._check_token(request, path)
            headers = self._limited(request.method, path)
            result = await endpoint(request)
        except Refused as refusal:
            async for _ in request.content.iter_any():
                pass
            return answered(refusal.status, refusal.body(), headers | refusal.headers)
        except Exception as error:
            gone = request.transport is None
            (self.departed if gone else self.broken).append(error)
            raise
        if result is NOTHING:
            return web.Response(status=204, headers=headers)
        return answered(200, result, headers)

    def _check_token(self, request: web.Request, path: str) -> None:
        known = request.headers.get("Authorization") == f"Bot {self.token}"
        if not known and not path.startswith(OPEN_PATHS):
            raise Refused(401, 0, "401: Unauthorized")

    def _limited(self, method: str, path: str) -> dict[str, str]:
        if path.startswith("/interactions/"):
            return {}
        self.limits.take("global", 50, 1.0, "global")
        for verb, pattern, name, most, per_s in BUCKETS:
            if verb in {method, "*"} and (match := pattern.fullmatch(path)):
                return self.limits.take(f"{name}:{match[1]}", most, per_s)
        return {}


def answered(status: int, body: Any, headers: dict[str, str] | None = None) -> web.Response:
    """Write JSON under the exact content type the library looks for."""
    shown = {"Content-Type": "application/json"} | (headers or {})
    return web.Response(status=status, body=json.dumps(body).encode(), headers=shown)
