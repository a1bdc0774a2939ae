"""Notices: regular messages that are not pictures, posted where the bot may."""

import asyncio
from http import HTTPStatus

import discord
from discord import ui

from bot.chat.answers import TROUBLE
from bot.chat.boards import only
from bot.chat.intake import POSTING, lacking

_POST_S = 20.0
_FINAL = frozenset({HTTPStatus.FORBIDDEN, HTTPStatus.NOT_FOUND})


class CannotPost(Exception):
    """The channel is gone or closed to the bot, or Discord can't be reached."""


async def post(
    client: discord.Client,
    channel_id: int,
    text: str,
    *,
    nonce: str,
    view: ui.View = discord.utils.MISSING,
    mention: int | None = None,
) -> discord.Message:
    """Post a message that pings nobody but `mention`; sent twice, it is one message.

    Raises:
        CannotPost: when nobody can read it there.
    """
    _check_open(client, channel_id)
    channel = client.get_partial_messageable(channel_id)

    async def send() -> discord.Message:
        async with asyncio.timeout(_POST_S):
            return await channel.send(text, view=view, nonce=nonce, allowed_mentions=only(mention))

    try:
        try:
            return await send()
        except TROUBLE as error:
            if getattr(error, "status", None) in _FINAL:
                raise
            return await send()  # the first may have arrived all the same
    except TROUBLE as error:
        raise CannotPost(f"{type(error).__name__}: {error}") from error


def _check_open(client: discord.Client, channel_id: int) -> None:
    """Look up what is known of the channel: Discord counts refused requests."""
    channel = client.get_channel(channel_id)
    if not isinstance(channel, discord.abc.GuildChannel | discord.Thread):
        return  # an archived thread is not known; Discord will tell
    try:
        may = channel.permissions_for(channel.guild.me)
    except discord.ClientException:  # a thread whose channel is not known
        return
    if missing := lacking(may, channel, POSTING):
        raise CannotPost(f"the bot lacks {' and '.join(missing)} there")
