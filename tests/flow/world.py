"""Everything real but the two stand-ins: Easel itself, connected, with people around it."""

from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from bot.app import Easel, built
from bot.gateway.client import Timeouts
from bot.ops.settings import load
from bot.store.store import Store
from sandbox.clock import MovableClock
from sandbox.discord.app import Discord
from sandbox.omixa import Omixa
from sandbox.people import Person


@dataclass
class World:
    discord: Discord
    omixa: Omixa
    easel: Easel
    clock: MovableClock
    data: Path

    @property
    def ann(self) -> Person:
        """A manager of the server."""
        return self.discord.people["ann"]

    @property
    def ben(self) -> Person:
        return self.discord.people["ben"]

    @property
    def cleo(self) -> Person:
        return self.discord.people["cleo"]

    @property
    def store(self) -> Store:
        return self.easel.rooms.store

    @property
    def server_id(self) -> int:
        server = self.discord.home.server
        assert server is not None
        return int(server.id)


def environment(discord: Discord, omixa: Omixa, data: Path, **more: str) -> Mapping[str, str]:
    """The settings of a bot that talks to these stand-ins."""
    return {
        "DISCORD_TOKEN": discord.token,
        "DISCORD_API_URL": discord.api_url,
        "DISCORD_GATEWAY_URL": discord.gateway_url,
        "OMIXA_API_KEY": omixa.key,
        "OMIXA_BASE_URL": omixa.base_url,
        "DATABASE_URL": f"sqlite:///{data / 'easel.db'}",
        "DATA_DIR": str(data),
        "GUILD_ALLOWLIST": "*",
        **more,
    }


@asynccontextmanager
async def easel_running(
    discord: Discord,
    omixa: Omixa,
    clock: MovableClock,
    data: Path,
    *,
    timeouts: Timeouts | None = None,
    grace_s: float = 25.0,
    **more: str,
) -> AsyncGenerator[World]:
    """Start Easel against stand-ins and wait until it is connected."""
    settings = load(environment(discord, omixa, data, **more))
    async with built(
        settings, clock=clock, timeouts=timeouts, grace_s=grace_s, ready_timeout_s=0.1
    ) as easel:
        await easel.ready()
        yield World(discord, omixa, easel, clock, data)


@asynccontextmanager
async def world_of(
    tmp_path: Path,
    *,
    rate_limits: bool = True,
    timeouts: Timeouts | None = None,
    grace_s: float = 25.0,
    **more: str,
) -> AsyncGenerator[World]:
    """Start everything."""
    clock = MovableClock()
    data = tmp_path / "data"
    async with (
        Discord.running(data=tmp_path / "cdn", clock=clock, rate_limits=rate_limits) as discord,
        Omixa.running(clock=clock) as omixa,
        easel_running(
            discord, omixa, clock, data, timeouts=timeouts, grace_s=grace_s, **more
        ) as world,
    ):
        yield world
