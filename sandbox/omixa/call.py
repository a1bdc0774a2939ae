"""One paid call from its first byte to its last: check, hold, paint, capture, send."""

import asyncio
import json
import secrets
from typing import Any

from aiohttp import web

from sandbox.omixa import answer, filters
from sandbox.omixa.door import authorised, signed
from sandbox.omixa.faults import Fault
from sandbox.omixa.fields import Order, problems, read_order
from sandbox.omixa.log import Record
from sandbox.omixa.paint import Subject
from sandbox.omixa.picture import Picture
from sandbox.omixa.reply import Part, Refusal, Reply, refusal
from sandbox.omixa.send import gone, send
from sandbox.omixa.state import State
from sandbox.omixa.wallet import Empty

HOSTED_MAX = 16
UPSTREAM = 500  # from here on a status tells of a call that reached a provider
_SECRET_HEADERS = {"authorization", "x-omixa-signature"}
_SIZE_SLOWNESS = {"0.5K": 0.7, "2K": 1.25, "4K": 1.8}


async def serve(state: State, request: web.Request) -> web.StreamResponse:
    """Answer one POST to images/generations."""
    fault = state.script.take()
    record = _opened(state, request, fault)
    started_s = state.clock.monotonic()
    try:
        reply = await _answer(state, request, record, fault)
    except Refusal as refused:
        reply = refused.reply
    record.status = reply.status
    record.latency_ms = round((state.clock.monotonic() - started_s) * 1000)
    response, record.complete = await send(
        request, reply, fault, chunked=state.switches.chunked, clock=state.clock
    )
    return response


def _opened(state: State, request: web.Request, fault: Fault) -> Record:
    state.calls += 1
    headers = {
        name.lower(): value
        for name, value in request.headers.items()
        if name.lower() not in _SECRET_HEADERS
    }
    record = Record(
        id=f"req_{state.seed}_{state.calls}",
        at=state.clock.now(),
        headers=headers,
        fault=fault,
        port=request.get_extra_info("peername")[1],
    )
    state.log.add(record)
    return record


async def _answer(state: State, request: web.Request, record: Record, fault: Fault) -> Reply:
    try:
        raw = await request.read()
    except web.HTTPRequestEntityTooLarge as error:
        raise Refusal(refusal(413)) from error
    state.log.weigh(record, len(raw))
    body = _parsed(raw)
    record.body = body
    if fault.reply is not None and not fault.taken:
        record.model = _failing_model(body) if fault.reply.status >= UPSTREAM else ""
        return fault.reply
    allowed = authorised(request, state.keys)
    if state.switches.signing_secret:
        signed(request, raw, state.switches.signing_secret, state.clock)
    order = await _ordered(state, request, body, allowed)
    record.model = order.model.id
    return await _fulfilled(state, request, order, record, fault)


def _failing_model(body: Any) -> str:
    return str(body.get("model", "")) if isinstance(body, dict) else ""


def _parsed(raw: bytes) -> Any:
    try:
        return json.loads(raw)
    except (ValueError, RecursionError):
        return None


async def _ordered(
    state: State, request: web.Request, body: Any, allowed: frozenset[str] | None
) -> Order:
    if request.content_type != "application/json":
        raise Refusal(refusal(415, "The request must be application/json."))
    if not isinstance(body, dict):
        raise Refusal(refusal(400, "The body is not a JSON object."))
    name = body.get("model")
    model = state.models.get(name) if isinstance(name, str) else None
    if isinstance(name, str) and name and model is None:
        raise Refusal(refusal(404, f"The model {name} does not exist.", code="model_not_found"))
    if model is not None and allowed is not None and model.id not in allowed:
        raise Refusal(refusal(403))
    model = model or next(iter(state.models.values()))  # only to judge the other fields by
    found = await asyncio.to_thread(problems, body, model, strict=state.switches.strict_fields)
    if found:
        shape = state.switches.validation_shape
        raise Refusal(refusal(422, next(iter(found.values())), shape=shape, fields=found))
    return read_order(body, model)


