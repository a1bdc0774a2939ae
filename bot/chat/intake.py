"""Intake: what a person typed or pressed, read once and turned into an order and a visit."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

import discord
from discord import Interaction

from bot.chat import words
from bot.core.catalogue import Task
from bot.core.instructions import PROMPTS
from bot.core.job import Acknowledgement, Payer, Place
from bot.core.order import Effort, Order, clean_prompt
from bot.core.problems import Refused, Unsupported
from bot.studio.desk import Desk, Visit
from bot.studio.references import Source

_LABELS = {  # the names a server's settings show
    "view_channel": "View Channel",
    "send_messages": "Send Messages",
    "send_messages_in_threads": "Send Messages in Threads",
    "attach_files": "Attach Files",
    "read_message_history": "Read Message History",
}
POSTING = ("view_channel", "send_messages")
DELIVERING = (*POSTING, "attach_files", "read_message_history")


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """The options of a command as Discord gave them; None was left out.

    `sources` are the pictures to work from, in the order in which they were given; `preset` is a
    name, or the number that a button carries.
    """

    prompt: str | None = None
    task: Task = Task.PAINT
    sources: tuple[Source, ...] = ()
    preset: str | int | None = None
    model: str | None = None
    count: int | None = None
    aspect: str | None = None
    size: str | None = None
    format: str | None = None
    enhance: bool | None = None
    thinking: str | None = None
    private: bool | None = None
    spoiler: bool | None = None


def order_of(wish: Wish, desk: Desk) -> Order:
    """Read a wish into an order; what it leaves out is as usual.

    Raises:
        Refused: for an unusable prompt, an unknown model or an effort nobody offers.
    """
    prompt = clean_prompt(wish.prompt or PROMPTS.get(wish.task, ""))
    model = desk.model(wish.model and typed(wish.model))
    order = Order(
        prompt=prompt,
        task=wish.task,
        model=model.id,
        count=1 if wish.count is None else wish.count,
        aspect=wish.aspect,
        size=wish.size,
        format=wish.format,
        enhance=wish.enhance,
        private=bool(wish.private),
        spoiler=bool(wish.spoiler),
    )
    if wish.thinking is None:
        return order
    try:
        return replace(order, thinking=Effort(wish.thinking))
    except ValueError:
        problem = Unsupported("thinking", wish.thinking, model.label, model.efforts, order)
        raise Refused(problem) from None


def typed(choice: str) -> str:
    """Read an option with a list: some clients send what a line shows instead of its value."""
    return choice.partition(words.BETWEEN)[0]


def place_of(interaction: Interaction) -> Place:
    """Tell where an interaction happened; where the bot is no member counts as no server."""
    server_id = interaction.guild_id if interaction.is_guild_integration() else None
    thread = interaction.channel if isinstance(interaction.channel, discord.Thread) else None
    return Place(
        server_id=server_id,
        channel_id=interaction.channel_id or 0,
        parent_id=thread.parent_id if thread else None,
    )


def payer_of(who: discord.User | discord.Member) -> Payer:
    """Read who pays, with their roles as Discord told them along with the event."""
    # `roles` would leave out those of a server that the library does not know yet, or any more.
    return Payer(who.id, tuple(who._roles) if isinstance(who, discord.Member) else ())  # noqa: SLF001


def visit_of(interaction: Interaction, *, private: bool) -> Visit:
    """Read who pays and where: whoever pressed or typed, never a message's owner."""
    place = place_of(interaction)
    posts_in_channel = place.server_id is not None and not private
    missing = lacking(interaction.app_permissions, interaction.channel, DELIVERING)
    return Visit(
        key=str(interaction.id),
        at=interaction.created_at,
        payer=payer_of(interaction.user),
        place=place,
        missing_permissions=missing if posts_in_channel else (),
        acknowledgement=Acknowledgement(
            application_id=interaction.application_id,
            token=interaction.token,
            expires_at=interaction.expires_at,
        ),
    )


def lacking(may: discord.Permissions, where: object, needed: Iterable[str]) -> tuple[str, ...]:
    """Name what the bot needs and may not do; in a thread, sending is another permission."""
    names = list(needed)
    if isinstance(where, discord.Thread):
        names.remove("send_messages")
        names.append("send_messages_in_threads")
    return tuple(_LABELS[name] for name in names if not getattr(may, name))
