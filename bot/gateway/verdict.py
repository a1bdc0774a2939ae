"""What a status line means for the money, and when asking again is safe."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

import httpx

from bot.core.job import Failure
from bot.gateway.errors import (
    GatewayError,
    Rejected,
    Stage,
    Throttled,
    Unknown,
    Unreachable,
    Unspent,
)
from bot.gateway.wire import bill_of, loads, sentence

NEVER_SENT = (
    httpx.ConnectError,
    httpx.ConnectTimeout,
    httpx.PoolTimeout,
    httpx.UnsupportedProtocol,
    httpx.LocalProtocolError,
    httpx.ProxyError,
)
_REJECTED: Mapping[int, Failure] = {
    401: Failure.KEY_REFUSED,
    402: Failure.WALLET_EMPTY,
    403: Failure.MODEL_REFUSED,
    **dict.fromkeys((400, 404, 405, 413, 415, 422), Failure.INVALID),
}
_TOO_MANY, _UNAVAILABLE, _BAD, _FORBIDDEN = 429, 503, 400, 403
_FILTER = re.compile(
    rb"\bsafety\b|sensitive|responsible ai|content.policy|prohibited", re.IGNORECASE
)
_SECONDS = re.compile(r"\s*(\d{1,9}(?:\.\d{1,6})?)\s*", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class Patience:
    """How often a request is tried when certainly nothing was spent, and how long it waits."""

    tries: int = 3
    first_wait_s: float = 0.5
    wait_s_max: float = 30.0

    def wait_s(self, failure: Unspent, tried: int) -> float | None:
        """Give the wait before the next try; None ends the call."""
        if tried >= self.tries or failure.billed:
            return None
        match failure:
            case Throttled(explicit=True, retry_after_s=float(asked_s)):
                return min(asked_s, self.wait_s_max)
            case Throttled(explicit=True) | Unreachable():
                return min(self.first_wait_s * (1 << (tried - 1)), self.wait_s_max)
            case _:
                return None


def refusal(status: int, body: bytes, retry_after_s: float | None) -> GatewayError:
    """Sort an answer that is no success; only what is known to cost nothing is `Unspent`."""
    failure = _sorted(status, body, retry_after_s)
    if isinstance(failure, Unspent):
        failure.billed = bill_of(_parsed(body))
    return failure


def _sorted(status: int, body: bytes, retry_after_s: float | None) -> GatewayError:
    said = sentence(body)
    if 300 <= status < 400:  # noqa: PLR2004 - the redirects
        said = f"The gateway's address redirects elsewhere ({status})."
        return Rejected(status, Failure.KEY_REFUSED, said)
    said = said or f"The gateway answered {status} without a reason."
    if status == _BAD and _FILTER.search(body):
        return Rejected(status, Failure.FILTERED, said)
    explicit = isinstance(_parsed(body), dict)
    if status == _FORBIDDEN and not explicit:  # a firewall's page says nothing about models
        return Rejected(status, Failure.INVALID, said)
    if failure := _REJECTED.get(status):
        return Rejected(status, failure, said)
    if status == _TOO_MANY or (status == _UNAVAILABLE and explicit):
        return Throttled(retry_after_s, said, explicit=explicit)
    return Unknown(Stage.ANSWERED, said)


def retry_after_s(text: str | None, now: datetime) -> float | None:
    """Read `Retry-After`: seconds, or a date."""
    if not text:
        return None
    if match := _SECONDS.fullmatch(text):
        return float(match.group(1))
    try:
        moment = parsedate_to_datetime(text)
        return max(0.0, (moment.replace(tzinfo=moment.tzinfo or UTC) - now).total_seconds())
    except (ValueError, OverflowError):
        return None


def _parsed(body: bytes) -> object:
    try:
        return loads(body.decode())
    except ValueError:
        return None
