"""The table of events and states (docs/money.md draws the states): each cell must be visited.

A cell counts when the event met a call in that state and the witness agreed with what came of it.
"""

from collections import Counter
from collections.abc import Iterable, Sequence

from bot.core.job import Failure
from bot.core.money import Money
from bot.store.writer import Outcome
from tests.storm.events import Event
from tests.storm.oracle import ABSURD, Call

STATES = ("none", "held", "sent", "unknown", "settled", "released")
_ALL = STATES[1:]

TABLE: dict[str, tuple[str, ...]] = {
    "admitted": STATES,
    "refused at the desk": ("none",),
    "begin": _ALL,
    "proof of not sent": ("sent",),
    "definite refusal": ("sent", "unknown", "settled", "released"),
    "answer": ("sent", "unknown", "settled", "released"),
    "answer without a believable bill": ("sent", "unknown", "settled", "released"),
    "nothing usable, no believable bill": ("sent", "unknown", "released"),
    "empty answer, free": ("sent", "unknown"),
    "empty answer, billed": ("sent", "unknown", "released"),
    "no answer": ("sent", "unknown"),
    "process start": _ALL,
    "unbooked manifest": ("sent", "unknown", "settled", "released"),
    "cancelled": _ALL,
    "told it was billed": ("unknown", "settled", "released"),
    "told it was not billed": ("unknown", "released"),
    "window ends": ("unknown",),
    "refund": _ALL,
    "undelivered for too long": ("settled",),
    "limit lowered below what is used": _ALL,
    "roll-over": _ALL,
}
"""Each event of the table in reliability.md 2.3, and the states in which it can meet a call."""


class Cells:
    """Counts visits."""

    def __init__(self) -> None:
        self.visits: Counter[tuple[str, str]] = Counter()

    def visit(self, event: str, state: str) -> None:
        """Count one visit."""
        self.visits[event, state] += 1

    def note(self, event: Event, outcome: Outcome, met: Sequence[tuple[Call, str]]) -> None:
        """Count a write that met calls in these states and came out as the witness expects."""
        if event.verb == "hold":
            refused = outcome.error is not None
            name = "refused at the desk" if refused else "admitted"
            self.visit(name, met[0][1] if met else "none")
        elif met and (row := _row_of(event, met[0][0])) is not None:
            self.visit(row, met[0][1])

    def missing(self, least: int) -> list[str]:
        """Name the cells that were visited less often than `least`."""
        return [
            f"{event} x {state}: {self.visits[event, state]}"
            for event, states in TABLE.items()
            for state in states
            if self.visits[event, state] < least
        ]

    def table(self) -> str:
        """Draw how often each cell was visited; a dot is a cell that cannot be."""
        head = f"{'':34}" + "".join(f"{state:>11}" for state in STATES)
        return "\n".join([head, *(self._row(event, TABLE[event]) for event in TABLE)])

    def _row(self, event: str, states: Iterable[str]) -> str:
        possible = set(states)
        cells = (
            f"{self.visits[event, state]:>11,}" if state in possible else f"{'.':>11}"
            for state in STATES
        )
        return f"{event:34}{''.join(cells)}"


def _row_of(event: Event, call: Call) -> str | None:
    """Name the row of the table that a write about a call belongs to; None for those of none."""
    by_recovery = event.cause == "recovery"
    match event.verb:
        case "begin" | "refund":
            late = event.given.get("reason") == "not delivered in time"
            return "undelivered for too long" if late else event.verb
        case "doubt":
            return "process start" if by_recovery else "no answer"
        case "release":
            return _release(event.given["failure"])
        case "settle":
            return "unbooked manifest" if by_recovery else _answer(event, call)
        case "reconcile":
            return "told it was billed" if event.given["billed"] else "told it was not billed"
        case _:
            return None


def _release(failure: Failure) -> str:
    match failure:
        case Failure.CANCELLED:
            return "cancelled"
        case Failure.INTERRUPTED | Failure.NO_ROOM | Failure.NO_REFERENCE:
            return "process start"
        case Failure.UNREACHABLE:
            return "proof of not sent"
        case Failure.UNANSWERED:
            return "window ends"
        case _:
            return "definite refusal"


def _answer(event: Event, call: Call) -> str:
    painted, looks = event.given["painted"], event.given["looks"]
    billed: Money | None = painted.billed
    if not billed and not looks and (billed is not None or not painted.sketches):
        return "empty answer, free"
    if billed is None or billed.micros > ABSURD * call.hold:
        return "answer without a believable bill" if looks else "nothing usable, no believable bill"
    return "answer" if looks else "empty answer, billed"
