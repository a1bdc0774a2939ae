"""The stand-in Discord as one thing: built, started on a loopback port, and stopped."""

import secrets
import tempfile
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Protocol

from aiohttp import web

from bot.core.clock import Clock
from bot.core.tasks import Tasks
from sandbox.clock import MovableClock
from sandbox.discord.account_calls import AccountCalls
from sandbox.discord.answers import Answers
from sandbox.discord.cdn import Cdn
from sandbox.discord.client import Client, only_from_here
from sandbox.discord.commands import Registry
from sandbox.discord.drafts import Draft
from sandbox.discord.faults import Faults
from sandbox.discord.files import Files
from sandbox.discord.gateway import Gateway
from sandbox.discord.interactions import Interaction
from sandbox.discord.limits import Limits
from sandbox.discord.message_calls import MessageCalls
from sandbox.discord.messages import Messages, Origin
from sandbox.discord.places import Places
from sandbox.discord.rest import PREFIX, Rest
from sandbox.discord.snowflake import Snowflakes
from sandbox.discord.state import (
    JOINED,
    TEXT_CHANNEL,
    Channel,
    Happened,
    Message,
    Role,
    Server,
    User,
    World,
)
from sandbox.discord.webhook_calls import WebhookCalls
from sandbox.people import Person

LOOPBACK = "127.0.0.1"
Panel = Callable[[Person, Channel], Awaitable[dict[str, Any]]]


class ArmFault(Protocol):
    """Arms a fault of the image gateway: for one call, or until it is disarmed."""

    async def __call__(self, name: str | None, *, lasting: bool) -> None:
        """Arm the fault of this name; None disarms."""


