"""Who may come in: the key, and the signature when one is demanded."""

import hmac
from collections.abc import Mapping

from aiohttp import web

from bot.core.clock import Clock
from sandbox.omixa.reply import Refusal, refusal

SKEW_S = 300

Allowed = frozenset[str] | None  # the models a key may use; None is all of them


def authorised(request: web.Request, keys: Mapping[str, Allowed]) -> Allowed:
    """Give the models that the request's key may use; 401 when there is no such key."""
    kind, _, key = request.headers.get("Authorization", "").partition(" ")
    if kind.lower() != "bearer" or key not in keys:
        raise Refusal(refusal(401))
    return keys[key]


def signed(request: web.Request, raw: bytes, secret: str, clock: Clock) -> None:
    """Check timestamp and HMAC of exactly these bytes; 401 when they don't fit."""
    stamp = request.headers.get("X-Omixa-Timestamp", "")
    given = request.headers.get("X-Omixa-Signature", "")
    fresh = stamp.isdecimal() and abs(clock.now().timestamp() - int(stamp)) <= SKEW_S
    if not fresh or not hmac.compare_digest(given, signature(request, stamp, raw, secret)):
        raise Refusal(refusal(401, "Invalid request signature.", code="invalid_signature"))


def signature(request: web.Request, stamp: str, raw: bytes, secret: str) -> str:
    """Sign `timestamp.METHOD./api/v1/path.raw_body`."""
    message = f"{stamp}.{request.method}.{request.path}.".encode() + raw
    return "sha256=" + hmac.new(secret.encode(), message, "sha256").hexdigest()
