"""What the catalogue offers: lists for options, and models with their prices."""

from discord import Interaction
from discord.app_commands import Choice

from bot.chat import words
from bot.chat.choosing import CHOICES_MAX, briefly
from bot.chat.intake import payer_of, place_of, typed
from bot.core.catalogue import Catalogue
from bot.core.limits import tightest
from bot.core.money import Money
from bot.core.preferences import values
from bot.store.store import Store
from bot.studio.desk import Desk
from bot.studio.shelf import Shelf


def offered(catalogue: Catalogue, *options: str) -> dict[str, list[Choice[str]]]:
    """List what enabled rows take of some options, for commands, which say it once."""
    return {
        option: [Choice(name=words.aspect(text), value=text) for text in values(option, catalogue)]
        for option in options
    }


async def model_choices(
    interaction: Interaction, desk: Desk, shelf: Shelf, store: Store, current: str
) -> list[Choice[str]]:
    """List the models with their price and how many pictures this person can afford."""
    wanted = typed(current).strip().casefold()
    found = [
        model
        for model in shelf.catalogue.enabled
        if wanted in model.label.casefold() or wanted in model.id
    ][:CHOICES_MAX]
    size: str | None = getattr(interaction.namespace, "size", None)
    prices = {model.id: model.price_from for model in found}
    left: Money | None = None
    async with briefly():
        for model in found:
            prices[model.id] = await desk.price(model, size or model.size_default)
        payer = payer_of(interaction.user)
        least = tightest(await store.allowances(place_of(interaction), payer))
        left = least.left if least else None
    return [
        Choice(name=words.model_choice(model, prices[model.id], left), value=model.id)
        for model in found
    ]
