import asyncio
import base64
import hmac
import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import httpx
import pytest

from bot.core.clock import Clock
from sandbox.omixa import Omixa
from sandbox.omixa.door import SKEW_S
from sandbox.omixa.faults import MENU, hang, nothing, status
from tests.sandbox.omixa.conftest import IMAGEN, Caller

GEMINI = "gemini-2.0-flash-preview-image-generation"
PIXEL = (
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR4"
    "2mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)
CUT = PIXEL[:52]  # the header is whole, the pixels are not


def reference(url: str = f"data:image/png;base64,{PIXEL}") -> dict[str, Any]:
    return {"type": "image_url", "image_url": {"url": url}}


async def test_the_published_sample_is_answered_as_published(caller: Caller) -> None:
    answer = await caller.paint(
        prompt="A premium black and white product dashboard, clean glass UI, high contrast.",
        n=1,
        output_format="png",
        aspect_ratio="1:1",
        size="1K",
        input_images=[reference()],
    )
    body = answer.json()
    assert answer.status_code == 200
    assert answer.headers["Content-Type"] == "application/json"
    assert list(body) == ["created", "data", "usage"]
    assert body["usage"] == {"billed_amount": "0.039000"}
    assert body["data"][0]["url"] is None
    assert base64.b64decode(body["data"][0]["b64_json"]).startswith(b"\x89PNG")
    assert caller.omixa.wallet.captured_micros == 39_000


async def test_slashes_are_escaped_as_php_does_unless_switched_off(caller: Caller) -> None:
    escaped = (await caller.paint()).content
    caller.omixa.switches.escape_slashes = False
    plain = (await caller.paint()).content
    assert escaped.count(b"\\/") == escaped.count(b"/") > 0
    assert plain.count(b"\\/") == 0 < plain.count(b"/")


async def test_asked_again_it_paints_something_else_and_starts_over_the_same(
    caller: Caller,
) -> None:
    first, second = [(await caller.paint()).json()["data"] for _ in range(2)]
    assert first != second
    caller.omixa.takes.clear()
    assert (await caller.paint()).json()["data"] == first


async def test_keys_come_in_the_other_order_when_switched(caller: Caller) -> None:
    caller.omixa.switches.usage_first = True
    assert list((await caller.paint()).json()) == ["usage", "created", "data"]


async def test_a_body_has_a_length_or_comes_in_chunks(caller: Caller) -> None:
    assert int((await caller.paint()).headers["Content-Length"]) > 1000
    caller.omixa.switches.chunked = True
    answer = await caller.paint()
    assert answer.headers["Transfer-Encoding"] == "chunked"
    assert answer.json()["data"]


@pytest.mark.parametrize(
    ("model", "asked", "made", "billed"),
    [(IMAGEN, 10, 4, "0.156000"), (IMAGEN, 2, 2, "0.078000"), (GEMINI, 5, 5, "0.200000")],
)
async def test_n_is_capped_by_the_provider_and_billed_as_made(
    caller: Caller, model: str, asked: int, made: int, billed: str
) -> None:
    body = (await caller.paint(model=model, n=asked, size="0.5K", output_format="jpeg")).json()
    assert len(body["data"]) == made
    assert body["usage"]["billed_amount"] == billed
    assert caller.omixa.requests[0].images == made


async def test_what_was_received_is_remembered_but_not_the_key(caller: Caller) -> None:
    url = f"{caller.omixa.base_url}/images/generations"
    headers = caller.headers(**{"Idempotency-Key": "job-1"})
    sent = {"model": IMAGEN, "prompt": "a fox", "size": "0.5K"}
    await caller.http.post(url, json=sent, headers=headers)
    (record,) = caller.omixa.requests
    assert record.body == sent
    assert record.idempotency_key == "job-1"
    assert (record.status, record.images, record.billed_micros) == (200, 1, 39_000)
    assert record.complete
    assert caller.omixa.key not in str(record)


@pytest.mark.parametrize("header", [None, "Bearer nobody", "Basic {key}", "Bearer"])
async def test_without_the_key_nobody_comes_in(caller: Caller, header: str | None) -> None:
    url = f"{caller.omixa.base_url}/images/generations"
    headers = {} if header is None else {"Authorization": header.format(key=caller.omixa.key)}
    answer = await caller.http.post(url, json={"model": IMAGEN, "prompt": "x"}, headers=headers)
    assert answer.status_code == 401
    assert answer.json()["error"]["code"] == "invalid_api_key"
    assert (await caller.http.get(f"{caller.omixa.base_url}/models")).status_code == 401


async def test_a_key_is_held_to_its_models_before_any_hold(caller: Caller) -> None:
    caller.omixa.allow_only([GEMINI])
    caller.omixa.wallet.balance_micros -= caller.omixa.wallet.topped_up_micros
    answer = await caller.paint(n=99)
    caller.omixa.wallet.balance_micros += caller.omixa.wallet.topped_up_micros
    assert answer.status_code == 403
    assert [row["id"] for row in (await caller.get("models")).json()["data"]] == [GEMINI]
    caller.omixa.allow_only(None)
    assert (await caller.paint()).status_code == 200


async def test_an_empty_wallet_answers_the_documented_402() -> None:
    async with Omixa.running(balance_micros=39_999) as omixa, httpx.AsyncClient() as http:
        answer = await Caller(omixa, http).paint()
        assert answer.status_code == 402
        assert answer.json() == {
            "error": {
                "message": "Insufficient wallet balance.",
                "type": "billing_error",
                "code": "insufficient_balance",
            }
        }
        assert omixa.wallet.balance_micros == 39_999


WRONG: list[tuple[str, Any]] = [
    ("prompt", None),
    ("prompt", ""),
    ("prompt", 5),
    ("prompt", "x" * 10_001),
    ("model", None),
    ("n", 0),
    ("n", 11),
    ("n", "2"),
    ("n", True),
    ("n", 1.0),
    ("output_format", "gif"),
    ("aspect_ratio", "21:9"),
    ("aspect_ratio", 1),
    ("size", "8K"),
    ("size", "1024x1024"),
    ("person_generation", "nobody"),
    ("enhance_prompt", "yes"),
    ("add_watermark", 1),
    ("reasoning_effort", "medium"),
    ("seed", 4),
    ("negative_prompt", "rain"),
    ("quality", "high"),
    ("input_images", "data:image/png;base64,AAAA"),
    ("input_images", [{"type": "image_url"}]),
    ("input_images", [{"type": "file", "image_url": {"url": "data:"}}]),
    ("input_images", [reference("https://example.org/cat.png")]),
    ("input_images", [reference("data:image/gif;base64,R0lGOD")]),
    ("input_images", [reference("data:image/png;base64,!!!!")]),
    ("input_images", [reference("data:image/png;base64,AAAA")]),
    ("input_images", ["data:image/png;base64,AAAA"]),
    ("input_images", [reference()] * 15),
    ("input_images", [reference(f"data:image/png;base64,{CUT}")]),
]


@pytest.mark.parametrize(("name", "value"), WRONG, ids=range(len(WRONG)))
async def test_a_wrong_field_is_refused_by_name(caller: Caller, name: str, value: Any) -> None:
    answer = await caller.paint(**{name: value})
    assert answer.status_code == 422
    assert name in answer.json()["error"]["message"]
    assert caller.omixa.wallet.captured_micros == 0


async def test_a_field_of_another_family_is_refused_unless_leniency_is_on(caller: Caller) -> None:
    asked: dict[str, Any] = {"model": GEMINI, "add_watermark": True, "size": "0.5K"}
    assert (await caller.paint(**asked)).status_code == 422
    caller.omixa.switches.strict_fields = False
    assert (await caller.paint(**asked)).status_code == 200


async def test_a_refusal_comes_in_the_frameworks_shape_when_switched(caller: Caller) -> None:
    caller.omixa.switches.validation_shape = "laravel"
    body = (await caller.paint(n=0, size="8K")).json()
    assert body["message"] == body["errors"]["size"][0]
    assert set(body["errors"]) == {"n", "size"}


@pytest.mark.parametrize(
    ("content", "kind", "code"),
    [
        (b"{", "application/json", 400),
        (b"[]", "application/json", 400),
        (b"{}", "text/plain", 415),
        (b'{"model":"sora","prompt":"x"}', "application/json", 404),
        (b'{"model":7,"prompt":"x"}', "application/json", 422),
        (b"[" * 100_000, "application/json", 400),
        (b'{"model":"imagen-4.0-generate-001","prompt":"\\ud800"}', "application/json", 422),
        (b" " * (64 * 1024 * 1024 + 1), "application/json", 413),
    ],
    ids=["cut", "list", "text", "unknown", "number", "deep", "surrogate", "large"],
)
async def test_what_is_no_order_is_refused(
    caller: Caller, content: bytes, kind: str, code: int
) -> None:
    url = f"{caller.omixa.base_url}/images/generations"
    headers = caller.headers(**{"Content-Type": kind})
    answer = await caller.http.post(url, content=content, headers=headers)
    assert answer.status_code == code
    assert set(answer.json()["error"]) == {"message", "type", "code"}


@pytest.mark.parametrize("path", ["images/edits", "wallet", "../../", "images/generations"])
async def test_every_other_route_is_404_in_the_envelope(caller: Caller, path: str) -> None:
    answer = await caller.get(path)
    assert answer.status_code == 404
    assert answer.json()["error"]["code"] == "not_found"


Spoil = Callable[[str, str], tuple[str, str]]


@pytest.mark.parametrize(
    ("spoil", "code"),
    [
        (lambda stamp, sign: (stamp, sign), 200),
        (lambda stamp, sign: (stamp, sign.replace("sha256=", "")), 401),
        (lambda stamp, sign: (str(int(stamp) - SKEW_S - 5), sign), 401),
        (lambda stamp, sign: (str(int(stamp) + 1), sign), 401),
        (lambda _, sign: ("soon", sign), 401),
    ],
    ids=["right", "bare", "old", "other time", "no time"],
)
async def test_a_signature_must_fit_the_exact_bytes(
    caller: Caller, spoil: Spoil, code: int
) -> None:
    caller.omixa.switches.signing_secret = "secret"
    raw = json.dumps({"model": IMAGEN, "prompt": "a fox", "size": "0.5K"}).encode()
    stamp = str(int(Clock().now().timestamp()))
    message = f"{stamp}.POST./api/v1/images/generations.".encode() + raw
    digest = hmac.new(b"secret", message, "sha256").hexdigest()
    sent_stamp, sent_sign = spoil(stamp, f"sha256={digest}")
    headers = caller.headers(
        **{
            "Content-Type": "application/json",
            "X-Omixa-Timestamp": sent_stamp,
            "X-Omixa-Signature": sent_sign,
        }
    )
    url = f"{caller.omixa.base_url}/images/generations"
    assert (await caller.http.post(url, content=raw, headers=headers)).status_code == code
    assert (await caller.get("models")).status_code == 401


async def test_models_show_their_prices(caller: Caller) -> None:
    rows = {row["id"]: row for row in (await caller.get("models")).json()["data"]}
    assert rows[IMAGEN]["pricing"]["image_per_unit"] == "0.040000"
    assert rows[IMAGEN]["pricing"]["minimum_hold"] == "0.010000"
    caller.omixa.switches.lists_models = False
    assert (await caller.get("models")).status_code == 404


async def test_the_price_list_can_be_changed(caller: Caller) -> None:
    row = caller.omixa.models[IMAGEN]
    caller.omixa.models[IMAGEN] = replace(row, bills_micros=50_000)
    assert (await caller.paint()).json()["usage"]["billed_amount"] == "0.050000"
    del caller.omixa.models[IMAGEN]
    assert (await caller.paint()).status_code == 404


async def test_usage_lists_calls_newest_first_and_sums_days(caller: Caller) -> None:
    await caller.paint()
    caller.omixa.next(status(503), status(429))
    await caller.paint(n=2)
    await caller.paint()
    rows = (await caller.get("usage/requests")).json()["data"]
    assert [(row["status"], row["cost"]) for row in rows] == [
        ("failed", "0.000000"),
        ("success", "0.039000"),
    ]
    second = (await caller.get("usage/requests?page=2&per_page=1")).json()
    assert second["data"] == rows[1:]
    (day,) = (await caller.get("usage/rollups?period_type=day")).json()["data"]
    assert (day["requests"], day["cost"]) == (2, "0.039000")
    assert (await caller.get("usage/rollups?period_type=year")).status_code == 422
    assert (await caller.get("usage/requests?per_page=1000")).status_code == 422
    caller.omixa.switches.lists_usage = False
    assert (await caller.get("usage/requests")).status_code == 404


async def test_usage_names_the_clients_key_when_switched(caller: Caller) -> None:
    url = f"{caller.omixa.base_url}/images/generations"
    sent = {"model": IMAGEN, "prompt": "a fox", "size": "0.5K"}
    headers = caller.headers(**{"Idempotency-Key": "job-1"})
    await caller.http.post(url, json=sent, headers=headers)
    (row,) = (await caller.get("usage/requests")).json()["data"]
    assert "job-1" not in row.values()
    caller.omixa.switches.usage_echoes_key = True
    (row,) = (await caller.get("usage/requests")).json()["data"]
    assert row["idempotency_key"] == "job-1"


async def test_usage_tells_running_empty_and_paid_calls_apart(caller: Caller) -> None:
    caller.omixa.script([nothing(), hang(taken=True)])
    await caller.paint()
    running = asyncio.gather(caller.paint())
    while not caller.omixa.wallet.captured_micros:  # noqa: ASYNC110 - a wallet rings no bell
        await asyncio.sleep(0.01)
    pending, empty = (await caller.get("usage/requests")).json()["data"]
    assert (pending["status"], pending["error"]) == ("pending", None)
    assert (empty["status"], empty["cost"]) == ("success", "0.000000")

    running.cancel()
    while not caller.omixa.requests[1].status:  # noqa: ASYNC110 - nor does a log
        await asyncio.sleep(0.01)
    (paid, _) = (await caller.get("usage/requests")).json()["data"]
    assert (paid["status"], paid["cost"]) == ("success", "0.039000")


async def test_an_idle_connection_is_closed_when_its_time_is_over() -> None:
    async with Omixa.running(idle_s=0.05) as omixa, httpx.AsyncClient(timeout=30) as http:
        caller = Caller(omixa, http)
        await caller.paint()
        await asyncio.sleep(0.5)
        await caller.paint()
        first, second = (record.port for record in omixa.requests)
        assert first != second


async def test_another_process_arms_faults_and_reads_the_wallet(caller: Caller) -> None:
    origin = caller.omixa.base_url.removesuffix("/api/v1")
    shown = (await caller.http.get(f"{origin}/sandbox/faults")).json()
    assert [fault["name"] for fault in shown["faults"]] == list(MENU)
    armed = {"next": ["402", "503"], "always": "429"}
    shown = (await caller.http.post(f"{origin}/sandbox/faults", json=armed)).json()
    assert (shown["next"], shown["always"]) == (["402", "503"], "429")
    assert [(await caller.paint()).status_code for _ in range(4)] == [402, 503, 429, 429]
    await caller.http.post(f"{origin}/sandbox/faults", json={"always": None})
    assert (await caller.paint()).status_code == 200
    wallet = (await caller.http.get(f"{origin}/sandbox/wallet")).json()
    assert wallet["captured"] == "0.039000"
    assert wallet["conserved"] is True
    wrongs: list[object] = [{"next": ["?"]}, [], {"always": "?"}]
    for wrong in wrongs:
        answer = await caller.http.post(f"{origin}/sandbox/faults", json=wrong)
        assert answer.status_code == 422
    assert caller.omixa.faults.queue == []
    caller.omixa.always(MENU["402"][1])
    await caller.http.post(f"{origin}/sandbox/faults", json={"next": []})
    assert (await caller.paint()).status_code == 402
