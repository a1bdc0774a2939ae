"""What goes out on the wire: a reply as a list of parts that are never joined in memory."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal, Protocol

import pybase64

from sandbox.omixa.picture import Picture

Shape = Literal["envelope", "laravel", "text", "html", "empty"]
CHUNK_BYTES = 192 * 1024  # a multiple of 3, so that chunks of base64 join without padding


class Part(Protocol):
    """A stretch of a body whose length is known before it is written."""

    def length(self) -> int:
        """Give the number of bytes `pieces` will yield."""
        ...

    def pieces(self) -> Iterator[bytes]:
        """Yield the bytes in bounded portions."""
        ...


@dataclass(frozen=True, slots=True)
class Plain:
    """Bytes as they are."""

    content: bytes

    def length(self) -> int:
        """Count them."""
        return len(self.content)

    def pieces(self) -> Iterator[bytes]:
        """Yield them at once."""
        yield self.content


@dataclass(frozen=True, slots=True)
class Base64:
    """A picture in base64, its slashes escaped as PHP's json_encode does."""

    picture: Picture
    escape_slashes: bool

    def length(self) -> int:
        """Count the characters, escapes included."""
        encoded = -(-self.picture.length // 3) * 4
        return encoded + (self.picture.slashes if self.escape_slashes else 0)

    def pieces(self) -> Iterator[bytes]:
        """Encode chunk by chunk from the picture's file."""
        for chunk in self.picture.chunks(CHUNK_BYTES):
            encoded = pybase64.b64encode(chunk)
            yield encoded.replace(b"/", b"\\/") if self.escape_slashes else encoded


@dataclass(frozen=True, slots=True)
class Filler:
    """As many `A`s as wanted: valid base64 of zeros that costs no memory."""

    count: int

    def length(self) -> int:
        """Count them."""
        return self.count

    def pieces(self) -> Iterator[bytes]:
        """Yield them in chunks."""
        block = b"A" * CHUNK_BYTES
        for _ in range(self.count // CHUNK_BYTES):
            yield block
        yield block[: self.count % CHUNK_BYTES]


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """Status, headers and body of one answer."""

    status: int = 200
    parts: tuple[Part, ...] = ()
    content_type: str = "application/json"
    headers: tuple[tuple[str, str], ...] = ()


_TYPES = {
    401: ("authentication_error", "invalid_api_key", "Invalid API key."),
    402: ("billing_error", "insufficient_balance", "Insufficient wallet balance."),
    403: ("permission_error", "model_not_allowed", "This API key may not use this model."),
    404: ("invalid_request_error", "not_found", "Not found."),
    413: ("invalid_request_error", "payload_too_large", "The request is too large."),
    422: ("invalid_request_error", "validation_failed", "The given data was invalid."),
    429: ("rate_limit_error", "rate_limited", "Too many requests."),
    503: ("upstream_error", "no_healthy_route", "No healthy provider route is available."),
}
_HTML = (
    "<html>\r\n<head><title>{0}</title></head>\r\n<body>\r\n"
    "<center><h1>{0}</h1></center>\r\n<hr><center>nginx</center>\r\n</body>\r\n</html>\r\n"
)


class Refusal(Exception):
    """A call that ends without pictures, and the reply that says so."""

    def __init__(self, reply: Reply) -> None:
        super().__init__(reply.status)
        self.reply = reply


def refusal(
    status: int,
    message: str = "",
    *,
    code: str = "",
    shape: Shape = "envelope",
    fields: dict[str, str] | None = None,
    headers: tuple[tuple[str, str], ...] = (),
    billed: str = "",
) -> Reply:
    """Build an error in one of the shapes a client may meet, with a bill if `billed` names one."""
    kind, usual_code, usual = _TYPES.get(
        status, ("api_error", "upstream_failure", "The request could not be completed.")
    )
    message = message or usual
    content: dict[str, Any] = {"message": message}
    content_type = "application/json"
    match shape:
        case "envelope":
            content = {"error": content | {"type": kind, "code": code or usual_code}}
        case "laravel":
            content |= {"errors": {name: [text] for name, text in fields.items()}} if fields else {}
        case _:
            content = {"error": message}
    if billed:
        content["usage"] = {"billed_amount": billed}
    body = json.dumps(content)
    if shape == "html":
        body, content_type = _HTML.format(f"{status} {message}"), "text/html"
    elif shape == "empty":
        body = ""
    return Reply(
        status=status,
        parts=(Plain(body.encode()),),
        content_type=content_type,
        headers=headers,
    )
