"""The edit form: what should change, on which picture, with which others beside it."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, TypeAlias

import discord
from discord import Interaction, SelectOption, TextStyle, ui
from typing_extensions import override

from bot.chat import words
from bot.chat.forms import CHANGE, Sheet
from bot.chat.sources import of_attachments
from bot.core.catalogue import Catalogue, Task
from bot.core.order import PROMPT_MAX
from bot.studio.references import Source

_RADIOS_MAX = 10  # Discord's
_MORE_MAX = 9
KEEP = "keep"


@dataclass(frozen=True, slots=True, kw_only=True)
class Filled:
    """What somebody entered; `number` is the picture's place in what they pointed at."""

    prompt: str | None
    number: int
    more: tuple[Source, ...]
    aspect: str | None
    size: str | None


Answered: TypeAlias = Callable[[Interaction, Filled], Awaitable[None]]

_TITLES = {Task.EDIT: "Edit", Task.UPSCALE: "Upscale"}


class EditForm(Sheet):
    """Asks what should change; one that upscales only asks which picture, and how large."""

    def __init__(
        self, task: Task, numbers: tuple[int, ...], catalogue: Catalogue, answered: Answered
    ) -> None:
        super().__init__(_TITLES[task])
        self._answered = answered
        self._typed: ui.TextInput[Sheet] | None = None
        self._which: ui.RadioGroup[Sheet] | None = None
        self._files: ui.FileUpload[Sheet] | None = None
        self._aspect: ui.Select[Sheet] | None = None
        if task is Task.EDIT:
            self._typed = ui.TextInput(style=TextStyle.paragraph, max_length=PROMPT_MAX)
            self.ask(CHANGE.label, CHANGE.description, self._typed)
        if len(numbers) > 1:
            self._which = ui.RadioGroup(
                options=[
                    discord.RadioGroupOption(
                        label=f"Picture {each}", value=str(each), default=not at
                    )
                    for at, each in enumerate(numbers[:_RADIOS_MAX])
                ]
            )
            self.ask("Picture", "Which one", self._which)
        self._first = numbers[0] if numbers else 1
        if task is Task.EDIT:
            self._files = ui.FileUpload(required=False, max_values=_MORE_MAX)
            self.ask("More pictures", "To take something from, if you like", self._files)
            shapes = [(words.aspect(each), each) for each in catalogue.choices("aspects")]
            self._aspect = _choice(shapes, "As the picture is")
            self.ask("Shape", None, self._aspect)
        usual = "As large as it gets" if task is Task.UPSCALE else "As usual"
        self._size = _choice([(each, each) for each in catalogue.choices("sizes")], usual)
        self.ask("Size", None, self._size)

    @override
    async def on_submit(self, interaction: Interaction, /) -> None:
        filled = Filled(
            prompt=self._typed.value if self._typed else None,
            number=int(self._which.value or self._first) if self._which else self._first,
            more=of_attachments(_in_given_order(interaction, self._files), "file"),
            aspect=_chosen(self._aspect),
            size=_chosen(self._size),
        )
        await self._answered(interaction, filled)


def _choice(options: list[tuple[str, str]], keep: str) -> ui.Select[Sheet]:
    listed = [SelectOption(label=keep, value=KEEP, default=True)]
    listed += [SelectOption(label=label, value=value) for label, value in options]
    return ui.Select(options=listed, required=False)


def _chosen(select: ui.Select[Sheet] | None) -> str | None:
    value = select.values[0] if select and select.values else KEEP
    return None if value == KEEP else value


def _in_given_order(
    interaction: Interaction, upload: ui.FileUpload[Sheet] | None
) -> list[discord.Attachment]:
    """Sort files as they were given: the library has them in the order of their upload."""
    if upload is None:
        return []
    by_id = {str(each.id): each for each in upload.values}
    data: Any = interaction.data
    for part in data.get("components", ()):
        field = part.get("component", {})
        if field.get("custom_id") == upload.custom_id:
            return [by_id[each] for each in field.get("values", ()) if each in by_id]
    return list(by_id.values())