class Discord:
    """A Discord on this machine: its state, its doors, and the people in it.

    Args:
        data: where uploads are kept.
        clock: the time all deadlines run by; a movable one can be pushed forward.
        rate_limits: whether the limits told in headers are also enforced.
        privileged: the privileged intents the app was granted.
        panel: gives the page's side panel for a person; none, no panel.
        fault: arms a fault of the image gateway, by the panel's name for it.
    """

    def __init__(
        self,
        data: Path,
        clock: Clock,
        *,
        rate_limits: bool = True,
        privileged: int = 0,
        panel: Panel | None = None,
        fault: ArmFault | None = None,
    ) -> None:
        self.clock = clock
        self.token = secrets.token_urlsafe(32)
        self.errors: list[BaseException] = []
        self.tasks = Tasks(lambda _, error: self.errors.append(error))
        self.snowflakes = Snowflakes(clock)
        bot = User(self.snowflakes.next(), "Easel", "Easel", bot=True)
        owner = User(self.snowflakes.next(), "owner", "Owner")
        self.world = World(bot, owner, users={bot.id: bot})
        self.cdn = Cdn(clock)
        self.files = Files(data, self.snowflakes)
        self.messages = Messages(self.world, clock, self.snowflakes, self.cdn)
        self.answers = Answers(self.world, self.messages, clock, self.snowflakes, self.tasks)
        self.commands = Registry(bot.id, clock, self.snowflakes)
        self.gateway = Gateway(self.world, self.messages, self.tasks, self.token, privileged)
        self.places = Places(self.world, clock, self.snowflakes, self.gateway, self.messages)
        self.faults = Faults()
        self.rest = Rest(self.token, self.faults, Limits(clock, rate_limits))
        self.people: dict[str, Person] = {}
        self.client = Client(self, panel, fault)
        self.world.listeners += [self.gateway.heard, self.client.heard]
        self._furnish()

    @classmethod
    @asynccontextmanager
    async def running(
        cls, port: int = 0, data: Path | None = None, clock: Clock | None = None, **settings: Any
    ) -> AsyncGenerator["Discord"]:
        """Run one on a loopback port (0: any free one) until the block ends."""
        with tempfile.TemporaryDirectory(prefix="stand-in-") as spare:
            discord = cls(data or Path(spare), clock or MovableClock(), **settings)
            async with discord.tasks:
                runner = web.AppRunner(discord._web(), access_log=None, shutdown_timeout=1)
                await runner.setup()
                try:
                    site = web.TCPSite(runner, LOOPBACK, port)
                    await site.start()
                    discord._listen_at(runner.addresses[0][1])
                    yield discord
                finally:
                    await discord.client.close()
                    await discord.gateway.close(code=1001)
                    await runner.cleanup()
        if broken := discord.errors + discord.rest.broken:
            raise BaseExceptionGroup("the stand-in Discord broke", broken)

    @property
    def application_id(self) -> str:
        """Give the application's id, which is the bot's too."""
        return self.world.bot.id

    @property
    def bot(self) -> User:
        """Give the bot's account."""
        return self.world.bot

    @property
    def cdn_host(self) -> str:
        """Give the host of attachment links."""
        return LOOPBACK

    @property
    def studio(self) -> Server:
        """Give the first server."""
        return next(iter(self.world.servers.values()))

    @property
    def home(self) -> Channel:
        """Give the channel people are in unless they say otherwise."""
        return self.channel("general")

    def channel(self, name: str, server: Server | None = None) -> Channel:
        """Find a text channel by name, in the first server unless told."""
        where = server or self.studio
        return next(one for one in where.channels.values() if one.name == name)

    def dm_of(self, user: User) -> Channel:
        """Find the conversation between a person and the bot."""
        return next(one for one in self.world.channels.values() if one.recipient is user)

    def add_server(self, name: str, *, has_bot: bool = True, tier: int = 0) -> Server:
        """Found a server that everybody who is here already joins, with a channel #general."""
        server = self.places.add_server(name, has_bot=has_bot, tier=tier)
        self.places.add_channel(server, "general")
        for person in self.people.values():
            self.places.join(person.user, server)
        return server

    def add_channel(
        self,
        name: str,
        *,
        server: Server | None = None,
        kind: int = TEXT_CHANNEL,
        bot_may_write: bool = True,
        only: Iterable[str] = (),
    ) -> Channel:
        """Open a channel, in the first server unless told; `only` names the roles that see it."""
        where = server or self.studio
        return self.places.add_channel(
            where, name, kind=kind, bot_may_write=bot_may_write, only=only
        )

    def add_role(self, name: str, *, server: Server | None = None, color: int = 0) -> Role:
        """Make a role, in the first server unless told."""
        return self.places.add_role(server or self.studio, name, color=color)

    def role(self, name: str) -> Role:
        """Find a role of the first server by name."""
        return self.studio.role(name)

    def delete_role(self, name: str) -> None:
        """Delete a role of the first server."""
        self.places.delete_role(self.role(name), self.studio)

    def give(self, person: Person, role: str) -> None:
        """Give somebody a role of the first server."""
        self.places.give(self.studio.members[person.id], self.role(role))

    def take(self, person: Person, role: str) -> None:
        """Take a role of the first server from somebody."""
        self.places.take(self.studio.members[person.id], self.role(role))

    def remove(self, person: Person) -> None:
        """Let somebody leave the first server."""
        self.places.leave(person.user, self.studio)

    def add_person(
        self,
        name: str,
        *,
        roles: Iterable[str] = (),
        manager: bool = False,
        locale: str = "en-US",
        dms_open: bool = True,
    ) -> Person:
        """Register somebody and let them into every server; roles are of the first one."""
        user = self.places.add_user(name.capitalize(), locale=locale, dms_open=dms_open)
        for index, server in enumerate(self.world.servers.values()):
            member = self.places.join(user, server, roles if index == 0 else ())
            if manager:
                self.places.make_manager(member)
        person = self.people[user.username] = Person(self, user)
        self.world.tell("places", user)
        return person

    def send_again(self, interaction: Interaction) -> None:
        """Deliver an interaction's event once more, as Discord now and then does."""
        self.gateway.heard(Happened("interaction", interaction))

    def post_webhook(
        self,
        name: str,
        *,
        channel: Channel | None = None,
        content: str = "",
        embeds: Iterable[dict[str, Any]] = (),
    ) -> Message:
        """Post as a webhook of the channel: a feed, another service."""
        author = User(self.snowflakes.next(), name, name, bot=True)
        draft = Draft(body={"content": content, "embeds": list(embeds)})
        origin = Origin(author=author, by_webhook=True)
        return self.messages.post(channel or self.home, draft, origin)

    def announce(
        self, person: Person, *, kind: int = JOINED, channel: Channel | None = None
    ) -> Message:
        """Let Discord itself say something about somebody, such as that they joined."""
        return self.messages.announce(channel or self.home, kind, person.user)

    def delete_message(self, message: Message) -> None:
        """Delete a message as a moderator would."""
        self.messages.delete(message)

    def delete_channel(self, channel: Channel) -> None:
        """Delete a channel."""
        self.places.delete_channel(channel)

    def advance(self, by_s: float) -> None:
        """Push the clock forward; needs a movable one."""
        if not isinstance(self.clock, MovableClock):
            raise TypeError("this stand-in runs by a clock that can't be moved")
        self.clock.advance(by_s)

    def _furnish(self) -> None:
        studio = self.places.add_server("Studio")
        self.places.add_channel(studio, "general", topic="Everything and nothing")
        self.places.add_channel(studio, "painting", topic="Pictures, please")
        self.places.add_channel(studio, "quiet", topic="No bots talking", bot_may_write=False)
        self.places.add_role(studio, "Artists", color=0xE8A33D)
        self.places.add_role(studio, "Team Blue", color=0x4FA3D1)
        managers = self.places.add_managers(studio)
        topic = "What was spent, and who asks for more"
        self.places.add_channel(studio, "budget", topic=topic, only=[managers.name])
        ann = self.add_person("ann", roles=["Artists"], manager=True)
        self.add_person("ben", roles=["Artists", "Team Blue"])
        self.add_person("cleo")
        self.add_person("dana", manager=True)
        self.world.owner = ann.user
        studio.owner_id = ann.id

    def _web(self) -> web.Application:
        app = web.Application(client_max_size=1 << 40, middlewares=[only_from_here])
        messages = MessageCalls(self.world, self.messages, self.files, self.gateway)
        families = [
            AccountCalls(self.world, self.commands, self.gateway).routes(self.rest),
            messages.routes(self.rest),
            [self.rest.route("POST", "/users/@me/channels", messages.open_dm)],
            WebhookCalls(self.answers, self.messages, self.files).routes(self.rest),
            [self.rest.otherwise()],
            self.client.routes(),
        ]
        for family in families:
            app.add_routes(family)
        served = "/{channel}/{file_id}/{name}"
        app.router.add_get("/gateway", self.gateway.serve)
        app.router.add_get("/attachments" + served, self.cdn.serve)
        app.router.add_get("/ephemeral-attachments" + served, self.cdn.serve)
        return app

    def _listen_at(self, port: int) -> None:
        self.base_url = self.cdn.base_url = f"http://{LOOPBACK}:{port}"
        self.api_url = self.base_url + PREFIX
        self.gateway_url = self.gateway.url = f"ws://{LOOPBACK}:{port}/gateway"
