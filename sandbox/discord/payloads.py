"""Interactions and events, written as they come over the socket."""

from sandbox.discord.answers import file_limit_of
from sandbox.discord.commands import IN_BOT_DM, IN_SERVER
from sandbox.discord.intents import Intents
from sandbox.discord.interactions import Interaction
from sandbox.discord.messages import Messages
from sandbox.discord.permissions import PRIVATE, in_channel
from sandbox.discord.refusals import Raw
from sandbox.discord.state import Message, Reaction, World


def interaction_event(interaction: Interaction, world: World, messages: Messages) -> Raw:
    """Write INTERACTION_CREATE."""
    channel, server, user = interaction.channel, interaction.channel.server, interaction.user
    raw: Raw = {
        "id": interaction.id,
        "application_id": interaction.application_id,
        "type": interaction.kind,
        "token": interaction.token,
        "version": 1,
        "data": interaction.data,
        "channel": channel.raw(),
        "channel_id": channel.id,
        "locale": user.locale,
        "attachment_size_limit": file_limit_of(interaction),
        "authorizing_integration_owners": interaction.owners,
        "context": IN_SERVER if server else IN_BOT_DM,
        "entitlements": [],
        "entitlement_sku_ids": [],
    }
    if interaction.source is not None:
        raw["message"] = messages.raw(interaction.source)
    if server is None:
        return raw | {"user": user.raw(), "app_permissions": str(int(PRIVATE))}
    member = server.members[user.id]
    theirs = in_channel(member, channel)
    ours = in_channel(server.members[world.bot.id], channel) if server.has_bot else theirs
    raw["channel"]["permissions"] = str(int(theirs))
    return raw | {
        "guild_id": server.id,
        "guild": {"id": server.id, "locale": server.locale, "features": []},
        "guild_locale": server.locale,
        "member": member.raw() | {"permissions": str(int(theirs))},
        "app_permissions": str(int(ours)),
    }


def message_event(message: Message, messages: Messages, intents: Intents) -> Raw:
    """Write MESSAGE_CREATE or MESSAGE_UPDATE for one session's intents."""
    raw = messages.raw(message, to_bot=intents)
    if (server := message.channel.server) is None:
        return raw | {"channel_type": message.channel.type}
    raw |= {"guild_id": server.id, "channel_type": message.channel.type}
    if (member := server.members.get(message.author.id)) and message.interaction is None:
        raw["member"] = member.raw(with_user=False)
    return raw


def deletion_event(message: Message) -> Raw:
    """Write MESSAGE_DELETE."""
    raw: Raw = {"id": message.id, "channel_id": message.channel.id}
    server = message.channel.server
    return raw | {"guild_id": server.id} if server else raw


def reaction_event(reaction: Reaction) -> Raw:
    """Write MESSAGE_REACTION_ADD or MESSAGE_REACTION_REMOVE."""
    message, user = reaction.message, reaction.user
    raw: Raw = {
        "user_id": user.id,
        "channel_id": message.channel.id,
        "message_id": message.id,
        "message_author_id": message.author.id,
        "emoji": {"id": None, "name": reaction.emoji},
        "burst": False,
        "type": 0,
    }
    if (server := message.channel.server) is None:
        return raw
    raw |= {"guild_id": server.id}
    member = server.members.get(user.id)
    return raw | {"member": member.raw()} if member and reaction.added else raw
