import base64
import binascii
from datetime import UTC, datetime

import httpx
import pytest

from sandbox.omixa import faults
from sandbox.omixa.faults import Fault
from sandbox.omixa.reply import Shape
from tests.sandbox.omixa.conftest import IMAGEN, PRICE, Caller

SHAPES: list[tuple[Shape, str, str]] = [
    ("envelope", "application/json", '"type": "upstream_error"'),
    ("laravel", "application/json", '{"message": '),
    ("text", "application/json", '{"error": "No healthy'),
    ("html", "text/html", "<center>nginx</center>"),
    ("empty", "application/json", ""),
]


@pytest.mark.parametrize(("shape", "kind", "part"), SHAPES)
async def test_an_error_comes_in_each_shape_and_costs_nothing(
    caller: Caller, shape: Shape, kind: str, part: str
) -> None:
    caller.omixa.next(faults.status(503, shape=shape, retry_after=3))
    answer = await caller.paint()
    assert answer.status_code == 503
    assert answer.headers["Content-Type"] == kind
    assert answer.headers["Retry-After"] == "3"
    assert part in answer.text
    assert bool(answer.text) == (shape != "empty")
    assert caller.omixa.wallet.captured_micros == 0


async def test_retry_after_comes_as_seconds_as_a_date_absurd_or_not_at_all(caller: Caller) -> None:
    date = datetime(2030, 1, 2, 3, 4, 5, tzinfo=UTC)
    for given in (5, date, "999999999", "soon", None):
        caller.omixa.next(faults.status(429, retry_after=given))
    answers = [(await caller.paint()).headers.get("Retry-After") for _ in range(5)]
    assert answers == ["5", "Wed, 02 Jan 2030 03:04:05 GMT", "999999999", "soon", None]


@pytest.mark.parametrize("code", [400, 401, 402, 403, 404, 413, 422, 429, 500, 502, 504, 524])
async def test_any_status_can_be_answered(caller: Caller, code: int) -> None:
    caller.omixa.next(faults.status(code))
    answer = await caller.paint()
    assert answer.status_code == code
    assert set(answer.json()["error"]) == {"message", "type", "code"}


async def test_a_proxy_error_can_hide_a_paid_success(caller: Caller) -> None:
    caller.omixa.next(faults.status(504, shape="html", taken=True))
    assert (await caller.paint()).status_code == 504
    assert caller.omixa.wallet.captured_micros == PRICE
    (row,) = (await caller.get("usage/requests")).json()["data"]
    assert row["cost"] == "0.039000"


@pytest.mark.parametrize(
    ("fault", "sent", "captured"),
    [
        (faults.fewer(1), 3, 3 * PRICE),
        (faults.more(2), 6, 6 * PRICE),
        (faults.nothing(), 0, 0),
        (faults.nothing(billed='"0.039000"'), 0, PRICE),
        (faults.fewer(9), 0, 0),
    ],
    ids=["fewer", "more", "nothing", "nothing billed", "none left"],
)
async def test_pictures_may_be_fewer_or_more(
    caller: Caller, fault: Fault, sent: int, captured: int
) -> None:
    caller.omixa.next(fault)
    body = (await caller.paint(n=4, size="0.5K")).json()
    assert len(body["data"]) == sent
    assert caller.omixa.requests[0].images == sent
    assert caller.omixa.wallet.captured_micros == captured


async def test_words_may_come_instead_of_a_picture(caller: Caller) -> None:
    caller.omixa.next(faults.text_only())
    (entry,) = (await caller.paint()).json()["data"]
    assert entry["b64_json"] is entry["url"] is None
    assert entry["text"].startswith("I can't")
    assert caller.omixa.wallet.captured_micros == 0


@pytest.mark.parametrize(
    ("value", "captured"),
    [
        ('"0.400000"', 400_000),
        ("0.039", PRICE),
        ("1e-3", 1_000),
        ('"0.0000001"', 1),
        ("1e400", PRICE),
        ("NaN", PRICE),
        ('"NaN"', PRICE),
        ('"abc"', PRICE),
        ('""', PRICE),
        ('"-0.01"', PRICE),
        ("null", PRICE),
    ],
)
async def test_a_bill_can_be_anything_and_the_wallet_takes_what_can_be_read(
    caller: Caller, value: str, captured: int
) -> None:
    caller.omixa.next(faults.billed(value))
    answer = await caller.paint()
    assert answer.text.endswith(f'"usage":{{"billed_amount":{value}}}}}')
    assert caller.omixa.wallet.captured_micros == captured


async def test_a_bill_can_be_missing(caller: Caller) -> None:
    caller.omixa.next(faults.billed(faults.MISSING))
    assert (await caller.paint()).json()["usage"] == {}
    assert caller.omixa.wallet.captured_micros == PRICE


async def test_a_picture_can_come_as_a_url_that_works(caller: Caller) -> None:
    caller.omixa.next(faults.as_url())
    (entry,) = (await caller.paint(output_format="webp")).json()["data"]
    assert entry["b64_json"] is None
    picture = await caller.http.get(entry["url"])
    assert picture.headers["Content-Type"] == "image/webp"
    assert picture.content[8:12] == b"WEBP"
    caller.omixa.always(faults.as_url())
    for _ in range(16):
        await caller.paint()
    assert (await caller.http.get(entry["url"])).status_code == 404


@pytest.mark.parametrize(
    ("host", "start"),
    [("a.invalid", "https://a.invalid/"), ("http://169.254.169.254", "http://169.254.169.254/")],
)
async def test_a_url_can_point_anywhere(caller: Caller, host: str, start: str) -> None:
    caller.omixa.switches.escape_slashes = False
    caller.omixa.next(faults.as_url(host=host))
    (entry,) = (await caller.paint()).json()["data"]
    assert entry["url"].startswith(start)


