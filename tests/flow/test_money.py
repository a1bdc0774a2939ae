"""The quote is a ceiling: who pays what, when the gateway's bill and the pictures differ."""

from dataclasses import replace
from pathlib import Path

import pytest

from bot.core.job import Failure
from bot.core.money import Money
from bot.core.problems import PauseReason
from bot.core.states import CallState
from sandbox.omixa import faults
from tests.flow.orders import (
    Books,
    books,
    ended,
    held,
    ordered,
    painting,
    pictures,
    refused,
    started,
)
from tests.flow.world import World, world_of

IMAGEN = "imagen-4.0-generate-001"
FAST = "imagen-4.0-fast-generate-001"


@pytest.mark.parametrize(
    ("bill", "charged", "billed"),
    [
        pytest.param('"0.060000"', 40_000, 60_000, id="half as much again"),
        pytest.param('"0.800000"', 40_000, 800_000, id="twenty times"),
        pytest.param('"0.010000"', 10_000, 10_000, id="less"),
        pytest.param('"0.0390005"', 39_001, 39_001, id="seven decimals"),
        pytest.param("0.039", 39_000, 39_000, id="a number"),
        pytest.param('"0"', 0, 0, id="free"),
    ],
)
async def test_a_person_pays_the_bill_up_to_the_quote_and_the_operator_the_rest(
    world: World, bill: str, charged: int, billed: int
) -> None:
    world.omixa.next(faults.billed(bill))

    end = await ordered(world)

    assert end.job.charged == Money(charged)
    assert books(world) == Books(charged, billed - charged, billed, 0)
    assert world.omixa.wallet.captured_micros == billed
    assert await held(world) == Money(0)
    assert len(pictures(world)) == 1


@pytest.mark.parametrize(
    "bill", [faults.MISSING, '""', '"abc"', '"-0.01"', "NaN", "null", "1e400", "[]", '"4.000000"']
)
async def test_a_bill_that_is_missing_or_odd_is_taken_as_the_quote(world: World, bill: str) -> None:
    world.omixa.next(faults.billed(bill))

    end = await ordered(world)

    assert end.job.charged == Money(40_000)
    assert books(world) == Books(40_000, 0, 40_000, 0)
    assert len(pictures(world)) == 1
    assert await world.store.learned_price(end.job.order.model, end.job.order.size) is None


async def test_prices_that_rise_all_the_time_never_charge_above_the_quote(world: World) -> None:
    row, quoted = world.omixa.models[IMAGEN], 40_000
    for price in (50_000, 45_000, 120_000, 120_000):
        world.omixa.models[IMAGEN] = replace(row, bills_micros=price)
        end = await ordered(world)
        assert end.job.unit_price == Money(quoted)
        assert end.job.charged == Money(min(price, quoted))
        quoted = max(price, quoted)

    charged = 40_000 + 45_000 + 50_000 + 120_000
    billed = 50_000 + 45_000 + 120_000 + 120_000
    assert books(world) == Books(charged, billed - charged, billed, 0)
    assert world.omixa.wallet.captured_micros == billed


async def test_a_price_that_rises_while_an_order_waits_is_not_its_persons_matter(
    tmp_path: Path,
) -> None:
    async with world_of(tmp_path, MAX_CALLS="1") as world:
        row = world.omixa.models[IMAGEN]
        world.omixa.next(faults.slow(headers_s=30))
        first = await started(world)
        await painting(world, 1)
        second = await started(world, world.ben)
        await world.ben.waits_for("next")
        world.omixa.models[IMAGEN] = replace(row, bills_micros=70_000)
        world.clock.advance(31)

        assert (await ended(world, first)).job.charged == Money(39_000)
        assert (await ended(world, second)).job.charged == Money(40_000)
        assert books(world) == Books(79_000, 30_000, 109_000, 0)


async def test_a_dearer_price_is_forgotten_a_week_after_it_was_last_taken(world: World) -> None:
    world.omixa.next(faults.billed('"0.060000"'))
    await ordered(world)
    assert (await ordered(world)).job.unit_price == Money(60_000)

    world.clock.advance(7 * 24 * 3600)

    assert (await ordered(world)).job.unit_price == Money(40_000)  # never below the catalogue


@pytest.mark.parametrize(
    "fault",
    [
        pytest.param(faults.status(422, bill="0.050000"), id="422"),
        pytest.param(faults.status(503, bill="0.050000"), id="503"),
        pytest.param(faults.status(429, retry_after=1, bill="0.050000"), id="429"),
    ],
)
async def test_a_bill_inside_a_refusal_is_the_operators(world: World, fault: faults.Fault) -> None:
    world.omixa.next(fault)

    end = await ordered(world)

    assert [call.state for call in end.job.calls] == [CallState.RELEASED]
    assert "Nothing was charged for it" in end.told
    assert books(world) == Books(0, 50_000, 50_000, 0)
    assert world.omixa.wallet.captured_micros == 50_000
    assert world.omixa.calls == 1  # it cost money: not once more
    assert await held(world) == Money(0)


