"""What an app gets to read: Discord blanks messages for apps without the content intent."""

from enum import IntFlag

from sandbox.discord.state import Message, User


class Intents(IntFlag):
    """The groups of events an app asks for in Identify."""

    GUILDS = 1 << 0
    GUILD_MEMBERS = 1 << 1
    GUILD_PRESENCES = 1 << 8
    GUILD_MESSAGES = 1 << 9
    GUILD_MESSAGE_REACTIONS = 1 << 10
    DIRECT_MESSAGES = 1 << 12
    DIRECT_MESSAGE_REACTIONS = 1 << 13
    MESSAGE_CONTENT = 1 << 15


PRIVILEGED = Intents.GUILD_MEMBERS | Intents.GUILD_PRESENCES | Intents.MESSAGE_CONTENT
HIGHEST = (1 << 26) - 1


def hidden_from_bot(message: Message, bot: User, intents: Intents) -> bool:
    """Say whether content, embeds, attachments and components are kept from the app."""
    return not (
        Intents.MESSAGE_CONTENT & intents
        or message.author is bot
        or message.channel.server is None
        or bot in message.mentions
    )


def hears_of(message: Message, intents: Intents, *, reactions: bool = False) -> bool:
    """Say whether a message's events, or those of its reactions, come over the socket at all."""
    server = message.channel.server
    if message.seen_only_by is not None or (server is not None and not server.has_bot):
        return False
    if reactions:
        wanted = Intents.GUILD_MESSAGE_REACTIONS if server else Intents.DIRECT_MESSAGE_REACTIONS
    else:
        wanted = Intents.GUILD_MESSAGES if server else Intents.DIRECT_MESSAGES
    return bool(wanted & intents)
