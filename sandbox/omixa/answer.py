"""The body of a success: pictures and bill, as parts, bent by faults."""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

from sandbox.omixa.faults import MISSING, Fault
from sandbox.omixa.models import MILLION, dollars
from sandbox.omixa.picture import Picture
from sandbox.omixa.reply import Base64, Filler, Part, Plain, Reply

_BELIEVABLE_MAX = Decimal(1_000)
_INVALID = "!!!! this is not base64 ????"
_WORDS = "I can't make a picture of that, but I can describe one: imagine soft light on a hill."


@dataclass(frozen=True, slots=True, kw_only=True)
class Style:
    """How PHP would print it, and how else it may come."""

    escape_slashes: bool = True
    usage_first: bool = False


def success(
    created: int,
    entries: Iterable[tuple[Part, ...]],
    bill: str,
    style: Style,
) -> Reply:
    """Join entries and bill; `bill` is raw JSON text."""
    amount = "" if bill == MISSING else f'"billed_amount":{bill}'
    usage = Plain(f'"usage":{{{amount}}}'.encode())
    data: list[Part] = [Plain(b'"data":[')]
    for place, entry in enumerate(entries):
        data += [Plain(b","), *entry] if place else entry
    data.append(Plain(b"]"))
    if style.usage_first:
        when = Plain(f',"created":{created},'.encode())
        return Reply(parts=(Plain(b"{"), usage, when, *data, Plain(b"}")))
    when = Plain(f'{{"created":{created},'.encode())
    return Reply(parts=(when, *data, Plain(b","), usage, Plain(b"}")))


def picture_entry(picture: Picture, style: Style) -> tuple[Part, ...]:
    """Give the usual entry: base64 and no URL."""
    encoded = Base64(picture, style.escape_slashes)
    return Plain(b'{"b64_json":"'), encoded, Plain(b'","url":null}')


def url_entry(url: str, style: Style) -> tuple[Part, ...]:
    """Give an entry that points elsewhere."""
    written = url.replace("/", "\\/") if style.escape_slashes else url
    return (Plain(f'{{"b64_json":null,"url":"{written}"}}'.encode()),)


def reason_entry(reason: str) -> tuple[Part, ...]:
    """Give an entry that a filter emptied."""
    return (Plain(f'{{"b64_json":null,"url":null,"rai_filtered_reason":"{reason}"}}'.encode()),)


def odd_entry(fault: Fault) -> tuple[Part, ...]:
    """Give an entry without any picture, as `fault.entry` says."""
    if fault.entry == "text":
        return (Plain(f'{{"b64_json":null,"url":null,"text":"{_WORDS}"}}'.encode()),)
    if fault.entry == "invalid":
        return (Plain(f'{{"b64_json":"{_INVALID}","url":null}}'.encode()),)
    return Plain(b'{"b64_json":"'), Filler(fault.huge_bytes), Plain(b'","url":null}')


def bill_text(fault: Fault, usual_micros: int) -> str:
    """Print the bill as JSON text."""
    return fault.billed or f'"{dollars(usual_micros)}"'


def bill_micros(text: str, usual_micros: int) -> int:
    """Read what a bill takes from the wallet; an unreadable one takes the usual amount."""
    try:
        amount = Decimal(text.strip('"'))
    except InvalidOperation:
        return usual_micros
    if not amount.is_finite() or not 0 <= amount <= _BELIEVABLE_MAX:
        return usual_micros
    return math.ceil(amount * MILLION)
