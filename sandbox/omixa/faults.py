"""Everything that can be made to go wrong with a call, as small frozen values."""

from dataclasses import dataclass, fields
from datetime import datetime
from email.utils import format_datetime
from typing import Final, Literal

from sandbox.omixa.reply import Plain, Reply, Shape, refusal

Filter = Literal["prompt", "empty", "partial"]
MISSING: Final = "missing"  # not JSON text, so it can't be a value


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """What is different about one call; `a | b` is both at once, `b` winning where they meet.

    Args:
        reply: sent instead of the pictures.
        taken: the money is captured although `reply` or `hang` hides it.
        more: pictures sent beyond those made; negative for fewer.
        entry: what stands in `data` instead of each picture.
        billed: raw JSON text of `billed_amount`, or `MISSING`.
        usage_rows: how often the call appears in the usage log.
    """

    name: str = ""
    reply: Reply | None = None
    taken: bool = False
    hang: bool = False
    headers_s: float = 0.0
    body_s: float = 0.0
    cut_at: int | None = None
    reset: bool = False
    more: int = 0
    entry: Literal["", "none", "text", "url", "invalid", "huge"] = ""
    url_host: str = ""
    huge_bytes: int = 0
    billed: str = ""
    format: str = ""
    content: bytes | None = None
    gzip: bool = False
    filtered: Filter | None = None
    usage_rows: int = 1
    usage_late_s: float = 0.0

    def __or__(self, other: "Fault") -> "Fault":
        changed = {
            field.name: theirs
            for field in fields(other)
            if (theirs := getattr(other, field.name)) != field.default
        }
        mine = {field.name: getattr(self, field.name) for field in fields(self)}
        return Fault(**mine | changed | {"name": f"{self.name}+{other.name}".strip("+")})


NONE: Final = Fault()


def status(
    code: int,
    *,
    shape: Shape = "envelope",
    message: str = "",
    retry_after: float | str | datetime | None = None,
    taken: bool = False,
    bill: str = "",
) -> Fault:
    """Answer with an error; a `taken` 502 or 504 hides a success that was charged.

    With `bill`, in dollars, that much is captured and the error says so, which it should not.
    """
    if isinstance(retry_after, datetime):
        retry_after = format_datetime(retry_after, usegmt=True)
    headers = () if retry_after is None else (("Retry-After", str(retry_after)),)
    reply = refusal(code, message, shape=shape, headers=headers, billed=bill)
    billed = f'"{bill}"' if bill else ""
    return Fault(name=str(code), reply=reply, taken=taken or bool(bill), billed=billed)


def redirect(code: int, location: str = "http://127.0.0.1:9/elsewhere") -> Fault:
    """Answer with a redirect, which must not be followed with a key."""
    reply = Reply(status=code, headers=(("Location", location),), content_type="text/html")
    return Fault(name=str(code), reply=reply)


def hang(*, taken: bool = False) -> Fault:
    """Accept the request and never answer; the hold stands until the client goes away."""
    return Fault(name="hang", hang=True, taken=taken)


def slow(*, headers_s: float = 0.0, body_s: float = 0.0) -> Fault:
    """Wait before the headers, and spread the body over time."""
    return Fault(name="slow", headers_s=headers_s, body_s=body_s)


def cut(*, at_byte: int) -> Fault:
    """Reset the connection after that many bytes of the body; the money is captured."""
    return Fault(name="cut", cut_at=at_byte)


def reset_after_success() -> Fault:
    """Paint, capture the money, and reset the connection before the first byte."""
    return Fault(name="reset", reset=True)


def fewer(count: int) -> Fault:
    """Send and bill `count` pictures fewer than were asked for."""
    return Fault(name="fewer", more=-count)


def more(count: int) -> Fault:
    """Send and bill `count` pictures more than were asked for."""
    return Fault(name="more", more=count)


def nothing(*, billed: str = '"0.000000"') -> Fault:
    """Answer 200 with an empty `data`."""
    return Fault(name="nothing", entry="none", billed=billed)


def text_only(*, billed: str = '"0.000000"') -> Fault:
    """Answer 200 with words instead of a picture, as Gemini models do."""
    return Fault(name="text", entry="text", billed=billed)


def billed(value: str) -> Fault:
    """Put raw JSON text (`'"0.390000"'`, `NaN`, `0.039`) or `MISSING` as `billed_amount`."""
    return Fault(name="billed", billed=value)


