"""The options of the managers' commands, read once; past here they are values of ours.

Every reader raises a `Refusal` that says what is accepted instead.
"""

import re
from contextlib import suppress
from functools import cache
from zoneinfo import available_timezones

import discord
from discord.app_commands import Choice

from bot.chat import budget_words, words
from bot.chat.answers import Refusal
from bot.chat.choosing import CHOICES_MAX, closest, folded
from bot.core.limits import Limit, PeriodKind, Rule
from bot.core.money import Money
from bot.core.order import clean_prompt
from bot.core.problems import Refused

NAME_MAX = 32
_NEAREST = 5
_ACTING = frozenset("`*~|<>[]()\\@")  # a name stands in sentences, and nothing in it may act
_TIMED = re.compile(
    r"(.+?)(?:\s*/\s*|\s+(?:a|per|each|in)\s+)(day|week|month|total)", re.IGNORECASE
)

PERIODS = [Choice(name=words.EVERY[kind], value=kind.value) for kind in PeriodKind]

Person = discord.Member | discord.User
LimitedChannel = (
    discord.TextChannel | discord.VoiceChannel | discord.StageChannel | discord.ForumChannel
)
EventChannel = discord.TextChannel | discord.VoiceChannel | discord.StageChannel | discord.Thread


def read_timed(
    text: str, period: str | None, default: PeriodKind, option: str = "amount"
) -> tuple[str, PeriodKind]:
    """Part an amount from how long it lasts: "5 a week" says both, and so does "5/week"."""
    chosen = None if period is None else PeriodKind(period)
    match = _TIMED.fullmatch(text.strip())
    if match is None:
        return text, chosen or default
    said = PeriodKind(match[2].lower())
    if chosen not in {None, said}:
        raise Refusal(budget_words.TWO_PERIODS.format(option=option, said=words.EVERY[said]))
    return match[1], said


def read_limit(text: str) -> Limit | None:
    """Read a limit as a manager types it; None unsets it."""
    word = text.strip().casefold()
    if word == "unset":
        return None
    with suppress(ValueError):
        return Rule(word)
    try:
        return Money.parse(word)
    except ValueError:
        raise Refusal(budget_words.BAD_LIMIT) from None


def read_first_limit(text: str, option: str) -> Limit:
    """Read the limit of something new, which has no default to go back to."""
    with suppress(Refusal):
        if (limit := read_limit(text)) is not None:
            return limit
    raise Refusal(budget_words.BAD_FIRST_LIMIT.format(option=option))


def read_dollars(text: str, option: str = "amount") -> Money:
    """Read what must be an amount."""
    try:
        return Money.parse(text)
    except ValueError:
        raise Refusal(budget_words.BAD_DOLLARS.format(option=option)) from None


def read_name(text: str) -> str:
    """Read a team's name, which other people will see."""
    name = ""
    with suppress(Refused):
        name = " ".join(clean_prompt(text).split())
    if not 1 <= len(name) <= NAME_MAX or _ACTING & set(name) or "://" in name:
        raise Refusal(budget_words.BAD_NAME)
    return name


def tame(name: str) -> str:
    """Take from a channel's name what would act in a sentence."""
    return "".join(letter for letter in name if letter not in _ACTING)


def read_person(
    given: discord.abc.Snowflake | None, wrong: str = budget_words.NOT_A_PERSON
) -> discord.Member:
    """Read a person who can have a limit here: no bot, nobody who left, and no id of nobody."""
    if not isinstance(given, discord.Member) or given.bot:
        raise Refusal(wrong)
    return given


def read_role(
    guild: discord.Guild | None, given: discord.abc.Snowflake, everyone: str = budget_words.EVERYONE
) -> discord.Role:
    """Read a role that people can have: not everybody's, nor a bot's own, nor one that is gone."""
    role = guild.get_role(given.id) if guild else None
    if role is None:
        raise Refusal(words.NOT_THERE)
    if role.is_default():
        raise Refusal(everyone)
    if role.is_bot_managed():
        raise Refusal(budget_words.BOTS_ROLE)
    return role


def read_venue(given: object) -> EventChannel:
    """Read where an event takes place: a channel or a thread, where people write messages."""
    if not isinstance(given, EventChannel):
        raise Refusal(budget_words.NO_PLACE)
    return given


@cache
def zones() -> tuple[str, ...]:
    """Give every zone the tz database has, in order."""
    return tuple(sorted(available_timezones() - _THIS_MACHINES))


_THIS_MACHINES = {"localtime", "Factory"}  # names that mean another zone elsewhere, or none


def near_zones(typed: str, most: int = CHOICES_MAX) -> list[str]:
    """Give the zones nearest to what was typed."""
    return closest(_ahead(typed), zones(), most)


def _ahead(typed: str) -> str:
    """Turn the sign of "UTC+2", two hours ahead: the tz database calls that "Etc/GMT-2"."""
    match = _OFFSET.fullmatch(folded(typed))
    return f"etc/gmt{'-' if match[1] == '+' else '+'}{match[2]}" if match else typed


_OFFSET = re.compile(r"(?:utc|gmt)_?([+-])0?([1-9]\d?)(?::?00)?")


def read_zone(typed: str) -> str:
    """Read a time zone's name; who mistypes it reads the nearest ones."""
    for name in zones():
        if name.casefold() == folded(_ahead(typed)):
            return name
    raise Refusal(budget_words.no_zone(typed, near_zones(typed, _NEAREST)))
