"""/history and /show: results found again, with everything that can be done with them."""

import discord
from discord import Interaction, app_commands
from discord.app_commands import Range
from discord.ext import commands

from bot.chat import edit_words, guide
from bot.chat.answers import Refusal, acknowledge
from bot.chat.client import Client
from bot.chat.gallery import Gallery
from bot.chat.history_buttons import SEARCH_MAX
from bot.chat.rights import manages
from bot.store.store import Store


class History(commands.Cog):
    """Shows people their pictures, and managers those of their server's members."""

    def __init__(self, gallery: Gallery, store: Store) -> None:
        self._gallery = gallery
        self._store = store

    @app_commands.command()
    @app_commands.allowed_installs(guilds=True, users=True)
    @app_commands.allowed_contexts(guilds=True, dms=True, private_channels=True)
    @app_commands.describe(**guide.HISTORY_OPTIONS)
    async def history(
        self,
        interaction: Interaction,
        search: Range[str, 1, SEARCH_MAX] = "",
        by: discord.User | None = None,
    ) -> None:
        """Look through your pictures, find one by its words, and see its versions."""
        await acknowledge(interaction)
        whose = by or interaction.user
        if whose.id != interaction.user.id and not await manages(interaction, self._store):
            raise Refusal(edit_words.NOT_YOUR_HISTORY)
        await self._gallery.history(
            interaction, whose=whose.id, search=" ".join(search.split()), first=0
        )

    @app_commands.command()
    @app_commands.allowed_installs(guilds=True, users=True)
    @app_commands.allowed_contexts(guilds=True, dms=True, private_channels=True)
    @app_commands.rename(receipt_id="id")
    @app_commands.describe(**guide.SHOW_OPTIONS)
    async def show(
        self,
        interaction: Interaction,
        receipt_id: Range[str, 1, 40],
        public: bool = False,  # noqa: FBT001, FBT002 - an option
    ) -> None:
        """Show a result once more, with all its buttons."""
        await acknowledge(interaction)
        await self._gallery.show(interaction, receipt_id, public=public)


async def setup(bot: Client) -> None:
    """Put the cog up."""
    await bot.add_cog(History(bot.rooms.gallery, bot.rooms.store))
