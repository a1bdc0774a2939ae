"""Time zones by their names."""

from functools import cache
from zoneinfo import available_timezones

from bot.chat import budget_words
from bot.chat.answers import Refusal
from bot.chat.closest import closest

_NEAREST = 5
_THIS_MACHINES = {"localtime", "Factory"}  # names that mean another zone elsewhere, or none


@cache
def zones() -> tuple[str, ...]:
    """Give every zone the tz database has, in order."""
    return tuple(sorted(available_timezones() - _THIS_MACHINES))


def read_zone(typed: str) -> str:
    """Read a zone's name, however its letters and spaces are written.

    Raises:
        Refusal: with the nearest names.
    """
    wanted = "_".join(typed.casefold().split())
    for name in zones():
        if name.casefold() == wanted:
            return name
    raise Refusal(budget_words.no_zone(typed, closest(typed, zones(), _NEAREST)))
