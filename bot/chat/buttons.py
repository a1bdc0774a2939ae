"""Buttons that work for ever: their state is in the store, their custom_id names it."""

import re
from collections.abc import Iterable
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Self, cast

import discord
from discord import ui
from typing_extensions import override

from bot.chat.answers import tell_failure
from bot.chat.teams import MembersSelect

if TYPE_CHECKING:
    from bot.chat.client import Client, Rooms


class OfferButton(
    ui.DynamicItem[ui.Button[ui.View]],
    template=r"v1:offer:(?P<offer>[0-9a-z]{1,40})(?P<private>:private)?",
):
    """Orders what the desk offered instead of what it refused.

    Whether the order is private stands in the custom_id too: the acknowledgement, which comes
    before any look into the store, must be hidden for it.
    """

    def __init__(self, offer: str, label: str = "", *, private: bool) -> None:
        custom_id = f"v1:offer:{offer}{':private' if private else ''}"
        super().__init__(
            ui.Button(label=label, style=discord.ButtonStyle.primary, custom_id=custom_id)
        )
        self._offer = offer
        self._private = private

    @override
    @classmethod
    async def from_custom_id(
        cls, interaction: discord.Interaction, item: ui.Item[Any], match: re.Match[str], /
    ) -> Self:
        return cls(match["offer"], private=match["private"] is not None)

    @override
    async def callback(self, interaction: discord.Interaction) -> None:
        try:
            counter = _rooms(interaction).counter
            await counter.take_up(interaction, self._offer, private=self._private)
        except Exception as error:  # noqa: BLE001 - the library would leave the person waiting
            await tell_failure(interaction, error)


class Step(StrEnum):
    """What can be done about a wish for more, in the words on the buttons."""

    ASK = "Ask for more"
    APPROVE = "Approve once"
    RAISE = "Raise to…"
    DECLINE = "Decline"


_STYLES = {
    Step.APPROVE: discord.ButtonStyle.success,
    Step.DECLINE: discord.ButtonStyle.danger,
}


class AskButton(
    ui.DynamicItem[ui.Button[ui.View]],
    template=r"v1:(?P<step>ask|approve|raise|decline):(?P<wish>[0-9a-z]{1,40})",
):
    """Takes a step of a wish for more; the wish has the name of the parked order it is for."""

    def __init__(self, step: Step, wish: str) -> None:
        style = _STYLES.get(step, discord.ButtonStyle.secondary)
        custom_id = f"v1:{step.name.lower()}:{wish}"
        super().__init__(ui.Button(label=step, style=style, custom_id=custom_id))
        self._step = step
        self._wish = wish

    @override
    @classmethod
    async def from_custom_id(
        cls, interaction: discord.Interaction, item: ui.Item[Any], match: re.Match[str], /
    ) -> Self:
        return cls(Step[match["step"].upper()], match["wish"])

    @override
    async def callback(self, interaction: discord.Interaction) -> None:
        try:
            await _rooms(interaction).asks.take(interaction, self._step, self._wish)
        except Exception as error:  # noqa: BLE001 - the library would leave the person waiting
            await tell_failure(interaction, error)


BUTTONS = (OfferButton, AskButton, MembersSelect)


def view_of(buttons: Iterable[OfferButton | AskButton]) -> ui.View:
    """Put buttons under a message."""
    view = ui.View(timeout=None)
    for button in buttons:
        view.add_item(button)
    return view


def is_known(custom_id: str) -> bool:
    """Tell whether a button of this name still works."""
    return any(
        button.__discord_ui_compiled_template__.fullmatch(custom_id) is not None
        for button in BUTTONS
    )


def _rooms(interaction: discord.Interaction) -> "Rooms":
    return cast("Client", interaction.client).rooms