async def _fulfilled(
    state: State, request: web.Request, order: Order, record: Record, fault: Fault
) -> Reply:
    model = order.model
    estimate_micros = max(model.minimum_hold_micros, model.price_micros * order.count)
    try:
        with state.wallet.hold(estimate_micros) as hold:
            await _waited(state, request, order, fault)
            reply, record.images, usual_micros = await _made(state, order, fault)
            bill = answer.bill_text(fault, usual_micros)
            record.billed_micros = answer.bill_micros(bill, usual_micros)
            hold.capture(record.billed_micros)
    except Empty as error:
        raise Refusal(refusal(402)) from error
    if fault.hang:
        await gone(request)
    return fault.reply or reply


async def _waited(state: State, request: web.Request, order: Order, fault: Fault) -> None:
    """Take the time that painting takes, or for ever."""
    usual_s = order.model.latency_s * _SIZE_SLOWNESS.get(order.size, 1) * state.pace
    if wait_s := usual_s + fault.headers_s:
        state.painting += 1
        try:
            await state.clock.sleep(wait_s)
        finally:
            state.painting -= 1
    if fault.hang and not fault.taken:
        await gone(request)
        raise Refusal(refusal(499))


async def _made(state: State, order: Order, fault: Fault) -> tuple[Reply, int, int]:
    """Paint what the filter lets through; give the reply, the pictures in it and their cost."""
    verdict = filters.verdict(order.prompt, fault.filtered)
    if verdict is not None and verdict.kind == "prompt":
        raise Refusal(refusal(400, verdict.reason, code="content_filtered"))
    kept = order.count
    if verdict is not None:
        kept = 0 if verdict.kind == "empty" else order.count // 2
    count = max(0, kept + fault.more)
    style = answer.Style(
        escape_slashes=state.switches.escape_slashes, usage_first=state.switches.usage_first
    )
    entries = await _entries(state, order, fault, count, style)
    if verdict is not None:
        entries += [answer.reason_entry(verdict.reason)] * (order.count - kept)
    painted = 0 if fault.entry in {"none", "text"} else count
    usual_micros = order.model.bills_micros * count
    bill = answer.bill_text(fault, usual_micros)
    created = int(state.clock.now().timestamp())
    return answer.success(created, entries, bill, style), painted, usual_micros


async def _entries(
    state: State, order: Order, fault: Fault, count: int, style: answer.Style
) -> list[tuple[Part, ...]]:
    match fault.entry:
        case "none":
            return []
        case "text" | "invalid" | "huge":
            return [answer.odd_entry(fault)]
        case _:
            take = state.take_of(order.prompt)
            pictures = [
                await _picture(state, order, fault, take=take, place=place, count=count)
                for place in range(count)
            ]
    if fault.entry == "url":
        return [answer.url_entry(_hosted(state, picture, fault), style) for picture in pictures]
    return [answer.picture_entry(picture, style) for picture in pictures]


async def _picture(
    state: State, order: Order, fault: Fault, *, take: int, place: int, count: int
) -> Picture:
    if fault.content is not None:
        return Picture(fault.content, "image/png")
    width, height = order.pixels(cap_4k_to_2k=state.switches.cap_4k_to_2k)
    jpeg = order.model.family == "gemini" and state.switches.gemini_always_jpeg
    return await state.atelier.paint(
        Subject(
            family=order.model.family,
            prompt=order.prompt,
            label=order.model.label,
            aspect=order.aspect,
            width=width,
            height=height,
            take=take,
            place=place,
            count=count,
            format=fault.format or ("jpeg" if jpeg else order.output_format),
            seed=state.seed,
            references=order.references,
        )
    )


def _hosted(state: State, picture: Picture, fault: Fault) -> str:
    """Keep `picture` for a while under a URL on this server, or name one elsewhere."""
    name = f"{secrets.token_hex(8)}.{picture.mime.rpartition('/')[2]}"
    if fault.url_host:
        base = fault.url_host if "://" in fault.url_host else f"https://{fault.url_host}"
        return f"{base}/pictures/{name}"
    state.hosted[name] = picture
    while len(state.hosted) > HOSTED_MAX:
        del state.hosted[next(iter(state.hosted))]
    return f"{state.origin}/pictures/{name}"
