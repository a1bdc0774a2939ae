"""The gateway's list of past calls, which has no documented shape, read as far as it makes sense.

What decides over money must be unmistakable: a row tells what was billed only when it says in
known words that the call is over, and its amount does not contradict them.
"""

import re
from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from bot.core.money import ZERO, Money
from bot.gateway.wire import Number, billed, loads

_LISTS = ("data", "requests", "items", "rows", "results", "usage")
_KEYS = frozenset(
    {"id", "idempotencykey", "requestid", "clientrequestid", "xrequestid"}
    | {"correlationid", "externalid", "reference", "clientreference"}
)
_MODELS = frozenset({"model", "modelid"})
_STATES = frozenset({"status", "state", "outcome"})
_COSTS = frozenset({"cost", "totalcost", "billed", "billedamount", "charged", "amount"})
_TIMES = frozenset({"createdat", "startedat", "requestedat", "timestamp", "time", "date", "at"})
_GOOD = frozenset({"success", "succeeded", "successful", "completed", "complete", "ok", "done"})
_BAD = frozenset(
    {"failed", "failure", "error", "errored", "refused", "rejected"}
    | {"blocked", "filtered", "cancelled", "canceled"}
)
_PATH = "/usage/requests"
_PAGES_MAX = 5
_DEPTH_MAX = 3
_EPOCH_MAX = 10**11  # a larger count since 1970 is one of milliseconds
_DIGITS_MAX = 13
_JOINTS = re.compile(r"[-_ ]")


@dataclass(frozen=True, slots=True, kw_only=True)
class UsageRow:
    """One call as the gateway lists it; whatever it does not say clearly is empty or None.

    `keys` is every id it carries, ours among them if the gateway keeps it. `billed` is zero when
    certainly nothing was taken.
    """

    keys: frozenset[str]
    model: str
    at: datetime | None
    billed: Money | None


@dataclass(frozen=True, slots=True)
class Usage:
    """What the gateway listed; `whole` when nothing of the time that was asked for is missing."""

    rows: tuple[UsageRow, ...]
    whole: bool


def read(content: bytes) -> list[UsageRow] | None:
    """Read one page; None when this is no list of calls."""
    try:
        answer = _list(loads(content.decode()), _DEPTH_MAX)
    except ValueError:
        return None
    if answer is None or not all(isinstance(row, dict) for row in answer):
        return None
    return [_row(row) for row in answer]


async def collected(ask: Callable[[str], Awaitable[bytes]], since: datetime) -> Usage | None:
    """Ask for page after page until the rows go back far enough; None when nobody can tell."""
    rows: list[UsageRow] = []
    last: list[UsageRow] = []
    for page in range(1, _PAGES_MAX + 1):
        listed = read(await ask(_PATH if page == 1 else f"{_PATH}?page={page}"))
        if listed is None:
            return Usage(tuple(rows), whole=False) if rows else None
        # A row without an id may be a second call just like the first.
        for row in listed:
            if not (row.keys and row in rows):
                rows.append(row)
        if not listed or _reaches(listed, since):
            return Usage(tuple(rows), whole=True)
        if listed == last:  # pages are not asked for by that name
            break
        last = listed
    return Usage(tuple(rows), whole=False)


def _reaches(rows: Sequence[UsageRow], since: datetime) -> bool:
    """Tell whether rows, visibly the newest first, go back beyond a moment."""
    times = [row.at for row in rows if row.at is not None]
    if len(times) < len(rows):
        return False
    return times == sorted(times, reverse=True) and times[-1] < since


def _list(answer: Any, depth: int) -> list[Any] | None:
    if isinstance(answer, dict) and depth:
        inner = (_list(answer[name], depth - 1) for name in _LISTS if name in answer)
        return next((found for found in inner if found is not None), None)
    return answer if isinstance(answer, list) else None


def _row(row: dict[str, Any]) -> UsageRow:
    keys = (_text(value) for value in _values(row, _KEYS))
    models = (value for value in _values(row, _MODELS) if isinstance(value, str))
    times = (moment for value in _values(row, _TIMES) if (moment := _moment(value)) is not None)
    return UsageRow(
        keys=frozenset(filter(None, keys)),
        model=next(models, ""),
        at=next(times, None),
        billed=_billed(row),
    )


def _values(row: dict[str, Any], names: frozenset[str], depth: int = _DEPTH_MAX) -> Iterator[Any]:
    """Give the values of fields with one of these names, the outermost first."""
    for name, value in row.items():
        if _JOINTS.sub("", name).lower() in names:
            yield value
    for value in row.values() if depth > 1 else ():
        if isinstance(value, dict):
            yield from _values(value, names, depth - 1)


def _billed(row: dict[str, Any]) -> Money | None:
    is_good = next((_is_good(value) for value in _values(row, _STATES)), None)
    costs = {billed(text.removeprefix("$")) for text in map(_text, _values(row, _COSTS)) if text}
    if is_good is None or len(costs) > 1:
        return None
    cost = next(iter(costs), None)
    if is_good:
        return cost
    return ZERO if not costs or cost == ZERO else None  # one that failed and cost is not clear


def _text(value: object) -> str:
    """Give a text or a number as it was written; empty for anything else."""
    return value.text if isinstance(value, Number) else value if isinstance(value, str) else ""


def _is_good(state: object) -> bool | None:
    word = _text(state).strip().lower()
    if word.isascii() and word.isdecimal() and len(word) == len("200"):
        return {"2": True, "4": False}.get(word[0])  # a 5xx may hide a success
    return True if word in _GOOD else False if word in _BAD else None


def _moment(value: object) -> datetime | None:
    """Read a time; one without a zone is none, since it may be hours off."""
    if isinstance(value, Number) and value.text.isdecimal() and len(value.text) <= _DIGITS_MAX:
        seconds = int(value.text)
        return datetime.fromtimestamp(seconds / 1000 if seconds > _EPOCH_MAX else seconds, UTC)
    if not isinstance(value, str):
        return None
    try:
        moment = datetime.fromisoformat(value)
        return moment.astimezone(UTC) if moment.tzinfo else None
    except (ValueError, OverflowError):
        return None
