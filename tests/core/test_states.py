"""The moves of a call, all 25 pairs of them, against a table written by hand."""

from itertools import product

import pytest

from bot.core.states import MOVES, OPEN, CallState, PictureState

#         to: HELD SENT UNKNOWN SETTLED RELEASED
EXPECTED = {
    "held":     "-    x    -       -       x",
    "sent":     "-    -    x       x       x",
    "unknown":  "-    -    -       x       x",
    "settled":  "-    -    -       -       -",
    "released": "-    -    -       -       -",
}  # fmt: skip
ORDER = ("held", "sent", "unknown", "settled", "released")


@pytest.mark.parametrize(("start", "end"), list(product(ORDER, ORDER)))
def test_a_call_moves_only_as_drawn(start: str, end: str) -> None:
    drawn = EXPECTED[start].split()[ORDER.index(end)] == "x"
    assert (CallState(end) in MOVES[CallState(start)]) is drawn


def test_the_table_knows_every_state() -> None:
    assert set(ORDER) == set(CallState) == set(MOVES)


def test_money_is_held_exactly_while_a_call_can_still_move() -> None:
    assert {state for state, ends in MOVES.items() if ends} == OPEN


def test_a_picture_is_on_disk_shown_or_paid_back() -> None:
    assert set(PictureState) == {"spooled", "delivered", "refunded"}
