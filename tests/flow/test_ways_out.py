"""A refusal for want of money offers what fits, with its price, and orders it at a press."""

import asyncio
from collections.abc import AsyncGenerator
from pathlib import Path

import pytest

from bot.core.limits import OPERATOR, PeriodKind, ScopeKind, scope, server_scope
from bot.core.money import Money
from sandbox.clock import MovableClock
from sandbox.discord.app import Discord
from sandbox.discord.state import Message
from sandbox.omixa import Omixa, faults
from tests.flow.buttons import custom_id, forged, labels
from tests.flow.world import World, easel_running, world_of

FAST = "imagen-4.0-fast-generate-001"
ROWS = """
[[model]]
id = "imagen-4.0-fast-generate-001"
label = "Imagen 4 Fast"
prices = { "1K" = "0.02", "2K" = "0.03" }
fields = ["n", "aspect_ratio", "size", "output_format"]
aspects = ["1:1", "4:3"]
sizes = ["1K", "2K"]
size_default = "1K"
formats = ["png"]
images_per_call = 4
"""


@pytest.fixture
def models(tmp_path: Path) -> str:
    path = tmp_path / "models.toml"
    path.write_text(ROWS)
    return str(path)


@pytest.fixture
async def world(tmp_path: Path, models: str) -> AsyncGenerator[World]:
    async with world_of(tmp_path, MODELS_FILE=models) as world:
        yield world


async def short(world: World, cents: int, **options: object) -> Message:
    """Refuse Ben an order because each person has so many cents a day."""
    await world.budget(scope="each person", amount=str(Money(cents * 10_000)))
    return await refusal(world, **options)


async def refusal(world: World, **options: object) -> Message:
    order = await world.ben.slash("imagine", options={"prompt": "a fox", "count": 4} | options)
    return await world.answered(order)


async def test_fewer_pictures_and_a_cheaper_model_are_offered_with_their_price(
    world: World,
) -> None:
    refused = await short(world, 10)

    assert refused.ephemeral
    assert labels(refused) == [
        "2 pictures for $0.08",
        "4 × Imagen 4 Fast for $0.08",  # noqa: RUF001 - the sign
        "Ask for more",
    ]


async def test_fewer_pictures_are_ordered_as_they_were_wanted(world: World) -> None:
    refused = await short(world, 10, aspect="4:3")
    press = await world.ben.press("2 pictures for $0.08", on=refused)

    assert "Done: 2 pictures" in await world.ended(press)
    body = world.omixa.requests[0].body
    assert (body["n"], body["aspect_ratio"], body["prompt"]) == (2, "4:3", "a fox")
    (receipt,) = await world.store.receipts(int(world.ben.id), None)
    assert receipt.charged == Money(78_000)


async def test_the_same_number_is_ordered_with_the_cheaper_model(world: World) -> None:
    refused = await short(world, 10)
    await world.ended(await world.ben.press("4 × Imagen 4 Fast for $0.08", on=refused))  # noqa: RUF001 - the sign

    body = world.omixa.requests[0].body
    assert (body["model"], body["n"], body["size"]) == (FAST, 4, "1K")


async def test_the_same_number_is_ordered_in_a_cheaper_size(world: World) -> None:
    refused = await short(world, 8, model="Imagen 4 Fast", size="2K")
    assert labels(refused) == ["2 pictures for $0.06", "4 × 1K for $0.08", "Ask for more"]  # noqa: RUF001 - the sign
    await world.ended(await world.ben.press("4 × 1K for $0.08", on=refused))  # noqa: RUF001 - the sign

    assert world.omixa.requests[0].body["size"] == "1K"


async def test_a_model_that_does_not_take_the_order_is_not_offered(world: World) -> None:
    refused = await short(world, 10, aspect="16:9")

    assert labels(refused) == ["2 pictures for $0.08", "Ask for more"]


async def test_models_at_the_same_price_are_no_way_out(tmp_path: Path) -> None:
    async with world_of(tmp_path) as world:
        refused = await short(world, 17, count=5)

        assert labels(refused) == ["4 pictures for $0.16", "Ask for more"]


async def test_what_the_gateway_took_more_for_is_offered_at_that_price(world: World) -> None:
    world.omixa.next(faults.billed("0.07"))
    await world.ended(await world.ben.slash("imagine", prompt="a fox", model="Imagen 4 Fast"))
    refused = await short(world, 12)  # two of them are used

    assert labels(refused) == ["2 pictures for $0.08", "Ask for more"]


async def test_nothing_is_offered_where_nothing_fits(world: World) -> None:
    assert labels(await short(world, 0)) == ["Ask for more"]


