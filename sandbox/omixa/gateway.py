"""The stand-in Omixa: one door, one wallet, pictures of its own, and faults on demand."""

import secrets
from collections import Counter
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterable
from contextlib import asynccontextmanager
from typing import Any

from aiohttp import web

from bot.core.clock import Clock
from sandbox.omixa import control, reads
from sandbox.omixa.atelier import Atelier
from sandbox.omixa.call import serve
from sandbox.omixa.faults import NONE, Fault, Script
from sandbox.omixa.log import Record
from sandbox.omixa.models import MILLION, Model
from sandbox.omixa.paint import Subject
from sandbox.omixa.picture import Picture
from sandbox.omixa.reply import Refusal, refusal
from sandbox.omixa.send import send
from sandbox.omixa.state import State, Switches
from sandbox.omixa.wallet import Wallet

HOST = "127.0.0.1"
BODY_BYTES_MAX = 64 * 1024 * 1024
_API = "/api/v1"

Read = Callable[[State, web.Request], dict[str, Any]]
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class Omixa:
    """A gateway on this machine, and its own truth about what happened."""

    def __init__(self, *, seed: int, pace: float, clock: Clock, atelier: Atelier) -> None:
        self._state = State(clock=clock, seed=seed, pace=pace, atelier=atelier)
        self.key = self.new_key()

    @classmethod
    @asynccontextmanager
    async def running(
        cls,
        *,
        port: int = 0,
        pace: float = 0.0,
        seed: int = 1,
        balance_micros: int = 20 * MILLION,
        clock: Clock | None = None,
        idle_s: float = 75.0,
        painted: dict[Subject, Picture] | None = None,
    ) -> AsyncGenerator["Omixa"]:
        """Serve on loopback until the block ends.

        Args:
            port: 0 takes a free one.
            balance_micros: what the wallet starts with.
            seed: changes every picture and request id.
            pace: 0 answers at once, 1 takes as long as the models do.
            clock: what latency and slow answers wait by.
            idle_s: how long an idle connection is kept open.
            painted: pictures of other gateways, which need not be painted again here.
        """
        omixa = cls(seed=seed, pace=pace, clock=clock or Clock(), atelier=Atelier(painted))
        omixa.wallet.top_up(balance_micros)
        runner = web.AppRunner(
            omixa.application(), access_log=None, shutdown_timeout=0.1, keepalive_timeout=idle_s
        )
        await runner.setup()
        try:
            site = web.TCPSite(runner, HOST, port)
            await site.start()
            omixa._state.origin = site_origin(runner)
            yield omixa
        finally:
            await runner.cleanup()

    @property
    def base_url(self) -> str:
        """What a client is given: origin and `/api/v1`."""
        return self._state.origin + _API

    @property
    def wallet(self) -> Wallet:
        """The prepaid wallet."""
        return self._state.wallet

    @property
    def requests(self) -> list[Record]:
        """Every POST received, oldest first."""
        return self._state.log.records

    @property
    def calls(self) -> int:
        """How many POSTs there were, those no longer remembered included."""
        return self._state.calls

    @property
    def painting(self) -> int:
        """How many calls take their time by the clock just now."""
        return self._state.painting

    @property
    def switches(self) -> Switches:
        """Behaviour that the published pages leave open."""
        return self._state.switches

    @property
    def models(self) -> dict[str, Model]:
        """The price list by id; replace, add or remove rows at will."""
        return self._state.models

    @property
    def takes(self) -> Counter[str]:
        """How often each prompt was painted; cleared, everything is painted as at first."""
        return self._state.takes

    @property
    def faults(self) -> Script:
        """The faults that are armed."""
        return self._state.script

    def switch_on(self, *models: Model) -> None:
        """Sell these as well: the tools, or rows of a test's own."""
        self._state.models |= {model.id: model for model in models}

    def new_key(self, models: Iterable[str] | None = None) -> str:
        """Issue a key, for these models only if any are named."""
        key = "omx_sandbox_" + secrets.token_hex(16)
        self._state.keys[key] = None if models is None else frozenset(models)
        return key

    def allow_only(self, models: Iterable[str] | None) -> None:
        """Restrict the main key to these models; None lifts it."""
        self._state.keys[self.key] = None if models is None else frozenset(models)

    def next(self, *faults: Fault) -> None:
        """Arm faults for the calls after those already armed, one a call."""
        self._state.script.queue.extend(faults)

    def script(self, faults: Iterable[Fault]) -> None:
        """Arm exactly these for the next calls; `NONE` lets one pass."""
        self._state.script.queue = list(faults)

    def always(self, fault: Fault = NONE) -> None:
        """Arm a fault for every call that has none of its own; without one, disarm it."""
        self._state.script.standing = fault

    def application(self) -> web.Application:
        """Build the routes."""
        application = web.Application(client_max_size=BODY_BYTES_MAX)
        add = application.router.add_route
        add("POST", f"{_API}/images/generations", self._generate)
        add("GET", f"{_API}/models", self._reading(reads.models))
        add("GET", f"{_API}/usage/requests", self._reading(reads.usage_requests))
        add("GET", f"{_API}/usage/rollups", self._reading(reads.usage_rollups))
        add("GET", "/pictures/{name}", self._picture)
        add("GET", "/sandbox/faults", self._reading(lambda state, _: control.show_faults(state)))
        add("POST", "/sandbox/faults", self._arm)
        add("GET", "/sandbox/wallet", self._reading(lambda state, _: control.show_wallet(state)))
        add("*", "/{path:.*}", self._unknown)
        return application

    async def _generate(self, request: web.Request) -> web.StreamResponse:
        return await serve(self._state, request)

    def _reading(self, read: Read) -> Handler:
        async def handle(request: web.Request) -> web.StreamResponse:
            try:
                return web.json_response(read(self._state, request))
            except Refusal as refused:
                return await self._refuse(request, refused)

        return handle

    async def _arm(self, request: web.Request) -> web.StreamResponse:
        try:
            return web.json_response(await control.arm_faults(self._state, request))
        except Refusal as refused:
            return await self._refuse(request, refused)

    async def _picture(self, request: web.Request) -> web.StreamResponse:
        picture = self._state.hosted.get(request.match_info["name"])
        if picture is None:
            return await self._unknown(request)
        content = b"".join(picture.chunks(1 << 20))
        return web.Response(body=content, content_type=picture.mime)

    async def _unknown(self, request: web.Request) -> web.StreamResponse:
        return await self._refuse(request, Refusal(refusal(404)))

    async def _refuse(self, request: web.Request, refused: Refusal) -> web.StreamResponse:
        response, _ = await send(
            request, refused.reply, NONE, chunked=False, clock=self._state.clock
        )
        return response


def site_origin(runner: web.AppRunner) -> str:
    """Name the origin that a started runner listens on."""
    host, port = runner.addresses[0][:2]
    return f"http://{host}:{port}"
