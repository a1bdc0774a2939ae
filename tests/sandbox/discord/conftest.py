"""A stand-in Discord, the people in it, and a bot connected to it."""

from collections.abc import AsyncGenerator
from pathlib import Path

import aiohttp
import discord as library
import pytest
import yarl

from sandbox.clock import MovableClock
from sandbox.discord.app import Discord
from sandbox.people import Person
from tests.sandbox.discord.painter import Painter, Script, connected


@pytest.fixture
def clock() -> MovableClock:
    return MovableClock()


@pytest.fixture
async def discord(
    tmp_path: Path, clock: MovableClock, monkeypatch: pytest.MonkeyPatch
) -> AsyncGenerator[Discord]:
    async with Discord.running(data=tmp_path / "cdn", clock=clock, rate_limits=False) as running:
        monkeypatch.setattr(library.http.Route, "BASE", running.api_url)
        gateway = yarl.URL(running.gateway_url)
        monkeypatch.setattr(library.gateway.DiscordWebSocket, "DEFAULT_GATEWAY", gateway)
        yield running


@pytest.fixture
def ann(discord: Discord) -> Person:
    return discord.people["ann"]


@pytest.fixture
def ben(discord: Discord) -> Person:
    return discord.people["ben"]


@pytest.fixture
def script() -> Script:
    return Script()


@pytest.fixture
async def bot(discord: Discord, script: Script) -> AsyncGenerator[Painter]:
    async with connected(discord, script) as painter:
        yield painter


@pytest.fixture
async def http() -> AsyncGenerator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession() as session:
        yield session
