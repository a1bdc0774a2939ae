"""The buttons under a result: they name the job, and work for ever."""

from enum import StrEnum
from typing import TYPE_CHECKING

import discord
from discord import Interaction, ui
from typing_extensions import override

from bot.chat.buttons import Button, Lasting, view_of
from bot.core.ids import JobId
from bot.core.job import Job

if TYPE_CHECKING:
    from bot.chat.client import Rooms


class Action(StrEnum):
    """What can be done with a picture, in the words on the buttons."""

    REROLL = "Reroll"
    VARY = "Vary"
    EDIT = "Edit…"
    UPSCALE = "Upscale"
    CUT_OUT = "Cut out"
    DETAILS = "Details"
    COMPARE = "Compare"
    SEND = "Send to me"
    STAR = "Star"
    DELETE = "Delete"


_ROWS = {
    Action.REROLL: 0, Action.VARY: 0, Action.EDIT: 0, Action.UPSCALE: 0, Action.CUT_OUT: 0,
    Action.DETAILS: 1, Action.COMPARE: 1, Action.SEND: 1, Action.STAR: 1, Action.DELETE: 1,
}  # fmt: skip


_ACTIONS = "|".join(each.name.lower() for each in Action)


class ResultButton(
    Lasting[Button],
    template=rf"v1:do:(?P<action>{_ACTIONS}):(?P<job>[0-9a-z]{{1,40}})(?::(?P<number>[1-9]\d?))?",
):
    """Does something with a job's pictures, or with one of them."""

    def __init__(
        self,
        action: Action | str,
        job: str,
        number: int | str | None = None,
        *,
        row: int | None = None,
    ) -> None:
        self._action = action if isinstance(action, Action) else Action[action.upper()]
        self._job = JobId(job)
        self._number = int(number) if number else None
        style = discord.ButtonStyle.secondary
        if self._action is Action.DELETE:
            style = discord.ButtonStyle.danger
        of = f":{number}" if number else ""
        super().__init__(
            ui.Button(
                label=str(number) if number else self._action.value,
                style=style,
                custom_id=f"v1:do:{self._action.name.lower()}:{job}{of}",
                row=row,
            )
        )

    @override
    async def _pressed(self, interaction: Interaction, rooms: "Rooms") -> None:
        if self._action in _PAID:
            await rooms.remix.press(interaction, self._action, self._job, self._number)
        else:
            await rooms.gallery.press(interaction, self._action, self._job)


_PAID = frozenset({Action.REROLL, Action.VARY, Action.EDIT, Action.UPSCALE, Action.CUT_OUT})


class CancelButton(Lasting[Button], template=r"v1:cancel:(?P<job>[0-9a-z]{1,40})"):
    """Stops what of a job has not been sent yet."""

    def __init__(self, job: str) -> None:
        super().__init__(ui.Button(label="Cancel", custom_id=f"v1:cancel:{job}"))
        self._job = JobId(job)

    @override
    async def _pressed(self, interaction: Interaction, rooms: "Rooms") -> None:
        await rooms.gallery.cancel(interaction, self._job)


class PickButton(Lasting[Button], template=r"v1:pick:(?P<message>\d{1,20}):(?P<number>[1-9]\d?)"):
    """Says which picture a reply was about."""

    def __init__(self, message: int | str, number: int | str) -> None:
        super().__init__(ui.Button(label=str(number), custom_id=f"v1:pick:{message}:{number}"))
        self._message = int(message)
        self._number = int(number)

    @override
    async def _pressed(self, interaction: Interaction, rooms: "Rooms") -> None:
        await rooms.replies.picked(interaction, self._message, self._number)


RESULT_BUTTONS = (ResultButton, CancelButton, PickButton)


def under(job: Job) -> ui.View:
    """Put everything that can be done with a result under it."""
    has_parent = job.lineage is not None
    return view_of(
        ResultButton(each, job.id, row=row)
        for each, row in _ROWS.items()
        if each is not Action.COMPARE or has_parent
    )


def cancel(job: Job) -> ui.View:
    """Put the button that stops a job under its news."""
    return view_of([CancelButton(job.id)])
