"""What is looked up while a person waits for a list or a form, and which names are on the list."""

import asyncio
from collections.abc import AsyncGenerator, Iterable
from contextlib import asynccontextmanager, suppress
from difflib import get_close_matches
from typing import TYPE_CHECKING, cast

from discord import Interaction
from discord.app_commands import Choice

if TYPE_CHECKING:
    from bot.chat.client import Client, Rooms

CHOICES_MAX = 25  # Discord's

_LOOK_UP_S = 0.5


@asynccontextmanager
async def briefly() -> AsyncGenerator[None]:
    """Look something up, or go on without it: a list or a form that comes late is of no use."""
    with suppress(TimeoutError):
        async with asyncio.timeout(_LOOK_UP_S):
            yield


def rooms_of(interaction: Interaction) -> "Rooms":
    """Give what lists are made from: their functions belong to no cog."""
    return cast("Client", interaction.client).rooms


def choices(names: Iterable[str]) -> list[Choice[str]]:
    """List names that are their own values."""
    return [Choice(name=name, value=name) for name in names]


def closest(typed: str, names: Iterable[str], most: int = CHOICES_MAX) -> list[str]:
    """Give the names that begin with it, then those that contain it, then those much like it.

    The last part of a path counts like the whole: "tokyo" begins "Asia/Tokyo".
    """
    wanted = folded(typed)
    whole = {folded(name): name for name in names}
    known = {key.rpartition("/")[2]: name for key, name in whole.items()} | whole
    within = sorted(
        (key for key in known if wanted in key),
        key=lambda key: (not key.startswith(wanted), known[key]),
    )
    found = [*within, *get_close_matches(wanted, known, n=most)]
    return list(dict.fromkeys(known[key] for key in found))[:most]


def folded(text: str) -> str:
    """Write a name as it compares, however its letters and spaces were typed."""
    return "_".join(text.casefold().split())
