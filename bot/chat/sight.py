"""Sight: who may see a result: a picture does not leave the circle that it was made in."""

from typing import TypeAlias, TypeGuard

import discord
from discord import Interaction

from bot.core.job import Job
from bot.store.lineage import Relative

_Place: TypeAlias = discord.abc.GuildChannel | discord.Thread


async def may_see(interaction: Interaction, one: Job | Relative) -> bool:
    """Tell whether a result is theirs, or stands where they can see it."""
    place, guild, user = one.place, interaction.guild, interaction.user
    if one.discord_id == user.id:
        return True
    if one.order.private or one.deleted:
        return False
    if place.server_id is None:  # where the bot is no member, only who is there sees it
        return place.channel_id == interaction.channel_id
    if guild is None or guild.id != place.server_id or not isinstance(user, discord.Member):
        return False
    channel = guild.get_channel_or_thread(place.channel_id)
    if channel is None or not _reads(channel, user):
        return False
    is_there = channel.id == interaction.channel_id
    return is_there or not _is_private(channel) or await _is_in(channel, user)


def may_go_there(guild: discord.Guild | None, source_id: int, target_id: int) -> bool:
    """Tell whether one channel's pictures may be shown in another: only what everybody may see."""
    if source_id == target_id:
        return True
    if guild is None:
        return False
    source = guild.get_channel_or_thread(source_id)
    target = guild.get_channel_or_thread(target_id)
    if source is None:
        return False
    if source.is_nsfw() and not (target is not None and target.is_nsfw()):
        return False
    return _reads(source, guild.default_role) and not _is_private(source)


def moderates(message: discord.Message) -> bool:
    """Tell whether who wrote a message moderates the channel it stands in."""
    channel, author = message.channel, message.author
    if not isinstance(author, discord.Member) or not isinstance(channel, _Place):
        return False
    return _allowed(channel, author).manage_messages


def _reads(channel: _Place, who: discord.Member | discord.Role) -> bool:
    may = _allowed(channel, who)
    return may.view_channel and may.read_message_history


def _allowed(channel: _Place, who: discord.Member | discord.Role) -> discord.Permissions:
    try:
        return channel.permissions_for(who)
    except discord.ClientException:  # a thread whose channel is not known
        return discord.Permissions.none()


def _is_private(channel: _Place) -> TypeGuard[discord.Thread]:
    """Tell whether it is a thread that one must be in: its permissions are its channel's."""
    return isinstance(channel, discord.Thread) and channel.is_private()


async def _is_in(thread: discord.Thread, user: discord.Member) -> bool:
    if thread.permissions_for(user).manage_threads:
        return True
    try:
        await thread.fetch_member(user.id)
    except (discord.NotFound, discord.Forbidden):
        return False
    return True
