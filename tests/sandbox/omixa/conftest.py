from collections.abc import AsyncGenerator
from typing import Any

import httpx
import pytest

from sandbox.omixa import Omixa

IMAGEN = "imagen-4.0-generate-001"
PRICE = 39_000  # what it bills a picture


class Caller:
    """A client as plain as can be, so that the wire shows."""

    def __init__(self, omixa: Omixa, http: httpx.AsyncClient) -> None:
        self.omixa = omixa
        self.http = http

    def headers(self, **extra: str) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.omixa.key}"} | extra

    async def paint(self, **body: Any) -> httpx.Response:
        body = {"model": IMAGEN, "prompt": "a fox", "size": "0.5K"} | body
        url = f"{self.omixa.base_url}/images/generations"
        return await self.http.post(url, json=body, headers=self.headers())

    async def get(self, path: str) -> httpx.Response:
        return await self.http.get(f"{self.omixa.base_url}/{path}", headers=self.headers())


@pytest.fixture
async def omixa() -> AsyncGenerator[Omixa]:
    async with Omixa.running() as running:
        yield running
        assert running.wallet.conserved()
        assert running.wallet.held_micros == 0


@pytest.fixture
async def caller(omixa: Omixa) -> AsyncGenerator[Caller]:
    async with httpx.AsyncClient(timeout=30) as http:
        yield Caller(omixa, http)
