"""Buttons and selects that work for ever: their custom_id names what the store keeps of them."""

import re
from abc import abstractmethod
from collections.abc import Iterable
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Self, TypeAlias, TypeVar, cast

import discord
from discord import Interaction, ui
from typing_extensions import override

from bot.chat import budget_words, words
from bot.chat.answers import Refusal, tell_failure
from bot.chat.rights import as_manager
from bot.chat.teams import join, open_teams

if TYPE_CHECKING:
    from bot.chat.client import Client, Rooms

_ItemT = TypeVar("_ItemT", bound=ui.Item[Any])
_NEVER = r"(?!)"


class Lasting(ui.DynamicItem[_ItemT], template=_NEVER):
    """Is made anew for each press, from the parts of its custom_id."""

    @override
    @classmethod
    async def from_custom_id(
        cls, interaction: Interaction, item: ui.Item[Any], match: re.Match[str], /
    ) -> Self:
        parts: Any = match.groupdict()
        return cls(**parts)

    @override
    async def callback(self, interaction: Interaction) -> None:
        rooms = cast("Client", interaction.client).rooms
        try:
            rooms.pace.check(interaction.user.id)
            await self._pressed(interaction, rooms)
        except Exception as error:  # noqa: BLE001 - the library would leave the person waiting
            await tell_failure(interaction, error)

    @abstractmethod
    async def _pressed(self, interaction: Interaction, rooms: "Rooms") -> None:
        """Do what it is for; an error is told to whoever pressed."""


Button: TypeAlias = ui.Button[ui.View]


class OfferButton(
    Lasting[Button], template=r"v1:offer:(?P<offer>[0-9a-z]{1,40})(?P<private>:private)?"
):
    """Orders what the desk offered instead of what it refused.

    Whether the order is private stands in the custom_id too: the acknowledgement, which comes
    before any look into the store, must be hidden for it.
    """

    def __init__(self, offer: str, label: str = "", *, private: bool | str | None) -> None:
        custom_id = f"v1:offer:{offer}{':private' if private else ''}"
        super().__init__(
            ui.Button(label=label, style=discord.ButtonStyle.primary, custom_id=custom_id)
        )
        self._offer = offer
        self._private = bool(private)

    @override
    async def _pressed(self, interaction: Interaction, rooms: "Rooms") -> None:
        await rooms.counter.take_up(interaction, self._offer, private=self._private)


class WhyButton(Lasting[Button], template=r"v1:why:(?P<offer>[0-9a-z]{1,40})"):
    """Tells whoever presses, alone, what stands in the way of an order."""

    def __init__(self, offer: str) -> None:
        super().__init__(ui.Button(label=words.WHY, custom_id=f"v1:why:{offer}"))
        self._offer = offer

    @override
    async def _pressed(self, interaction: Interaction, rooms: "Rooms") -> None:
        await rooms.counter.why(interaction, self._offer)


class Step(StrEnum):
    """What can be done about a wish for more, in the words on the buttons."""

    ASK = "Ask for more"
    APPROVE = "Approve once"
    RAISE = "Raise to…"
    DECLINE = "Decline"


_STYLES = {Step.APPROVE: discord.ButtonStyle.success, Step.DECLINE: discord.ButtonStyle.danger}


class AskButton(
    Lasting[Button], template=r"v1:(?P<step>ask|approve|raise|decline):(?P<wish>[0-9a-z]{1,40})"
):
    """Takes a step of a wish for more; the wish has the name of the parked order it is for."""

    def __init__(self, step: str, wish: str) -> None:
        self._step = step if isinstance(step, Step) else Step[step.upper()]
        style = _STYLES.get(self._step, discord.ButtonStyle.secondary)
        custom_id = f"v1:{self._step.name.lower()}:{wish}"
        super().__init__(ui.Button(label=self._step, style=style, custom_id=custom_id))
        self._wish = wish

    @override
    async def _pressed(self, interaction: Interaction, rooms: "Rooms") -> None:
        await rooms.asks.take(interaction, self._step, self._wish)


class MembersSelect(Lasting[ui.UserSelect[ui.View]], template=r"v1:team:(?P<team>[0-9a-f]{8})"):
    """Puts the people a manager chooses into a team."""

    def __init__(self, team: str) -> None:
        super().__init__(
            ui.UserSelect(
                custom_id=f"v1:team:{team}",
                placeholder=budget_words.CHOOSE_MEMBERS,
                max_values=_CHOSEN_MAX,
            )
        )
        self._team = team

    @override
    async def _pressed(self, interaction: Interaction, rooms: "Rooms") -> None:
        server_id = await as_manager(interaction, rooms.store)
        teams = {team.id: team for team in await open_teams(rooms.store, server_id)}
        if self._team not in teams:
            raise Refusal(budget_words.TEAM_GONE)
        team, actor = teams[self._team], interaction.user.id
        text = await join(rooms.store, server_id, team, self.item.values, actor)
        await interaction.edit_original_response(content=text)


_CHOSEN_MAX = 25  # Discord's
BUTTONS = (OfferButton, WhyButton, AskButton, MembersSelect)


def view_of(parts: Iterable[Lasting[Any]]) -> ui.View:
    """Put buttons or a select under a message."""
    view = ui.View(timeout=None)
    for part in parts:
        view.add_item(part)
    view.stop()  # or the library would remember it for ever; each press finds its way by itself
    return view


def is_one_of(buttons: Iterable[type[Lasting[Any]]], custom_id: str) -> bool:
    """Tell whether a button of this name still works."""
    return any(each.__discord_ui_compiled_template__.fullmatch(custom_id) for each in buttons)
