"""The endpoints of channels and messages, as the bot's token may use them."""

from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote

from aiohttp import web

from sandbox.discord.bodies import read_draft, read_json
from sandbox.discord.drafts import Draft
from sandbox.discord.files import Files
from sandbox.discord.gateway import Gateway
from sandbox.discord.intents import Intents
from sandbox.discord.messages import Messages, Origin
from sandbox.discord.permissions import May, in_channel
from sandbox.discord.refusals import (
    Raw,
    Refused,
    missing_access,
    missing_permissions,
    unknown_channel,
)
from sandbox.discord.rest import NOTHING, Rest
from sandbox.discord.state import Channel, Message, World

HISTORY_MOST = 100


@dataclass(slots=True)
class MessageCalls:
    """Everything under /channels."""

    world: World
    messages: Messages
    files: Files
    gateway: Gateway

    def routes(self, rest: Rest) -> list[web.RouteDef]:
        """Give the routes of this family."""
        all_, one = "/channels/{channel}/messages", "/channels/{channel}/messages/{message}"
        reaction = one + "/reactions/{emoji}/@me"
        return [
            rest.route("GET", "/channels/{channel}", self.channel),
            rest.route("POST", "/channels/{channel}/typing", self.typing),
            rest.route("POST", all_, self.post),
            rest.route("GET", all_, self.history),
            rest.route("GET", one, self.get),
            rest.route("PATCH", one, self.edit),
            rest.route("DELETE", one, self.delete),
            rest.route("PUT", reaction, self.react),
            rest.route("DELETE", reaction, self.unreact),
        ]

    async def channel(self, request: web.Request) -> Any:
        """Show a channel."""
        return self._seen(request).raw()

    async def typing(self, request: web.Request) -> Any:
        """Show that the bot is typing."""
        channel = self._seen(request)
        self._need(channel, May.SEND_MESSAGES)
        self.world.tell("typing", (channel, self.world.bot))
        return NOTHING

    async def post(self, request: web.Request) -> Any:
        """Post a regular message; a repeated nonce gives the message it gave before."""
        channel = self._seen(request)
        draft = await read_draft(request, self.files)
        self._check_posting(channel, draft)
        known = self.messages.repeated(self.world.bot, draft.body)
        message = known or self.messages.post(channel, draft, Origin(author=self.world.bot))
        return self._raw(message)

    async def history(self, request: web.Request) -> Any:
        """List messages, newest first."""
        channel = self._seen(request)
        self._need(channel, May.READ_MESSAGE_HISTORY)
        query = request.query
        most = min(int(query.get("limit", "50")), HISTORY_MOST)
        before, after = int(query.get("before", 1 << 63)), int(query.get("after", 0))
        public = [one for one in channel.messages.values() if one.seen_only_by is None]
        within = [one for one in public if after < int(one.id) < before]
        chosen = within[:most] if "after" in query else within[-most:]
        return [self._raw(one) for one in reversed(chosen)]

    async def get(self, request: web.Request) -> Any:
        """Show one message."""
        channel, message = self._named(request)
        self._need(channel, May.READ_MESSAGE_HISTORY)
        return self._raw(message)

    async def edit(self, request: web.Request) -> Any:
        """Edit a message of the bot's own."""
        _, message = self._named(request)
        draft = await read_draft(request, self.files)
        if message.author is not self.world.bot:
            raise Refused(403, 50005, "Cannot edit a message authored by another user")
        return self._raw(self.messages.edit(message, draft))

    async def delete(self, request: web.Request) -> Any:
        """Delete a message, another's with permission only."""
        channel, message = self._named(request)
        if message.author is not self.world.bot:
            self._need(channel, May.MANAGE_MESSAGES)
        self.messages.delete(message)
        return NOTHING

    async def react(self, request: web.Request) -> Any:
        """Add the bot's reaction."""
        channel, message = self._named(request)
        self._need(channel, May.ADD_REACTIONS | May.READ_MESSAGE_HISTORY)
        self.messages.react(message, self.world.bot, unquote(request.match_info["emoji"]))
        return NOTHING

    async def unreact(self, request: web.Request) -> Any:
        """Take the bot's reaction away."""
        _, message = self._named(request)
        emoji = unquote(request.match_info["emoji"])
        self.messages.react(message, self.world.bot, emoji, add=False)
        return NOTHING

    async def open_dm(self, request: web.Request) -> Any:
        """Open the conversation with a person."""
        body = await read_json(request)
        user = self.world.users.get(str(body.get("recipient_id")))
        if user is None or user.bot:
            raise Refused(400, 50033, "Invalid Recipient(s)")
        for channel in self.world.channels.values():
            if channel.recipient is user:
                return channel.raw()
        raise unknown_channel()

    def _seen(self, request: web.Request) -> Channel:
        channel = self.world.channel(request.match_info["channel"])
        self._need(channel, May.VIEW_CHANNEL)
        return channel

    def _named(self, request: web.Request) -> tuple[Channel, Message]:
        channel = self._seen(request)
        return channel, self.messages.find(channel, request.match_info["message"])

    def _need(self, channel: Channel, needed: May) -> None:
        if channel.server is None:
            return
        member = channel.server.members.get(self.world.bot.id)
        allowed = in_channel(member, channel) if member else May(0)
        if not May.VIEW_CHANNEL & allowed:
            raise missing_access()
        if needed & ~allowed:
            raise missing_permissions()

    def _check_posting(self, channel: Channel, draft: Draft) -> None:
        if channel.recipient is not None and not channel.recipient.dms_open:
            raise Refused(403, 50007, "Cannot send messages to this user")
        needed = May.SEND_MESSAGES
        if draft.uploads:
            needed |= May.ATTACH_FILES
        if draft.body.get("embeds"):
            needed |= May.EMBED_LINKS
        if draft.body.get("message_reference"):
            needed |= May.READ_MESSAGE_HISTORY
        self._need(channel, needed)

    def _raw(self, message: Message) -> Raw:
        granted = Intents(0)
        for session in self.gateway.sessions.values():
            granted |= session.intents if session.line else Intents(0)
        return self.messages.raw(message, to_bot=granted)
