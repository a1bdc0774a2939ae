"""What goes over the wire, as pure functions: the request, its signature, bills and sentences."""

import hmac
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

import pybase64

from bot.core.catalogue import Model
from bot.core.money import Money

SENTENCE_MAX = 300

_AMOUNT = re.compile(r"-?[0-9]{1,40}(?:\.[0-9]{1,40})?(?:[eE][+-]?[0-9]{1,4})?", re.ASCII)


@dataclass(frozen=True, slots=True, weakref_slot=True)
class DataUrl:
    """A picture as it stands in a body, where calls may share it: it can have many megabytes."""

    kind: str
    base64: bytes = field(repr=False)

    @classmethod
    def of(cls, kind: str, body: bytes) -> "DataUrl":
        """Encode a picture's file; `kind` is "png", "jpeg" or "webp"."""
        return cls(kind, pybase64.b64encode(body))


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One call; None leaves a choice to the model."""

    model: Model
    prompt: str
    images: int = 1
    format: str | None = None
    aspect: str | None = None
    size: str | None = None
    enhance: bool | None = None
    thinking: str | None = None
    references: tuple[DataUrl, ...] = ()
    person_generation: str | None = None
    add_watermark: bool | None = None


@dataclass(frozen=True, slots=True)
class Number:
    """A JSON number as its source text, so that no bill ever is a float."""

    text: str


def encode(request: Request) -> list[bytes]:
    """Write the body, once: a signature covers exactly these bytes.

    A field goes out when the model's row lists it and there is a value for it, and only then; a
    tool for one task is told in words only if its row lists `prompt`. The
    body comes in pieces, so that references are not copied.
    """
    always = {"model"} if request.model.made_for else {"model", "prompt"}
    listed = request.model.fields | always
    chosen = (
        f'"{name}":{json.dumps(value)}'
        for name, value in _values(request).items()
        if name in listed
    )
    text = ("{" + ",".join(chosen)).encode("ascii")
    if not request.references or "input_images" not in listed:
        return [text + b"}"]
    return [text + b',"input_images":[', *_input_images(request.references), b"]}"]


def signature(secret: str, stamp: str, method: str, path: str, body: Iterable[bytes]) -> str:
    """Sign a request as the gateway may demand."""
    mac = hmac.new(secret.encode(), f"{stamp}.{method}.{path}.".encode(), "sha256")
    for piece in body:
        mac.update(piece)
    return f"sha256={mac.hexdigest()}"


def loads(text: str) -> Any:
    """Read JSON with its numbers as `Number`.

    Raises:
        ValueError: when it is no JSON or is nested too deeply.
    """
    try:
        return json.loads(text, parse_float=Number, parse_int=Number, parse_constant=Number)
    except RecursionError:
        raise ValueError("nested too deeply") from None


def billed(value: object) -> Money | None:
    """Read a bill, rounded up to the micro-dollar; None for whatever is no amount."""
    text = value.text if isinstance(value, Number) else value
    if not isinstance(text, str) or not _AMOUNT.fullmatch(text.strip()):
        return None
    try:
        return Money.ceiling(Decimal(text))
    except ValueError:
        return None


def bill_of(answer: object) -> Money | None:
    """Find the bill in an answer."""
    match answer:
        case {"usage": {"billed_amount": amount}}:
            return billed(amount)
        case _:
            return None


def sentence(body: bytes) -> str:
    """Give the gateway's own words about an error, whatever shape they came in."""
    text = body.decode("utf-8", "replace").strip()
    if not text:
        return ""
    if text.startswith("<"):
        return "The gateway answered with a web page."
    try:
        words = said(loads(text))
    except ValueError:
        words = text
    return one_line(words)


def said(answer: object) -> str:
    """Find the words in an error of any known shape."""
    match answer:
        case {"error": {"message": str(message)}} | {"error": str(message)}:
            return message
        case {"message": str(message), **rest}:
            return " ".join((message, *_complaints(rest.get("errors"))))
        case _:
            return ""


def one_line(text: str) -> str:
    """Make outside text fit a log line or a receipt."""
    visible = "".join(letter if letter.isprintable() else " " for letter in text)
    line = " ".join(visible.split())
    return line if len(line) <= SENTENCE_MAX else line[: SENTENCE_MAX - 1] + "…"


def _values(request: Request) -> dict[str, object]:
    values = {
        "model": request.model.id,
        "prompt": request.prompt,
        "n": request.images,
        "output_format": request.format,
        "aspect_ratio": request.aspect,
        "size": request.size,
        "person_generation": request.person_generation,
        "enhance_prompt": request.enhance,
        "add_watermark": request.add_watermark,
        "reasoning_effort": request.thinking,
    }
    return {name: value for name, value in values.items() if value is not None}


def _input_images(references: Iterable[DataUrl]) -> Iterator[bytes]:
    comma = b""
    for url in references:
        start = f'{{"type":"image_url","image_url":{{"url":"data:image/{url.kind};base64,'
        yield comma + start.encode("ascii")
        yield url.base64
        yield b'"}}'
        comma = b","


def _complaints(errors: object) -> Iterator[str]:
    if isinstance(errors, Mapping):
        for field, problems in errors.items():
            told = problems if isinstance(problems, list) else [problems]
            yield from (f"{field}: {problem}" for problem in told if isinstance(problem, str))
