"""Every fault of the stand-in gateway, and what the client makes of it."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from bot.core.catalogue import SHIPPED, load
from bot.core.job import Failure, Painted
from bot.core.money import Money
from bot.gateway.client import Gateway, Timeouts
from bot.gateway.errors import GatewayError, Rejected, Stage, Throttled, Unknown
from bot.gateway.reader import Caps
from bot.gateway.wire import DataUrl, Request
from sandbox.omixa import faults
from sandbox.omixa.gateway import Omixa
from tests.gateway.ways import Open, SwiftClock, names

Paint = Callable[[], Awaitable[Painted]]


async def test_pictures_and_bill_arrive(omixa: Omixa, paint: Paint, folder: Path) -> None:
    painted = await paint()
    assert [(s.name, s.format) for s in painted.sketches] == [("1.png", "png"), ("2.png", "png")]
    assert names(folder) == {"1.png", "2.png"}
    assert painted.billed == Money(omixa.requests[0].billed_micros)
    assert painted.created is not None
    assert omixa.requests[0].idempotency_key == "job.1"


@pytest.mark.parametrize("escape_slashes", [True, False])
@pytest.mark.parametrize("usage_first", [True, False])
@pytest.mark.parametrize("chunked", [True, False])
async def test_every_style_of_the_gateway_is_read(
    omixa: Omixa,
    paint: Paint,
    escape_slashes: bool,  # noqa: FBT001 - parametrised
    usage_first: bool,  # noqa: FBT001 - parametrised
    chunked: bool,  # noqa: FBT001 - parametrised
) -> None:
    omixa.switches.escape_slashes = escape_slashes
    omixa.switches.usage_first = usage_first
    omixa.switches.chunked = chunked
    painted = await paint()
    assert [s.format for s in painted.sketches] == ["png", "png"]
    assert painted.billed == Money(78_000)


async def test_the_gateway_accepts_every_field_of_every_row(
    omixa: Omixa, gateway: Gateway, folder: Path
) -> None:
    dot = DataUrl(
        "png",
        b"iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk"
        b"+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==",
    )
    for model in load(SHIPPED).models:
        request = Request(
            model=model,
            prompt="a fox",
            format="png",
            aspect="1:1",
            size="1K",
            enhance=True,
            thinking="high",
            references=(dot,),
            person_generation="allow_adult",
            add_watermark=True,
        )
        painted = await gateway.paint(request, "job.1", folder)
        assert len(painted.sketches) == 1
        assert set(omixa.requests[-1].body) == {"model", "prompt", *model.fields}


@pytest.mark.parametrize(
    ("fault", "formats", "billed"),
    [
        (faults.fewer(1), ["png"], 39_000),
        (faults.more(2), ["png"] * 4, 156_000),
        (faults.nothing(), [], 0),
        (faults.nothing(billed='"0.039000"'), [], 39_000),
        (faults.text_only(), [], 0),
        (faults.wrong_format("jpeg"), ["jpeg"] * 2, 78_000),
        (faults.wrong_format("webp"), ["webp"] * 2, 78_000),
        (faults.wrong_bytes(b"\x89PNG\r\n\x1a\nbroken"), ["png"] * 2, 78_000),
        (faults.wrong_bytes(b"GIF89a" * 2000), [None] * 2, 78_000),
        (faults.gzip(), ["png"] * 2, 78_000),
        (faults.as_url(), ["png"] * 2, 78_000),
        (faults.billed('"0.390000"'), ["png"] * 2, 390_000),
        (faults.billed("0.039"), ["png"] * 2, 39_000),
        (faults.billed('"1e-3"'), ["png"] * 2, 1_000),
        (faults.billed(faults.MISSING), ["png"] * 2, None),
        (faults.billed('""'), ["png"] * 2, None),
        (faults.billed('"abc"'), ["png"] * 2, None),
        (faults.billed('"-0.01"'), ["png"] * 2, None),
        (faults.billed('"NaN"'), ["png"] * 2, None),
        (faults.billed("1e400"), ["png"] * 2, None),
        (faults.billed("null"), ["png"] * 2, None),
        (faults.filtered("empty"), [], 0),
        (faults.filtered("partial"), ["png"], 39_000),
        (faults.status(429, retry_after=3), ["png"] * 2, 78_000),
        (faults.status(503), ["png"] * 2, 78_000),
        (faults.status(503, shape="laravel"), ["png"] * 2, 78_000),
    ],
)
async def test_a_bent_answer_still_counts(
    omixa: Omixa,
    paint: Paint,
    fault: faults.Fault,
    formats: list[str | None],
    billed: int | None,
) -> None:
    omixa.next(fault)
    painted = await paint()
    assert [sketch.format for sketch in painted.sketches] == formats
    assert painted.billed == (None if billed is None else Money(billed))


async def test_broken_base64_is_an_unusable_picture_with_a_bill(omixa: Omixa, paint: Paint) -> None:
    omixa.next(faults.invalid_base64())
    painted = await paint()
    assert {(s.format, s.size_bytes) for s in painted.sketches} == {(None, 0)}
    assert painted.billed == Money(78_000)


async def test_a_url_on_a_foreign_host_is_an_unusable_picture_with_a_bill(
    omixa: Omixa, paint: Paint, folder: Path
) -> None:
    omixa.next(faults.as_url(host="pictures.invalid"))
    painted = await paint()
    assert [(s.name, s.format) for s in painted.sketches] == [("1.bin", None), ("2.bin", None)]
    assert names(folder) == {"1.bin", "2.bin"}
    assert painted.billed == Money(78_000)


@pytest.mark.parametrize(
    ("fault", "status", "failure"),
    [
        (faults.status(400), 400, Failure.INVALID),
        (faults.status(401), 401, Failure.KEY_REFUSED),
        (faults.status(402), 402, Failure.WALLET_EMPTY),
        (faults.status(402, shape="empty"), 402, Failure.WALLET_EMPTY),
        (faults.status(403), 403, Failure.MODEL_REFUSED),
        (faults.status(404), 404, Failure.INVALID),
        (faults.status(413, shape="html"), 413, Failure.INVALID),
        (faults.status(422, shape="laravel"), 422, Failure.INVALID),
        (faults.redirect(301), 301, Failure.KEY_REFUSED),
        (faults.redirect(307), 307, Failure.KEY_REFUSED),
        (faults.filtered("prompt"), 400, Failure.FILTERED),
    ],
)
async def test_a_refusal_is_told_once_and_not_tried_again(
    omixa: Omixa, paint: Paint, fault: faults.Fault, status: int, failure: Failure
) -> None:
    omixa.next(fault)
    with pytest.raises(Rejected) as caught:
        await paint()
    assert (caught.value.status, caught.value.failure) == (status, failure)
    assert caught.value.detail
    assert len(omixa.requests) == 1
    assert not omixa.wallet.captured_micros


@pytest.mark.parametrize(
    ("fault", "stage"),
    [
        (faults.status(500), Stage.ANSWERED),
        (faults.status(502, shape="html"), Stage.ANSWERED),
        (faults.status(503, shape="html"), Stage.ANSWERED),
        (faults.status(503, shape="empty"), Stage.ANSWERED),
        (faults.status(504, shape="html", taken=True), Stage.ANSWERED),
        (faults.reset_after_success(), Stage.SENT),
        (faults.hang(taken=True), Stage.SENT),
        (faults.slow(headers_s=9), Stage.SENT),
        (faults.cut(at_byte=0), Stage.ANSWERING),
        (faults.cut(at_byte=1), Stage.ANSWERING),
        (faults.cut(at_byte=20), Stage.ANSWERING),
        (faults.cut(at_byte=60_000), Stage.ANSWERING),
        (faults.garbage(""), Stage.ANSWERED),
        (faults.garbage("<!doctype html><p>Hello"), Stage.ANSWERED),
        (faults.garbage('{"data":"none"}'), Stage.ANSWERED),
        (faults.garbage("[" * 100_000), Stage.ANSWERED),
        (faults.huge(8 << 20), Stage.ANSWERED),
        (faults.huge(8 << 20) | faults.gzip(), Stage.ANSWERED),
    ],
)
async def test_what_proves_nothing_is_unknown_and_never_sent_twice(
    omixa: Omixa,
    open_gateway: Open,
    order: Request,
    folder: Path,
    fault: faults.Fault,
    stage: Stage,
) -> None:
    gateway = await open_gateway(
        omixa.base_url,
        omixa.key,
        caps=Caps(picture_bytes=4 << 20),
        timeouts=Timeouts(read_s=0.5),
    )
    omixa.next(fault)
    with pytest.raises(Unknown) as caught:
        await gateway.paint(order, "job.1", folder)
    assert caught.value.stage == stage
    assert caught.value.failure is Failure.UNANSWERED
    assert caught.value.detail
    assert len(omixa.requests) == 1
    assert not names(folder)


async def test_a_body_cut_anywhere_is_unknown_unless_it_was_whole(
    omixa: Omixa, paint: Paint, folder: Path
) -> None:
    content = b"\x89PNG\r\n\x1a\n" + bytes(range(200))
    whole = 0
    for at_byte in range(1, 760, 23):
        omixa.next(faults.wrong_bytes(content) | faults.cut(at_byte=at_byte))
        try:
            painted = await paint()
        except Unknown:
            assert not names(folder)
        else:
            whole += 1
            assert [(folder / s.name).read_bytes() for s in painted.sketches] == [content] * 2
            assert painted.billed == Money(78_000)
            for name in names(folder):
                (folder / name).unlink()
    assert 0 < whole < 15


async def test_a_slow_answer_is_waited_for(omixa: Omixa, paint: Paint) -> None:
    omixa.next(faults.slow(headers_s=0.3, body_s=0.5))
    assert len((await paint()).sketches) == 2


async def test_a_try_ends_with_its_whole_time(
    omixa: Omixa, open_gateway: Open, order: Request, folder: Path
) -> None:
    timeouts = Timeouts(read_s=60, whole_s=3)  # long enough for a busy machine
    gateway = await open_gateway(omixa.base_url, omixa.key, timeouts=timeouts)
    omixa.next(faults.slow(body_s=60))
    with pytest.raises(Unknown, match="TimeoutError") as caught:
        await gateway.paint(order, "job.1", folder)
    assert caught.value.stage is Stage.ANSWERING


async def test_a_gateway_without_room_is_asked_three_times(
    omixa: Omixa, paint: Paint, clock: SwiftClock
) -> None:
    omixa.always(faults.status(429, retry_after="999999"))
    with pytest.raises(Throttled) as caught:
        await paint()
    assert caught.value.retry_after_s == 999_999
    assert clock.slept_s == [30, 30]
    assert [r.idempotency_key for r in omixa.requests] == ["job.1"] * 3


async def test_retry_after_may_be_a_date(omixa: Omixa, paint: Paint, clock: SwiftClock) -> None:
    omixa.next(faults.status(503, retry_after=clock.now() + timedelta(seconds=20)))
    await paint()
    assert 17 < clock.slept_s[0] <= 20


async def test_a_429_without_an_envelope_is_not_tried_again(omixa: Omixa, paint: Paint) -> None:
    omixa.always(faults.status(429, shape="html", retry_after=1))
    with pytest.raises(Throttled):
        await paint()
    assert len(omixa.requests) == 1


async def test_a_retry_that_ends_unknown_ends_the_call(omixa: Omixa, paint: Paint) -> None:
    omixa.next(faults.status(503), faults.reset_after_success())
    with pytest.raises(Unknown):
        await paint()
    assert len(omixa.requests) == 2


async def test_the_gateway_checks_our_signature(
    omixa: Omixa, open_gateway: Open, order: Request, folder: Path
) -> None:
    omixa.switches.signing_secret = "sandbox secret"
    signing = await open_gateway(omixa.base_url, omixa.key, signing_secret="sandbox secret")
    fox = replace(order, prompt="a fox \u00e9 \U0001f98a", images=1)
    assert len((await signing.paint(fox, "job.1", folder)).sketches) == 1
    unsigned = await open_gateway(omixa.base_url, omixa.key)
    wrong = await open_gateway(omixa.base_url, omixa.key, signing_secret="another")
    for gateway in (unsigned, wrong):
        with pytest.raises(GatewayError) as caught:
            await gateway.paint(fox, "job.2", folder)
        assert caught.value.failure is Failure.KEY_REFUSED


async def test_the_models_and_their_prices_are_listed(omixa: Omixa, gateway: Gateway) -> None:
    models = await gateway.models()
    assert models is not None
    assert models["imagen-4.0-generate-001"] == Money(40_000)
    omixa.switches.lists_models = False
    assert await gateway.models() is None
