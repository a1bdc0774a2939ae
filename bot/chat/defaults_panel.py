"""The panel of /settings: every default with whose word it is, and selects to change them."""

from collections.abc import Sequence
from itertools import takewhile
from typing import TYPE_CHECKING, Any

from discord import Interaction, SelectOption, ui
from typing_extensions import override

from bot.chat import phrases, preference_words, refusals, words
from bot.chat.answers import Refusal, acknowledge_press
from bot.chat.buttons import Lasting
from bot.chat.choosing import CHOICES_MAX
from bot.chat.defaults import filled
from bot.chat.intake import Wish, order_of, place_of
from bot.chat.rights import check_manages, manages
from bot.core.order import Order
from bot.core.preferences import OPTIONS, Options, Preferences, Whose, takes, values
from bot.core.problems import Refused
from bot.store.store import Store
from bot.studio.desk import Desk
from bot.studio.shelf import Shelf

if TYPE_CHECKING:
    from bot.chat.client import Rooms

_UNSET = "none"


class DefaultSelect(
    Lasting[ui.Select[Any]],
    template=rf"v1:default:(?P<whose>{'|'.join(Whose)}):(?P<option>{'|'.join(OPTIONS)})",
):
    """Sets one default, of whoever's the panel shows."""

    def __init__(self, whose: str, option: str, choices: Sequence[SelectOption] = ()) -> None:
        self._whose, self._option = Whose(whose), option
        super().__init__(
            ui.Select(
                custom_id=f"v1:default:{whose}:{option}",
                placeholder=preference_words.LABELS[option],
                options=list(choices),
            )
        )

    @override
    async def _pressed(self, interaction: Interaction, rooms: "Rooms") -> None:
        (value,) = self.item.values
        await rooms.defaults.choose(interaction, self._whose, self._option, value)


class WhoseSelect(Lasting[ui.Select[Any]], template="v1:defaults"):
    """Shows a manager somebody's defaults."""

    def __init__(self, shown: Whose | None = None) -> None:
        choices = [
            SelectOption(label=preference_words.WHOSE[whose], value=whose, default=whose is shown)
            for whose in Whose
        ]
        placeholder = preference_words.WHOSE_DEFAULTS
        super().__init__(
            ui.Select(custom_id="v1:defaults", placeholder=placeholder, options=choices)
        )

    @override
    async def _pressed(self, interaction: Interaction, rooms: "Rooms") -> None:
        (value,) = self.item.values
        await rooms.defaults.turn_to(interaction, Whose(value))


DEFAULT_SELECTS = (DefaultSelect, WhoseSelect)


class DefaultsPanel:
    """Shows defaults and sets them; those of a channel or server are the managers' to set."""

    def __init__(self, desk: Desk, shelf: Shelf, store: Store) -> None:
        self._desk = desk
        self._shelf = shelf
        self._store = store

    async def turn_to(self, interaction: Interaction, whose: Whose) -> None:
        """Show a manager somebody's defaults instead."""
        await acknowledge_press(interaction)
        if whose is not Whose.YOU:
            await check_manages(interaction, self._store)
        await self.show(interaction, whose)

    async def choose(self, interaction: Interaction, whose: Whose, option: str, text: str) -> None:
        """Set what was chosen in a select, and show what holds now."""
        await acknowledge_press(interaction)
        if whose is not Whose.YOU:
            await check_manages(interaction, self._store)
        choices = {_UNSET: None, **values(option, self._shelf.catalogue)}
        if text not in choices:
            raise Refusal(words.NOT_THERE)
        place = place_of(interaction)
        await self._store.prefer(interaction.user.id, place, whose, option, choices[text])
        await self.show(interaction, whose)

    async def show(self, interaction: Interaction, whose: Whose) -> None:
        """Draw the panel on an acknowledged interaction."""
        usual = await self._store.preferences(interaction.user.id, place_of(interaction))
        order = order_of(filled(Wish(prompt="-"), usual, self._desk), self._desk)
        try:
            order, quote = await self._desk.quote(order)
            comes_to = preference_words.orders(order.count, quote.total)
        except Refused as refused:
            comes_to = refusals.explain(refused.problem)
        box: ui.Container[ui.LayoutView] = ui.Container()
        box.add_item(ui.TextDisplay(f"## {preference_words.TITLES[whose]}\n{comes_to}"))
        if await manages(interaction, self._store):
            box.add_item(ui.ActionRow(WhoseSelect(whose)))
        box.add_item(ui.Separator())
        for option in OPTIONS:
            if choices := await self._choices(option, usual.of.get(whose, Options())):
                box.add_item(ui.TextDisplay("\n".join(self._told(option, usual, order))))
                box.add_item(ui.ActionRow(DefaultSelect(whose, option, choices)))
        box.add_item(ui.TextDisplay(preference_words.FIRST_COMES))
        view = ui.LayoutView(timeout=None)
        view.add_item(box)
        await interaction.edit_original_response(view=view)

    def _told(self, option: str, usual: Preferences, order: Order) -> list[str]:
        catalogue = self._shelf.catalogue
        model = catalogue.by_id[order.model]
        chosen = [
            (whose, value, takes(model, option, value)) for whose, value in usual.chosen(option)
        ]
        decides = next((whose for whose, _, is_taken in chosen if is_taken), None)
        text = preference_words.value(option, getattr(order, option), catalogue)
        return [preference_words.default(option, text, decides)] + [
            preference_words.left_out(
                whose, preference_words.value(option, value, catalogue), option, model
            )
            for whose, value, _ in takewhile(lambda each: not each[2], chosen)
        ]

    async def _choices(self, option: str, own: Options) -> list[SelectOption]:
        """List what can be chosen; nothing for an option that no model takes."""
        catalogue, now = self._shelf.catalogue, getattr(own, option)
        found = [
            SelectOption(label=await self._label(option, value), value=text, default=value == now)
            for text, value in values(option, catalogue).items()
        ][: CHOICES_MAX - 1]
        unset = SelectOption(label=preference_words.NO_DEFAULT, value=_UNSET, default=now is None)
        return [unset, *found] if found else []

    async def _label(self, option: str, value: Any) -> str:
        catalogue = self._shelf.catalogue
        if option != "model":
            return phrases.capital(preference_words.value(option, value, catalogue))
        model = catalogue.by_id[value]
        return words.model_choice(model, await self._desk.price(model, model.size_default), None)
