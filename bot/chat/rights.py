"""Rights: who manages a server's budgets, and who operates the bot, looked up on every call.

That Discord hides a command from others is only a hint.
"""

from typing import TYPE_CHECKING, cast

from discord import Interaction
from discord.ext import commands

from bot.chat import admin_words, preference_words, words
from bot.chat.answers import Refusal, Repeated, acknowledge
from bot.chat.intake import payer_of, place_of
from bot.store.store import Store

if TYPE_CHECKING:
    from bot.chat.client import Client


async def manages(interaction: Interaction, store: Store) -> bool:
    """Tell whether somebody may: by Manage Server, or by the role that the server names."""
    server_id = place_of(interaction).server_id
    if server_id is None:
        return False
    if interaction.permissions.manage_guild:
        return True
    role = (await store.server(server_id)).manager_role
    return role is not None and role in payer_of(interaction.user).roles


async def acknowledge_once(interaction: Interaction) -> None:
    """Acknowledge what changes something.

    Raises:
        Repeated: when the same event came before: what it changes must not be changed twice.
    """
    await acknowledge(interaction)
    if cast("Client", interaction.client).heard_before(interaction.id):
        raise Repeated


async def as_manager(interaction: Interaction, store: Store) -> int:
    """Acknowledge once, and give the server whose budgets the person manages.

    Raises:
        Refusal: when they don't.
        Repeated: when the same event came before.
    """
    await acknowledge_once(interaction)
    server_id = place_of(interaction).server_id
    if server_id is None or not await manages(interaction, store):
        raise Refusal(words.MANAGERS_ONLY)
    return server_id


async def check_manages(interaction: Interaction, store: Store) -> None:
    """Let only managers at what a server's people share.

    Raises:
        Refusal: saying who they are.
    """
    if await manages(interaction, store):
        return
    server_id = place_of(interaction).server_id
    role = (await store.server(server_id)).manager_role if server_id is not None else None
    raise Refusal(preference_words.managers_only(role))


async def operates(interaction: Interaction) -> bool:
    """Tell whether somebody owns the bot's Discord application, or is of the team that does."""
    bot = cast("commands.Bot", interaction.client)
    return await bot.is_owner(interaction.user)  # asked of Discord once a connection


async def as_operator(interaction: Interaction) -> None:
    """Acknowledge, and go on for the bot's operator alone.

    Raises:
        Refusal: for everybody else, managers of servers included.
    """
    await acknowledge(interaction)
    if not await operates(interaction):
        raise Refusal(admin_words.OPERATOR_ONLY)
