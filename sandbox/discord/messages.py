"""Messages: posted, edited, deleted, and written out for whoever looks."""

from copy import deepcopy
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Final

from bot.core.clock import Clock
from sandbox.clock import iso
from sandbox.discord import components, embeds, mentions
from sandbox.discord.cdn import Cdn
from sandbox.discord.drafts import FORWARD, OWN_FILE, Draft, compose, shown_elsewhere
from sandbox.discord.files import StoredFile
from sandbox.discord.intents import Intents, hidden_from_bot
from sandbox.discord.interactions import Interaction
from sandbox.discord.refusals import Form, Raw, Refused, unknown_message
from sandbox.discord.snowflake import Snowflakes
from sandbox.discord.state import (
    COMPONENTS_V2,
    HAS_SNAPSHOT,
    LOADING,
    MIB,
    Channel,
    Message,
    Reaction,
    User,
    World,
)

NONCE_MEMORY: Final = timedelta(minutes=5)
DEFAULT_FILE_LIMIT: Final = 10 * MIB
REPLY = 19
SNAPSHOT: Final = (
    "type",
    "content",
    "embeds",
    "attachments",
    "timestamp",
    "edited_timestamp",
    "flags",
    "mentions",
    "mention_roles",
    "components",
    "sticker_items",
)


@dataclass(slots=True, kw_only=True)
class Origin:
    """Where a message comes from: its author, and the interaction it answers."""

    author: User
    interaction: Interaction | None = None
    seen_only_by: User | None = None
    flags: int = 0
    type: int = 0
    reply_to: str | None = None
    by_webhook: bool = False
    file_limit: int | None = None


