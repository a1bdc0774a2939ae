"""Everything real but the two stand-ins: Easel itself, connected, with people around it."""

import asyncio
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from bot.app import Easel, built
from bot.core.job import Job, Payer, Place
from bot.core.limits import Allowance
from bot.gateway.client import Timeouts
from bot.ops.settings import load
from bot.store.store import Store
from sandbox.clock import MovableClock
from sandbox.discord.answers import Act
from sandbox.discord.app import Discord
from sandbox.discord.interactions import COMMAND, Interaction
from sandbox.discord.state import Channel, Message
from sandbox.omixa import Omixa
from sandbox.omixa.paint import Subject
from sandbox.omixa.picture import Picture
from sandbox.people import Person

_PAINTED: dict[Subject, Picture] = {}  # one fox serves the tests of a whole run


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
    def dana(self) -> Person:
        """A manager who is neither the server's owner nor the bot's operator."""
        return self.discord.people["dana"]

    async def ended(self, interaction: Interaction) -> str:
        """Wait for the receipt on an order's acknowledgement and read it."""

        def is_receipt(message: Message) -> bool:
            return message is interaction.original and "receipt `" in message.text

        person = next(one for one in self.discord.people.values() if one.user is interaction.user)
        return (await person.waits_for(is_receipt)).text

    async def budget(self, **options: object) -> str:
        """Let Ann set a limit, and read what she is told."""
        answer = await self.ann.slash("budget set", options=options)
        return (await self.answered(answer)).text

    async def painted(self) -> None:
        """Push the clock on for each slow answer until all jobs have theirs.

        Never more often: fifteen minutes of it, and the tokens of the answers are over.
        """
        async with asyncio.timeout(60):
            while [one for one in await self._unfinished() if not one.is_over]:
                if self.omixa.painting:
                    self.clock.advance(31)
                await asyncio.sleep(0.02)

    async def _unfinished(self) -> list[Job]:
        return [await self.store.job(one) for one in await self.store.unfinished()]

    async def idle(self) -> None:
        """Wait until no job is worked on."""
        async with asyncio.timeout(60):
            while jobs := [one for one in asyncio.all_tasks() if one.get_name().startswith("job ")]:
                await asyncio.wait(jobs)

    def pictures(self, channel: Channel | None = None) -> list[Message]:
        """The messages with files that everybody in a channel sees."""
        there = (channel or self.discord.home).messages.values()
        return [one for one in there if one.files and one.seen_only_by is None]

    async def tampered(self, person: Person, name: str, /, **options: object) -> Interaction:
        """Send a command as a client would that checks nothing."""
        kinds = {str: 3, bool: 5, int: 4}
        command = self.discord.commands.named(None, 1, name.partition(" ")[0])
        assert command is not None
        values: list[dict[str, object]] = [
            {"name": key, "type": kinds[type(value)], "value": value}
            for key, value in options.items()
        ]
        for word in reversed(name.split()[1:]):
            values = [{"name": word, "type": 1, "options": values}]
        data = {"id": command["id"], "name": command["name"], "type": 1, "options": values}
        where = self.discord.home
        act = Act(kind=COMMAND, user=person.user, channel=where, data=data, name=name)
        interaction = self.discord.answers.start(act)
        await interaction.settled.wait()
        return interaction

    async def answered(self, interaction: Interaction) -> Message:
        """Wait until an answer says something, and give it."""
        async with asyncio.timeout(60):
            while interaction.original is None or not interaction.original.text:
                await self.discord.world.change()
        return interaction.original

    async def allowances(self, person: Person) -> list[Allowance]:
        """Give what a person could order by in the first channel."""
        place = Place(server_id=self.server_id, channel_id=int(self.discord.home.id))
        return await self.store.allowances(place, Payer(int(person.id)))

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
        "ATTACHMENT_HOSTS": discord.cdn_host,
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
        settings, clock=clock, timeouts=timeouts, grace_s=grace_s, ready_timeout_s=0.03
    ) as easel:
        await easel.ready()
        yield World(discord, omixa, easel, clock, data)


@asynccontextmanager
async def world_of(
    tmp_path: Path,
    *,
    rate_limits: bool = False,
    timeouts: Timeouts | None = None,
    grace_s: float = 25.0,
    **more: str,
) -> AsyncGenerator[World]:
    """Start everything."""
    clock = MovableClock()
    data = tmp_path / "data"
    async with (
        Discord.running(data=tmp_path / "cdn", clock=clock, rate_limits=rate_limits) as discord,
        Omixa.running(clock=clock, painted=_PAINTED) as omixa,
        easel_running(
            discord, omixa, clock, data, timeouts=timeouts, grace_s=grace_s, **more
        ) as world,
    ):
        yield world
