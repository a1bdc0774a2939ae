"""Discord's permission bits, and who may do what where."""

from enum import IntFlag
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sandbox.discord.state import Channel, Member


class May(IntFlag):
    """The permissions that matter to a picture bot."""

    KICK_MEMBERS = 1 << 1
    ADMINISTRATOR = 1 << 3
    MANAGE_CHANNELS = 1 << 4
    MANAGE_GUILD = 1 << 5
    ADD_REACTIONS = 1 << 6
    VIEW_CHANNEL = 1 << 10
    SEND_MESSAGES = 1 << 11
    MANAGE_MESSAGES = 1 << 13
    EMBED_LINKS = 1 << 14
    ATTACH_FILES = 1 << 15
    READ_MESSAGE_HISTORY = 1 << 16
    MENTION_EVERYONE = 1 << 17
    USE_APPLICATION_COMMANDS = 1 << 31
    SEND_MESSAGES_IN_THREADS = 1 << 38
    USE_EXTERNAL_APPS = 1 << 50


NOTHING = May(0)
EVERYTHING = May(sum(May))
ORDINARY = (
    May.ADD_REACTIONS
    | May.VIEW_CHANNEL
    | May.SEND_MESSAGES
    | May.EMBED_LINKS
    | May.ATTACH_FILES
    | May.READ_MESSAGE_HISTORY
    | May.USE_APPLICATION_COMMANDS
    | May.SEND_MESSAGES_IN_THREADS
    | May.USE_EXTERNAL_APPS
)
PRIVATE = ORDINARY & ~May.SEND_MESSAGES_IN_THREADS


def in_server(member: "Member") -> May:
    """Add up what a member's roles allow, channels aside."""
    server = member.server
    if server.owner_id == member.user.id:
        return EVERYTHING
    allowed = server.everyone.permissions
    for role in member.roles:
        allowed |= role.permissions
    return EVERYTHING if May.ADMINISTRATOR & allowed else allowed


def in_channel(member: "Member", channel: "Channel") -> May:
    """Apply a channel's overwrites: everyone, then roles together, then the member."""
    allowed = in_server(member)
    if allowed == EVERYTHING:
        return allowed
    steps = [{member.server.id}, {role.id for role in member.roles}, {member.user.id}]
    for step in steps:
        denied = granted = May(0)
        for target, (grant, deny) in channel.overwrites.items():
            if target in step:
                granted |= grant
                denied |= deny
        allowed = (allowed & ~denied) | granted
    return allowed if May.VIEW_CHANNEL & allowed else NOTHING
