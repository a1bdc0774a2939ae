"""The first word to an interaction, and the last one when its handler breaks."""

import secrets
from collections.abc import Awaitable

import aiohttp
import discord
import structlog
from discord import Interaction, app_commands

from bot.chat import refusals, words
from bot.core.problems import Refused
from bot.store.errors import StoreError

log = structlog.get_logger(__name__)

# discord.py raises its transport's errors as they are; a reset is no DiscordException.
# A RuntimeError is a session that was closed while a request waited for its turn.
TROUBLE = (discord.DiscordException, aiohttp.ClientError, OSError, TimeoutError, RuntimeError)

_UNKNOWN_INTERACTION = 10062
_ALREADY_ACKNOWLEDGED = 40060


class Refusal(Exception):
    """What was asked for can't be done, and nothing was; the message is what the person reads."""


class Repeated(Exception):
    """Discord delivered an event twice; its first time is being answered."""


async def acknowledge(interaction: Interaction, *, alone: bool = True) -> None:
    """Answer in time; `alone` shows the answer to nobody else, which can't be changed later.

    Raises:
        NotFound: when it came too late, so that the person reads of a failure: hold nothing.
    """
    await _in_time(interaction.response.defer(ephemeral=alone, thinking=True))


async def acknowledge_press(interaction: Interaction) -> None:
    """Answer a press in time; its message stays as it is until it is edited.

    Raises:
        NotFound: when it came too late.
    """
    await _in_time(interaction.response.defer())


async def _in_time(deferral: Awaitable[object]) -> None:
    try:
        await deferral
    except discord.HTTPException as error:
        # An earlier try arrived and its answer was lost, or the event came twice. Going on is
        # safe: the same interaction is the same job.
        if error.code != _ALREADY_ACKNOWLEDGED:
            raise


async def tell_failure(interaction: Interaction, error: Exception) -> None:
    """Say why in words; what was not meant for people gets an incident number instead."""
    if isinstance(error, discord.NotFound) and error.code == _UNKNOWN_INTERACTION:
        log.warning("acknowledged too late; nothing was held", interaction=interaction.id)
        return
    if isinstance(error, Repeated):
        return
    try:
        await _say(interaction, sentence_of(error))
    except TROUBLE as unheard:
        log.warning("a failure could not be told", interaction=interaction.id, error=str(unheard))


def sentence_of(error: Exception) -> str:
    """Find the words for a failure; what was not meant for people is logged by its incident."""
    match error:
        case Refusal():
            return str(error)
        case Refused():
            return refusals.explain(error.problem)
        case app_commands.TransformerError():
            return words.NOT_THERE
        case app_commands.CommandNotFound() | app_commands.CommandSignatureMismatch():
            return words.COMMAND_CHANGED
        case StoreError():
            log.error("the store cannot do its work", error=str(error))
            return words.MAINTENANCE
        case _:
            incident = secrets.token_hex(4)
            log.error("a handler broke", incident=incident, exc_info=error)
            return words.WENT_WRONG.format(incident=incident)


async def _say(interaction: Interaction, text: str) -> None:
    if interaction.response.type is discord.InteractionResponseType.deferred_message_update:
        # The original is somebody's message with buttons, which others need as it is.
        await interaction.followup.send(text, ephemeral=True)
    elif interaction.response.is_done():
        await interaction.edit_original_response(content=text, view=None)
    else:
        await interaction.response.send_message(text, ephemeral=True)
