"""What exists: servers, channels, people, roles and messages, and how Discord writes them."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

from typing_extensions import override

from sandbox.clock import iso
from sandbox.discord.files import StoredFile
from sandbox.discord.permissions import NOTHING, ORDINARY, May
from sandbox.discord.refusals import Raw, unknown_channel

if TYPE_CHECKING:
    from sandbox.discord.interactions import Interaction

EPHEMERAL = 1 << 6
LOADING = 1 << 7
VOICE = 1 << 13
HAS_SNAPSHOT = 1 << 14
COMPONENTS_V2 = 1 << 15
TEXT_CHANNEL = 0
DM_CHANNEL = 1
PINNED, JOINED = 6, 7  # kinds of messages that Discord writes in somebody's name
VOICE_CHANNEL = 2
MIB = 1 << 20
FILE_LIMIT_OF_TIER = {0: 10 * MIB, 1: 10 * MIB, 2: 50 * MIB, 3: 100 * MIB}


@dataclass(slots=True, eq=False)
class User:
    """Somebody with an account, the bot included."""

    id: str
    username: str
    global_name: str
    bot: bool = False
    locale: str = "en-US"
    dms_open: bool = True

    @property
    def mention(self) -> str:
        """Give the text that pings them."""
        return f"<@{self.id}>"

    def raw(self) -> Raw:
        """Write the user object."""
        raw: Raw = {
            "id": self.id,
            "username": self.username,
            "discriminator": "0000" if self.bot else "0",
            "global_name": None if self.bot else self.global_name,
            "avatar": None,
            "public_flags": 0,
            "flags": 0,
            "primary_guild": None,
        }
        return raw | {"bot": True} if self.bot else raw


@dataclass(slots=True, eq=False)
class Role:
    """A role of a server."""

    id: str
    name: str
    permissions: May = NOTHING
    color: int = 0
    position: int = 1

    @property
    def mention(self) -> str:
        """Give the text that names it in a message."""
        return f"<@&{self.id}>"

    def raw(self) -> Raw:
        """Write the role object."""
        return {
            "id": self.id,
            "name": self.name,
            "permissions": str(int(self.permissions)),
            "color": self.color,
            "colors": {
                "primary_color": self.color,
                "secondary_color": None,
                "tertiary_color": None,
            },
            "position": self.position,
            "hoist": False,
            "managed": False,
            "mentionable": False,
            "icon": None,
            "unicode_emoji": None,
            "flags": 0,
        }


@dataclass(slots=True, eq=False)
class Member:
    """A user in one server."""

    user: User
    server: "Server"
    joined: datetime
    roles: list[Role] = field(default_factory=list)

    def raw(self, *, with_user: bool = True) -> Raw:
        """Write the member object; resolved members come without their user."""
        raw: Raw = {
            "roles": [role.id for role in self.roles],
            "joined_at": iso(self.joined),
            "nick": None,
            "avatar": None,
            "banner": None,
            "premium_since": None,
            "communication_disabled_until": None,
            "deaf": False,
            "mute": False,
            "pending": False,
            "flags": 0,
        }
        return raw | {"user": self.user.raw()} if with_user else raw


@dataclass(slots=True, eq=False)
class Channel:
    """A text channel of a server, or a conversation with one person."""

    id: str
    name: str
    server: "Server | None" = None
    topic: str | None = None
    position: int = 0
    kind: int = TEXT_CHANNEL
    recipient: User | None = None
    overwrites: dict[str, tuple[May, May]] = field(default_factory=dict)
    messages: "dict[str, Message]" = field(default_factory=dict)

    @property
    def mention(self) -> str:
        """Give the text that names it in a message."""
        return f"<#{self.id}>"

    @property
    def type(self) -> int:
        """Give Discord's number for this kind of channel."""
        return self.kind if self.server else DM_CHANNEL

    def raw(self) -> Raw:
        """Write the channel object."""
        last = next(reversed(self.messages), None)
        raw: Raw = {"id": self.id, "type": self.type, "last_message_id": last, "flags": 0}
        if self.server is None:
            people = [self.recipient.raw()] if self.recipient else []
            return raw | {"recipients": people}
        return raw | {
            "guild_id": self.server.id,
            "name": self.name,
            "topic": self.topic,
            "position": self.position,
            "nsfw": False,
            "parent_id": None,
            "rate_limit_per_user": 0,
            "permission_overwrites": self._raw_overwrites(self.server),
            **({"bitrate": 64000, "user_limit": 0} if self.kind == VOICE_CHANNEL else {}),
        }

    def _raw_overwrites(self, server: "Server") -> list[Raw]:
        return [
            {
                "id": target,
                "type": 0 if target in server.roles else 1,
                "allow": str(int(allow)),
                "deny": str(int(deny)),
            }
            for target, (allow, deny) in self.overwrites.items()
        ]


