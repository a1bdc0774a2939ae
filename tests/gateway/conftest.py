"""The stand-in gateway, servers of exact bytes, and clients for both."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import pytest

from bot.core.catalogue import SHIPPED, Model, load
from bot.core.job import Painted
from bot.gateway.client import Access, Gateway, Timeouts, opened
from bot.gateway.wire import Request
from sandbox.omixa.gateway import Omixa
from tests.gateway.ways import KEY, Open, RawServer, Serve, SwiftClock


@pytest.fixture
def row() -> Model:
    return load(SHIPPED).default


@pytest.fixture
def order(row: Model) -> Request:
    return Request(model=row, prompt="a fox", images=2, size="0.5K", format="png", aspect="1:1")


@pytest.fixture
def clock() -> SwiftClock:
    return SwiftClock()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "call"
    made.mkdir()
    return made


@pytest.fixture
async def omixa() -> AsyncGenerator[Omixa]:
    async with Omixa.running() as running:
        yield running


@pytest.fixture
async def stack() -> AsyncGenerator[AsyncExitStack]:
    async with AsyncExitStack() as held:
        yield held


@pytest.fixture
def open_gateway(stack: AsyncExitStack, clock: SwiftClock) -> Open:
    async def open_one(base_url: str, key: str = KEY, **options: Any) -> Gateway:
        access = {
            name: options.pop(name)
            for name in ("signing_secret", "picture_hosts")
            if name in options
        }
        options.setdefault("timeouts", Timeouts(connect_s=2, read_s=2))
        entrance = Access(base_url=base_url, api_key=key, **access)
        return await stack.enter_async_context(opened(entrance, clock, **options))

    return open_one


@pytest.fixture
async def gateway(omixa: Omixa, open_gateway: Open) -> Gateway:
    return await open_gateway(omixa.base_url, omixa.key)


@pytest.fixture
def paint(gateway: Gateway, order: Request, folder: Path) -> Callable[[], Awaitable[Painted]]:
    return lambda: gateway.paint(order, "job.1", folder)


@pytest.fixture
def serve(stack: AsyncExitStack) -> Serve:
    async def serve_one(*answers: bytes, then: str = "close") -> RawServer:
        served = RawServer(answers, then)
        server = await asyncio.start_server(served.answer, "127.0.0.1", 0)
        await stack.enter_async_context(server)
        served.base_url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/api/v1"
        return served

    return serve_one
