"""The client of the gateway's one paid path: it answers by a value, `Unspent` or `Unknown`."""

import asyncio
from collections.abc import AsyncGenerator, Collection, Iterable, Mapping, Sequence
from contextlib import aclosing, asynccontextmanager, suppress
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path

import httpcore
import httpx

from bot import __version__
from bot.core.clock import Clock
from bot.core.job import Painted
from bot.core.money import Money
from bot.gateway import links, pricelist, usage, wire
from bot.gateway.body import pieces
from bot.gateway.errors import Garbled, GatewayError, Stage, Unknown, Unreachable, Unspent
from bot.gateway.reader import Caps, Reader
from bot.gateway.trust import trust
from bot.gateway.usage import Usage
from bot.gateway.verdict import NEVER_SENT, Patience, refusal, retry_after_s

_ERROR_BYTES_MAX = 64 * 1024
_ERROR_S = 10
_LIST_BYTES_MAX = 1024 * 1024
_LIST_S = 20
_SEND_BYTES = 128 * 1024
_READ_BYTES = 128 * 1024  # httpcore's own 64 KiB cost more: docs/decisions/0001


@dataclass(frozen=True, slots=True, kw_only=True)
class Timeouts:
    """How long each stretch of a call may take; `whole_s` is for all of one try.

    After `soft_s` a call is late: its person is told, and its place at the gateway is lent to
    others while the answer is still waited for.
    """

    connect_s: float = 10
    write_s: float = 60
    pool_s: float = 5
    read_s: float = 600
    whole_s: float = 900
    soft_s: float = 120


@dataclass(frozen=True, slots=True, kw_only=True)
class Access:
    """Where the gateway is and what opens it.

    Raises:
        ValueError: for plain http beyond this machine, and a key no header can carry.
    """

    base_url: str
    api_key: str = field(repr=False)
    signing_secret: str = field(default="", repr=False)
    picture_hosts: Collection[str] = frozenset()

    def __post_init__(self) -> None:
        if not _is_safe(self.base_url):
            raise ValueError("the gateway's address must be https, or this machine's")
        if not (self.api_key.isascii() and self.api_key.isprintable() and self.api_key.split()):
            raise ValueError("the gateway's key has letters that no header can carry")

    @property
    def is_loopback(self) -> bool:
        """Tell whether the gateway runs on this machine."""
        return links.is_loopback(httpx.URL(self.base_url))


def _is_safe(address: str) -> bool:
    try:
        url = httpx.URL(address)
    except httpx.InvalidURL:
        return False
    is_private = url.scheme == "https" or (url.scheme == "http" and links.is_loopback(url))
    return bool(url.host) and is_private and not url.userinfo and not url.query


