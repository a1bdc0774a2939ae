"""Whatever the gateway does: what the person reads, what the books say, and what was sent."""

import sqlite3
from collections.abc import AsyncGenerator
from contextlib import closing
from pathlib import Path

import pytest

from bot.chat import words
from bot.core.job import Failure
from bot.core.money import Money
from bot.core.states import CallState
from bot.gateway.client import Timeouts
from sandbox.omixa import faults
from sandbox.omixa.faults import Fault
from tests.flow.orders import (
    Books,
    asked,
    books,
    ended,
    held,
    ordered,
    pictures,
    refused,
    started,
)
from tests.flow.world import World, world_of

PRICE = 40_000
QUICK = Timeouts(read_s=2)  # a hanging gateway is given up before the test's patience ends


@pytest.fixture
async def world(tmp_path: Path) -> AsyncGenerator[World]:
    async with world_of(tmp_path) as world:
        yield world
        assert world.omixa.wallet.conserved()


REFUSALS = [
    pytest.param(faults.status(401), Failure.KEY_REFUSED, id="401"),
    pytest.param(faults.status(402), Failure.WALLET_EMPTY, id="402"),
    pytest.param(faults.status(403), Failure.MODEL_REFUSED, id="403"),
    pytest.param(faults.status(422, message="`size` is <@1> wrong."), Failure.INVALID, id="422"),
    pytest.param(faults.redirect(307), Failure.KEY_REFUSED, id="307"),
    pytest.param(faults.filtered("prompt"), Failure.FILTERED, id="filtered"),
    pytest.param(faults.status(429, shape="html"), Failure.BUSY, id="429 page"),
]


@pytest.mark.parametrize(("fault", "failure"), REFUSALS)
async def test_a_refusal_costs_nothing_and_is_not_tried_again(
    world: World, fault: Fault, failure: Failure
) -> None:
    world.omixa.next(fault)

    end = await ordered(world)

    assert words.failed(failure, Money(PRICE)) in end.told
    assert [(call.state, call.failure) for call in end.job.calls] == [(CallState.RELEASED, failure)]
    assert world.omixa.calls == 1
    assert world.omixa.wallet.captured_micros == 0
    assert books(world) == Books(0, 0, 0, 0)
    assert await held(world) == Money(0)
    assert pictures(world) == []


async def test_what_the_gateway_says_is_shown_inert(world: World) -> None:
    world.omixa.next(faults.status(422, message="`size` is <@1> wrong.\n# @everyone"))

    end = await ordered(world)

    assert "wrong. # @everyone`" in end.told
    assert "\n# @everyone" not in end.told


UNKNOWNS = [
    pytest.param(faults.status(500, shape="html"), 0, id="500 page"),
    pytest.param(faults.status(502, shape="html"), 0, id="502 page"),
    pytest.param(faults.status(503, shape="html"), 0, id="503 page"),
    pytest.param(faults.status(504, shape="html", taken=True), 39_000, id="504 hides a success"),
    pytest.param(faults.cut(at_byte=0), 39_000, id="cut before the body"),
    pytest.param(faults.cut(at_byte=2_000), 39_000, id="cut inside the picture"),
    pytest.param(faults.reset_after_success(), 39_000, id="reset after success"),
    pytest.param(faults.garbage("<!doctype html><p>Hello"), 39_000, id="not JSON"),
    pytest.param(faults.garbage('{"data": "later"}'), 39_000, id="no such answer"),
]


@pytest.mark.parametrize(("fault", "captured"), UNKNOWNS)
async def test_an_outcome_nobody_knows_keeps_the_hold_and_is_never_sent_again(
    world: World, fault: Fault, captured: int
) -> None:
    await assert_unknown(world, fault, captured)


@pytest.mark.parametrize(("taken", "captured"), [(False, 0), (True, 39_000)])
async def test_an_answer_that_never_comes_is_an_outcome_nobody_knows(
    tmp_path: Path, *, taken: bool, captured: int
) -> None:
    async with world_of(tmp_path, timeouts=QUICK) as world:
        await assert_unknown(world, faults.hang(taken=taken), captured)


async def assert_unknown(world: World, fault: Fault, captured: int) -> None:
    world.omixa.next(fault)

    end = await ordered(world)

    assert words.failed(Failure.UNANSWERED, Money(PRICE)) in end.told
    assert [call.state for call in end.job.calls] == [CallState.UNKNOWN]
    assert (end.job.held, end.job.charged) == (Money(PRICE), Money(0))
    assert world.omixa.calls == 1
    assert world.omixa.wallet.captured_micros == captured
    assert books(world) == Books(0, 0, 0, 0)
    assert await held(world) == Money(PRICE)


async def test_an_unknown_call_is_given_up_after_a_day_at_the_operators_risk(
    world: World,
) -> None:
    world.omixa.switches.lists_usage = False
    world.omixa.next(faults.reset_after_success())
    end = await ordered(world)

    world.clock.advance(23 * 3600)
    await until_rounds(world)
    assert [doubt.call for doubt in await world.store.doubts()] == [end.job.calls[0].id]
    world.clock.advance(3600)
    while await world.store.doubts():
        world.clock.advance(60)
        await world.store.ping()

    assert books(world) == Books(0, 0, 0, PRICE)
    (call,) = (await world.store.job(end.job.id)).calls
    assert (call.state, call.charged) == (CallState.RELEASED, Money(0))


async def until_rounds(world: World) -> None:
    """Let Recovery make a few rounds."""
    for _ in range(5):
        world.clock.advance(60)
        await world.store.ping()


