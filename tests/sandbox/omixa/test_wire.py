import asyncio
import json
from collections.abc import AsyncGenerator, Callable
from contextlib import AsyncExitStack, asynccontextmanager

import httpx
import pytest
from typing_extensions import override

from bot.core.clock import Clock
from sandbox.omixa import Omixa, faults
from sandbox.omixa.faults import Fault
from tests.sandbox.omixa.conftest import IMAGEN, PRICE, Caller


class Wire(asyncio.Protocol):
    """A bare socket that keeps every byte that came before its end."""

    def __init__(self) -> None:
        self.received = bytearray()
        self.ended: asyncio.Future[Exception | None] = asyncio.Future()

    @override
    def data_received(self, data: bytes) -> None:
        self.received += data

    @override
    def connection_lost(self, exc: Exception | None) -> None:
        self.ended.set_result(exc)


@asynccontextmanager
async def raw_call(omixa: Omixa) -> AsyncGenerator[Wire]:
    """Send one order over a bare socket, and break it off in the end."""
    body = json.dumps({"model": IMAGEN, "prompt": "a fox", "size": "0.5K"}).encode()
    head = (
        "POST /api/v1/images/generations HTTP/1.1\r\nHost: x\r\n"
        f"Authorization: Bearer {omixa.key}\r\nContent-Type: application/json\r\n"
        f"Content-Length: {len(body)}\r\n\r\n"
    )
    url = httpx.URL(omixa.base_url)
    loop = asyncio.get_running_loop()
    transport, wire = await loop.create_connection(Wire, url.host, url.port or 0)
    transport.write(head.encode() + body)
    try:
        yield wire
    finally:
        transport.abort()
        await wire.ended


async def until_reset(wire: Wire) -> bytes:
    async with asyncio.timeout(60):
        assert isinstance(await wire.ended, ConnectionResetError)
    return bytes(wire.received)


async def until(happened: Callable[[], object]) -> None:
    async with asyncio.timeout(30):
        while not happened():  # noqa: ASYNC110 - the stand-in tells no event
            await asyncio.sleep(0.002)


async def held(omixa: Omixa) -> None:
    """Wait until a call has begun."""
    await until(lambda: omixa.wallet.held_micros)


async def quiet(omixa: Omixa) -> None:
    """Wait until no money is held any more."""
    await until(lambda: not omixa.wallet.held_micros)


@pytest.mark.parametrize("at_byte", [0, 1, 40, 1_000, 65_535, 65_536, 65_537, 262_144, 300_001])
async def test_a_cut_body_ends_at_the_very_byte_with_a_reset(omixa: Omixa, at_byte: int) -> None:
    omixa.next(faults.cut(at_byte=at_byte))
    async with raw_call(omixa) as wire:
        head, _, body = (await until_reset(wire)).partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 200")
    assert len(body) == at_byte
    assert omixa.wallet.captured_micros == PRICE
    assert not omixa.requests[0].complete


async def test_a_reset_after_success_sends_nothing_and_takes_the_money(omixa: Omixa) -> None:
    omixa.next(faults.reset_after_success())
    async with raw_call(omixa) as wire:
        assert await until_reset(wire) == b""
    assert omixa.wallet.captured_micros == PRICE
    assert omixa.requests[0].images == 1


async def test_a_hanging_call_holds_the_money_until_the_client_goes(omixa: Omixa) -> None:
    omixa.next(faults.hang())
    async with raw_call(omixa) as wire:
        await held(omixa)
        assert not wire.ended.done()
    await quiet(omixa)
    assert not wire.received
    assert omixa.wallet.captured_micros == 0


async def test_a_hanging_call_may_have_taken_the_money(omixa: Omixa) -> None:
    omixa.next(faults.hang(taken=True))
    async with raw_call(omixa) as wire:
        await until(lambda: omixa.wallet.captured_micros)
    assert not wire.received
    assert omixa.wallet.captured_micros == PRICE


async def test_closing_does_not_wait_for_a_hanging_call() -> None:
    async with AsyncExitStack() as client, asyncio.timeout(60):
        async with Omixa.running() as omixa:
            omixa.next(faults.hang())
            await client.enter_async_context(raw_call(omixa))
            await held(omixa)
        assert omixa.wallet.held_micros == 0


async def test_a_client_that_goes_away_is_charged(omixa: Omixa) -> None:
    omixa.next(faults.slow(headers_s=0.2))
    async with raw_call(omixa):
        await held(omixa)
    await quiet(omixa)
    assert omixa.wallet.captured_micros == PRICE
    assert omixa.calls == 1


async def test_a_client_that_goes_away_inside_the_body_is_not_served_whole() -> None:
    async with Omixa.running() as omixa:
        omixa.next(faults.huge(200_000_000))
        async with raw_call(omixa) as wire:
            await until(lambda: wire.received)
    (record,) = omixa.requests
    assert record.status == 200
    assert not record.complete
    assert omixa.wallet.captured_micros == PRICE


class CountingClock(Clock):
    def __init__(self) -> None:
        self.slept: list[float] = []

    @override
    async def sleep(self, wait_s: float) -> None:
        self.slept.append(wait_s)
        await asyncio.sleep(0)


@pytest.mark.parametrize(
    ("fault", "pace", "slept_s"),
    [
        (faults.slow(headers_s=7), 0.0, 7),
        (faults.slow(body_s=9), 0.0, 9),
        (faults.slow(headers_s=7, body_s=9), 1.0, 4 * 0.7 + 16),
        (faults.NONE, 0.5, 1.4),
    ],
    ids=["headers", "body", "both", "pace"],
)
async def test_waiting_is_done_by_the_clock(fault: Fault, pace: float, slept_s: float) -> None:
    clock = CountingClock()
    async with (
        Omixa.running(clock=clock, pace=pace) as omixa,
        httpx.AsyncClient() as http,
    ):
        omixa.next(fault)
        assert (await Caller(omixa, http).paint()).status_code == 200
    assert sum(clock.slept) == pytest.approx(slept_s)
