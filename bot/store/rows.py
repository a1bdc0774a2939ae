"""How values stand in columns: times, orders and limits."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict, fields
from datetime import UTC, datetime, timedelta
from typing import Any

from bot.core.catalogue import Task
from bot.core.ids import JobId
from bot.core.limits import Limit, Rule, Scope, ScopeKind
from bot.core.money import Money
from bot.core.order import Effort, Order, Origin, Reference
from bot.core.preferences import Options

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_TICK = timedelta(microseconds=1)
_USUAL = tuple((field.name, field.default) for field in fields(Order))
# Nothing of ours holds itself, so that looking for circles would only take time.
_json = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), check_circular=False).encode


def ticks(at: datetime) -> int:
    """Count whole microseconds since 1970, without a float on the way."""
    return (at - _EPOCH) // _TICK


def moment(at_ticks: int) -> datetime:
    """Read `ticks` back."""
    return _EPOCH + at_ticks * _TICK


def order_json(order: Order) -> str:
    """Write an order down: what is as it is without a word is left out."""
    values = {name: value for name, usual in _USUAL if (value := getattr(order, name)) != usual}
    if order.references:
        values["references"] = [asdict(each) for each in order.references]
    return _encoded(values)


def order_of(text: str) -> Order:
    """Read an order back, equal to the one written."""
    values: dict[str, Any] = json.loads(text)
    if "thinking" in values:
        values["thinking"] = Effort(values["thinking"])
    if "task" in values:
        values["task"] = Task(values["task"])
    if "variants" in values:
        values["variants"] = tuple(values["variants"])
    if "references" in values:
        values["references"] = tuple(_reference(**each) for each in values["references"])
    return Order(**values)


def _reference(origin: dict[str, Any] | None, **values: Any) -> Reference:
    own = Origin(JobId(origin["job"]), origin["number"]) if origin else None
    return Reference(origin=own, **values)


def options_of(columns: Iterable[tuple[str, Any]]) -> Options:
    """Read options from columns of their names."""
    values = {name: value for name, value in columns if value is not None}
    for name, read in (("private", bool), ("enhance", bool), ("thinking", Effort)):
        if name in values:
            values[name] = read(values[name])
    return Options(**values)


def frames_json(frames: Sequence[tuple[str, str]]) -> str:
    """Write down which balances, as (scope, day), a job counts in."""
    return _encoded(frames)


def frames_of(text: str) -> list[tuple[str, str]]:
    """Read `frames_json` back."""
    return [(scope, key) for scope, key in json.loads(text)]


def _encoded(value: object) -> str:
    """Write JSON with letters as they are; a lone surrogate, which UTF-8 can't say, is escaped.

    Python's backslash for such a one is JSON's own.
    """
    return _json(value).encode(errors="backslashreplace").decode()


def limit_columns(limit: Limit) -> tuple[str, int | None]:
    """Give a limit as (rule, amount)."""
    return ("amount", limit.micros) if isinstance(limit, Money) else (limit.value, None)


def limit_of(rule: str, amount: int | None) -> Limit:
    """Read `limit_columns` back."""
    return Rule(rule) if amount is None else Money(amount)


def upsert(table: str, keys: Sequence[str], columns: Sequence[str]) -> str:
    """Say in SQL to insert a row, or to change these columns of the one with the same keys."""
    names = [*keys, *columns]
    changes = ", ".join(f"{name} = excluded.{name}" for name in columns)
    return (
        f"INSERT INTO {table} ({', '.join(names)}) VALUES ({', '.join('?' * len(names))})"  # noqa: S608 - names
        f" ON CONFLICT ({', '.join(keys)}) DO UPDATE SET {changes}"
    )


def scope_of(text: str) -> Scope:
    """Read a scope back from its text."""
    kind, _, rest = text.partition("/")
    server, _, subject = rest.partition("/")
    return Scope(ScopeKind(kind), server, subject)
