"""Presets: finding one by its name, reading a new one, and listing those that can be used."""

from dataclasses import replace

from discord import Interaction
from discord.app_commands import Choice

from bot.chat import preference_words
from bot.chat.answers import Refusal
from bot.chat.budget_options import read_name
from bot.chat.choosing import CHOICES_MAX, briefly, closest, rooms_of
from bot.chat.intake import place_of, typed
from bot.core.catalogue import Catalogue
from bot.core.job import Place
from bot.core.order import Order, checked, clean_prompt
from bot.core.preferences import Options, takes
from bot.core.problems import PromptTooLong, Refused
from bot.store.presets import TEXT_MAX, Preset, folded
from bot.store.store import Store
from bot.studio.desk import Desk

_NEAREST = 5


async def preset_called(
    store: Store, discord_id: int, place: Place, wanted: str | int, *, own: bool = False
) -> Preset:
    """Find a preset that somebody can use by its name, or by the number that a button carries.

    Raises:
        Refusal: with the nearest names there are.
    """
    usable = await store.presets(discord_id, place.server_id)
    found = [each for each in usable if not (own and each.shared)]
    for each in found:
        if wanted == each.id or folded(each.name) in _names(wanted):
            return each
    names = [each.name for each in found]
    near = (closest(str(wanted), names) or names)[:_NEAREST]
    raise Refusal(preference_words.no_preset(wanted, near, own=own))


def _names(wanted: str | int) -> set[str]:
    return {folded(wanted), folded(typed(wanted))} if isinstance(wanted, str) else set()


async def preset_choices(interaction: Interaction, current: str) -> list[Choice[str]]:
    """List presets that somebody can use nearest to what they typed: their own, then shared ones.

    A shared one under the name of an own one is left out: the name means the own one.
    """
    return await _listed(interaction, current, own=False)


async def own_preset_choices(interaction: Interaction, current: str) -> list[Choice[str]]:
    """List somebody's own presets nearest to what they typed."""
    return await _listed(interaction, current, own=True)


async def _listed(interaction: Interaction, current: str, *, own: bool) -> list[Choice[str]]:
    found: list[Preset] = []
    rooms = rooms_of(interaction)
    async with briefly():
        found = await rooms.store.presets(interaction.user.id, place_of(interaction).server_id)
    named = {folded(each.name): each for each in reversed(found) if not (own and each.shared)}
    near = [
        named[folded(name)]
        for shared in (False, True)
        for name in closest(current, [e.name for e in named.values() if e.shared is shared])
    ]
    return [
        Choice(name=preference_words.preset_choice(each, rooms.shelf.catalogue), value=each.name)
        for each in near[:CHOICES_MAX]
    ]


def read_preset(
    name: str, text: str | None, options: Options, desk: Desk, catalogue: Catalogue
) -> Preset:
    """Read a new preset; its options must be what some model takes together.

    Raises:
        Refusal: for a bad name, or for what would do nothing.
        Refused: for a text or options that no order could have.
    """
    called, kept = read_name(name), clean_prompt(text) if text else ""
    if len(kept) > TEXT_MAX:
        raise Refused(PromptTooLong(len(kept), TEXT_MAX))
    given = options.given()
    if not kept and not given:
        raise Refusal(preference_words.DOES_NOTHING)
    if options.model is not None:
        model = desk.model(typed(options.model))
        options = replace(options, model=model.id)
    else:
        rows = (
            row for row in catalogue.enabled if all(takes(row, *each) for each in given.items())
        )
        model = next(rows, catalogue.default)
    checked(Order(prompt=kept, **{**given, "model": model.id}), model)
    return Preset(name=called, text=kept, options=options)
