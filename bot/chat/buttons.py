"""Buttons that work for ever: their state is in the store, their custom_id names it."""

import re
from typing import TYPE_CHECKING, Any, Self, cast

import discord
from discord import ui
from typing_extensions import override

from bot.chat.tree import tell_failure

if TYPE_CHECKING:
    from bot.chat.client import Client


class OfferButton(
    ui.DynamicItem[ui.Button[ui.View]], template=r"v1:offer:(?P<offer>[0-9a-z]{1,40})"
):
    """Orders what the desk offered instead of what it refused."""

    def __init__(self, offer: str, label: str = "") -> None:
        super().__init__(
            ui.Button(label=label, style=discord.ButtonStyle.primary, custom_id=f"v1:offer:{offer}")
        )
        self.offer = offer

    @override
    @classmethod
    async def from_custom_id(
        cls, interaction: discord.Interaction, item: ui.Item[Any], match: re.Match[str], /
    ) -> Self:
        return cls(match["offer"])

    @override
    async def callback(self, interaction: discord.Interaction) -> None:
        client = cast("Client", interaction.client)
        try:
            await client.rooms.counter.take_up(interaction, self.offer)
        except Exception as error:  # noqa: BLE001 - the library would leave the person waiting
            await tell_failure(interaction, error)


def offer_view(offer: str, label: str) -> ui.View:
    """Put an offer under a refusal."""
    return ui.View(timeout=None).add_item(OfferButton(offer, label))


BUTTONS = (OfferButton,)
