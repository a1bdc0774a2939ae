"""The command tree: every failure of a command arrives here and becomes words."""

import secrets

import discord
import structlog
from discord import app_commands
from typing_extensions import override

from bot.chat import words
from bot.core.problems import Refused

log = structlog.get_logger(__name__)

_UNKNOWN_INTERACTION = 10062


class Tree(app_commands.CommandTree[discord.Client]):
    """Tells the person what went wrong, under a number the log knows too."""

    @override
    async def on_error(
        self, interaction: discord.Interaction, error: app_commands.AppCommandError, /
    ) -> None:
        await tell_failure(interaction, getattr(error, "original", error))


async def tell_failure(interaction: discord.Interaction, error: Exception) -> None:
    """Say why in words; what was not meant for people gets an incident number instead."""
    if isinstance(error, discord.NotFound) and error.code == _UNKNOWN_INTERACTION:
        log.warning("acknowledged too late; nothing was held", interaction=interaction.id)
        return
    if isinstance(error, Refused):
        text = words.explain(error.problem)
    else:
        incident = secrets.token_hex(4)
        log.error("a handler broke", incident=incident, exc_info=error)
        text = words.WENT_WRONG.format(incident=incident)
    if interaction.response.is_done():
        await interaction.edit_original_response(content=text, view=None)
    else:
        await interaction.response.send_message(text, ephemeral=True)
