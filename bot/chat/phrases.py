"""Phrases that sentences are made of: counts, lists, moments, and other people's text."""

import unicodedata
from collections.abc import Iterable
from datetime import datetime

from discord.utils import escape_markdown


def relative(moment: datetime) -> str:
    """Let Discord show a moment from now, in the reader's own language."""
    return f"<t:{int(moment.timestamp())}:R>"


def listed(words: Iterable[str], joint: str = "and") -> str:
    """Join words as one reads them: "a, b and c"."""
    *first, last = words
    return f"{', '.join(first)} {joint} {last}" if first else last


def capital(text: str) -> str:
    """Begin a sentence with it."""
    return text[0].upper() + text[1:]


def more(count: int) -> list[str]:
    """Say how many a list leaves out, if it does."""
    return [f"…and {count} more"] if count > 0 else []


def pictures(count: int) -> str:
    """Count pictures: "1 picture", "4 pictures"."""
    return f"{count} picture" if count == 1 else f"{count} pictures"


def megabytes(size_bytes: int) -> str:
    """Write the size of a file: "20 MB", "0.7 MB"."""
    return f"{size_bytes / 2**20:.1f}".removesuffix(".0") + " MB"


def quote(text: str, length_max: int = 60) -> str:
    """Show outside text so that nothing in it acts: no mention, no markdown, no line break."""
    flat = " ".join(text.replace("`", "ˋ").split())  # noqa: RUF001 - a mark that ends no code
    return f"`{cut(flat, length_max) or ' '}`"


def inert(text: str) -> str:
    """Escape outside text so that it shows as typed: no mention, link, timestamp or emoji acts."""
    flat = " ".join(text.split())
    escaped = escape_markdown(flat, ignore_links=False)
    return (
        escaped.replace("@", "@\u200b").replace("<", "\\<").replace("://", ":\u200b//")
    )  # zero-width spaces: escaping alone does not stop links and @everyone


def cut(text: str, length_max: int) -> str:
    """Shorten with an ellipsis, and not inside of what reads as one letter."""
    if len(text) <= length_max:
        return text
    end = length_max - 1
    while end and (_continues(text[end]) or text[end - 1] == _JOINER):
        end -= 1
    return text[: end or length_max - 1].rstrip() + "…"


_JOINER = "\u200d"


_SKIN_TONES = "\U0001f3fb\U0001f3fc\U0001f3fd\U0001f3fe\U0001f3ff"


def _continues(letter: str) -> bool:
    return letter == _JOINER or letter in _SKIN_TONES or unicodedata.category(letter)[0] == "M"
