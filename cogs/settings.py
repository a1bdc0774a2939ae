"""/settings: a person's own defaults, and for managers those of a channel or server."""

from discord import Interaction, app_commands
from discord.ext import commands

from bot.chat.answers import acknowledge
from bot.chat.client import Client
from bot.chat.defaults_panel import DefaultsPanel
from bot.core.preferences import Whose


class Settings(commands.Cog):
    """Opens the panel, which does the rest."""

    def __init__(self, defaults: DefaultsPanel) -> None:
        self._defaults = defaults

    @app_commands.command()
    @app_commands.allowed_installs(guilds=True, users=True)
    @app_commands.allowed_contexts(guilds=True, dms=True, private_channels=True)
    async def settings(self, interaction: Interaction) -> None:
        """Choose what is ordered when you don't say: shape, size, count, model and more."""
        await acknowledge(interaction)
        await self._defaults.show(interaction, Whose.YOU)


async def setup(bot: Client) -> None:
    """Put the cog up."""
    await bot.add_cog(Settings(bot.rooms.defaults))
