"""Pictures that the gateway names by URL: fetched from known hosts only, and without the key."""

import asyncio
from collections.abc import Collection
from ipaddress import ip_address

import httpx

from bot.gateway.body import pieces
from bot.gateway.canvas import Canvas

_FETCH_S = 120


def is_loopback(url: httpx.URL) -> bool:
    """Tell whether a URL stays on this machine."""
    try:
        return url.host == "localhost" or ip_address(url.host).is_loopback
    except ValueError:
        return False


def is_allowed(text: str, hosts: Collection[str], *, loopback: bool) -> bool:
    """Tell whether a picture may be fetched: https from a listed host, or from this machine."""
    try:
        url = httpx.URL(text)
    except httpx.InvalidURL:
        return False
    if url.userinfo:
        return False
    if loopback and is_loopback(url):
        return url.scheme in {"http", "https"}
    return url.scheme == "https" and url.port is None and url.host in hosts


async def fetch(http: httpx.AsyncClient, url: str, canvas: Canvas) -> None:
    """Stream a picture to the canvas, which is spoiled when it doesn't arrive whole."""
    try:
        async with asyncio.timeout(_FETCH_S), http.stream("GET", url) as response:
            if response.status_code != httpx.codes.OK:
                canvas.spoil()
                return
            async for piece in pieces(response):
                canvas.write(piece)
    except Exception:  # noqa: BLE001 - one picture must not cost the others, nor the bill
        canvas.spoil()
