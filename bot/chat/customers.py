"""Customers: whoever orders, by an interaction or by replying to a picture, and how to answer."""

from dataclasses import dataclass
from typing import Protocol, cast
from zlib import crc32

import discord
from discord import Interaction, ui

from bot.chat.intake import DELIVERING, lacking, payer_of, place_of, visit_of
from bot.core.job import Job, Place
from bot.studio.desk import Visit


class Customer(Protocol):
    """Somebody at the counter; they are acknowledged already, or need not be."""

    @property
    def discord_id(self) -> int:
        """Tell who they are."""

    @property
    def place(self) -> Place:
        """Tell where they order."""

    def visit(self, *, private: bool) -> Visit:
        """Tell the desk who pays, and from where."""

    def is_public(self, *, private: bool) -> bool:
        """Tell whether everybody reads what they are told."""

    def ordered(self, job: Job) -> bool:
        """Tell whether a job is what they ordered here, and not by another press."""

    async def say(self, text: str, view: ui.View | None = None) -> None:
        """Answer them."""


@dataclass(frozen=True, slots=True)
class Caller:
    """Somebody who used a command, a button or a form, and was acknowledged."""

    interaction: Interaction

    @property
    def discord_id(self) -> int:
        """Tell who they are."""
        return self.interaction.user.id

    @property
    def place(self) -> Place:
        """Tell where they order."""
        return place_of(self.interaction)

    def visit(self, *, private: bool) -> Visit:
        """Tell the desk who pays: whoever pressed or typed, never a message's owner."""
        return visit_of(self.interaction, private=private)

    def is_public(self, *, private: bool) -> bool:
        """Tell whether everybody reads the answer: where it becomes the result itself."""
        return is_public(self.interaction, private=private)

    def ordered(self, job: Job) -> bool:
        """Compare the answers: Discord may deliver one event twice."""
        answer = job.acknowledgement
        return answer is not None and answer.token == self.interaction.token

    async def say(self, text: str, view: ui.View | None = None) -> None:
        """Say it in the answer, in place of what stands there."""
        await self.interaction.edit_original_response(content=text, view=view)


@dataclass(frozen=True, slots=True)
class Replier:
    """Somebody who answered a picture with a message."""

    message: discord.Message

    @property
    def discord_id(self) -> int:
        """Tell who they are."""
        return self.message.author.id

    @property
    def place(self) -> Place:
        """Tell where they order."""
        message = self.message
        thread = message.channel if isinstance(message.channel, discord.Thread) else None
        return Place(
            server_id=message.guild.id if message.guild else None,
            channel_id=message.channel.id,
            parent_id=thread.parent_id if thread else None,
            message_id=message.id,
        )

    def visit(self, *, private: bool) -> Visit:  # noqa: ARG002 - a reply never is
        """Tell the desk who pays: whoever replied, never a picture's owner."""
        message = self.message
        missing: tuple[str, ...] = ()
        if message.guild is not None:
            may = message.channel.permissions_for(message.guild.me)
            missing = lacking(may, message.channel, DELIVERING)
        return Visit(
            key=str(message.id),
            at=message.created_at,
            payer=payer_of(message.author),
            place=self.place,
            missing_permissions=missing,
        )

    def is_public(self, *, private: bool) -> bool:  # noqa: ARG002 - as above
        """Tell whether others read along: everywhere but in a conversation with the bot."""
        return self.message.guild is not None

    def ordered(self, job: Job) -> bool:
        """Compare the messages: Discord may deliver one event twice."""
        return job.place.message_id == self.message.id

    async def say(self, text: str, view: ui.View | None = None) -> None:
        """Reply to the reply; the same words sent twice are one message."""
        await self.message.reply(
            text,
            view=cast("ui.View", view),  # the library takes None, its types do not
            nonce=f"{self.message.id:x}-{crc32(text.encode()):x}",
            mention_author=False,
        )


def is_public(interaction: Interaction, *, private: bool | None) -> bool:
    """Tell whether everybody reads the answer to an order."""
    # Where the bot is no member the answer itself becomes the result, so all may see it.
    return place_of(interaction).server_id is None and not private
