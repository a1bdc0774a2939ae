"""Forms: what a person fills in when there is more to say than an option holds."""

import secrets
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from typing import TypeAlias

from discord import Interaction, TextStyle, ui
from typing_extensions import override

from bot.chat.answers import tell_failure
from bot.core.order import PROMPT_MAX

_OPEN_S = 3600.0  # a form dismissed without a word must not be remembered for ever

Answered: TypeAlias = Callable[[Interaction, str], Awaitable[None]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """One thing a form asks for."""

    title: str
    label: str
    description: str
    length_max: int
    required: bool = True
    long: bool = False  # has room for several lines


PROMPT = Question(
    title="New pictures",
    label="Prompt",
    description="What would you like to see? Several lines are fine.",
    length_max=PROMPT_MAX,
    long=True,
)

CHANGE = replace(
    PROMPT,
    title="Edit",
    label="Instruction",
    description="What should change? Several lines are fine.",
)

MORE = Question(
    title="Ask for more",
    label="Reason",
    description="Managers read it, with your order, its price and what you have left.",
    length_max=200,
    required=False,
    long=True,
)
MORE_HERE = replace(
    MORE,
    description="Everybody in this channel reads it, with your order and its price.",
)
REPORT = replace(
    MORE,
    title="Report image",
    description="What is wrong with it? Those who look after this server read it.",
    required=True,
)
RAISE = Question(
    title="Raise the limit",
    label="New limit",
    description="In dollars.",
    length_max=20,
)
NO = replace(
    MORE, title="Decline", description="They read it, perhaps in the channel where they asked."
)


class Sheet(ui.Modal):
    """What all forms are: open for an hour, and with words for whatever breaks."""

    def __init__(self, title: str) -> None:
        # A name of its own: two people's forms with one name would overwrite each other.
        name = f"v1:form:{secrets.token_hex(8)}"
        super().__init__(title=title, timeout=_OPEN_S, custom_id=name)

    def ask(self, label: str, description: str | None, field: ui.Item["Sheet"]) -> None:
        """Put one more field below the others."""
        self.add_item(ui.Label(text=label, description=description, component=field))

    @override
    async def on_error(  # type: ignore[override]  # the library's own modals have no third part
        self, interaction: Interaction, error: Exception, /
    ) -> None:
        await tell_failure(interaction, error)


class Form(Sheet):
    """Asks one question and hands the answer on; where it is not required, it may be empty."""

    def __init__(self, question: Question, answered: Answered, *, filled_in: str = "") -> None:
        super().__init__(question.title)
        self._typed: ui.TextInput[Sheet] = ui.TextInput(
            style=TextStyle.paragraph if question.long else TextStyle.short,
            max_length=question.length_max,
            required=question.required,
            default=filled_in or None,
        )
        self.ask(question.label, question.description, self._typed)
        self._answered = answered

    @override
    async def on_submit(self, interaction: Interaction, /) -> None:
        await self._answered(interaction, self._typed.value)
