"""The connection to Discord: which events it asks for, and what it carries to the cogs."""

import hashlib
import json
from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import cast

import discord
import structlog
import yarl
from discord import Interaction, app_commands
from discord.ext import commands
from discord.gateway import DiscordWebSocket
from discord.http import Route
from typing_extensions import override

from bot.chat import refusals, words
from bot.chat.answers import Refusal, tell_failure
from bot.chat.asks import Asks
from bot.chat.buttons import BUTTONS, is_one_of
from bot.chat.counter import Counter
from bot.chat.defaults_panel import DEFAULT_SELECTS, DefaultsPanel
from bot.chat.gallery import Gallery
from bot.chat.history_buttons import HISTORY_BUTTONS
from bot.chat.intake import place_of
from bot.chat.pace import Pace
from bot.chat.presets_panel import PRESET_BUTTONS, PresetsPanel
from bot.chat.remix import Remix
from bot.chat.replies import Replies
from bot.chat.result_buttons import RESULT_BUTTONS
from bot.core.clock import Clock
from bot.core.problems import NotHere
from bot.imaging.charts import Charts
from bot.store.store import Store
from bot.studio.desk import Desk
from bot.studio.shelf import Shelf

log = structlog.get_logger(__name__)

# Nothing privileged: replies with a ping, DMs and interactions bring their own content.
INTENTS = discord.Intents(guilds=True, guild_messages=True, dm_messages=True)

_BUTTONS = (*BUTTONS, *RESULT_BUTTONS, *HISTORY_BUTTONS, *DEFAULT_SELECTS, *PRESET_BUTTONS)
_RATE_LIMIT_WAIT_S = 60.0
_HEARD_MAX = 1_000


@dataclass(frozen=True, slots=True)
class Rooms:
    """What the cogs and buttons are built from."""

    asks: Asks
    counter: Counter
    remix: Remix
    gallery: Gallery
    replies: Replies
    defaults: DefaultsPanel
    presets: PresetsPanel
    desk: Desk
    shelf: Shelf
    store: Store
    charts: Charts
    clock: Clock
    pace: Pace


class Tree(app_commands.CommandTree[discord.Client]):
    """Turns strangers and scripts away, and tells the others what went wrong with their command."""

    @override
    async def interaction_check(self, interaction: Interaction, /) -> bool:
        is_command = interaction.type is discord.InteractionType.application_command
        try:
            _check_welcome(interaction, counted=is_command)
        except Refusal as refusal:
            if is_command:
                await interaction.response.send_message(str(refusal), ephemeral=True)
            return False
        return True

    @override
    async def on_error(
        self, interaction: Interaction, error: app_commands.AppCommandError, /
    ) -> None:
        await tell_failure(interaction, getattr(error, "original", error))


def _check_welcome(interaction: Interaction, *, counted: bool) -> None:
    rooms = cast("Client", interaction.client).rooms
    if not rooms.desk.serves(place_of(interaction).server_id):
        raise Refusal(refusals.explain(NotHere()))
    if counted:
        rooms.pace.check(interaction.user.id)


class Client(commands.AutoShardedBot):
    """One connection; when it breaks beyond repair a new one takes its place.

    Args:
        rooms: handed to the cogs by their `setup`.
        extensions: dotted names of the cogs' modules.
        connected: told each time the connection is ready.
        ready_timeout_s: how long to wait for further servers before being ready.
    """

    def __init__(
        self,
        rooms: Rooms,
        extensions: tuple[str, ...],
        connected: Callable[["Client"], Awaitable[None]],
        *,
        ready_timeout_s: float = 2.0,
    ) -> None:
        super().__init__(
            command_prefix=(),
            help_command=None,
            intents=INTENTS,
            tree_cls=Tree,
            allowed_mentions=discord.AllowedMentions.none(),
            max_ratelimit_timeout=_RATE_LIMIT_WAIT_S,
            guild_ready_timeout=ready_timeout_s,
            chunk_guilds_at_startup=False,
            member_cache_flags=discord.MemberCacheFlags.none(),
            max_messages=None,
        )
        self.rooms = rooms
        self.was_ready = False
        self._extension_names = extensions
        self._connected = connected
        self._heard: deque[int] = deque(maxlen=_HEARD_MAX)

    @override
    async def setup_hook(self) -> None:
        self.add_dynamic_items(*_BUTTONS)
        for name in self._extension_names:
            await self.load_extension(name)
        await self._register()

    def add_below(self, group: str, cog: commands.Cog) -> None:
        """Put a cog's commands below the group of another that was put up before."""
        above = self.tree.get_command(group)
        assert isinstance(above, app_commands.Group)  # noqa: S101 - in the order of extensions
        for command in cog.get_app_commands():
            above.add_command(command)

    def heard_before(self, interaction_id: int) -> bool:
        """Tell whether an interaction is a repetition: Discord may deliver an event twice."""
        if interaction_id in self._heard:
            return True
        self._heard.append(interaction_id)
        return False

    async def on_ready(self) -> None:
        """Remember that it worked once: what breaks it later deserves a quick new try."""
        self.was_ready = True
        log.info("ready", user=str(self.user), servers=len(self.guilds))
        await self._connected(self)

    async def on_interaction(self, interaction: Interaction) -> None:
        """Answer forms and buttons nobody knows any more: the library drops them in silence."""
        kinds = discord.InteractionType
        custom_id = str(cast("dict[str, object]", interaction.data or {}).get("custom_id"))
        forms = self._connection._view_store._modals  # noqa: SLF001 - no public view
        if (interaction.type is kinds.modal_submit and custom_id not in forms) or (
            interaction.type is kinds.component and not is_one_of(_BUTTONS, custom_id)
        ):
            await interaction.response.send_message(words.NO_LONGER_VALID, ephemeral=True)

    @override
    async def on_message(self, message: discord.Message, /) -> None:
        """Messages are not commands; the library would look for a prefix."""

    async def _register(self) -> None:
        """Send the commands to Discord only when they changed: creations are counted a day."""
        payload = [command.to_dict(self.tree) for command in self.tree.get_commands()]
        digest = hashlib.sha256(json.dumps(payload, sort_keys=True).encode()).hexdigest()
        name = f"commands:{self.application_id}"
        if await self.rooms.store.recall(name) != digest:
            await self.tree.sync()
            await self.rooms.store.remember(name, digest)
            log.info("commands registered", count=len(payload))


def point_discord_at(api_url: str | None, gateway_url: str | None) -> None:
    """Aim the library at a REST proxy or another gateway, for the whole process.

    discord.py has no setting for it; both are class attributes that it reads when used.
    """
    if api_url is not None:
        Route.BASE = api_url
    if gateway_url is not None:
        DiscordWebSocket.DEFAULT_GATEWAY = yarl.URL(gateway_url)
