"""Pauses: while the gateway can't be used, or must not be, the desk takes no orders."""

from bot.core.clock import Clock
from bot.core.job import Failure
from bot.core.problems import PauseReason

_LENGTH_S = {
    Failure.KEY_REFUSED: (PauseReason.KEY_REFUSED, 60.0),
    Failure.WALLET_EMPTY: (PauseReason.WALLET_EMPTY, 30.0),
}
_RUNAWAY_S = 3600.0


class Pauses:
    """What keeps the desk closed. A pause ends by itself: the next order is the probe."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._until: dict[PauseReason, float] = {}
        self._models: dict[str, float] = {}
        self.stopping = False

    def note(self, failure: Failure) -> None:
        """Pause if the failure would meet every other order too."""
        if failure in _LENGTH_S:
            reason, length_s = _LENGTH_S[failure]
            self._until[reason] = self._clock.monotonic() + length_s

    def stop_model(self, model_id: str) -> None:
        """Buy nothing of a model for an hour: its last bill was beyond anything it may cost."""
        self._models[model_id] = self._clock.monotonic() + _RUNAWAY_S

    def is_stopped(self, model_id: str) -> bool:
        """Tell whether not even what was accepted may be bought."""
        now = self._clock.monotonic()
        return self.stopping or self._models.get(model_id, now) > now

    def reason(self, model_id: str = "") -> PauseReason | None:
        """Tell why no order, or none of a model, is taken now; None when the desk is open."""
        if self.stopping:
            return PauseReason.STOPPING
        now = self._clock.monotonic()
        reason = next((reason for reason, until in self._until.items() if until > now), None)
        return reason or (PauseReason.OVERBILLED if self.is_stopped(model_id) else None)
