"""/help: how to get pictures, in one screen."""

import discord
from discord import app_commands
from discord.ext import commands

from bot.chat import guide, panels, words
from bot.chat.client import Client
from bot.studio.shelf import Shelf


class Help(commands.Cog):
    """Explains the bot with the prices it has now."""

    def __init__(self, shelf: Shelf) -> None:
        self._shelf = shelf

    @app_commands.command()
    @app_commands.allowed_installs(guilds=True, users=True)
    @app_commands.allowed_contexts(guilds=True, dms=True, private_channels=True)
    async def help(self, interaction: discord.Interaction) -> None:
        """Learn how to order pictures, and what they cost."""
        sections = [*([text] for text in guide.HELP), words.price_list(self._shelf.catalogue)]
        await interaction.response.send_message(
            view=panels.panel("How Easel works", sections), ephemeral=True
        )


async def setup(bot: Client) -> None:
    """Put the cog up."""
    await bot.add_cog(Help(bot.rooms.shelf))
