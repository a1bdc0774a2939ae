"""Money: whole micro-dollars, because the gateway prints six decimals."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import ROUND_CEILING, Context, Decimal

from typing_extensions import override

MICROS_PER_DOLLAR = 1_000_000
MICROS_MAX = 2**53 - 1  # what JSON readers and SQLite agree on without loss

_UPWARD = Context(rounding=ROUND_CEILING)  # the default one would round a long bill down
_BILL_MAX = Decimal(MICROS_MAX) / MICROS_PER_DOLLAR
_AMOUNT = re.compile(r"\$?(\d{1,10})(?:\.(\d{1,6}))?", re.ASCII)


@dataclass(frozen=True, slots=True, order=True)
class Money:
    """An exact amount of micro-dollars; it never meets a float."""

    micros: int

    @classmethod
    def parse(cls, text: str) -> "Money":
        """Read "5", "$5.25" or "0.039000"; the inverse of `str`.

        Raises:
            ValueError: for a sign, a comma, an exponent, more than six decimals or more than
                `MICROS_MAX`: an amount is read exactly or not at all.
        """
        match = _AMOUNT.fullmatch(text.strip())
        if match is None:
            raise ValueError(f"not an amount like 5 or 0.25: {text!r}")
        whole, part = match.group(1), match.group(2) or ""
        micros = int(whole) * MICROS_PER_DOLLAR + int(part.ljust(6, "0"))
        if micros > MICROS_MAX:
            raise ValueError(f"more than can be counted exactly: {text!r}")
        return cls(micros)

    @classmethod
    def ceiling(cls, dollars: Decimal) -> "Money":
        """Round a decimal bill up to a whole micro-dollar, so that no part of it is lost.

        Raises:
            ValueError: for NaN, infinities, negatives and more than `MICROS_MAX`.
        """
        # Compared before scaling: a huge exponent must not become a huge integer.
        if not dollars.is_finite() or not 0 <= dollars <= _BILL_MAX:
            raise ValueError(f"not a bill: {dollars}")
        scaled = _UPWARD.multiply(dollars, MICROS_PER_DOLLAR)
        return cls(int(scaled.to_integral_value(ROUND_CEILING)))

    def __add__(self, other: "Money") -> "Money":
        return Money(self.micros + other.micros)

    def __sub__(self, other: "Money") -> "Money":
        return Money(self.micros - other.micros)

    def __mul__(self, times: int) -> "Money":
        return Money(self.micros * times)

    def __floordiv__(self, unit: "Money") -> int:
        """Count how many times `unit` fits."""
        return self.micros // unit.micros

    def __bool__(self) -> bool:
        return self.micros != 0

    @override
    def __str__(self) -> str:
        """Print at least cents and never more than the digits it has: $0.04, $0.039, -$1.00."""
        sign = "-" if self.micros < 0 else ""
        whole, part = divmod(abs(self.micros), MICROS_PER_DOLLAR)
        digits = f"{part:06d}".rstrip("0").ljust(2, "0")
        return f"{sign}${whole}.{digits}"


ZERO = Money(0)


def total(amounts: Iterable[Money]) -> Money:
    """Add up any number of amounts."""
    return sum(amounts, ZERO)
