"""The command tree: every failure of a command arrives here and becomes words."""

import discord
from discord import app_commands
from typing_extensions import override

from bot.chat.answers import tell_failure


class Tree(app_commands.CommandTree[discord.Client]):
    """Tells the person what went wrong, under a number the log knows too."""

    @override
    async def on_error(
        self, interaction: discord.Interaction, error: app_commands.AppCommandError, /
    ) -> None:
        await tell_failure(interaction, getattr(error, "original", error))
