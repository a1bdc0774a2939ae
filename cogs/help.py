"""/help: how to get pictures, in one screen."""

from discord import Interaction, app_commands
from discord.ext import commands

from bot.chat import guide, panels, words
from bot.chat.answers import acknowledge
from bot.chat.client import Client
from bot.studio.desk import Desk
from bot.studio.shelf import Shelf


class Help(commands.Cog):
    """Explains the bot with the prices it has now."""

    def __init__(self, desk: Desk, shelf: Shelf) -> None:
        self._desk = desk
        self._shelf = shelf

    @app_commands.command()
    @app_commands.allowed_installs(guilds=True, users=True)
    @app_commands.allowed_contexts(guilds=True, dms=True, private_channels=True)
    async def help(self, interaction: Interaction) -> None:
        """Learn how to order pictures, and what they cost."""
        await acknowledge(interaction)
        prices = [
            words.price(model, await self._desk.price(model, model.size_default))
            for model in self._shelf.catalogue.enabled
        ]
        sections = [*([text] for text in guide.HELP), ["**Models**", *prices]]
        await interaction.edit_original_response(view=panels.panel("How Easel works", sections))


async def setup(bot: Client) -> None:
    """Put the cog up."""
    await bot.add_cog(Help(bot.rooms.desk, bot.rooms.shelf))