async def test_the_blocked_are_offered_nothing(world: World) -> None:
    await world.budget(scope="each person", amount="blocked")

    assert labels(await refusal(world)) == []


async def test_where_everybody_reads_along_amounts_are_told_on_request(world: World) -> None:
    await world.store.set_limit(server_scope(None), PeriodKind.DAY, Money(100_000), 1)
    order = await world.ben.slash("imagine", prompt="a fox", count=4, channel=world.ben.dm)
    told = await world.answered(order)

    assert told.text.startswith("Your limit does not allow this order right now.")
    assert "$" not in told.text
    assert labels(told) == ["Why?"]
    why = await world.ben.press("Why?", on=told)
    assert "of $0.10 a day" in (await world.answered(why)).text
    assert why.original is not None
    assert why.original.ephemeral
    assert labels(why.original) == ["2 pictures for $0.08", "4 × Imagen 4 Fast for $0.08"]  # noqa: RUF001 - the sign


async def test_a_private_order_outside_reads_why_and_gets_ways_out_but_nobody_to_ask(
    world: World,
) -> None:
    await world.store.set_limit(server_scope(None), PeriodKind.DAY, Money(100_000), 1)
    options = {"prompt": "a fox", "count": 4, "private": True}
    told = await world.answered(
        await world.ben.slash("imagine", channel=world.ben.dm, options=options)
    )

    assert "the limit of all places outside servers of $0.10 a day" in told.text
    assert labels(told) == ["2 pictures for $0.08", "4 × Imagen 4 Fast for $0.08"]  # noqa: RUF001 - the sign


async def test_nobody_here_can_raise_the_operators_limit(world: World) -> None:
    await world.store.set_limit(OPERATOR, PeriodKind.DAY, Money(50_000), 1)
    refused = await refusal(world)

    assert "this bot's limit" in refused.text
    assert labels(refused) == ["1 picture for $0.04"]


async def test_every_limit_of_the_server_can_be_asked_about(world: World) -> None:
    channel = scope(ScopeKind.CHANNEL, world.server_id, world.discord.home.id)
    for subject in (server_scope(world.server_id), channel):
        await world.store.set_limit(subject, PeriodKind.DAY, Money(0), 1)
        assert labels(await refusal(world)) == ["Ask for more"]


async def test_a_way_out_stays_private(world: World) -> None:
    refused = await short(world, 10, private=True)
    press = await world.ben.press("2 pictures for $0.08", on=refused)
    await world.ended(press)

    assert world.pictures() == []
    assert press.original is not None
    assert len(press.original.files) == 2


async def test_two_presses_at_once_are_one_order(world: World) -> None:
    refused = await short(world, 30, count=8)
    name = custom_id(refused, "7 pictures for $0.28")
    presses = await asyncio.gather(*(forged(world.ben, refused, name) for _ in range(2)))
    texts = [(await world.answered(press)).text for press in presses]

    assert sum(text.startswith("This offer was already taken.") for text in texts) == 1
    assert len(await world.store.receipts(int(world.ben.id), None)) == 1


async def test_what_fits_no_more_is_refused_with_what_fits_now(world: World) -> None:
    refused = await short(world, 10)
    await world.budget(scope="each person", amount="0.05")
    press = await world.ben.press("2 pictures for $0.08", on=refused)

    told = await world.answered(press)
    assert "more than your limit of $0.05 a day" in told.text
    assert labels(told) == ["1 picture for $0.04", "2 × Imagen 4 Fast for $0.04", "Ask for more"]  # noqa: RUF001 - the sign
    assert world.omixa.calls == 0


async def test_who_presses_pays(world: World) -> None:
    refused = await short(world, 10)
    press = await forged(world.cleo, refused, custom_id(refused, "2 pictures for $0.08"))
    await world.ended(press)

    assert await world.store.receipts(int(world.ben.id), None) == []
    assert len(await world.store.receipts(int(world.cleo.id), None)) == 1


async def test_a_way_out_outlives_the_bot(tmp_path: Path, models: str) -> None:
    clock = MovableClock()
    async with Discord.running(clock=clock) as discord, Omixa.running(clock=clock) as omixa:
        async with easel_running(discord, omixa, clock, tmp_path, MODELS_FILE=models) as world:
            refused = await short(world, 10)
        async with easel_running(discord, omixa, clock, tmp_path, MODELS_FILE=models) as world:
            await world.ended(await world.ben.press("2 pictures for $0.08", on=refused))
        assert omixa.calls == 1
