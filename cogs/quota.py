"""/quota: what a person has left, and what they had."""

from discord import Interaction, app_commands
from discord.ext import commands

from bot.chat import guide, panels
from bot.chat.answers import acknowledge
from bot.chat.client import Client
from bot.chat.intake import payer_of, place_of
from bot.store.store import Store


class Quota(commands.Cog):
    """Shows a person their own money, to them alone."""

    def __init__(self, store: Store) -> None:
        self._store = store

    @app_commands.command()
    @app_commands.allowed_installs(guilds=True, users=True)
    @app_commands.allowed_contexts(guilds=True, dms=True, private_channels=True)
    @app_commands.describe(**guide.QUOTA_OPTIONS)
    async def quota(
        self,
        interaction: Interaction,
        details: bool = False,  # noqa: FBT001, FBT002 - an option
    ) -> None:
        """See what you have left, what is held, and your last receipts."""
        await acknowledge(interaction)
        page = await self._store.quota(place_of(interaction), payer_of(interaction.user))
        view = panels.quota(*page, details=details)
        await interaction.edit_original_response(view=view)


async def setup(bot: Client) -> None:
    """Put the cog up."""
    await bot.add_cog(Quota(bot.rooms.store))
