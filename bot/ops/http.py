"""Health and metrics over HTTP, for orchestrators and Prometheus; it has no password."""

import asyncio
import socket
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager

from aiohttp import web

from bot.ops.metrics import Metrics

PROBE_S = 2.0

Probe = Callable[[], Awaitable[bool]]


@asynccontextmanager
async def served(port: int, probes: Mapping[str, Probe], metrics: Metrics) -> AsyncGenerator[int]:
    """Answer `/health` and `/metrics` on every interface; gives the port.

    Args:
        port: 0 takes a free one.
        probes: what must be well, by name.
        metrics: what to show.
    """

    async def health(_: web.Request) -> web.Response:
        found = await asyncio.gather(*(_trouble(probe) for probe in probes.values()))
        why = {name: trouble for name, trouble in zip(probes, found, strict=True) if trouble}
        body = {"well": not why, "probes": {name: name not in why for name in probes}, "why": why}
        return web.json_response(body, status=503 if why else 200)

    async def figures(_: web.Request) -> web.Response:
        return web.Response(body=metrics.text(), content_type="text/plain", charset="utf-8")

    app = web.Application()
    app.add_routes([web.get("/health", health), web.get("/metrics", figures)])
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    try:
        door = _door(port)
        await web.SockSite(runner, door).start()
        yield int(door.getsockname()[1])
    finally:
        await runner.cleanup()


def _door(port: int) -> socket.socket:
    # A container's health is asked from outside of it, so loopback would not do.
    both = socket.has_dualstack_ipv6()
    family = socket.AF_INET6 if both else socket.AF_INET
    return socket.create_server(("", port), family=family, dualstack_ipv6=both)


async def _trouble(probe: Probe) -> str | None:
    try:
        async with asyncio.timeout(PROBE_S):
            return None if await probe() else "not well"
    except TimeoutError:
        return f"no answer within {PROBE_S:g} s"
    except Exception as error:  # noqa: BLE001 - a probe that fails in any way is the answer
        return str(error) or type(error).__name__
