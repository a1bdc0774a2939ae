"""Orders: what a person asked for, checked against the row that will paint it."""

import re
import unicodedata
from dataclasses import dataclass, replace
from enum import StrEnum

from bot.core.catalogue import Model, References, Task
from bot.core.ids import JobId
from bot.core.money import Money
from bot.core.problems import (
    CountOutOfRange,
    NoPrice,
    NoReferences,
    PromptEmpty,
    PromptTooLong,
    Refused,
    TooManyReferences,
    Unsupported,
)

PROMPT_MAX = 4_000
COUNT_MAX = 10  # one message carries ten files

_FORMAT_AUTO = "png"
_FORMAT_AUTO_4K = "webp"  # a 4K PNG fits no upload limit


class Effort(StrEnum):
    """How long a model may think; the gateway's `reasoning_effort`."""

    MINIMAL = "minimal"
    HIGH = "high"


@dataclass(frozen=True, slots=True)
class Origin:
    """One of our own pictures: the job that it is of, and its number there."""

    job: JobId
    number: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Reference:
    """A picture that an order works from, as it will be sent.

    `name` is its file's in the spool, whose pixels are `width` by `height`; `label` tells people
    where it came from ("image2", "picture 3 of k7f2"); `origin` is there for our own. Of an
    `animated` one only the first picture is sent.
    """

    name: str
    label: str
    width: int
    height: int
    origin: Origin | None = None
    animated: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """What a person asked for; None leaves the choice to the model's row.

    With `variants`, prompts that each get their share of `count`, the prompt is what they were
    written out from.
    """

    prompt: str
    variants: tuple[str, ...] = ()
    model: str
    task: Task = Task.PAINT
    references: tuple[Reference, ...] = ()
    count: int = 1
    aspect: str | None = None
    size: str | None = None
    format: str | None = None
    enhance: bool | None = None
    thinking: Effort | None = None
    private: bool = False
    spoiler: bool = False


@dataclass(frozen=True, slots=True)
class Quote:
    """The most an order can cost: each call's pictures at one unit price."""

    unit_price: Money
    calls: tuple[int, ...]

    @property
    def total(self) -> Money:
        """Give the ceiling of the whole order."""
        return self.unit_price * sum(self.calls)


def clean_prompt(text: str) -> str:
    """Drop what no person sees: control characters, lone surrogates, direction overrides.

    Raises:
        Refused: with PromptEmpty or PromptTooLong.
    """
    kept = "".join(letter for letter in text if letter in "\n\t" or _is_visible(letter))
    prompt = kept.strip()
    if not any(_is_inked(letter) for letter in prompt):
        raise Refused(PromptEmpty())
    if len(prompt) > PROMPT_MAX:
        raise Refused(PromptTooLong(len(prompt), PROMPT_MAX))
    return prompt


_OVERRIDES = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


def _is_visible(letter: str) -> bool:
    # Format characters (Cf) stay but for overrides: joiners build emoji and Indic scripts.
    return letter not in _OVERRIDES and unicodedata.category(letter) not in {"Cc", "Cs"}


_BLANKS = frozenset("\u115f\u1160\u2800\u3164\uffa0")  # letters and a symbol by name only


def _is_inked(letter: str) -> bool:
    # A mark alone (M) shows nothing certain: variation selectors are marks too.
    return letter not in _BLANKS and unicodedata.category(letter)[0] not in "ZCM"


def checked(order: Order, model: Model) -> Order:
    """Fill in the row's defaults and refuse what the row does not accept.

    Raises:
        Refused: with CountOutOfRange, NoReferences, TooManyReferences, or with Unsupported, which
            names the nearest order that works.
    """
    if not 1 <= order.count <= COUNT_MAX:
        raise Refused(CountOutOfRange(order.count, COUNT_MAX))
    check_references(len(order.references), model)
    if wrong := _unsupported(order, model):
        nearest = order
        for option, value, accepted in wrong:
            nearest = _with(nearest, option, nearest_value(option, value, accepted))
        option, value, accepted = wrong[0]
        raise Refused(Unsupported(option, value, model.label, accepted, nearest))
    size = order.size or _own_size(order, model)
    return replace(
        order,
        aspect=order.aspect or _own_aspect(order, model),
        size=size,
        format=order.format or _auto_format(model, size),
    )


