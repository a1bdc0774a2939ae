"""People at their keyboards: what they can do in Discord, as verbs for tests and the page."""

import asyncio
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

from sandbox.discord import components
from sandbox.discord.answers import Act
from sandbox.discord.commands import ATTACHMENT, MESSAGE_MENU, SLASH, USER_MENU, usable
from sandbox.discord.drafts import FORWARD, Draft
from sandbox.discord.entries import Entries
from sandbox.discord.files import StoredFile
from sandbox.discord.interactions import AUTOCOMPLETE, COMMAND, COMPONENT, MODAL_SUBMIT, Interaction
from sandbox.discord.messages import Origin
from sandbox.discord.modals import submitted
from sandbox.discord.options import (
    CannotSend,
    Resolved,
    descend,
    filled,
    nested,
    typed_so_far,
    unchecked,
)
from sandbox.discord.permissions import EVERYTHING, May, in_channel
from sandbox.discord.refusals import Raw, Refused
from sandbox.discord.state import VOICE, Channel, Message, User

if TYPE_CHECKING:
    from sandbox.discord.app import Discord

Upload = StoredFile | Path | tuple[str, bytes]
Wanted = str | Callable[[Message], object]
WITHIN_S: Final = 60.0


@dataclass(frozen=True, slots=True)
class Choice:
    """One line of an autocomplete list."""

    name: str
    value: str | int | float