@pytest.mark.parametrize(
    "fault",
    [faults.status(429, retry_after=5), faults.status(429), faults.status(503)],
    ids=["429 with Retry-After", "429 without", "503"],
)
async def test_a_busy_gateway_is_asked_again_within_the_same_call(
    world: World, fault: Fault
) -> None:
    world.omixa.script([fault, fault])
    interaction = await started(world)

    await patiently(world, 3)
    end = await ended(world, interaction)

    assert asked(world) == [end.job.calls[0].id] * 3
    assert world.omixa.wallet.bills == 1
    assert end.job.charged == Money(39_000)
    assert len(pictures(world)) == 1


async def test_a_gateway_that_stays_busy_is_left_alone_after_three_tries(world: World) -> None:
    world.omixa.always(faults.status(429, retry_after=86_400))
    interaction = await started(world)

    await patiently(world, 3)
    end = await ended(world, interaction)

    assert words.failed(Failure.BUSY, Money(PRICE)) in end.told
    assert world.omixa.calls == 3
    assert await held(world) == Money(0)


async def patiently(world: World, calls: int) -> None:
    """Let time pass until the gateway was asked so often."""
    while world.omixa.calls < calls:
        world.clock.advance(1)
        await world.store.ping()


async def test_a_gateway_that_cannot_be_reached_costs_nothing(tmp_path: Path) -> None:
    async with world_of(tmp_path, OMIXA_BASE_URL="http://127.0.0.1:9/api/v1") as world:
        end = await ordered(world)

        assert words.failed(Failure.UNREACHABLE, Money(PRICE)) in end.told
        assert await held(world) == Money(0)
        assert books(world) == Books(0, 0, 0, 0)


EMPTY = [
    pytest.param(faults.nothing(), Failure.FILTERED, 0, id="nothing, free"),
    pytest.param(faults.nothing(billed='"0.039000"'), Failure.FILTERED, 39_000, id="nothing"),
    pytest.param(faults.text_only(), Failure.FILTERED, 0, id="words, free"),
    pytest.param(faults.text_only(billed='"0.039000"'), Failure.FILTERED, 39_000, id="words"),
    pytest.param(faults.filtered("empty"), Failure.FILTERED, 0, id="filtered"),
    pytest.param(
        faults.wrong_bytes(b"\x89PNG\r\n\x1a\nbroken"), Failure.UNUSABLE, 39_000, id="no picture"
    ),
    pytest.param(faults.invalid_base64(), Failure.UNUSABLE, 39_000, id="no base64"),
    pytest.param(
        faults.as_url(host="pictures.invalid"), Failure.UNUSABLE, 39_000, id="foreign url"
    ),
]


@pytest.mark.parametrize(
    "fault", [faults.status(422), faults.reset_after_success(), faults.nothing()]
)
async def test_nothing_is_left_of_an_answer_that_is_not_kept(world: World, fault: Fault) -> None:
    world.omixa.next(fault)
    await ordered(world)
    await world.idle()

    assert list(world.data.glob("spool/incoming/*")) == []


@pytest.mark.parametrize(("fault", "failure", "billed"), EMPTY)
async def test_nobody_pays_for_an_answer_without_a_picture(
    world: World, fault: Fault, failure: Failure, billed: int
) -> None:
    world.omixa.next(fault)

    end = await ordered(world)

    assert words.failed(failure, Money(PRICE)) in end.told
    assert end.job.charged == Money(0)
    assert world.omixa.wallet.captured_micros == billed
    assert books(world) == Books(0, billed, billed, 0)
    assert await held(world) == Money(0)
    assert world.omixa.calls == 1


@pytest.mark.parametrize(
    ("fault", "suffix"),
    [(faults.wrong_format("jpeg"), "jpeg"), (faults.as_url(), "png"), (faults.gzip(), "png")],
    ids=["JPEG instead of PNG", "url of the gateway", "compressed unasked"],
)
async def test_an_odd_but_usable_answer_is_a_picture_like_any_other(
    world: World, fault: Fault, suffix: str
) -> None:
    world.omixa.next(fault)

    end = await ordered(world)

    assert [name.rpartition(".")[2] for name in pictures(world)] == [suffix]
    assert end.job.charged == Money(39_000)
    assert books(world) == Books(39_000, 0, 39_000, 0)


async def test_of_three_calls_each_ends_for_itself(world: World) -> None:
    world.omixa.script([faults.NONE, faults.status(422), faults.reset_after_success()])

    end = await ordered(world, count=10)

    assert sorted(call.state for call in end.job.calls) == ["released", "settled", "unknown"]
    (good,) = (call for call in end.job.calls if call.state is CallState.SETTLED)
    assert end.job.charged == good.charged == Money(39_000 * good.images)
    assert len(pictures(world)) == good.images
    assert words.failed(Failure.INVALID, Money(0)) in end.told
    assert "stays held" in end.told
    assert world.omixa.calls == 3


async def test_a_database_that_cannot_be_written_means_that_nothing_is_sent(world: World) -> None:
    with closing(sqlite3.connect(world.data / "easel.db", isolation_level=None)) as db:
        db.execute("BEGIN IMMEDIATE")
        told = await refused(world)

    assert "paused for maintenance" in told
    assert world.omixa.calls == 0
    assert await held(world) == Money(0)
    end = await ordered(world)  # and all is well once it can be written again
    assert end.job.charged == Money(39_000)


async def test_a_full_disk_means_that_nothing_is_held(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.spool.spool.RESERVE_BYTES", 1 << 60)

    told = await refused(world)

    assert "disk is full" in told
    assert world.omixa.calls == 0


async def test_a_server_that_is_not_on_the_list_cannot_spend(tmp_path: Path) -> None:
    async with world_of(tmp_path, GUILD_ALLOWLIST="1") as world:
        told = await refused(world)

        assert "not set up to paint in this server" in told
        assert await held(world) == Money(0)
