"""What can go wrong with a call, sorted by the one question that matters: was money spent?

GatewayError       .failure .detail
  Unspent          .billed         not charged: release the hold
    Rejected       .status         refused by the gateway
    Throttled      .retry_after_s  429, or a 503 in the gateway's own words
    Unreachable                    no byte of the request left
  Unknown          .stage          it left, and no trustworthy answer came: keep the hold
"""

from enum import StrEnum

from typing_extensions import override

from bot.core.job import Failure
from bot.core.money import Money


class GatewayError(Exception):
    """A call without an answer; `detail` is outside text, one line, at most 300 characters."""

    def __init__(self, failure: Failure, detail: str = "") -> None:
        super().__init__(failure, detail)
        self.failure = failure
        self.detail = detail

    @override
    def __str__(self) -> str:
        return f"{self.failure}: {self.detail}" if self.detail else str(self.failure)


class Unspent(GatewayError):
    """Certainly not charged, unless the refusal itself names a bill: then that is `billed`."""

    billed: Money | None = None


class Rejected(Unspent):
    """The gateway refused the request before doing anything for it."""

    def __init__(self, status: int, failure: Failure, detail: str = "") -> None:
        super().__init__(failure, detail)
        self.status = status


class Throttled(Unspent):
    """The gateway has no room now.

    Args:
        retry_after_s: what the gateway asks for, believable or not; None when it is silent.
        explicit: the gateway said so itself, so that the same request may be sent again at once.
    """

    def __init__(
        self, retry_after_s: float | None = None, detail: str = "", *, explicit: bool = False
    ) -> None:
        super().__init__(Failure.BUSY, detail)
        self.retry_after_s = retry_after_s
        self.explicit = explicit


class Unreachable(Unspent):
    """No connection, so nothing was sent."""

    def __init__(self, detail: str = "") -> None:
        super().__init__(Failure.UNREACHABLE, detail)


class Stage(StrEnum):
    """How far a call came before it was lost."""

    SENT = "sent"  # no status line came
    ANSWERING = "answering"  # the answer broke off
    ANSWERED = "answered"  # the answer is whole, and says nothing to rely on


class Unknown(GatewayError):
    """It may have been charged."""

    def __init__(self, stage: Stage, detail: str = "") -> None:
        super().__init__(Failure.UNANSWERED, detail)
        self.stage = stage


class Garbled(ValueError):
    """Bytes that are no answer; the message says what is wrong with them."""
