"""/budget report: who and what the money went to."""

from discord import Interaction, app_commands
from discord.ext import commands

from bot.chat import budget_words, guide, words
from bot.chat.answers import Refusal
from bot.chat.choosing import choices
from bot.chat.client import Client
from bot.chat.report import report_parts
from bot.chat.rights import as_manager
from bot.core.report import Span
from bot.imaging.charts import Charts
from bot.store.store import Store
from bot.studio.shelf import Shelf


class Reports(commands.Cog):
    """Shows managers what was spent, in words, as a chart and as a file."""

    def __init__(self, store: Store, charts: Charts, shelf: Shelf) -> None:
        self._store = store
        self._charts = charts
        self._shelf = shelf

    @app_commands.command()
    @app_commands.describe(**guide.REPORT_OPTIONS)
    @app_commands.choices(period=choices(Span))
    async def report(self, interaction: Interaction, period: str = Span.THIS_MONTH) -> None:
        """See what was spent, by whom and on what, with a chart and every entry in a file."""
        await as_manager(interaction, self._store)
        guild = interaction.guild
        if guild is None or period not in set(Span):
            raise Refusal(words.NOT_THERE)
        await interaction.edit_original_response(content=budget_words.DRAWING)
        said, files = await report_parts(
            self._store, self._charts, self._shelf, guild, Span(period)
        )
        await interaction.edit_original_response(content=said, attachments=files)


async def setup(bot: Client) -> None:
    """Put the cog up."""
    rooms = bot.rooms
    bot.add_below("budget", Reports(rooms.store, rooms.charts, rooms.shelf))
