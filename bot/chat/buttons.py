"""Buttons that work for ever: their state is in the store, their custom_id names it."""

import re
from typing import TYPE_CHECKING, Any, Self, cast

import discord
from discord import ui
from typing_extensions import override

from bot.chat.answers import tell_failure

if TYPE_CHECKING:
    from bot.chat.client import Client


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
        counter = cast("Client", interaction.client).rooms.counter
        try:
            await counter.take_up(interaction, self._offer, private=self._private)
        except Exception as error:  # noqa: BLE001 - the library would leave the person waiting
            await tell_failure(interaction, error)


def offer_view(offer: str, label: str, *, private: bool) -> ui.View:
    """Put an offer under a refusal."""
    return ui.View(timeout=None).add_item(OfferButton(offer, label, private=private))


BUTTONS = (OfferButton,)


def is_known(custom_id: str) -> bool:
    """Tell whether a button of this name still works."""
    return any(
        button.__discord_ui_compiled_template__.fullmatch(custom_id) is not None
        for button in BUTTONS
    )
