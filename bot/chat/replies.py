"""Replies: a message that answers a picture changes it; the replier pays."""

from collections import OrderedDict
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import date

import discord
import structlog
from discord import Interaction, MessageReferenceType

from bot.chat import edit_words, words
from bot.chat.answers import Refusal, acknowledge_press, sentence_of
from bot.chat.buttons import view_of
from bot.chat.customers import Replier
from bot.chat.gallery import Gallery
from bot.chat.intake import Wish
from bot.chat.pace import Pace
from bot.chat.remix import Remix
from bot.chat.result_buttons import PickButton
from bot.chat.sources import Shown, Sources, foreign, of_attachments
from bot.core.catalogue import Task
from bot.core.clock import Clock
from bot.core.instructions import PROMPTS, RESHAPE
from bot.core.reply import Instruction, read
from bot.store.store import Store
from bot.studio.desk import Desk
from bot.studio.references import Source

log = structlog.get_logger(__name__)

_PICKS_MAX = 10
_HINTED_MAX = 1_000


class Replies:
    """Reads messages that answer a picture or mention the bot, and orders what they ask for."""

    def __init__(
        self,
        *,
        desk: Desk,
        remix: Remix,
        gallery: Gallery,
        sources: Sources,
        store: Store,
        clock: Clock,
        pace: Pace,
    ) -> None:
        self._desk = desk
        self._remix = remix
        self._gallery = gallery
        self._sources = sources
        self._store = store
        self._clock = clock
        self._pace = pace
        self._hinted: OrderedDict[int, date] = OrderedDict()

    async def hear(self, message: discord.Message) -> None:
        """Answer a message that is meant for the bot; all others are nobody's business."""
        try:
            said = await self._answered(message)
        except discord.Forbidden:  # nothing can be said there
            raise
        except Exception as error:
            if not _is_meant(message):
                raise
            said = sentence_of(error)
        if said is not None:
            await Replier(message).say(said)

    async def picked(self, interaction: Interaction, message_id: int, number: int) -> None:
        """Go on with a reply that did not say which picture; only who wrote it may."""
        await acknowledge_press(interaction)
        message = await _fetched(interaction, message_id)
        if message.author.id != interaction.user.id:
            raise Refusal(edit_words.NOT_YOUR_REPLY)
        shown = await self._sources.shown_by(_target(message) or 0)
        if shown is None:
            raise Refusal(words.NO_PICTURE_THERE)
        with suppress(discord.NotFound):  # pressed twice, or somebody took the question away
            await interaction.delete_original_response()
        meant = replace(read(_said(message)), pictures=(number,))
        if (said := await self._order(message, shown, meant)) is not None:
            await Replier(message).say(said)

    async def _answered(self, message: discord.Message) -> str | None:
        """Order what a message asks for, or give the words to answer it with."""
        target, is_meant, meant = _target(message), _is_meant(message), read(_said(message))
        if is_meant:
            self._pace.check(message.author.id)
        if target is not None and (shown := await self._sources.shown_by(target)) is not None:
            if is_meant:
                return await self._order(message, shown, meant)
            return self._hint(message) if not message.content else None
        if not is_meant:
            return None
        if meant.cancel and target is not None:
            job = await self._store.job_by_status(target)
            return (
                await self._gallery.cancel_by_reply(message, job)
                if job
                else edit_words.NOTHING_TO_CANCEL
            )
        pictures = [*_of_target(message), *of_attachments(message.attachments, "attachment ")]
        if not pictures:
            return await self._nothing_there(message, meant)
        return await self._order(message, Shown(others=tuple(pictures)), meant, ())

    async def _order(
        self,
        message: discord.Message,
        shown: Shown,
        meant: Instruction,
        more: Sequence[Source] | None = None,
    ) -> str | None:
        customer = Replier(message)
        if meant.cancel and shown.job is not None:
            return await self._gallery.cancel_by_reply(message, shown.job)
        if meant.again and shown.job is not None:
            named, count = meant.pictures, meant.count
            await self._remix.again(customer, shown, named, count=count, private=False)
            return None
        prompt, task = _task_of(meant)
        if not prompt:
            return edit_words.NOTHING_SAID
        if len(shown) > 1 and not meant.pictures and shown.job is not None:
            numbers = shown.numbers[:_PICKS_MAX]
            picks = view_of(PickButton(message.id, each) for each in numbers)
            await customer.say(edit_words.WHICH, picks)
            return None
        wish = Wish(
            prompt=prompt,
            task=Task.BLEND if len(meant.pictures) > 1 and task is Task.EDIT else task,
            count=meant.count or 1,
            aspect=meant.aspect,
            size=meant.size,
            private=False,  # a reply is answered where everybody reads it
        )
        if more is None:
            more = of_attachments(message.attachments, "attachment ")
        await self._remix.edit(customer, shown, meant.pictures, wish, more)
        return None

    async def _nothing_there(self, message: discord.Message, meant: Instruction) -> str:
        """Say what to do instead; without a privileged intent others' messages come to us empty.

        Raises:
            Refused: in a conversation in which nothing can be ordered.
        """
        if message.guild is None:
            await self._desk.check_allowed(Replier(message).visit(private=False))
        resolved = message.reference and message.reference.resolved
        is_own = isinstance(resolved, discord.Message) and resolved.author.id == _own_id(message)
        if _target(message) is None or (is_own and not meant.prompt):
            return edit_words.HOW_TO
        return words.NO_PICTURE_THERE if is_own else edit_words.NOT_SHOWN_TO_ME

    def _hint(self, message: discord.Message) -> str | None:
        """Explain, once a day for each person, why a reply without a ping says nothing to us."""
        today, author = self._clock.now().date(), message.author.id
        if self._hinted.get(author) == today:
            return None
        self._hinted[author] = today
        while len(self._hinted) > _HINTED_MAX:
            self._hinted.popitem(last=False)
        return edit_words.TURN_PING_ON


def _task_of(meant: Instruction) -> tuple[str, Task]:
    """Tell what to say to the model; a shape or a size alone wants the picture as it is."""
    if meant.is_shape_only:
        return (RESHAPE, Task.EDIT) if meant.aspect else (PROMPTS[Task.UPSCALE], Task.UPSCALE)
    return meant.prompt, Task.EDIT


def _target(message: discord.Message) -> int | None:
    """Find which message a reply answers; what is forwarded answers none."""
    reference = message.reference
    if reference is None or reference.type is not MessageReferenceType.reply:
        return None
    return reference.message_id


def _of_target(message: discord.Message) -> list[Source]:
    """Find the pictures of the message that is answered, if Discord sent it along."""
    resolved = message.reference and message.reference.resolved
    return foreign(resolved) if isinstance(resolved, discord.Message) else []


def _is_meant(message: discord.Message) -> bool:
    """Tell whether somebody speaks to us: by a mention, a reply with a ping, or in a DM."""
    return message.guild is None or _own_id(message) in {each.id for each in message.mentions}


def _said(message: discord.Message) -> str:
    own_id = _own_id(message)
    return message.content.replace(f"<@{own_id}>", "").replace(f"<@!{own_id}>", "").strip()


def _own_id(message: discord.Message) -> int:
    channel = message.channel
    own = message.guild.me if message.guild else getattr(channel, "me", None)
    return own.id if own is not None else 0


async def _fetched(interaction: Interaction, message_id: int) -> discord.Message:
    channel = interaction.channel
    assert isinstance(channel, discord.abc.Messageable)  # noqa: S101 - a message stands there
    try:
        return await channel.fetch_message(message_id)
    except discord.NotFound:
        raise Refusal(edit_words.REPLY_GONE) from None