def as_url(*, host: str = "") -> Fault:
    """Send `url` instead of `b64_json`: on this server, or on a foreign `host`."""
    return Fault(name="url", entry="url", url_host=host)


def garbage(body: bytes | str, *, content_type: str = "application/json") -> Fault:
    """Answer 200 with this body; the money is captured."""
    content = body.encode() if isinstance(body, str) else body
    reply = Reply(parts=(Plain(content),), content_type=content_type)
    return Fault(name="garbage", reply=reply, taken=True)


def wrong_format(name: str) -> Fault:
    """Encode as `name` (png, jpeg, webp) whatever was asked."""
    return Fault(name="format", format=name)


def wrong_bytes(content: bytes) -> Fault:
    """Send these bytes as every picture: truncated, one pixel, a bomb."""
    return Fault(name="bytes", content=content)


def invalid_base64() -> Fault:
    """Send characters that are not base64."""
    return Fault(name="base64", entry="invalid")


def huge(size: int) -> Fault:
    """Send `size` characters of valid base64 as the first picture, without holding them."""
    return Fault(name="huge", entry="huge", huge_bytes=size)


def gzip() -> Fault:
    """Compress the body, asked or not; with `huge` it is a bomb."""
    return Fault(name="gzip", gzip=True)


def filtered(kind: Filter) -> Fault:
    """Let the safety filter refuse the prompt, drop every picture, or drop half of them."""
    return Fault(name="filtered", filtered=kind)


def unlogged(*, rows: int = 0, late_s: float = 0.0) -> Fault:
    """List the call in the usage log never, twice, or late."""
    return Fault(name="usage", usage_rows=rows, usage_late_s=late_s)


# For pages and other processes: what a person may pick by name.
MENU: Final[dict[str, tuple[str, Fault]]] = {
    "401": ("Key refused", status(401)),
    "402": ("Wallet empty", status(402)),
    "403": ("Model not allowed", status(403)),
    "422": ("Request refused", status(422, message="The size field is invalid.")),
    "429": ("Too many requests, wait 5 s", status(429, retry_after=5)),
    "503": ("No healthy route", status(503)),
    "502": ("Proxy error page", status(502, shape="html")),
    "504-taken": ("Proxy timeout hides a paid success", status(504, shape="html", taken=True)),
    "hang": ("Never answers", hang(taken=True)),
    "slow": ("Slow: 20 s", slow(headers_s=15, body_s=5)),
    "late": ("Unusually slow: 3 minutes", slow(headers_s=180)),
    "cut": ("Connection cut inside the picture", cut(at_byte=60_000)),
    "reset": ("Connection reset after success", reset_after_success()),
    "fewer": ("One picture fewer", fewer(1)),
    "more": ("One picture more", more(1)),
    "nothing": ("No picture, nothing billed", nothing()),
    "nothing-billed": ("No picture, billed", nothing(billed='"0.039000"')),
    "text": ("Words instead of a picture", text_only()),
    "overbilled": ("Billed ten times the price", billed('"0.390000"')),
    "runaway": ("Billed fifty times the price", billed('"1.950000"')),
    "refused-billed": ("Request refused, yet billed", status(422, bill="0.039000")),
    "unbilled": ("No billed amount", billed(MISSING)),
    "billed-nan": ("Billed amount unreadable", billed('"NaN"')),
    "url": ("A URL on a foreign host", as_url(host="pictures.invalid")),
    "garbage": ("Not JSON", garbage("<!doctype html><p>Hello")),
    "jpeg": ("JPEG whatever was asked", wrong_format("jpeg")),
    "broken": ("Not a picture", wrong_bytes(b"\x89PNG\r\n\x1a\nbroken")),
    "base64": ("Invalid base64", invalid_base64()),
    "huge": ("A body of 2 GB", huge(2 << 30)),
    "gzip": ("Compressed, unasked", gzip()),
    "307": ("Redirect", redirect(307)),
    "filtered-prompt": ("Prompt refused by the filter", filtered("prompt")),
    "filtered-empty": ("Every picture filtered", filtered("empty")),
    "filtered-partial": ("Half of the pictures filtered", filtered("partial")),
}


class Script:
    """The faults of the calls to come: a queue, consumed one a call, then the standing one."""

    def __init__(self) -> None:
        self.queue: list[Fault] = []
        self.standing = NONE

    def take(self) -> Fault:
        """Give the fault of this call."""
        return self.queue.pop(0) if self.queue else self.standing
