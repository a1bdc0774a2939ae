"""The buttons of the history: to older and newer pages, and to how one result was made."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, TypeAlias

from discord import Interaction, SelectOption, ui
from typing_extensions import override

from bot.chat import edit_words
from bot.chat.answers import Refusal, acknowledge, acknowledge_press
from bot.chat.buttons import Button, Lasting
from bot.chat.rights import manages
from bot.core.ids import JobId

if TYPE_CHECKING:
    from bot.chat.client import Rooms

SEARCH_MAX = 50  # letters: it travels in the buttons' names

Select: TypeAlias = ui.Select[Any]


class PageButton(
    Lasting[Button],
    template=r"v1:page:(?P<whose>\d{1,20}):(?P<first>\d{1,6}):(?P<search>.{0,50})",
):
    """Turns to another page of somebody's results."""

    def __init__(self, whose: int | str, first: int | str, search: str, label: str = "") -> None:
        custom_id = f"v1:page:{whose}:{first}:{search}"
        super().__init__(ui.Button(label=label, custom_id=custom_id))
        self._whose, self._first, self._search = int(whose), int(first), search

    @override
    async def _pressed(self, interaction: Interaction, rooms: "Rooms") -> None:
        await acknowledge_press(interaction)
        if self._whose != interaction.user.id and not await manages(interaction, rooms.store):
            raise Refusal(edit_words.NOT_YOUR_HISTORY)
        await rooms.gallery.history(
            interaction, whose=self._whose, search=self._search, first=self._first
        )


class LookSelect(Lasting[Select], template=r"v1:look"):
    """Shows how the chosen result was made."""

    def __init__(self) -> None:
        super().__init__(ui.Select(custom_id="v1:look", placeholder=edit_words.LOOK_CLOSER))

    @classmethod
    def of(cls, results: Sequence[tuple[str, str]]) -> "LookSelect":
        """Offer results, as (number, prompt)."""
        select = cls()
        select.item.options = [
            SelectOption(label=prompt, value=job, description=job) for job, prompt in results
        ]
        return select

    @override
    async def _pressed(self, interaction: Interaction, rooms: "Rooms") -> None:
        await acknowledge(interaction)
        job, _ = await rooms.gallery.find(interaction, JobId(self.item.values[0]))
        await rooms.gallery.details(interaction, job)


HISTORY_BUTTONS = (PageButton, LookSelect)


def turning(*, whose: int, search: str, first: int, count: int, page: int) -> list[PageButton]:
    """Give the buttons to the pages around this one."""
    buttons = []
    if first > 0:
        buttons.append(PageButton(whose, max(0, first - page), search, edit_words.NEWER))
    if first + page < count:
        buttons.append(PageButton(whose, first + page, search, edit_words.OLDER))
    return buttons