@dataclass(slots=True, eq=False)
class Server:
    """A guild; the bot is a member of it, or only installed by people in it."""

    id: str
    name: str
    owner_id: str
    has_bot: bool = True
    tier: int = 0
    locale: str = "en-US"
    file_limit: int | None = None
    roles: dict[str, Role] = field(default_factory=dict)
    channels: dict[str, Channel] = field(default_factory=dict)
    members: dict[str, Member] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.roles[self.id] = Role(self.id, "@everyone", ORDINARY, position=0)

    @property
    def everyone(self) -> Role:
        """Give the role everybody has."""
        return self.roles[self.id]

    def role(self, name: str) -> Role:
        """Find a role by name."""
        return next(role for role in self.roles.values() if role.name == name)

    @property
    def limit_of_a_file(self) -> int:
        """Give the largest file a bot may post here, in bytes."""
        return self.file_limit or FILE_LIMIT_OF_TIER[self.tier]

    def raw(self, joined: datetime, bot_id: str) -> Raw:
        """Write the guild as the socket has it; of its members, the bot only."""
        return {
            "id": self.id,
            "name": self.name,
            "icon": None,
            "owner_id": self.owner_id,
            "member_count": len(self.members),
            "unavailable": False,
            "large": False,
            "joined_at": iso(joined),
            "premium_tier": self.tier,
            "preferred_locale": self.locale,
            "features": [],
            "verification_level": 0,
            "default_message_notifications": 0,
            "explicit_content_filter": 0,
            "mfa_level": 0,
            "nsfw_level": 0,
            "system_channel_flags": 0,
            "afk_timeout": 300,
            "roles": [role.raw() for role in self.roles.values()],
            "channels": [channel.raw() for channel in self.channels.values()],
            "members": [self.members[bot_id].raw()] if bot_id in self.members else [],
            "threads": [],
            "emojis": [],
            "stickers": [],
            "presences": [],
            "voice_states": [],
            "stage_instances": [],
            "guild_scheduled_events": [],
        }


@dataclass(slots=True, eq=False)
class Message:
    """A message as it is kept; `messages.py` writes it for whoever looks."""

    id: str
    channel: Channel
    author: User
    made: datetime
    content: str = ""
    embeds: list[Raw] = field(default_factory=list)
    components: list[Raw] = field(default_factory=list)
    files: list[StoredFile] = field(default_factory=list)
    flags: int = 0
    type: int = 0
    nonce: str | int | None = None
    tts: bool = False
    edited: datetime | None = None
    mentions: list[User] = field(default_factory=list)
    mention_roles: list[str] = field(default_factory=list)
    mention_everyone: bool = False
    reply_to: str | None = None
    forwarded: "Message | None" = None
    stickers: list[Raw] = field(default_factory=list)
    by_webhook: bool = False
    interaction: "Interaction | None" = None
    seen_only_by: User | None = None
    reactions: dict[str, set[str]] = field(default_factory=dict)

    @property
    def text(self) -> str:
        """Give every word a person reads in it: content, embeds, components."""
        passed_on = [self.forwarded.text] if self.forwarded else []
        shown = [self.content, *_words(self.embeds), *_words(self.components), *passed_on]
        return "\n".join(shown).strip()

    @property
    def thinking(self) -> bool:
        """Say whether it still shows that the app is thinking."""
        return bool(self.flags & LOADING)

    @property
    def ephemeral(self) -> bool:
        """Say whether only one person sees it."""
        return bool(self.flags & EPHEMERAL)

    @override
    def __repr__(self) -> str:
        return f"<Message {self.id} by {self.author.username}: {self.text!r} {self.files}>"


@dataclass(frozen=True, slots=True)
class Reaction:
    """Somebody put an emoji under a message, or took it away."""

    message: Message
    user: User
    emoji: str
    added: bool


WORDS = ("title", "description", "name", "value", "text", "content", "label", "placeholder")


def _words(node: Any) -> list[str]:
    match node:
        case list():
            return [word for one in node for word in _words(one)]
        case dict():
            own = [node[key] for key in WORDS if isinstance(node.get(key), str)]
            below = [word for one in node.values() for word in _words(one)]
            return own + below
        case _:
            return []


@dataclass(frozen=True, slots=True)
class Happened:
    """Something that people and the bot may notice."""

    kind: str
    subject: Any


Listener = Callable[[Happened], None]


@dataclass(slots=True, eq=False)
class World:
    """Everything that exists, and the bell that rings when it changes."""

    bot: User
    owner: User
    users: dict[str, User] = field(default_factory=dict)
    servers: dict[str, Server] = field(default_factory=dict)
    channels: dict[str, Channel] = field(default_factory=dict)
    listeners: list[Listener] = field(default_factory=list)
    _rung: asyncio.Event = field(default_factory=asyncio.Event)

    def channel(self, channel_id: str) -> Channel:
        """Give a channel, or refuse as Discord does."""
        if channel_id not in self.channels:
            raise unknown_channel()
        return self.channels[channel_id]

    def tell(self, kind: str, subject: Any) -> None:
        """Let everybody know, and wake those who wait for something to change."""
        for listener in tuple(self.listeners):
            listener(Happened(kind, subject))
        self._rung.set()
        self._rung = asyncio.Event()

    async def change(self) -> None:
        """Wait until the next thing happens."""
        await self._rung.wait()
