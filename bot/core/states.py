"""States of a call and of a picture, and the moves between them."""

from enum import StrEnum


class CallState(StrEnum):
    """Where the money of one gateway call stands."""

    HELD = "held"  # reserved, nothing has left
    SENT = "sent"  # committed before the first byte leaves; never sent again
    UNKNOWN = "unknown"  # it left and no trustworthy answer came; the hold stays
    SETTLED = "settled"
    RELEASED = "released"


OPEN = frozenset({CallState.HELD, CallState.SENT, CallState.UNKNOWN})
"""Held money counts against limits in these states."""

MOVES: dict[CallState, frozenset[CallState]] = {
    CallState.HELD: frozenset({CallState.SENT, CallState.RELEASED}),
    CallState.SENT: frozenset({CallState.SETTLED, CallState.RELEASED, CallState.UNKNOWN}),
    CallState.UNKNOWN: frozenset({CallState.SETTLED, CallState.RELEASED}),
    CallState.SETTLED: frozenset(),
    CallState.RELEASED: frozenset(),
}


class PictureState(StrEnum):
    """Where the bytes of one paid picture stand."""

    SPOOLED = "spooled"  # on disk, not yet seen by the person
    DELIVERED = "delivered"
    REFUNDED = "refunded"  # could not be used or delivered; its share went back
