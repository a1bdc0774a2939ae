"""Discord's rate limits: fixed windows, told in headers, enforced with 429."""

from dataclasses import dataclass, field
from typing import Final

from typing_extensions import override

from bot.core.clock import Clock
from sandbox.discord.refusals import Raw, Refused

VIA: Final = {"Via": "1.1 google"}


class Throttled(Refused):
    """Too many requests; the library waits and repeats when a Via header is there."""

    def __init__(self, retry_after_s: float, scope: str, headers: dict[str, str]) -> None:
        shown = {"Retry-After": str(max(1, round(retry_after_s))), "X-RateLimit-Scope": scope}
        super().__init__(429, 0, "You are being rate limited.", headers=VIA | shown | headers)
        self._retry_after_s = retry_after_s
        self._scope = scope

    @override
    def body(self) -> Raw:
        return {
            "message": self.message,
            "retry_after": round(self._retry_after_s, 3),
            "global": self._scope == "global",
        }


@dataclass(slots=True)
class Window:
    """So many requests are left until a moment of the monotonic clock."""

    left: int
    until: float


@dataclass(slots=True)
class Limits:
    """All buckets; switched off, they are told but never used up."""

    clock: Clock
    enforced: bool = True
    _windows: dict[str, Window] = field(default_factory=dict)

    def take(self, bucket: str, most: int, per_s: float, scope: str = "user") -> dict[str, str]:
        """Use one request of a bucket and give the headers that tell what is left."""
        now = self.clock.monotonic()
        window = self._windows.get(bucket)
        if window is None or window.until <= now or not self.enforced:
            window = self._windows[bucket] = Window(most, now + per_s)
        wait_s = window.until - now
        headers = {
            "X-RateLimit-Limit": str(most),
            "X-RateLimit-Remaining": str(max(0, window.left - 1)),
            "X-RateLimit-Reset": f"{self.clock.now().timestamp() + wait_s:.3f}",
            "X-RateLimit-Reset-After": f"{wait_s:.3f}",
            "X-RateLimit-Bucket": bucket.partition(":")[0],
        }
        if window.left <= 0:
            raise Throttled(wait_s, scope, headers)
        window.left -= 1
        return headers
