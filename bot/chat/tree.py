"""The command tree: every failure of a command arrives here and becomes words."""

from typing import TYPE_CHECKING, cast

import discord
from discord import app_commands
from typing_extensions import override

from bot.chat import words
from bot.chat.answers import tell_failure
from bot.chat.intake import place_of
from bot.core.problems import NotHere

if TYPE_CHECKING:
    from bot.chat.client import Client


class Tree(app_commands.CommandTree[discord.Client]):
    """Turns strangers away, and tells the others what went wrong."""

    @override
    async def interaction_check(self, interaction: discord.Interaction, /) -> bool:
        desk = cast("Client", interaction.client).rooms.desk
        is_served = desk.serves(place_of(interaction).server_id)
        if not is_served and interaction.type is discord.InteractionType.application_command:
            await interaction.response.send_message(words.explain(NotHere()), ephemeral=True)
        return is_served

    @override
    async def on_error(
        self, interaction: discord.Interaction, error: app_commands.AppCommandError, /
    ) -> None:
        await tell_failure(interaction, getattr(error, "original", error))