@dataclass(slots=True)
class Messages:
    """The one place where messages change.

    `gallery_edits_fail` reproduces a fault of Discord's: an edit of a layout with new files.
    """

    world: World
    clock: Clock
    snowflakes: Snowflakes
    cdn: Cdn
    gallery_edits_fail: bool = False
    _nonces: dict[tuple[str, str], tuple[datetime, Message]] = field(default_factory=dict)

    def find(self, channel: Channel, message_id: str, *, ephemeral: bool = False) -> Message:
        """Give a message, or refuse; ephemeral ones are found by their webhook only."""
        message = channel.messages.get(message_id)
        if message is None or (message.seen_only_by and not ephemeral):
            raise unknown_message()
        return message

    def repeated(self, author: User, body: Raw) -> Message | None:
        """Give the message already posted under this nonce, if the author enforces it."""
        known = self._nonces.get((author.id, str(body.get("nonce"))))
        if not body.get("enforce_nonce") or body.get("nonce") is None or known is None:
            return None
        posted, message = known
        return message if self.clock.now() - posted <= NONCE_MEMORY else None

    def post(self, channel: Channel, draft: Draft, origin: Origin) -> Message:
        """Check and post a message, and tell everybody who may see it."""
        limit = origin.file_limit or _limit_in(channel)
        parts = compose(draft, None, file_limit=limit, cdn=self.cdn)
        message = self._blank(channel, origin)
        message.flags |= parts.flags
        replied = self._replied(channel, draft.body)
        if replied is not None:
            message.reply_to, message.type = replied.id, REPLY
        self._fill(message, parts.content, parts.embeds, parts.components)
        message.files = self._owned(parts.files, message)
        message.stickers = draft.stickers
        message.tts = bool(draft.body.get("tts"))
        message.nonce = draft.body.get("nonce")
        self._ping(message, draft.body, replied)
        if draft.forwards:  # last: a forward pings nobody
            message.forwarded = self._snapshot(draft.body["message_reference"])
            message.flags |= HAS_SNAPSHOT
        return self._posted(message)

    def loading(self, channel: Channel, origin: Origin) -> Message:
        """Post the empty message that says that the app is thinking."""
        message = self._blank(channel, origin)
        message.flags |= LOADING
        return self._posted(message)

    def announce(self, channel: Channel, kind: int, user: User) -> Message:
        """Post what Discord itself says about somebody; it has no words of its own."""
        return self._posted(self._blank(channel, Origin(author=user, type=kind)))

    def edit(self, message: Message, draft: Draft, *, file_limit: int | None = None) -> Message:
        """Check and change a message; what the draft leaves out stays."""
        limit = file_limit or _limit_in(message.channel)
        parts = compose(draft, message, file_limit=limit, cdn=self.cdn)
        if self.gallery_edits_fail and draft.uploads and parts.flags & COMPONENTS_V2:
            raise Refused(400, 50035, "Invalid Form Body")
        gone = {file.id for file in message.files} - {file.id for file in parts.files}
        for file_id in gone:
            self.cdn.forget(file_id)
        self._fill(message, parts.content, parts.embeds, parts.components)
        message.files = self._owned(parts.files, message)
        message.flags = parts.flags & ~LOADING
        message.edited = self.clock.now()
        if "content" in draft.body or "components" in draft.body:
            self._ping(message, draft.body, None)
        self.world.tell("message_update", message)
        return message

    def react(self, message: Message, user: User, emoji: str, *, add: bool = True) -> None:
        """Put somebody's emoji under a message, or take it away."""
        there = message.reactions.setdefault(emoji, set())
        if add == (user.id in there):
            return
        (there.add if add else there.discard)(user.id)
        self.world.tell("reaction", Reaction(message, user, emoji, add))

    def delete(self, message: Message) -> None:
        """Remove a message; its files are gone with it."""
        message.channel.messages.pop(message.id, None)
        for file in message.files + (message.forwarded.files if message.forwarded else []):
            self.cdn.forget(file.id)
        self.world.tell("message_delete", message)

    def raw(self, message: Message, *, to_bot: Intents | None = None, nested: bool = False) -> Raw:
        """Write a message; with `to_bot`, as the bot's intents let it be seen."""
        bare = to_bot is not None and hidden_from_bot(message, self.world.bot, to_bot)
        raw: Raw = {
            "id": message.id,
            "channel_id": message.channel.id,
            "type": message.type,
            "author": message.author.raw(),
            "content": "" if bare else message.content,
            "timestamp": iso(message.made),
            "edited_timestamp": iso(message.edited) if message.edited else None,
            "tts": message.tts,
            "pinned": False,
            "flags": message.flags,
            "mention_everyone": message.mention_everyone,
            "mentions": [user.raw() for user in message.mentions],
            "mention_roles": message.mention_roles,
            "attachments": [] if bare else self._attachments(message),
            "embeds": [] if bare else self._embeds(message),
            "components": [] if bare else self._components(message),
        }
        if message.nonce is not None:
            raw["nonce"] = message.nonce
        if any(message.reactions.values()):
            raw["reactions"] = self._reactions(message)
        if message.stickers:
            raw["sticker_items"] = message.stickers
        if message.by_webhook:
            raw["webhook_id"] = message.author.id
        if message.interaction is not None:
            raw |= message.interaction.mark(message)
        if message.reply_to is not None and not nested:
            raw |= self._reference(message, message.reply_to, to_bot)
        if message.forwarded is not None:
            raw |= self._passed_on(message.forwarded, bare=bare)
        return raw

    def _blank(self, channel: Channel, origin: Origin) -> Message:
        return Message(
            id=self.snowflakes.next(),
            channel=channel,
            author=origin.author,
            made=self.clock.now(),
            flags=origin.flags,
            type=origin.type,
            reply_to=origin.reply_to,
            by_webhook=origin.by_webhook,
            interaction=origin.interaction,
            seen_only_by=origin.seen_only_by,
        )

    def _posted(self, message: Message) -> Message:
        message.channel.messages[message.id] = message
        if message.nonce is not None:
            key = (message.author.id, str(message.nonce))
            self._nonces[key] = (self.clock.now(), message)
        self.world.tell("message_create", message)
        return message

    def _fill(self, message: Message, content: str, shown: list[Raw], tree: list[Raw]) -> None:
        message.content = content.strip()
        message.embeds = deepcopy(shown)
        message.components = deepcopy(tree)

    def _owned(self, files: list[StoredFile], message: Message) -> list[StoredFile]:
        secret = message.seen_only_by is not None
        return [replace(file, ephemeral=secret) for file in files]

    def _replied(self, channel: Channel, body: Raw) -> Message | None:
        reference = body.get("message_reference")
        if not reference or reference.get("type"):
            return None
        message = channel.messages.get(str(reference.get("message_id")))
        if message is not None and message.seen_only_by is None:
            return message
        if reference.get("fail_if_not_exists", True):
            form = Form()
            form.wrong("message_reference", "REPLIES_UNKNOWN_MESSAGE", "Unknown message")
            form.done()
        return None

    def _snapshot(self, reference: Raw) -> Message:
        """Copy a message as it is now; what happens to it later does not show."""
        where = self.world.channel(str(reference.get("channel_id")))
        original = self.find(where, str(reference.get("message_id")))
        shown = original.forwarded or original
        files = [replace(file, id=self.snowflakes.next()) for file in shown.files]
        return replace(shown, id=original.id, channel=where, files=files, forwarded=None)

    def _ping(self, message: Message, body: Raw, replied: Message | None) -> None:
        allowed = body.get("allowed_mentions")
        if allowed is None and message.interaction is not None:
            allowed = {"parse": ["users"]}
        mentions.ping(message, self.world, allowed, replied)

    def _attachments(self, message: Message) -> list[Raw]:
        elsewhere = shown_elsewhere(message)
        return [
            file.raw(self.cdn.link(file, message.channel.id))
            for file in message.files
            if file.filename not in elsewhere
        ]

    def _embeds(self, message: Message) -> list[Raw]:
        written = deepcopy(message.embeds)
        for embed in written:
            embed.setdefault("type", "rich")
        for _, media in embeds.media_of(written):
            self._show(message, media)
        return written

    def _components(self, message: Message) -> list[Raw]:
        written = deepcopy(message.components)
        components.complete(written)
        for _, media in components.media_of(written):
            self._show(message, media)
        named = {file.id: file for file in message.files}
        for _, one in components.walk(written):
            if one["type"] == components.FILE and (file := named.get(one["file"]["id"])):
                one |= {"name": file.filename, "size": file.size}
        return written

    def _show(self, message: Message, media: Raw) -> None:
        """Replace the name of an own file with what Discord tells about it."""
        name = media["url"].removeprefix(OWN_FILE)
        media |= {"id": message.id, "proxy_url": media["url"]}
        for file in message.files:
            if file.filename == name:
                shown = file.raw(self.cdn.link(file, message.channel.id))
                told = ("url", "proxy_url", "width", "height", "content_type")
                media |= {key: shown[key] for key in told if key in shown}
                media |= {"id": file.id, "attachment_id": file.id, "loading_state": 2}

    def _reactions(self, message: Message) -> list[Raw]:
        return [
            {
                "emoji": {"id": None, "name": emoji},
                "count": len(users),
                "count_details": {"burst": 0, "normal": len(users)},
                "me": self.world.bot.id in users,
                "me_burst": False,
                "burst_colors": [],
            }
            for emoji, users in message.reactions.items()
            if users
        ]

    def _reference(self, message: Message, target: str, to_bot: Intents | None) -> Raw:
        reference = _pointer(message.channel, target)
        answered = message.channel.messages.get(target)
        written = self.raw(answered, to_bot=to_bot, nested=True) if answered else None
        return {"message_reference": reference, "referenced_message": written}

    def _passed_on(self, forwarded: Message, *, bare: bool) -> Raw:
        """Write what a forward carries: all but the author, or nothing for who may not read."""
        blank: Raw = {"content": "", "embeds": [], "attachments": [], "components": []}
        written = self.raw(forwarded) | (blank if bare else {})
        snapshot = {name: written[name] for name in SNAPSHOT if name in written}
        reference = _pointer(forwarded.channel, forwarded.id, FORWARD)
        return {"message_reference": reference, "message_snapshots": [{"message": snapshot}]}


def _pointer(channel: Channel, message_id: str, kind: int = 0) -> Raw:
    pointer = {"type": kind, "message_id": message_id, "channel_id": channel.id}
    return pointer | {"guild_id": channel.server.id} if channel.server else pointer


def _limit_in(channel: Channel) -> int:
    return channel.server.limit_of_a_file if channel.server else DEFAULT_FILE_LIMIT
