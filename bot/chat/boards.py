"""Boards: the places a job's pictures can be posted in, all handled alike.

Every method may raise what discord.py and its transport raise.
"""

from collections.abc import Sequence
from contextlib import suppress
from pathlib import PurePath
from typing import Any, TypeAlias, cast

import discord
from discord import ui
from discord.utils import time_snowflake

from bot.chat.parcels import in_order, standing
from bot.chat.result_buttons import under
from bot.core.job import Acknowledgement, Job
from bot.core.states import PictureState

FILE_MAX_DEFAULT = 10 * 2**20  # where Discord does not tell: its lowest limit
UNKNOWN_MESSAGE = 10008  # Discord's code
_SEARCHED = 200  # own messages are looked for among so many later ones

_Files: TypeAlias = Sequence[discord.File]


class ChannelBoard:
    """Regular channel messages: replies to them can be read, and they outlive any token."""

    def __init__(self, job: Job, channel: discord.abc.Messageable, own_id: int) -> None:
        self._job = job
        self._channel = channel
        self._own_id = own_id
        guild = getattr(channel, "guild", None)  # conversations have none
        self.file_max: int = guild.filesize_limit if guild else FILE_MAX_DEFAULT

    async def find(self, *, again: bool) -> discord.Message | None:
        """Look up the newest booked message; `again` also searches for one nobody booked."""
        booked = [p.message_id for p in self._job.pictures if p.state is PictureState.DELIVERED]
        if booked and booked[-1] is not None:
            # One deleted by somebody is not found: what is left gets a message of its own.
            with suppress(discord.NotFound):
                return await self._channel.fetch_message(booked[-1])
        return await self._search() if again else None

    async def post(self, content: str, files: _Files) -> discord.Message:
        """Send with a nonce of job and first picture: sent twice, it is one message."""
        nonce = PurePath(files[0].filename).stem
        only_them = only(self._job.discord_id)
        reference: Any = reply_to(self._job)  # the library's types do not take None
        return await self._channel.send(
            content,
            files=files,
            view=under(self._job),
            nonce=nonce,
            allowed_mentions=only_them,
            reference=reference,
        )

    async def extend(
        self, message: discord.Message, content: str, files: _Files
    ) -> discord.Message:
        """Renew the text, keep what stands there and put the new files where they belong."""
        return await message.edit(
            content=content,
            attachments=in_order([*message.attachments, *files]),
            allowed_mentions=only(self._job.discord_id),
        )

    async def _search(self) -> discord.Message | None:
        """Search right after the order, where it most likely stands, then among the latest."""
        after = discord.Object(time_snowflake(self._job.created_at))
        for oldest_first in (True, False):
            later = self._channel.history(limit=_SEARCHED, after=after, oldest_first=oldest_first)
            found = [
                message
                async for message in later
                if message.author.id == self._own_id and standing(message, self._job)
            ]
            if found:
                return max(found, key=lambda message: message.id)
        return None


class AcknowledgementBoard:
    """The interaction's own answer: one message, editable for 15 minutes."""

    file_max = FILE_MAX_DEFAULT

    def __init__(self, job: Job, client: discord.Client, answer: Acknowledgement) -> None:
        self._job = job
        self._webhook = discord.Webhook.partial(answer.application_id, answer.token, client=client)

    async def find(self, *, again: bool) -> discord.Message | None:
        """Give the answer once it carries pictures; `again` also looks when none is booked."""
        booked = any(p.state is PictureState.DELIVERED for p in self._job.pictures)
        if not (booked or again):
            return None
        message = await self._webhook.fetch_message(_ORIGINAL)
        return message if standing(message, self._job) else None

    async def post(self, content: str, files: _Files) -> discord.Message:
        """Turn the answer into the result; editing it twice is the same message."""
        return await self.say(content, under(self._job), attachments=files)

    async def extend(
        self, message: discord.Message, content: str, files: _Files
    ) -> discord.Message:
        """Renew the text, keep what stands there and put the new files where they belong."""
        kept = in_order([*message.attachments, *files])
        return await self.say(content, under(self._job), attachments=kept)

    async def say(
        self, content: str, view: ui.View | None = None, **attachments: Any
    ) -> discord.Message:
        """Renew the answer's text and buttons, and keep its files if no others are given."""
        only_them = only(self._job.discord_id)
        return await self._webhook.edit_message(
            _ORIGINAL, content=content, view=view, allowed_mentions=only_them, **attachments
        )


def reply_to(job: Job) -> discord.MessageReference | None:
    """Point at the message that asked, which may be gone; None for what came by a command."""
    if job.place.message_id is None:
        return None
    return discord.MessageReference(
        message_id=job.place.message_id,
        channel_id=job.place.channel_id,
        guild_id=job.place.server_id,
        fail_if_not_exists=False,
    )


Board: TypeAlias = ChannelBoard | AcknowledgementBoard

# Discord names an interaction's answer so in its routes; the library types ids as integers.
_ORIGINAL = cast("int", "@original")


def only(discord_id: int | None) -> discord.AllowedMentions:
    """Let a message mention nobody but one person, whatever stands in it."""
    if discord_id is None:
        return discord.AllowedMentions.none()
    return discord.AllowedMentions(
        everyone=False, roles=False, replied_user=False, users=[discord.Object(discord_id)]
    )
