"""/preset: styles under a name, a person's own and those that a server shares."""

from discord import Interaction, app_commands
from discord.app_commands import Choice, Range
from discord.ext import commands

from bot.chat import guide, preference_words
from bot.chat.answers import Refusal, acknowledge
from bot.chat.client import Client
from bot.chat.counter import Counter
from bot.chat.intake import Wish, place_of
from bot.chat.models import model_choices, offered
from bot.chat.presets import own_preset_choices, preset_called, preset_choices, read_preset
from bot.chat.presets_panel import PresetsPanel
from bot.chat.rights import acknowledge_once, check_manages
from bot.core.order import COUNT_MAX, PROMPT_MAX
from bot.core.preferences import Options
from bot.store.presets import NAME_MAX, TEXT_MAX, PresetTaken, TooManyPresets
from bot.store.store import Store
from bot.studio.desk import Desk
from bot.studio.shelf import Shelf

Name = Range[str, 1, 100]  # as long as a line of the list, which some clients send instead


@app_commands.allowed_installs(guilds=True, users=True)
@app_commands.allowed_contexts(guilds=True, dms=True, private_channels=True)
class Presets(commands.GroupCog, name="preset", description="Keep and use styles under a name"):
    """Keeps, uses, shows, shares and deletes presets."""

    def __init__(
        self, counter: Counter, desk: Desk, panel: PresetsPanel, shelf: Shelf, store: Store
    ) -> None:
        self._counter = counter
        self._desk = desk
        self._panel = panel
        self._shelf = shelf
        self._store = store
        lists = offered(shelf.catalogue, "aspect", "size", "format")
        app_commands.choices(**lists)(self.save)

    @app_commands.command()
    @app_commands.describe(**guide.PRESET_OPTIONS)
    @app_commands.autocomplete(model=model_choices)
    @app_commands.choices(count=[Choice(name=str(n), value=n) for n in range(1, COUNT_MAX + 1)])
    async def save(  # noqa: PLR0917 - the library passes options by name
        self,
        interaction: Interaction,
        name: Range[str, 1, NAME_MAX],
        prompt: Range[str, 1, TEXT_MAX] | None = None,
        aspect: str | None = None,
        size: str | None = None,
        count: int | None = None,
        model: str | None = None,
        format: str | None = None,  # noqa: A002 - the option's name
    ) -> None:
        """Keep a style for yourself: words for your prompts, and options."""
        await acknowledge_once(interaction)
        options = Options(aspect=aspect, size=size, count=count, model=model, format=format)
        preset = read_preset(name, prompt, options, self._desk, self._shelf.catalogue)
        try:
            replaced = await self._store.save_preset(interaction.user.id, preset)
        except TooManyPresets:
            raise Refusal(preference_words.TOO_MANY) from None
        news = preference_words.saved(preset, self._shelf.catalogue, replaced=replaced)
        await interaction.edit_original_response(content=news)

    @app_commands.command()
    @app_commands.describe(**guide.PRESET_USE)
    @app_commands.autocomplete(name=preset_choices)
    async def use(
        self,
        interaction: Interaction,
        name: Name,
        prompt: Range[str, 1, PROMPT_MAX] | None = None,
    ) -> None:
        """Paint new pictures in a style that you or this server keeps."""
        await self._counter.order(interaction, Wish(prompt=prompt, preset=name))

    @app_commands.command(name="list")
    async def panel(self, interaction: Interaction) -> None:
        """See the presets that you can use here, and what each does."""
        await acknowledge(interaction)
        await self._panel.show(interaction)

    @app_commands.command()
    @app_commands.describe(name=guide.PRESET_NAME)
    @app_commands.autocomplete(name=own_preset_choices)
    async def share(self, interaction: Interaction, name: Name) -> None:
        """Give one of your presets to this server, for everybody in it; managers only."""
        await acknowledge_once(interaction)
        place, who = place_of(interaction), interaction.user.id
        if place.server_id is None:
            raise Refusal(preference_words.ONLY_IN_SERVERS)
        await check_manages(interaction, self._store)
        preset = await preset_called(self._store, who, place, name, own=True)
        try:
            there = await self._store.share_preset(preset, place.server_id, who)
        except PresetTaken:
            raise Refusal(preference_words.taken(preset.name)) from None
        except TooManyPresets:
            raise Refusal(preference_words.TOO_MANY_SHARED) from None
        if not there:
            raise Refusal(preference_words.GONE)
        await interaction.edit_original_response(content=preference_words.shared(preset.name))

    @app_commands.command()
    @app_commands.describe(name=guide.PRESET_NAME)
    @app_commands.autocomplete(name=preset_choices)
    async def delete(self, interaction: Interaction, name: Name) -> None:
        """Delete one of your presets or, as a manager, one that this server shares."""
        await acknowledge_once(interaction)
        place, who = place_of(interaction), interaction.user.id
        preset = await preset_called(self._store, who, place, name)
        if preset.shared:
            await check_manages(interaction, self._store)
        if not await self._store.delete_preset(preset, place.server_id, who):
            raise Refusal(preference_words.GONE)
        news = preference_words.deleted(preset.name, shared=preset.shared)
        await interaction.edit_original_response(content=news)


async def setup(bot: Client) -> None:
    """Put the cog up."""
    rooms = bot.rooms
    desk, shelf = rooms.desk, rooms.shelf
    await bot.add_cog(Presets(rooms.counter, desk, rooms.presets, shelf, rooms.store))
