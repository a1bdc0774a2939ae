"""A small real discord.py bot whose work is the test's."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Coroutine
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import discord as library
from discord import app_commands
from discord.ext import commands
from typing_extensions import override

from bot.core.tasks import Tasks
from sandbox.discord.app import Discord

Interaction = library.Interaction[Any]
Work = Callable[[Interaction], Awaitable[None]]


@dataclass
class Script:
    """What the bot does for each command; tests put their own work in."""

    imagine: Work | None = None
    press: Work | None = None
    heard: asyncio.Queue[library.Message] = field(default_factory=asyncio.Queue)
    edited: asyncio.Queue[library.Message] = field(default_factory=asyncio.Queue)
    errors: list[BaseException] = field(default_factory=list)
    done: asyncio.Event = field(default_factory=asyncio.Event)

    async def run(self, work: Work | None, interaction: Interaction) -> None:
        try:
            if work is not None:
                await work(interaction)
        except library.HTTPException as error:
            self.errors.append(error)
        finally:
            self.done.set()

    async def code(self) -> int:
        """Wait for the end of the work and give the error code it ended with."""
        async with asyncio.timeout(30):
            await self.done.wait()
        (error,) = self.errors
        assert isinstance(error, library.HTTPException)
        return error.code

    async def next_heard(self) -> library.Message:
        async with asyncio.timeout(30):
            return await self.heard.get()


class Vary(
    library.ui.DynamicItem[library.ui.Button[library.ui.View]], template=r"v1:vary:(?P<job>\w+)"
):
    @override
    @classmethod
    async def from_custom_id(cls, interaction: Interaction, item: Any, match: Any) -> "Vary":
        return cls(item)

    @override
    async def callback(self, interaction: Interaction) -> None:
        script = interaction.client.script
        script.done.clear()
        await script.run(script.press, interaction)


def vary_view(job: str = "k7") -> library.ui.View:
    view = library.ui.View(timeout=None)
    view.add_item(library.ui.Button(label="Vary", custom_id=f"v1:vary:{job}"))
    return view


class Old(library.ui.Modal, title="Old"):
    """A field in a row, as modals were written once."""

    words: library.ui.TextInput[Any] = library.ui.TextInput(label="Words", required=False)

    @override
    async def on_submit(self, interaction: Interaction, /) -> None:
        await interaction.response.send_message(f"got {self.words.value!r}")


INTENTS = library.Intents(guilds=True, guild_messages=True, dm_messages=True)


class Painter(commands.AutoShardedBot):
    """A bot with one command of each kind, whose work is the test's."""

    def __init__(self, script: Script, **settings: Any) -> None:
        defaults: dict[str, Any] = {"intents": INTENTS, "guild_ready_timeout": 0.1}
        super().__init__(commands.when_mentioned, **(defaults | settings))
        self.script = script

    @override
    async def setup_hook(self) -> None:
        self.add_dynamic_items(Vary)
        self.tree.add_command(imagine)
        self.tree.add_command(admin)
        self.tree.add_command(about)
        self.tree.add_command(budget)
        self.tree.add_command(app_commands.ContextMenu(name="Edit image", callback=edit_image))
        self.tree.add_command(app_commands.ContextMenu(name="View usage", callback=view_usage))
        await self.tree.sync()

    @override
    async def on_message(self, message: library.Message, /) -> None:
        if message.author.id != getattr(self.user, "id", 0):
            self.script.heard.put_nowait(message)

    async def on_message_edit(self, _: library.Message, after: library.Message) -> None:
        self.script.edited.put_nowait(after)


@app_commands.command()
@app_commands.choices(aspect=[app_commands.Choice(name=one, value=one) for one in ("1:1", "16:9")])
async def imagine(
    interaction: Interaction,
    prompt: app_commands.Range[str, 1, 4000],
    aspect: str | None = None,
    model: str | None = None,
    count: app_commands.Range[int, 1, 10] | None = None,
    picture: library.Attachment | None = None,
) -> None:
    """Paint a picture."""
    interaction.extras["options"] = (prompt, aspect, model, count, picture)
    script = interaction.client.script
    await script.run(script.imagine, interaction)


@imagine.autocomplete("model")
async def models(_: Interaction, current: str) -> list[app_commands.Choice[str]]:
    names = ("imagen-4", "imagen-4-fast")
    return [app_commands.Choice(name=one, value=one) for one in names if current in one]


admin = app_commands.Group(
    name="admin",
    description="For managers",
    default_permissions=library.Permissions(manage_guild=True),
)


@admin.command()
async def limit(
    interaction: Interaction, role: library.Role, where: library.TextChannel | None = None
) -> None:
    """Set a limit."""
    place = where.name if where else "everywhere"
    await interaction.response.send_message(f"{role.name} in {place}", ephemeral=True)


@app_commands.command()
@app_commands.allowed_installs(guilds=True, users=True)
@app_commands.allowed_contexts(guilds=True, dms=True, private_channels=True)
async def about(interaction: Interaction) -> None:
    """Tell about the bot."""
    await interaction.response.send_message("I paint.")


budget = app_commands.Group(
    name="budget",
    description="Limits",
    guild_only=True,
    default_permissions=library.Permissions(manage_guild=True),
)
team = app_commands.Group(name="team", description="Teams", parent=budget)


@team.command()
async def create(
    interaction: Interaction,
    user: library.Member,
    where: library.TextChannel,
    whom: library.Member | library.Role,
    amount: app_commands.Range[float, 0.01, 100.0],
    name: str = "Blue",
) -> None:
    """Make a team."""
    roles = ", ".join(role.name for role in user.roles)
    told = f"{name}: {user.name} ({roles}), {where.name}, {whom.name}, {amount}"
    await interaction.response.send_message(told, ephemeral=True)


@create.autocomplete("name")
async def team_names(interaction: Interaction, _: str) -> list[app_commands.Choice[str]]:
    chosen = interaction.namespace.user
    return [app_commands.Choice(name=f"Team of {chosen.id}", value="x")]


async def view_usage(interaction: Interaction, person: library.Member) -> None:
    manages = person.resolved_permissions and person.resolved_permissions.manage_guild
    roles = ", ".join(role.name for role in person.roles[1:])
    told = f"{person.name} ({roles}) {'manages' if manages else 'paints'}"
    await interaction.response.send_message(told, ephemeral=True)


async def edit_image(interaction: Interaction, message: library.Message) -> None:
    await interaction.response.send_message(f"{len(message.attachments)} pictures", ephemeral=True)


@asynccontextmanager
async def connected(
    discord: Discord, script: Script, kind: type[Painter] = Painter, **settings: Any
) -> AsyncGenerator[Painter]:
    """Log a bot in, wait until it is ready, and log it out at the end."""
    failures: list[BaseException] = []
    async with (
        Tasks(lambda _, error: failures.append(error)) as tasks,
        kind(script, **settings) as bot,
    ):
        _ = tasks.spawn("bot", bot.start(discord.token))
        await bot.wait_until_ready()
        yield bot
    assert not failures


def deferred(work: Callable[[Interaction], Coroutine[Any, Any, None]]) -> Work:
    """Acknowledge first, then do the work."""

    async def run(interaction: Interaction) -> None:
        await interaction.response.defer()
        await work(interaction)

    return run
