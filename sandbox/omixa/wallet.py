"""The gateway's prepaid wallet: top up, hold, capture, release; nothing appears or vanishes."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass


class Empty(Exception):
    """The balance does not cover the hold."""


@dataclass(slots=True)
class Hold:
    """An amount set aside for one call, and what is captured of it in the end."""

    micros: int
    captured_micros: int = 0

    def capture(self, micros: int) -> None:
        """Take `micros`, which may be more or less than was held."""
        self.captured_micros = micros


@dataclass(slots=True)
class Wallet:
    """Integer micro-dollars; the balance may fall below zero when a bill exceeds its hold."""

    balance_micros: int = 0
    held_micros: int = 0
    captured_micros: int = 0
    topped_up_micros: int = 0
    bills: int = 0

    def top_up(self, micros: int) -> None:
        """Add `micros` to the balance."""
        self.topped_up_micros += micros
        self.balance_micros += micros

    @contextmanager
    def hold(self, micros: int) -> Iterator[Hold]:
        """Set `micros` aside while the call runs; what was not captured then goes back."""
        if micros > self.balance_micros:
            raise Empty
        self.balance_micros -= micros
        self.held_micros += micros
        held = Hold(micros)
        try:
            yield held
        finally:
            self.held_micros -= micros
            self.balance_micros += micros - held.captured_micros
            self.captured_micros += held.captured_micros
            self.bills += held.captured_micros > 0

    def conserved(self) -> bool:
        """Tell whether balance + held + captured is what was topped up."""
        kept = self.balance_micros + self.held_micros + self.captured_micros
        return kept == self.topped_up_micros
