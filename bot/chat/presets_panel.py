"""The panel of /preset list: what each preset does, with a button to use it."""

from itertools import groupby
from typing import TYPE_CHECKING, Any

from discord import Interaction, ui
from typing_extensions import override

from bot.chat import preference_words
from bot.chat.answers import acknowledge_press
from bot.chat.buttons import Lasting
from bot.chat.intake import Wish, place_of
from bot.store.presets import Preset
from bot.store.store import Store
from bot.studio.shelf import Shelf

if TYPE_CHECKING:
    from bot.chat.client import Rooms

_SHOWN = 8  # each takes three of the 40 components that a message may have


class PresetButton(Lasting[ui.Button[Any]], template=r"v1:preset:(?P<preset>[0-9]{1,18})"):
    """Asks for a prompt that a preset is put on."""

    def __init__(self, preset: int | str) -> None:
        super().__init__(ui.Button(label=preference_words.USE, custom_id=f"v1:preset:{preset}"))
        self._preset = int(preset)

    @override
    async def _pressed(self, interaction: Interaction, rooms: "Rooms") -> None:
        await rooms.counter.order(interaction, Wish(preset=self._preset))


class PresetsButton(Lasting[ui.Button[Any]], template=r"v1:presets:(?P<page>[0-9]{1,3})"):
    """Turns to a page of the list of presets."""

    def __init__(self, page: int | str, label: str = "") -> None:
        super().__init__(ui.Button(label=label, custom_id=f"v1:presets:{page}"))
        self._page = int(page)

    @override
    async def _pressed(self, interaction: Interaction, rooms: "Rooms") -> None:
        await acknowledge_press(interaction)
        await rooms.presets.show(interaction, self._page)


PRESET_BUTTONS = (PresetButton, PresetsButton)


class PresetsPanel:
    """Lists the presets that a person can use, page by page."""

    def __init__(self, shelf: Shelf, store: Store) -> None:
        self._shelf = shelf
        self._store = store

    async def show(self, interaction: Interaction, page: int = 0) -> None:
        """Draw a page on an acknowledged interaction; one behind the last is the last."""
        server_id = place_of(interaction).server_id
        found = await self._store.presets(interaction.user.id, server_id)
        last = max(len(found) - 1, 0) // _SHOWN
        page = min(page, last)
        box = self._box(found[page * _SHOWN : (page + 1) * _SHOWN])
        turns = [
            PresetsButton(to, label)
            for to, label in (
                (page - 1, preference_words.EARLIER),
                (page + 1, preference_words.LATER),
            )
            if 0 <= to <= last
        ]
        if turns:
            box.add_item(ui.ActionRow(*turns))
        view = ui.LayoutView(timeout=None)
        view.add_item(box)
        await interaction.edit_original_response(view=view)

    def _box(self, shown: list[Preset]) -> ui.Container[ui.LayoutView]:
        box: ui.Container[ui.LayoutView] = ui.Container()
        box.add_item(ui.TextDisplay(f"## {preference_words.PRESETS}"))
        if not shown:
            box.add_item(ui.TextDisplay(preference_words.NO_PRESETS))
        for shared, presets in groupby(shown, key=lambda each: each.shared):
            box.add_item(ui.Separator())
            head = preference_words.SHARED if shared else preference_words.YOURS
            box.add_item(ui.TextDisplay(head))
            for preset in presets:
                line = preference_words.preset_line(preset, self._shelf.catalogue)
                box.add_item(ui.Section(line, accessory=PresetButton(preset.id)))
        return box
