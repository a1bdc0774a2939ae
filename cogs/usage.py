"""The menu View usage: what a person has left, for them and for managers."""

from discord import Interaction, app_commands
from discord.ext import commands

from bot.chat import budget_words, panels
from bot.chat.answers import Refusal, acknowledge
from bot.chat.budget_options import Person, read_person
from bot.chat.client import Client
from bot.chat.intake import payer_of, place_of
from bot.chat.rights import manages
from bot.store.store import Store


class Usage(commands.Cog):
    """Shows one person's money to those who may see it."""

    def __init__(self, store: Store) -> None:
        self._store = store

    @app_commands.guild_only()
    @app_commands.guild_install()
    async def usage(self, interaction: Interaction, person: Person) -> None:
        """Show what a person has left here, and their last receipts."""
        await acknowledge(interaction)
        is_own = person.id == interaction.user.id
        if not is_own and not await manages(interaction, self._store):
            raise Refusal(budget_words.NOT_YOURS)
        member = read_person(person, budget_words.NOT_FOR_THEM)
        page = await self._store.quota(place_of(interaction), payer_of(member))
        of = None if is_own else member.mention
        await interaction.edit_original_response(view=panels.quota(*page, of=of))


async def setup(bot: Client) -> None:
    """Put the cog up."""
    cog = Usage(bot.rooms.store)
    bot.tree.add_command(app_commands.ContextMenu(name="View usage", callback=cog.usage))
