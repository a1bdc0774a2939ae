"""The reply grammar: what a person means who answers a picture in words."""

import re
from collections.abc import Callable
from dataclasses import dataclass, replace

from bot.core.order import COUNT_MAX


@dataclass(frozen=True, slots=True, kw_only=True)
class Instruction:
    """A reply, read. `pictures` are the numbers that it names, in its order; none if it doesn't."""

    pictures: tuple[int, ...] = ()
    prompt: str = ""
    count: int | None = None
    aspect: str | None = None
    size: str | None = None
    again: bool = False
    cancel: bool = False

    @property
    def is_shape_only(self) -> bool:
        """Tell whether only a shape or a size was asked for: "wide", "2: 4k"."""
        return not (self.prompt or self.again or self.cancel) and bool(self.aspect or self.size)


_NUMBERS = r"\d{1,2}(?:\s*(?:[+&,-]|and)\s*#?\d{1,2})*"
_PICKED = re.compile(
    rf"(?:(?:picture|image|pic)s?\s+)?(?:#?{_NUMBERS}\s*(?::(?!\d)|$)|#{_NUMBERS}(?=\s))",
    re.ASCII | re.IGNORECASE,
)
_FROM_TO = re.compile(r"(\d+)(?:\s*-\s*#?(\d+))?")
_COUNT = re.compile(r"(\d{1,2})[x\u00d7]|[x\u00d7](\d{1,2})", re.ASCII)
_RATIOS = ("1:1", "2:3", "3:2", "3:4", "4:3", "4:5", "5:4", "9:16", "16:9", "21:9")
_SHAPES = {"wide": "16:9", "tall": "9:16", "square": "1:1"} | {each: each for each in _RATIOS}
_SIZES = {"0.5k": "0.5K", "1k": "1K", "2k": "2K", "4k": "4K"}
# Said to a picture, not about it: it must not buy anything.
_CHEERS = frozenset({
    "thanks", "thank", "thx", "ty", "you", "lol", "lmao", "haha", "nice", "wow", "cool",
    "great", "awesome", "amazing", "beautiful", "lovely", "perfect", "love", "it", "this",
    "that", "ok", "okay", "yes", "no", "so", "very", "much", "good", "omg", "yay", "hi",
    "hello",
})  # fmt: skip
_STOPS = " \t\n,;"


def read(text: str) -> Instruction:
    """Read a reply: "2: make it night", "1+3: combine", "again", "4x wide", "add snow, 2k".

    Options count as such only as whole words at either end; everything else is the prompt, but for
    a cheer, which asks for nothing.
    """
    rest = text.strip()
    pictures: tuple[int, ...] = ()
    if match := _PICKED.match(rest):
        pictures, rest = _numbers(match[0]), rest[match.end() :]
    found = Instruction(pictures=pictures)
    found, rest = _taken(found, rest, _first)
    found, rest = _taken(found, rest, _last)
    bare = rest.casefold().rstrip(".!")
    if count := _COUNT.fullmatch(bare.removeprefix("again").strip()):  # more than there may be
        return replace(found, again=True, count=int(count[1] or count[2]))
    match bare:
        case "again":
            return replace(found, again=True)
        case "cancel":
            return replace(found, cancel=True)
        case "" if found.count and not (found.aspect or found.size):
            return replace(found, again=True)
        case _ if _is_cheer(bare):
            return found
        case _:
            return replace(found, prompt=rest)


def _numbers(text: str) -> tuple[int, ...]:
    """Give each number once, and those between where one is named to another: "1-3"."""
    spans = [sorted((int(one[1]), int(one[2] or one[1]))) for one in _FROM_TO.finditer(text)]
    return tuple(dict.fromkeys(each for first, last in spans for each in range(first, last + 1)))


def _is_cheer(text: str) -> bool:
    words = re.findall(r"\w+", text)
    return not words or _CHEERS.issuperset(words)


def _taken(
    found: Instruction, rest: str, end: Callable[[str], tuple[str, str]]
) -> tuple[Instruction, str]:
    """Take option words off one end of the text, for as long as there are any."""
    rest = rest.strip(_STOPS)
    while rest:
        word, others = end(rest)
        if (more := _option(found, word.strip(_STOPS).casefold())) is None:
            break
        found, rest = more, others.strip(_STOPS)
    return found, rest


def _first(text: str) -> tuple[str, str]:
    word, _, rest = text.partition(" ")
    return word, rest


def _last(text: str) -> tuple[str, str]:
    rest, _, word = text.rpartition(" ")
    return word, rest


def _option(found: Instruction, word: str) -> Instruction | None:
    if found.aspect is None and word in _SHAPES:
        return replace(found, aspect=_SHAPES[word])
    if found.size is None and word in _SIZES:
        return replace(found, size=_SIZES[word])
    if found.count is None and (match := _COUNT.fullmatch(word)):
        count = int(match[1] or match[2])
        return replace(found, count=count) if 1 <= count <= COUNT_MAX else None
    return None