def check_references(given: int, model: Model) -> None:
    """Refuse more pictures to work from than the row takes.

    Raises:
        Refused: with NoReferences or TooManyReferences.
    """
    if given and model.references is References.NONE:
        raise Refused(NoReferences(model.label))
    if given > model.references_max:
        raise Refused(TooManyReferences(given, model.references_max, model.label))


def quoted(order: Order, model: Model) -> Quote:
    """Price a checked order.

    Raises:
        Refused: with NoPrice when the row gives none: unknown is never free.
    """
    price = model.price(order.size)
    if price is None:
        raise Refused(NoPrice(model.label, order.size))
    if not order.variants:
        return Quote(price, model.calls(order.count))
    each = model.calls(order.count // len(order.variants))
    return Quote(price, each * len(order.variants))


def prompt_of(order: Order, call: int, calls: int) -> str:
    """Tell what one of an order's calls asks for; calls are counted from 1."""
    if not order.variants:
        return order.prompt
    return order.variants[(call - 1) * len(order.variants) // calls]


def nearest_value(option: str, value: str, accepted: tuple[str, ...]) -> str | None:
    """Find the accepted value closest to the one asked for; None leaves the option out."""
    if not accepted:
        return None
    measure = {"aspect": _ratio, "size": _rank}.get(option)
    if measure is None or (wanted := measure(value)) is None:
        return accepted[0]
    measured = [(got, entry) for entry in accepted if (got := measure(entry)) is not None]
    if not measured:
        return accepted[0]
    return min(measured, key=lambda pair: abs(pair[0] - wanted))[1]


def _own_aspect(order: Order, model: Model) -> str | None:
    """Keep the shape of the first reference as nearly as the row can, else take its first."""
    if not order.references:
        return next(iter(model.aspects), None)
    first = order.references[0]
    return nearest_value("aspect", f"{first.width}:{first.height}", model.aspects)


def accepted_by(model: Model) -> dict[str, tuple[str, ...]]:
    """Give what a row takes of each option that rows differ in, as it is written."""
    return {
        "aspect": model.aspects,
        "size": model.sizes,
        "format": model.formats,
        "thinking": model.efforts,
        "enhance": ("on", "off") if "enhance_prompt" in model.fields else (),
    }


def written(value: object) -> str:
    """Write an option's value as people read it."""
    return ("off", "on")[value] if isinstance(value, bool) else str(value)


def _unsupported(order: Order, model: Model) -> list[tuple[str, str, tuple[str, ...]]]:
    return [
        (option, written(value), accepted)
        for option, accepted in accepted_by(model).items()
        if (value := getattr(order, option)) is not None and written(value) not in accepted
    ]


def _with(order: Order, option: str, value: str | None) -> Order:
    match option:
        case "aspect":
            return replace(order, aspect=value)
        case "size":
            return replace(order, size=value)
        case "format":
            return replace(order, format=value)
        case "thinking":
            return replace(order, thinking=Effort(value) if value else None)
        case _:
            return replace(order, enhance=None)


def _own_size(order: Order, model: Model) -> str | None:
    """Give the usual size, and to what is made larger, the largest."""
    if order.task is not Task.UPSCALE:
        return model.size_default
    ranked = [each for each in model.sizes if _rank(each) is not None]
    return max(ranked, key=lambda each: _rank(each) or 0, default=model.size_default)


def _auto_format(model: Model, size: str | None) -> str | None:
    wanted = _FORMAT_AUTO_4K if size == "4K" else _FORMAT_AUTO
    return wanted if wanted in model.formats else next(iter(model.formats), None)


# Both are read from outside text: short digits only, and nothing to divide by zero.
_RATIO = re.compile(r"(\d{1,4}):([1-9]\d{0,3})", re.ASCII)
_RANK = re.compile(r"(\d{1,4}(?:\.\d{1,2})?)K", re.ASCII)


def _ratio(aspect: str) -> float | None:
    match = _RATIO.fullmatch(aspect)
    return int(match[1]) / int(match[2]) if match else None


def _rank(size: str) -> float | None:
    match = _RANK.fullmatch(size)
    return float(match[1]) if match else None
