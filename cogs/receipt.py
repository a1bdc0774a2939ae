"""/receipt: one order, what it cost and where its pictures are."""

from discord import Interaction, app_commands
from discord.app_commands import Choice, Range
from discord.ext import commands

from bot.chat import guide, panels, words
from bot.chat.answers import Refusal, acknowledge
from bot.chat.choosing import CHOICES_MAX, briefly
from bot.chat.client import Client
from bot.chat.intake import place_of
from bot.chat.rights import manages, operates
from bot.core.ids import JobId
from bot.core.job import Job
from bot.store import views
from bot.store.store import Store
from bot.studio.shelf import Shelf


class Receipt(commands.Cog):
    """Shows an order to whoever paid for it, and to who manages their money."""

    def __init__(self, store: Store, shelf: Shelf) -> None:
        self._store = store
        self._shelf = shelf

    @app_commands.command()
    @app_commands.allowed_installs(guilds=True, users=True)
    @app_commands.allowed_contexts(guilds=True, dms=True, private_channels=True)
    @app_commands.rename(receipt_id="id")
    @app_commands.describe(receipt_id=guide.RECEIPT_ID)
    async def receipt(self, interaction: Interaction, receipt_id: Range[str, 1, 40]) -> None:
        """See what one of your orders cost, call by call, and where its pictures are."""
        await acknowledge(interaction)
        try:
            job = await self._store.job(JobId(receipt_id.strip(" `").lower()))
        except LookupError:
            raise Refusal(words.no_receipt(receipt_id)) from None
        is_own = job.discord_id == interaction.user.id
        if not is_own and not await self._may_see(interaction, job):
            raise Refusal(words.no_receipt(receipt_id))
        hidden = job.order.private and not is_own
        view = panels.receipt(job, self._shelf.catalogue, hidden=hidden)
        await interaction.edit_original_response(view=view)

    async def _may_see(self, interaction: Interaction, job: Job) -> bool:
        here = place_of(interaction).server_id
        if here is not None and here == job.place.server_id:
            return await manages(interaction, self._store) or await operates(interaction)
        return await operates(interaction)

    @receipt.autocomplete("receipt_id")
    async def own(self, interaction: Interaction, current: str) -> list[Choice[str]]:
        """List a person's newest orders, to nobody else."""
        wanted = current.strip(" `").casefold()
        found: list[views.Receipt] = []
        async with briefly():
            found = await self._store.receipts(interaction.user.id, None, CHOICES_MAX)
        return [
            Choice(name=words.receipt_choice(each), value=each.job)
            for each in found
            if wanted in each.job or wanted in each.prompt.casefold()
        ]


async def setup(bot: Client) -> None:
    """Put the cog up."""
    await bot.add_cog(Receipt(bot.rooms.store, bot.rooms.shelf))