class Gateway:
    """One gateway key's way to pictures; built by `opened`."""

    def __init__(
        self,
        access: Access,
        http: httpx.AsyncClient,
        outside: httpx.AsyncClient,
        clock: Clock,
        *,
        timeouts: Timeouts,
        caps: Caps,
        patience: Patience,
    ) -> None:
        self._access = access
        self._base = access.base_url.rstrip("/")
        self._http = http
        self._outside = outside  # for pictures named by URL: it has no key
        self._clock = clock
        self._whole_s = timeouts.whole_s
        self.soft_s = timeouts.soft_s
        self._caps = caps
        self._patience = patience

    async def paint(self, request: wire.Request, key: str, into: Path) -> Painted:
        """Buy the pictures of one call and leave them in the folder `into`.

        Args:
            request: what to paint.
            key: the same key is the same call, should the gateway ever look at it.
            into: an existing folder, this call's own.

        Raises:
            Unspent: nothing was charged; what was transient was tried again already.
            Unknown: it may have been charged.
        """
        body = wire.encode(request)
        tried = 1
        while True:
            try:
                return await self._try(body, key, into)
            except Unspent as failure:
                wait_s = self._patience.wait_s(failure, tried)
                if wait_s is None:
                    raise
            await self._clock.sleep(wait_s)
            tried += 1

    async def models(self) -> Mapping[str, Money | None] | None:
        """Ask which models the key may use, and at what price; None when nobody can tell."""
        return pricelist.read(await self._listed("/models"))

    async def usage(self, since: datetime) -> Usage | None:
        """Ask for the calls since a moment; None when nobody can tell."""
        return await usage.collected(self._listed, since)

    async def _listed(self, path: str) -> bytes:
        content = bytearray()
        with suppress(httpx.HTTPError, Garbled, TimeoutError):
            async with asyncio.timeout(_LIST_S):
                request = await self._request("GET", path)
                response = await self._http.send(request, stream=True)
                async with aclosing(response):
                    if response.status_code == httpx.codes.OK:
                        await _collect(response, content, _LIST_BYTES_MAX)
        return bytes(content)

    async def _try(self, body: Sequence[bytes], key: str, into: Path) -> Painted:
        reader = Reader(into, self._caps)
        try:
            return await self._ask(body, key, reader, into)
        finally:
            await asyncio.to_thread(reader.close)

    async def _ask(self, body: Sequence[bytes], key: str, reader: Reader, into: Path) -> Painted:
        stage = Stage.SENT
        try:
            request = await self._request("POST", "/images/generations", body, key)
            async with asyncio.timeout(self._whole_s):
                response = await self._http.send(request, stream=True)
                stage = Stage.ANSWERING
                async with aclosing(response):
                    painted = await self._painted(response, reader)
            return await self._with_links(painted, reader, into)
        except GatewayError:
            raise
        except NEVER_SENT as error:
            raise Unreachable(f"No connection to the gateway ({type(error).__name__}).") from error
        except Garbled as error:
            told = str(error).replace(self._access.api_key, "***")
            raise Unknown(Stage.ANSWERED, wire.one_line(f"Unreadable: {told}.")) from None
        except Exception as error:  # whatever it was, the request may have arrived
            raise Unknown(stage, f"No whole answer ({type(error).__name__}).") from error

    async def _painted(self, response: httpx.Response, reader: Reader) -> Painted:
        if not response.is_success:
            raise await self._refusal(response)
        return await _read(response, reader)

    async def _with_links(self, painted: Painted, reader: Reader, into: Path) -> Painted:
        sketches = list(painted.sketches)
        for place, url in reader.links.items():
            access = self._access
            if links.is_allowed(url, access.picture_hosts, loopback=access.is_loopback):
                canvas = reader.new_canvas()
                await links.fetch(self._outside, url, canvas)
                (into / sketches[place].name).unlink(missing_ok=True)
                sketches[place] = canvas.keep(place + 1)
        return replace(painted, sketches=tuple(sketches))

    async def _refusal(self, response: httpx.Response) -> GatewayError:
        body = bytearray()
        with suppress(httpx.HTTPError, Garbled, TimeoutError):  # the status alone says enough
            async with asyncio.timeout(_ERROR_S):
                await _collect(response, body, _ERROR_BYTES_MAX)
        said = bytes(body).replace(self._access.api_key.encode(), b"***")
        wait_s = retry_after_s(response.headers.get("retry-after"), self._clock.now())
        return refusal(response.status_code, said, wait_s)

    async def _request(
        self, method: str, path: str, body: Sequence[bytes] = (), key: str = ""
    ) -> httpx.Request:
        url = httpx.URL(self._base + path)
        headers = {"Idempotency-Key": key} if key else {}
        if body:
            length = sum(map(len, body))
            headers |= {"Content-Type": "application/json", "Content-Length": str(length)}
        if secret := self._access.signing_secret:
            stamp = str(int(self._clock.now().timestamp()))
            signed = await asyncio.to_thread(wire.signature, secret, stamp, method, url.path, body)
            headers |= {"X-Omixa-Timestamp": stamp, "X-Omixa-Signature": signed}
        content = _slices(body) if body else None
        return self._http.build_request(method, url, headers=headers, content=content)


@asynccontextmanager
async def opened(
    access: Access,
    clock: Clock,
    *,
    timeouts: Timeouts | None = None,
    caps: Caps | None = None,
    patience: Patience | None = None,
) -> AsyncGenerator[Gateway]:
    """Open the way to the gateway; leaving closes what connections there are."""
    limits = timeouts or Timeouts()
    httpcore.AsyncHTTP11Connection.READ_NUM_BYTES = _READ_BYTES
    async with (
        _client(limits, {"Authorization": f"Bearer {access.api_key}"}) as http,
        _client(limits, {}) as outside,
    ):
        yield Gateway(
            access,
            http,
            outside,
            clock,
            timeouts=limits,
            caps=caps or Caps(),
            patience=patience or Patience(),
        )


def _client(timeouts: Timeouts, headers: Mapping[str, str]) -> httpx.AsyncClient:
    return httpx.AsyncClient(
        verify=trust(),
        headers={
            "User-Agent": f"Easel/{__version__}",
            "Accept": "*/*",
            "Accept-Encoding": "identity",
            "Connection": "close",
            **headers,
        },
        timeout=httpx.Timeout(
            connect=timeouts.connect_s,
            write=timeouts.write_s,
            pool=timeouts.pool_s,
            read=timeouts.read_s,
        ),
        # A kept connection may be dead by the next call, and would make it look paid for.
        limits=httpx.Limits(max_connections=None, max_keepalive_connections=0),
        follow_redirects=False,
        trust_env=False,
    )


async def _read(response: httpx.Response, reader: Reader) -> Painted:
    try:
        async with aclosing(pieces(response)) as body:
            async for piece in body:
                reader.feed(piece)
    except httpx.TransportError:
        # The answer may be whole although the connection did not end as it should.
        with suppress(Garbled):
            return reader.finish()
        raise
    return reader.finish()


async def _collect(response: httpx.Response, into: bytearray, bytes_max: int) -> None:
    async with aclosing(pieces(response)) as body:
        async for piece in body:
            into += piece[: bytes_max - len(into)]
            if len(into) >= bytes_max:
                return


async def _slices(body: Iterable[bytes]) -> AsyncGenerator[bytes]:
    for piece in body:
        for start in range(0, len(piece), _SEND_BYTES):
            yield piece[start : start + _SEND_BYTES]
