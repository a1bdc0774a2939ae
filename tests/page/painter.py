"""A small real bot that shows the page one of everything."""

import asyncio
import io
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Any, Literal

import discord
import yarl
from discord import app_commands, ui
from PIL import Image
from typing_extensions import override

from bot.core.tasks import Tasks
from sandbox.discord.app import Discord
from tests.page import treasurer

SIZES = {"1:1": (160, 160), "16:9": (320, 180), "9:16": (180, 320)}
Shape = Literal["1:1", "16:9", "9:16"]
MONEY: tuple[Any, ...] = (treasurer.budget, treasurer.usage, treasurer.grant)
MODELS = ("Imagen 4", "Imagen 4 Fast", "Watercolour")


class Edit(ui.Modal, title="Edit this picture"):
    """Every kind of field that a person fills in."""

    said: ui.Label[ui.Modal] = ui.Label(
        text="What should change?",
        component=ui.TextInput(style=discord.TextStyle.paragraph, max_length=400),
    )
    number: ui.Label[ui.Modal] = ui.Label(
        text="Which picture?",
        component=ui.RadioGroup(
            options=[discord.RadioGroupOption(label=f"Picture {n}", value=str(n)) for n in (1, 2)],
        ),
    )
    shape: ui.Label[ui.Modal] = ui.Label(
        text="Shape",
        component=ui.Select(
            options=[discord.SelectOption(label=shape) for shape in SIZES],
        ),
    )
    more: ui.Label[ui.Modal] = ui.Label(
        text="References", component=ui.FileUpload(required=False, min_values=0, max_values=2)
    )

    @override
    async def on_submit(self, interaction: discord.Interaction) -> None:
        parts = [each.component for each in (self.said, self.number, self.shape, self.more)]
        said, number, shape, more = parts
        assert isinstance(said, ui.TextInput)
        assert isinstance(number, ui.RadioGroup)
        assert isinstance(shape, ui.Select)
        assert isinstance(more, ui.FileUpload)
        names = ", ".join(file.filename for file in more.values)
        told = f"{said.value} | {number.value} | {shape.values[0]} | {names}"
        await interaction.response.send_message(told, ephemeral=True)


class Buttons(ui.View):
    """What stands under a picture."""

    @ui.button(label="Edit…", custom_id="edit")
    async def edit(self, interaction: discord.Interaction, _: ui.Button[ui.View]) -> None:
        await interaction.response.send_modal(Edit())

    @ui.button(label="Why?", custom_id="why", style=discord.ButtonStyle.primary)
    async def why(self, interaction: discord.Interaction, _: ui.Button[ui.View]) -> None:
        told = f"Because {interaction.user.name} asked"
        await interaction.response.send_message(told, ephemeral=True)

    @ui.button(label="Mute", custom_id="mute", style=discord.ButtonStyle.danger)
    async def mute(self, _: discord.Interaction, __: ui.Button[ui.View]) -> None:
        """Say nothing, as a broken app does."""


class ShapeSelect(ui.Select["Settings"]):
    """Chooses the shape, and shows the panel anew."""

    @override
    async def callback(self, interaction: discord.Interaction) -> None:
        await interaction.response.edit_message(view=Settings(self.values[0]))


class Settings(ui.LayoutView):
    """A panel of Components V2."""

    def __init__(self, shape: str) -> None:
        super().__init__(timeout=None)
        options = [discord.SelectOption(label=each, default=each == shape) for each in SIZES]
        row: ui.ActionRow[Settings] = ui.ActionRow()
        row.add_item(ShapeSelect(placeholder="Your shape", options=options))
        text: ui.TextDisplay[Settings] = ui.TextDisplay(f"## Settings\nShape is **{shape}**")
        self.add_item(ui.Container(text, ui.Separator(), row, accent_color=0x7D8CF0))


class Turn(ui.Button["History"]):
    """Goes to another page of the history, its pictures with it."""

    @override
    async def callback(self, interaction: discord.Interaction) -> None:
        number = int(str(self.custom_id).split(":")[1])
        await interaction.response.edit_message(
            view=History(number), attachments=thumbnails(number)
        )


class Pick(ui.Select["History"]):
    """Chooses one of the pictures, and keeps them all."""

    @override
    async def callback(self, interaction: discord.Interaction) -> None:
        assert self.view is not None
        await interaction.response.edit_message(view=History(self.view.number, self.values[0]))


