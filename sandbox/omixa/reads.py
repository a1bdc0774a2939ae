"""What can be read: the price list, the usage log, the day's sums, and hosted pictures."""

from collections import defaultdict
from datetime import timedelta
from http import HTTPStatus
from typing import Any

from aiohttp import web

from sandbox.omixa.door import Allowed, authorised, signed
from sandbox.omixa.log import Record
from sandbox.omixa.models import Model, dollars
from sandbox.omixa.reply import Refusal, refusal
from sandbox.omixa.state import State

PER_PAGE = 50
PER_PAGE_MAX = 100


def models(state: State, request: web.Request) -> dict[str, Any]:
    """List the models that the key may use."""
    allowed = _admitted(state, request, switch=state.switches.lists_models)
    rows = [row for row in state.models.values() if allowed is None or row.id in allowed]
    return {"object": "list", "data": [_row(model) for model in rows]}


def usage_requests(state: State, request: web.Request) -> dict[str, Any]:
    """List calls, newest first, a page at a time."""
    _admitted(state, request, switch=state.switches.lists_usage)
    page = _number(request, "page", 1, 1_000_000)
    size = _number(request, "per_page", PER_PAGE, PER_PAGE_MAX)
    rows = [_usage(state, record) for record in _listed(state)]
    meta = {"current_page": page, "per_page": size, "total": len(rows)}
    return {"data": rows[::-1][(page - 1) * size : page * size], "meta": meta}


def usage_rollups(state: State, request: web.Request) -> dict[str, Any]:
    """Sum up the calls of each day and model."""
    _admitted(state, request, switch=state.switches.lists_usage)
    if request.query.get("period_type") != "day":
        raise Refusal(refusal(422, "The period_type field must be one of day."))
    sums: dict[tuple[str, str], list[int]] = defaultdict(lambda: [0, 0])
    for record in _listed(state):
        row = sums[record.at.date().isoformat(), record.model]
        row[0] += 1
        row[1] += record.billed_micros
    return {
        "data": [
            {
                "period_type": "day",
                "period": day,
                "model": model,
                "requests": count,
                "cost": dollars(micros),
            }
            for (day, model), (count, micros) in sorted(sums.items())
        ]
    }


def _admitted(state: State, request: web.Request, *, switch: bool) -> Allowed:
    if not switch:
        raise Refusal(refusal(404))
    allowed = authorised(request, state.keys)
    if state.switches.signing_secret:
        signed(request, b"", state.switches.signing_secret, state.clock)
    return allowed


def _number(request: web.Request, name: str, usual: int, most: int) -> int:
    text = request.query.get(name, str(usual))
    if not text.isdecimal() or not 1 <= int(text) <= most:
        raise Refusal(refusal(422, f"The {name} field must be between 1 and {most}."))
    return int(text)


def _listed(state: State) -> list[Record]:
    """Give the calls that reached a model, as often and as late as their faults say."""
    now = state.clock.now()
    return [
        record
        for record in state.log.records
        if record.model and now >= record.at + timedelta(seconds=record.fault.usage_late_s)
        for _ in range(record.fault.usage_rows)
    ]


def _row(model: Model) -> dict[str, Any]:
    return {
        "id": model.id,
        "object": "model",
        "name": model.label,
        "type": "image",
        "pricing": {
            "image_per_unit": dollars(model.price_micros),
            "minimum_hold": dollars(model.minimum_hold_micros),
            "currency": "USD",
        },
    }


def _usage(state: State, record: Record) -> dict[str, Any]:
    status = "success" if record.billed_micros or record.status == HTTPStatus.OK else "failed"
    if not record.status:
        status = "pending"
    row = {
        "id": record.id,
        "created_at": record.at.isoformat(timespec="seconds"),
        "model": record.model,
        "operation": "images.generations",
        "stream": False,
        "status": status,
        "tokens": 0,
        "images": record.images,
        "cost": dollars(record.billed_micros),
        "latency_ms": record.latency_ms,
        "error": "The request could not be completed." if status == "failed" else None,
    }
    echo = {"idempotency_key": record.idempotency_key} if state.switches.usage_echoes_key else {}
    return row | echo
