"""What the catalogue offers: lists for options, and models with their prices."""

from discord import Interaction
from discord.app_commands import Choice

from bot.chat import words
from bot.chat.choosing import CHOICES_MAX, briefly, rooms_of
from bot.chat.intake import payer_of, place_of, typed
from bot.core.catalogue import Catalogue
from bot.core.limits import tightest
from bot.core.money import Money
from bot.core.preferences import values


def offered(catalogue: Catalogue, *options: str) -> dict[str, list[Choice[str]]]:
    """List what enabled rows take of some options, for commands, which say it once."""
    return {
        option: [Choice(name=words.aspect(text), value=text) for text in values(option, catalogue)]
        for option in options
    }


async def model_choices(interaction: Interaction, current: str) -> list[Choice[str]]:
    """List the models with their price and how many pictures this person can afford."""
    rooms = rooms_of(interaction)
    wanted = typed(current).strip().casefold()
    found = [
        model
        for model in rooms.shelf.catalogue.enabled
        if wanted in model.label.casefold() or wanted in model.id
    ][:CHOICES_MAX]
    size: str | None = getattr(interaction.namespace, "size", None)
    prices = {model.id: model.price_from for model in found}
    left: Money | None = None
    async with briefly():
        for model in found:
            prices[model.id] = await rooms.desk.price(model, size or model.size_default)
        payer = payer_of(interaction.user)
        least = tightest(await rooms.store.allowances(place_of(interaction), payer))
        left = least.left if least else None
    return [
        Choice(name=words.model_choice(model, prices[model.id], left), value=model.id)
        for model in found
    ]