@dataclass(slots=True, eq=False)
class Person:
    """Somebody with a client open; every verb goes through the same doors as Discord's own."""

    discord: "Discord"
    user: User
    honest: bool = True

    @property
    def id(self) -> str:
        """Give the account's id."""
        return self.user.id

    @property
    def mention(self) -> str:
        """Give the text that pings them."""
        return self.user.mention

    @property
    def dm(self) -> Channel:
        """Give the conversation with the bot."""
        return self.discord.dm_of(self.user)

    @property
    def tampered(self) -> "Person":
        """Give the same person with a client that checks neither permissions nor options."""
        return replace(self, honest=False)

    async def slash(
        self,
        name: str,
        /,
        *,
        channel: Channel | None = None,
        options: Mapping[str, object] | None = None,
        **more: object,
    ) -> Interaction:
        """Send a slash command ("budget view" for a subcommand) and wait for its acknowledgement.

        Options come by name; one that is called `channel` goes into `options`. People, roles and
        channels are given as such, or by id, mention or name.
        """
        where = channel or self.discord.home
        command, words = self._command(name, SLASH, where)
        resolved = self._resolved(where)
        node, steps = descend(command, words)
        given = self._uploaded(node, {**(options or {}), **more})
        write = filled if self.honest else unchecked
        data = self._data(command, nested(steps, write(node, given, resolved)), resolved)
        return await self._do(COMMAND, where, data, name=name)

    async def autocomplete(
        self,
        name: str,
        /,
        *,
        focused: str,
        value: str = "",
        channel: Channel | None = None,
        options: Mapping[str, object] | None = None,
        **more: object,
    ) -> list[Choice]:
        """Type into an option and read the list that appears; empty if none came in time."""
        where = channel or self.discord.home
        command, words = self._command(name, SLASH, where)
        node, steps = descend(command, words)
        given = {**(options or {}), **more, focused: value}
        typed = typed_so_far(node, given, focused, self._resolved(where))
        data = self._data(command, nested(steps, typed), self._resolved(where))
        interaction = await self._do(AUTOCOMPLETE, where, data, name=name)
        return [Choice(one["name"], one["value"]) for one in interaction.choices or []]

    async def press(self, button: str, *, on: Message) -> Interaction:
        """Press a button by its label, emoji or custom id."""
        pressed = self._component(on, button, {components.BUTTON})
        if pressed["style"] == components.LINK_STYLE:
            raise CannotSend(f"{button!r} is a link.")
        return await self._use(on, pressed, {})

    async def select(self, menu: str, *values: object, on: Message) -> Interaction:
        """Choose values in a select, found by its placeholder or custom id."""
        kinds = {components.STRING_SELECT, *components.SELECTS}
        chosen = self._component(on, menu, kinds)
        resolved = self._resolved(on.channel)
        data: Raw = Entries(resolved).chosen(chosen, values)
        if resolved.found:
            data["resolved"] = resolved.found
        return await self._use(on, chosen, data)

    async def submit(
        self, opened: Interaction, values: Mapping[str, object] | None = None, /, **more: object
    ) -> Interaction:
        """Fill in the modal an interaction opened, by labels or custom ids, and send it."""
        if opened.modal is None:
            raise CannotSend("No modal is open.")
        resolved = self._resolved(opened.channel)
        entries = Entries(resolved, self._stored_all)
        fill = entries.filler(opened.modal, {**(values or {}), **more})
        data: Raw = {
            "custom_id": opened.modal["custom_id"],
            "components": submitted(opened.modal, fill),
            "resolved": resolved.found,
        }
        act = Act(
            kind=MODAL_SUBMIT,
            user=self.user,
            channel=opened.channel,
            data=data,
            source=opened.source,
            trigger=opened,
        )
        return await self._settled(act)

    async def menu(
        self, name: str, on: "Message | Person | User", *, channel: Channel | None = None
    ) -> Interaction:
        """Use one of the app's entries in the menu of a message, or of a person in a channel."""
        if isinstance(on, Message):
            where, kind = on.channel, MESSAGE_MENU
        else:
            where, kind = channel or self.discord.home, USER_MENU
        command, _ = self._command(name, kind, where)
        resolved = self._resolved(where)
        if isinstance(on, Message):
            self._must_see(on)
            target_id = resolved.message(on, self.discord.messages.raw(on))
        else:
            target_id = resolved.user(on)
        data = self._data(command, [], resolved) | {"target_id": target_id}
        return await self._do(COMMAND, where, data, name=name)

    async def write(
        self, text: str = "", *, channel: Channel | None = None, files: Iterable[Upload] = ()
    ) -> Message:
        """Write an ordinary message."""
        body: Raw = {"content": text, "allowed_mentions": None}
        return self._post(channel or self.discord.home, body, files)

    async def reply(
        self, message: Message, text: str = "", *, ping: bool = True, files: Iterable[Upload] = ()
    ) -> Message:
        """Answer a message, with or without pinging its author."""
        self._must_see(message)
        allowed = {"parse": ["users", "roles", "everyone"], "replied_user": ping}
        reference = {"message_id": message.id}
        body: Raw = {"content": text, "message_reference": reference, "allowed_mentions": allowed}
        return self._post(message.channel, body, files)

    async def send_sticker(self, name: str = "Wave", channel: Channel | None = None) -> Message:
        """Send a sticker and no word."""
        sticker: Raw = {"id": self.discord.snowflakes.next(), "name": name, "format_type": 1}
        return self._post(channel or self.discord.home, {}, (), stickers=[sticker])

    async def record(self, lasts_s: float = 3.0, channel: Channel | None = None) -> Message:
        """Send a voice message."""
        file = self.discord.files.keep("voice-message.ogg", b"OggS" + bytes(60))
        note = replace(file, content_type="audio/ogg", lasts_s=lasts_s)
        return self._post(channel or self.discord.home, {}, [note], flags=VOICE)

    async def react(self, message: Message, emoji: str = "⭐", *, add: bool = True) -> None:
        """Put an emoji under a message, or take one's own away."""
        self._must_see(message)
        if message.ephemeral or not May.ADD_REACTIONS & self.may(message.channel):
            raise CannotSend("You can't react to this message.")
        self.discord.messages.react(message, self.user, emoji, add=add)

    async def forward(self, message: Message, to: Channel | None = None) -> Message:
        """Pass a message on to a channel; the copy does not say who wrote it."""
        self._must_see(message)
        if message.thinking or message.ephemeral:
            raise CannotSend("This message can't be forwarded.")
        where = {"message_id": message.id, "channel_id": message.channel.id}
        body: Raw = {"message_reference": where | {"type": FORWARD}}
        return self._post(to or self.discord.home, body, ())

    def take_dms(self, *, openly: bool) -> None:
        """Let the bot write to them alone, or refuse it as one's settings can (50007)."""
        self.user.dms_open = openly
        self.discord.world.tell("places", self.user)

    def messages(self, channel: Channel | None = None) -> list[Message]:
        """Give what this person sees in a channel, oldest first."""
        where = channel or self.discord.home
        if not May.VIEW_CHANNEL & self.may(where):
            return []
        return [one for one in where.messages.values() if one.seen_only_by in {None, self.user}]

    def sees(self, wanted: Wanted) -> Message | None:
        """Find the newest message this person sees anywhere that has a text, or fits."""
        for message in sorted(self._everything(), key=lambda one: -int(one.id)):
            fits = wanted in message.text if isinstance(wanted, str) else wanted(message)
            if fits:
                return message
        return None

    async def waits_for(self, wanted: Wanted, *, within_s: float = WITHIN_S) -> Message:
        """Wait until this person sees such a message; it may be there already."""
        try:
            async with asyncio.timeout(within_s):
                while (message := self.sees(wanted)) is None:
                    await self.discord.world.change()
        except TimeoutError:
            seen = "\n".join(map(repr, self._everything()))
            raise AssertionError(f"{wanted!r} never appeared. There is:\n{seen}") from None
        return message

    def may(self, channel: Channel) -> May:
        """Tell what this person may do in a channel."""
        if channel.server is None:
            return EVERYTHING if channel.recipient is self.user else May(0)
        member = channel.server.members.get(self.user.id)
        return in_channel(member, channel) if member else May(0)

    def stored(self, upload: Upload) -> StoredFile:
        """Upload a file, unless it is uploaded already."""
        match upload:
            case StoredFile():
                return upload
            case Path():
                return self.discord.files.keep(upload.name, upload.read_bytes())
            case (name, data):
                return self.discord.files.keep(name, data)

    def commands(self, channel: Channel) -> list[Raw]:
        """Give the commands this person can use in a channel."""
        server_id = channel.server.id if channel.server else None
        seen = self.discord.commands.seen_in(server_id)
        return [one for one in seen if usable(one, channel.server, self.may(channel))]

    def _command(self, name: str, kind: int, where: Channel) -> tuple[Raw, list[str]]:
        words = name.split() if kind == SLASH else [name]
        server_id = where.server.id if where.server else None
        command = self.discord.commands.named(server_id, kind, words[0])
        if command is None:
            raise CannotSend(f"There is no command {name!r}.")
        if self.honest and not usable(command, where.server, self.may(where)):
            raise CannotSend(f"You can't use {name!r} here.")
        return command, words[1:]

    def _data(self, command: Raw, options: Sequence[Raw], resolved: Resolved) -> Raw:
        data: Raw = {"id": command["id"], "name": command["name"], "type": command["type"]}
        if "guild_id" in command:
            data["guild_id"] = command["guild_id"]
        if options:
            data["options"] = list(options)
        return data | {"resolved": resolved.found} if resolved.found else data

    def _component(self, on: Message, name: str, kinds: set[int]) -> Raw:
        self._must_see(on)
        for _, one in components.walk(on.components):
            emoji = (one.get("emoji") or {}).get("name")
            names = {one.get("label"), one.get("custom_id"), one.get("placeholder"), emoji}
            if one["type"] in kinds and name in names:
                if one.get("disabled"):
                    raise CannotSend(f"{name!r} is greyed out.")
                return one
        raise CannotSend(f"There is no {name!r} on {on!r}.")

    def _resolved(self, channel: Channel) -> Resolved:
        return Resolved(self.discord.world, self.discord.cdn, channel, self.user)

    def _uploaded(self, node: Raw, given: Mapping[str, object]) -> dict[str, object]:
        kinds = {option["name"]: option["type"] for option in node.get("options") or []}
        return {
            name: self._stored_as_option(value) if kinds.get(name) == ATTACHMENT else value
            for name, value in given.items()
        }

    def _stored_as_option(self, value: object) -> object:
        if isinstance(value, StoredFile | Path | tuple):
            return self.discord.files.as_ephemeral(self.stored(value))
        return value

    def _stored_all(self, values: Iterable[object]) -> list[object]:
        return [self._stored_as_option(value) for value in values]

    async def _use(self, on: Message, component: Raw, more: Raw) -> Interaction:
        named = {"custom_id": component["custom_id"], "component_type": component["type"]}
        return await self._do(
            COMPONENT, on.channel, named | {"id": component["id"]} | more, source=on
        )

    async def _do(
        self,
        kind: int,
        channel: Channel,
        data: Raw,
        *,
        name: str = "",
        source: Message | None = None,
    ) -> Interaction:
        act = Act(kind=kind, user=self.user, channel=channel, data=data, name=name, source=source)
        return await self._settled(act)

    async def _settled(self, act: Act) -> Interaction:
        interaction = self.discord.answers.start(act)
        await interaction.settled.wait()
        return interaction

    def _post(
        self,
        channel: Channel,
        body: Raw,
        files: Iterable[Upload],
        *,
        stickers: Iterable[Raw] = (),
        flags: int = 0,
    ) -> Message:
        uploads = dict(enumerate(self.stored(one) for one in files))
        needed = May.SEND_MESSAGES | (May.ATTACH_FILES if uploads else May(0))
        if needed & ~self.may(channel):
            raise CannotSend("You do not have permission to send messages here.")
        try:
            draft = Draft(body=body, uploads=uploads, stickers=list(stickers))
            origin = Origin(author=self.user, flags=flags)
            return self.discord.messages.post(channel, draft, origin)
        except Refused as refusal:
            raise CannotSend(str(refusal)) from refusal

    def _must_see(self, message: Message) -> None:
        if message not in self.messages(message.channel):
            raise CannotSend(f"{self.user.global_name} does not see {message!r}.")

    def _everything(self) -> Iterator[Message]:
        for channel in self.discord.world.channels.values():
            yield from self.messages(channel)