class History(ui.LayoutView):
    """A panel with one of every part that Components V2 has."""

    def __init__(self, number: int, chosen: str = "") -> None:
        super().__init__(timeout=None)
        self.number = number
        told = f"**a harbour at dawn**, long before the boats come in\n-# page {number}, {chosen}"
        large = ui.Thumbnail[History](f"attachment://{number}-1.png", description="a harbour")
        mine = ui.Button[History](label="Only mine", custom_id="mine", emoji="\N{ARTIST PALETTE}")
        shown = [
            discord.MediaGalleryItem(f"attachment://{number}-{at}.png", description=f"sketch {at}")
            for at in (2, 3, 4)
        ]
        options = [
            discord.SelectOption(label=f"Sketch {at}", value=f"sketch {at}", description="Imagen 4")
            for at in (2, 3, 4)
        ]
        pick = Pick(placeholder="Show one", options=options, custom_id="pick")
        back = Turn(label="Back", custom_id=f"to:{number - 1}", disabled=number == 1)
        on = Turn(label="Next", custom_id=f"to:{number + 1}")
        container = ui.Container[History](
            ui.TextDisplay("## History"),
            ui.Section(told, accessory=large),
            ui.Separator(spacing=discord.SeparatorSpacing.large),
            ui.Section("Everybody's pictures", accessory=mine),
            ui.MediaGallery(*shown),
            ui.ActionRow(pick),
            ui.ActionRow(back, on),
            accent_color=0xE8A33D,
        )
        self.add_item(container)


def thumbnails(page: int) -> list[discord.File]:
    sizes = list(SIZES.values())
    found = [picture(sizes[at % 3], page * at, spoiler=False) for at in range(1, 5)]
    for at, file in enumerate(found, 1):
        file.filename = f"{page}-{at}.png"
    return found


async def models(_: discord.Interaction, typed: str) -> list[app_commands.Choice[str]]:
    fitting = [name for name in MODELS if typed.lower() in name.lower()]
    return [app_commands.Choice(name=f"{name} · $0.04", value=name) for name in fitting]


def picture(size: tuple[int, int], number: int, *, spoiler: bool) -> discord.File:
    out = io.BytesIO()
    Image.new("RGB", size, (40 * number % 256, 90, 160)).save(out, "PNG")
    out.seek(0)
    return discord.File(
        out, f"{number}.png", spoiler=spoiler, description=f"picture number {number}"
    )


@app_commands.command(description="Paint new pictures")
@app_commands.describe(prompt="What to paint", aspect="Its shape", model="Who paints")
@app_commands.autocomplete(model=models)
async def imagine(
    interaction: discord.Interaction,
    prompt: str,
    aspect: Shape = "1:1",
    model: str = MODELS[0],
    count: app_commands.Range[int, 1, 10] = 1,
    spoiler: bool = False,  # noqa: FBT001, FBT002 - a slash option is positional
) -> None:
    await interaction.response.defer(ephemeral=True, thinking=True)
    assert isinstance(interaction.channel, discord.TextChannel)
    size = SIZES[aspect]
    files = [picture(size, number, spoiler=spoiler) for number in range(1, count + 1)]
    told = f"{interaction.user.mention} {prompt}\n-# {model} · {aspect}"
    await interaction.channel.send(told, files=files, view=Buttons(timeout=None))
    await interaction.delete_original_response()


@app_commands.command(description="Change a picture")
async def edit(
    interaction: discord.Interaction,
    prompt: str,
    image: discord.Attachment,
    more: discord.Attachment | None = None,
) -> None:
    told = f"{prompt}: {image.filename}, {image.width} wide, and {more and more.filename}"
    await interaction.response.send_message(told)


@app_commands.command(description="Show what is yours")
async def settings(interaction: discord.Interaction, note: str = "") -> None:
    if note:
        assert isinstance(interaction.channel, discord.TextChannel)
        last = [each async for each in interaction.channel.history(limit=1)]
        await interaction.response.send_message(f"{note}: {last[0].jump_url}", ephemeral=True)
        return
    await interaction.response.send_message(view=Settings("1:1"), ephemeral=True)


@app_commands.command(description="Show what was painted")
async def history(interaction: discord.Interaction) -> None:
    await interaction.response.defer(ephemeral=True)
    await interaction.edit_original_response(view=History(1), attachments=thumbnails(1))


@app_commands.command(description="Never answer")
async def silent(interaction: discord.Interaction) -> None:
    """Say nothing, as a broken app does."""


@app_commands.context_menu(name="Image details")
async def details(interaction: discord.Interaction, message: discord.Message) -> None:
    told = f"{len(message.attachments)} pictures"
    await interaction.response.send_message(told, ephemeral=True)


class Painter(discord.Client):
    """Connects and registers its commands."""

    def __init__(self) -> None:
        super().__init__(intents=discord.Intents.default(), guild_ready_timeout=0.1)
        self.connected = asyncio.Event()
        self.tree = app_commands.CommandTree(self)
        for command in (imagine, edit, settings, history, silent, details, *MONEY):
            self.tree.add_command(command)

    @override
    async def setup_hook(self) -> None:
        await self.tree.sync()

    async def on_ready(self) -> None:
        self.connected.set()


@asynccontextmanager
async def painting(where: Discord) -> AsyncGenerator[Painter]:
    """Run the bot on a stand-in Discord until the block ends."""
    discord.http.Route.BASE = where.api_url
    discord.gateway.DiscordWebSocket.DEFAULT_GATEWAY = yarl.URL(where.gateway_url)
    errors: list[BaseException] = []
    async with Tasks(lambda _, error: errors.append(error), grace_s=5) as tasks, Painter() as bot:
        _ = tasks.spawn("the painter", bot.start(where.token))
        await asyncio.wait_for(bot.connected.wait(), 10)
        yield bot
        await bot.close()
    assert not errors
