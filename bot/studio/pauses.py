"""Pauses: while the gateway refuses the key or the wallet is empty, the desk takes no orders."""

from bot.core.clock import Clock
from bot.core.job import Failure
from bot.core.problems import PauseReason

_LENGTH_S = {
    Failure.KEY_REFUSED: (PauseReason.KEY_REFUSED, 60.0),
    Failure.WALLET_EMPTY: (PauseReason.WALLET_EMPTY, 30.0),
}


class Pauses:
    """What keeps the desk closed. A pause ends by itself: the next order is the probe."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._until: dict[PauseReason, float] = {}
        self.stopping = False

    def note(self, failure: Failure) -> None:
        """Pause if the failure would meet every other order too."""
        if failure in _LENGTH_S:
            reason, length_s = _LENGTH_S[failure]
            self._until[reason] = self._clock.monotonic() + length_s

    def reason(self) -> PauseReason | None:
        """Tell why no order is taken now; None when the desk is open."""
        if self.stopping:
            return PauseReason.STOPPING
        now = self._clock.monotonic()
        return next((reason for reason, until in self._until.items() if until > now), None)
