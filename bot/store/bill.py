"""What an answer costs: the quote is a ceiling, whatever the bill says."""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise

from bot.core.job import Look, Painted, Sketch
from bot.core.money import ZERO, Money

_ABSURD = 20  # a bill above so many holds is a garbled one, and one as high is no accident


@dataclass(frozen=True, slots=True)
class Bill:
    """`charged` is the person's part of `billed`; `estimated` when the gateway named no sum."""

    billed: Money
    charged: Money
    estimated: bool


def usable(painted: Painted, looks: Mapping[str, Look]) -> list[tuple[Sketch, Look]]:
    """Pick the sketches that are pictures."""
    return [(each, looks[each.name]) for each in painted.sketches if each.name in looks]


def believable(billed: Money | None, hold: Money) -> Money | None:
    """Give the bill, or None when it is missing or absurd."""
    return None if billed is None or billed > hold * _ABSURD else billed


def is_runaway(billed: Money | None, hold: Money) -> bool:
    """Tell whether a bill is so high that nothing more should be bought like this."""
    return billed is not None and billed >= hold * _ABSURD


def bill(painted: Painted, unit_price: Money, pictures: int, hold: Money) -> Bill:
    """Split a bill: nobody pays above the quote, nor for pictures that did not come."""
    known = believable(painted.billed, hold)
    total = guess(painted, unit_price, hold) if known is None else known
    return Bill(total, min(total, unit_price * pictures, hold), estimated=known is None)


def guess(painted: Painted, unit_price: Money, hold: Money) -> Money:
    """Suppose what an answer cost: the quote of all that came, usable or not.

    Whoever names a sum where nothing came took something, however garbled: the hold, supposedly.
    """
    return unit_price * len(painted.sketches) or (hold if painted.billed else ZERO)


def shares(charged: Money, pictures: int) -> list[Money]:
    """Split a charge over pictures so that the shares add up to it."""
    marks = [charged.micros * number // pictures for number in range(pictures + 1)]
    return [Money(end - start) for start, end in pairwise(marks)]


def seen_price(painted: Painted, asked: int, hold: Money, quoted: Money) -> Money | None:
    """Tell what the gateway took for one picture, rounded up; None when that is not clear.

    Counted over the pictures asked for when fewer came: a shortfall is no higher price, nor is
    it a lower one.
    """
    known, came = believable(painted.billed, hold), len(painted.sketches)
    if not known or not came:
        return None
    price = Money(-(-known.micros // max(asked, came)))
    return price if came >= asked or price > quoted else None