@pytest.mark.parametrize("body", ["[" * 100_000, b"\xff\xfe", ""], ids=["deep", "bytes", "empty"])
async def test_a_body_can_be_garbage_and_paid(caller: Caller, body: str | bytes) -> None:
    caller.omixa.next(faults.garbage(body))
    answer = await caller.paint()
    assert answer.status_code == 200
    assert answer.content == (body.encode() if isinstance(body, str) else body)
    assert caller.omixa.wallet.captured_micros == PRICE


def picture_of(answer: httpx.Response) -> bytes:
    return base64.b64decode(answer.json()["data"][0]["b64_json"], validate=True)


async def test_a_picture_can_be_of_another_format_or_of_none(caller: Caller) -> None:
    caller.omixa.script([faults.wrong_format("jpeg"), faults.NONE, faults.wrong_bytes(b"no")])
    assert picture_of(await caller.paint()).startswith(b"\xff\xd8\xff")
    assert picture_of(await caller.paint()).startswith(b"\x89PNG")
    assert picture_of(await caller.paint()) == b"no"


async def test_base64_can_be_invalid(caller: Caller) -> None:
    caller.omixa.next(faults.invalid_base64())
    with pytest.raises(binascii.Error):
        picture_of(await caller.paint())


async def test_a_body_can_be_huge_and_is_streamed(caller: Caller) -> None:
    size = 50_000_000
    caller.omixa.next(faults.huge(size))
    assert set(picture_of(await caller.paint())) == {0}
    caller.omixa.next(faults.huge(size) | faults.gzip())
    url = f"{caller.omixa.base_url}/images/generations"
    body = {"model": IMAGEN, "prompt": "a fox"}
    async with caller.http.stream("POST", url, json=body, headers=caller.headers()) as answer:
        packed = sum([len(piece) async for piece in answer.aiter_raw()])
    assert answer.headers["Content-Encoding"] == "gzip"
    assert packed < size / 100


async def test_a_body_can_be_compressed_unasked(caller: Caller) -> None:
    caller.omixa.next(faults.gzip())
    caller.http.headers["Accept-Encoding"] = "identity"
    answer = await caller.paint()
    assert answer.headers["Content-Encoding"] == "gzip"
    assert picture_of(answer).startswith(b"\x89PNG")


async def test_a_redirect_can_be_answered(caller: Caller) -> None:
    caller.omixa.next(faults.redirect(307, "http://elsewhere.invalid/"))
    answer = await caller.paint()
    assert answer.status_code == 307
    assert answer.headers["Location"] == "http://elsewhere.invalid/"


@pytest.mark.parametrize(
    ("prompt", "fault", "code"),
    [
        ("so much gore", faults.NONE, "61493863"),
        ("a fox", faults.filtered("prompt"), "42876398"),
    ],
)
async def test_the_filter_can_refuse_a_prompt(
    caller: Caller, prompt: str, fault: Fault, code: str
) -> None:
    caller.omixa.next(fault)
    answer = await caller.paint(prompt=prompt)
    assert answer.status_code == 400
    assert answer.json()["error"]["message"].endswith(f"Support codes: {code}")
    assert caller.omixa.wallet.captured_micros == 0


@pytest.mark.parametrize(
    ("prompt", "fault", "kept"),
    [
        ("A Celebrity, waving", faults.NONE, 0),
        ("a fox", faults.filtered("empty"), 0),
        ("bloodbath", faults.NONE, 2),
        ("a fox", faults.filtered("partial"), 2),
    ],
)
async def test_the_filter_can_drop_pictures_and_say_why(
    caller: Caller, prompt: str, fault: Fault, kept: int
) -> None:
    caller.omixa.next(fault)
    data = (await caller.paint(prompt=prompt, n=4)).json()["data"]
    assert [entry["b64_json"] is not None for entry in data] == [n < kept for n in range(4)]
    assert all("Support codes: " in entry["rai_filtered_reason"] for entry in data[kept:])
    assert caller.omixa.wallet.captured_micros == kept * PRICE


async def test_usage_rows_can_be_missing_doubled_or_late(caller: Caller) -> None:
    late = faults.unlogged(rows=1, late_s=3_600)
    caller.omixa.script([faults.unlogged(), faults.unlogged(rows=2), late])
    for _ in range(3):
        await caller.paint()
    rows = (await caller.get("usage/requests")).json()["data"]
    assert [row["id"] for row in rows] == [caller.omixa.requests[1].id] * 2


async def test_a_refusal_can_come_with_a_bill(caller: Caller) -> None:
    caller.omixa.next(faults.status(422, bill="0.050000"))
    answer = await caller.paint()
    assert answer.status_code == 422
    assert answer.json()["usage"] == {"billed_amount": "0.050000"}
    assert set(answer.json()["error"]) == {"message", "type", "code"}
    assert caller.omixa.wallet.captured_micros == 50_000


def test_faults_join_and_the_later_wins() -> None:
    both = faults.slow(headers_s=1, body_s=2) | faults.slow(headers_s=3) | faults.more(1)
    assert (both.headers_s, both.body_s, both.more) == (3, 2, 1)
    assert both.name == "slow+slow+more"
    assert (faults.NONE | faults.gzip()).name == "gzip"


@pytest.mark.parametrize("name", sorted(set(faults.MENU) - {"hang", "late", "slow", "huge"}))
async def test_every_fault_of_the_menu_ends_and_keeps_the_books(caller: Caller, name: str) -> None:
    caller.omixa.next(faults.MENU[name][1])
    try:
        await caller.paint(n=2)
    except httpx.TransportError:
        assert name in {"cut", "reset"}
    (record,) = caller.omixa.requests
    assert caller.omixa.wallet.captured_micros == record.billed_micros