@pytest.mark.parametrize("bill", ['"0.800000"', '"4.000000"'])
async def test_a_bill_of_twenty_holds_stops_its_model_for_an_hour(world: World, bill: str) -> None:
    world.omixa.next(faults.billed(bill))
    end = await ordered(world)
    assert end.job.charged == Money(40_000)
    assert len(pictures(world)) == 1

    told = await refused(world, world.ben)
    assert told.startswith("The image service billed far too much for this `model`")
    assert "Nothing was held." in told
    other = await ordered(world, world.cleo, model="Imagen 4 Fast")
    assert other.job.charged == Money(20_000)

    world.clock.advance(3600)
    end = await ordered(world, world.ben)
    assert end.job.charged == Money(39_000)


@pytest.mark.parametrize("bill", ["0.800000", "4.000000"])
async def test_so_does_one_inside_a_refusal(world: World, bill: str) -> None:
    world.omixa.next(faults.status(422, bill=bill))
    end = await ordered(world)
    assert end.job.charged == Money(0)

    told = await refused(world, world.ben)
    assert told.startswith("The image service billed far too much for this `model`")


async def test_what_waits_for_a_model_that_is_stopped_is_not_bought(tmp_path: Path) -> None:
    async with world_of(tmp_path, MAX_CALLS="1") as world:
        world.omixa.next(faults.billed('"4.000000"') | faults.slow(headers_s=30))
        first = await started(world)
        await painting(world, 1)
        second = await started(world, world.ben)
        await world.ben.waits_for("next")
        world.clock.advance(31)

        await ended(world, first)
        end = await ended(world, second)
        assert [call.failure for call in end.job.calls] == [Failure.INTERRUPTED]
        assert world.omixa.calls == 1
        assert await held(world) == Money(0)


async def test_a_dearer_bill_raises_the_next_quote(world: World) -> None:
    world.omixa.next(faults.billed('"0.060000"'))
    await ordered(world)

    end = await ordered(world)

    assert end.job.unit_price == Money(60_000)
    assert end.job.charged == Money(39_000)


@pytest.mark.parametrize(
    ("fault", "charged", "billed", "arrived"),
    [
        pytest.param(faults.fewer(1), 3 * 39_000, 3 * 39_000, 3, id="fewer"),
        pytest.param(faults.more(1), 4 * 40_000, 5 * 39_000, 5, id="more"),
        pytest.param(faults.filtered("partial"), 2 * 39_000, 2 * 39_000, 2, id="filtered"),
        pytest.param(
            faults.fewer(2) | faults.billed('"0.156000"'),
            80_000,
            156_000,
            2,
            id="fewer, all billed",
        ),
    ],
)
async def test_money_follows_the_pictures_that_came(
    world: World, fault: faults.Fault, charged: int, billed: int, arrived: int
) -> None:
    world.omixa.next(fault)

    end = await ordered(world, count=4)

    assert end.job.charged == Money(charged)
    assert books(world) == Books(charged, billed - charged, billed, 0)
    assert len(pictures(world)) == arrived
    assert await held(world) == Money(0)
    assert await world.store.learned_price(end.job.order.model, end.job.order.size) is None


@pytest.mark.parametrize(
    ("status", "reason", "length_s"),
    [(401, PauseReason.KEY_REFUSED, 60), (402, PauseReason.WALLET_EMPTY, 30)],
)
async def test_the_desk_closes_when_nobody_could_be_served_and_opens_by_itself(
    world: World, status: int, reason: PauseReason, length_s: int
) -> None:
    world.omixa.next(faults.status(status))
    await ordered(world)

    told = await refused(world, world.ben)
    assert "Nothing was held" in told
    assert world.easel.pauses.reason() is reason
    assert world.omixa.calls == 1

    world.clock.advance(length_s)
    end = await ordered(world, world.cleo)
    assert end.job.charged == Money(39_000)


async def test_an_empty_wallet_is_known_without_any_fault(world: World) -> None:
    world.omixa.wallet.balance_micros = world.omixa.wallet.topped_up_micros = 0

    end = await ordered(world)

    assert [call.failure for call in end.job.calls] == [Failure.WALLET_EMPTY]
    assert await held(world) == Money(0)


async def test_a_model_the_key_may_not_use_is_taken_off_the_shelf(world: World) -> None:
    world.omixa.allow_only([FAST])

    end = await ordered(world)
    assert [call.failure for call in end.job.calls] == [Failure.MODEL_REFUSED]

    told = await refused(world, model="imagen-4.0-generate-001")
    assert "Imagen 4 Fast" in told
    end = await ordered(world)  # the default is what is left
    assert (end.job.order.model, end.job.charged) == (FAST, Money(20_000))


async def test_the_same_interaction_twice_is_one_job(world: World) -> None:
    end = await ordered(world)
    (interaction,) = world.discord.answers.everything.values()

    world.discord.world.tell("interaction", interaction)
    await ordered(world, world.ben)

    assert len(await world.store.receipts(int(world.ann.id), None)) == 1
    assert world.omixa.calls == 2
    assert [call.state for call in end.job.calls] == [CallState.SETTLED]
