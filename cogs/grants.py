"""/budget grant and the menu Grant credit: more for one person, for a while."""

from discord import Interaction, app_commands
from discord.app_commands import Range
from discord.ext import commands

from bot.chat import budget_words, guide, words
from bot.chat.answers import Refusal
from bot.chat.budget_options import Person, read_person
from bot.chat.choosing import briefly
from bot.chat.client import Client
from bot.chat.granting import AMOUNT_MAX, REASON_MAX, Expiry, GrantForm, Granting
from bot.chat.rights import manages
from bot.store.store import Store


class Grants(commands.Cog):
    """Raises what a person may spend."""

    def __init__(self, granting: Granting, store: Store) -> None:
        self._granting = granting
        self._store = store

    @app_commands.command()
    @app_commands.describe(**guide.GRANT_OPTIONS)
    async def grant(
        self,
        interaction: Interaction,
        person: Person,
        amount: Range[str, 1, AMOUNT_MAX],
        expires: Expiry = "today",
        reason: Range[str, 1, REASON_MAX] = "",
    ) -> None:
        """Let a person spend more for a while; 0 takes it back."""
        await self._granting.give(interaction, person, amount, expires, reason)

    @app_commands.guild_only()
    @app_commands.guild_install()
    @app_commands.default_permissions(manage_guild=True)
    async def credit(self, interaction: Interaction, person: Person) -> None:
        """Open the form that grants."""
        may = True  # asked again when the form is sent
        async with briefly():
            may = await manages(interaction, self._store)
        if not may:
            raise Refusal(words.MANAGERS_ONLY)
        member = read_person(person, budget_words.NOT_FOR_THEM)
        await interaction.response.send_modal(GrantForm(self._granting, member))


async def setup(bot: Client) -> None:
    """Put the cog up."""
    store = bot.rooms.store
    cog = Grants(Granting(store, bot.rooms.clock), store)
    bot.add_below("budget", cog)
    bot.tree.add_command(app_commands.ContextMenu(name="Grant credit", callback=cog.credit))
