"""A combination no row takes is refused with a button for the nearest one."""

from collections.abc import AsyncGenerator
from pathlib import Path

import pytest

from sandbox.clock import MovableClock
from sandbox.discord.app import Discord
from sandbox.discord.options import CannotSend
from sandbox.discord.state import Message
from sandbox.omixa import Omixa
from tests.flow.buttons import custom_id, forged
from tests.flow.world import World, easel_running, world_of

SMALL = "imagen-4.0-fast-generate-001"
ROWS = f"""
[[model]]
id = "{SMALL}"
label = "Small"
price = "0.02"
fields = ["aspect_ratio", "size", "output_format"]
aspects = ["1:1", "4:3"]
sizes = ["0.5K", "1K"]
size_default = "1K"
formats = ["png"]
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


async def refusal(world: World, **options: object) -> Message:
    order = await world.ann.slash(
        "imagine", options={"prompt": "a fox", "model": "Small", **options}
    )
    return await world.answered(order)


@pytest.mark.parametrize(
    ("options", "sentence", "label", "sent"),
    [
        (
            {"size": "4K"},
            "Small does not take `size` 4K; it takes 0.5K and 1K.",
            "Use 1K instead",
            {"size": "1K"},
        ),
        (
            {"aspect": "16:9"},
            "Small does not take `aspect` 16:9; it takes 1:1 and 4:3.",
            "Use 4:3 instead",
            {"aspect_ratio": "4:3"},
        ),
        (
            {"format": "webp"},
            "Small does not take `format` webp; it takes png.",
            "Use png instead",
            {},
        ),
        (
            {"enhance": True},
            "Small does not take the option `enhance`.",
            "Order without enhance",
            {},
        ),
        (
            {"thinking": "high"},
            "Small does not take the option `thinking`.",
            "Order without thinking",
            {},
        ),
        (
            {"size": "2K", "aspect": "9:16", "count": 2},
            "Small does not take `aspect` 9:16; it takes 1:1 and 4:3.",
            "Use 1:1 instead",
            {"size": "1K"},
        ),
    ],
)
async def test_a_press_orders_the_nearest_combination(
    world: World, options: dict[str, object], sentence: str, label: str, sent: dict[str, object]
) -> None:
    refused = await refusal(world, **options)
    assert refused.text.startswith(sentence)
    assert refused.ephemeral
    assert world.omixa.calls == 0
    await world.ended(await world.ann.press(label, on=refused))

    defaults = {"prompt": "a fox", "model": SMALL, "aspect_ratio": "1:1", "size": "1K"}
    assert world.omixa.requests[0].body == defaults | {"output_format": "png"} | sent
    assert world.omixa.calls == options.get("count", 1)


async def test_a_second_press_buys_nothing(world: World) -> None:
    refused = await refusal(world, size="4K")
    await world.ended(await world.ann.press("Use 1K instead", on=refused))
    second = await world.ann.press("Use 1K instead", on=refused)

    assert (await world.answered(second)).text == (
        "This offer was already taken. For more pictures, please order again."
    )
    assert world.omixa.calls == 1


async def test_an_offer_outlives_the_bot(tmp_path: Path, models: str) -> None:
    clock = MovableClock()
    async with Discord.running(clock=clock) as discord, Omixa.running(clock=clock) as omixa:
        async with easel_running(discord, omixa, clock, tmp_path, MODELS_FILE=models) as world:
            refused = await refusal(world, size="4K")
        async with easel_running(discord, omixa, clock, tmp_path, MODELS_FILE=models) as world:
            await world.ended(await world.ann.press("Use 1K instead", on=refused))
        assert omixa.calls == 1


async def test_somebody_else_does_not_see_the_button_and_would_pay_themselves(
    world: World,
) -> None:
    refused = await refusal(world, size="4K")
    with pytest.raises(CannotSend):
        await world.ben.press("Use 1K instead", on=refused)
    name = custom_id(refused, "Use 1K instead")
    await world.ended(await forged(world.ben, refused, name))

    assert await world.store.receipts(int(world.ann.id), None) == []
    assert len(await world.store.receipts(int(world.ben.id), None)) == 1


async def test_a_private_offer_stays_private(world: World) -> None:
    refused = await refusal(world, size="4K", private=True)
    press = await world.ann.press("Use 1K instead", on=refused)
    await world.ended(press)

    assert world.pictures() == []
    assert press.original is not None
    assert press.original.ephemeral
    assert len(press.original.files) == 1


@pytest.mark.parametrize(
    "name", ["v1:offer:../../x", "v1:offer:", "v9:reroll:k7f2:1", "x" * 100, "v1:offer:A"]
)
async def test_a_strange_button_is_no_longer_valid(world: World, name: str) -> None:
    refused = await refusal(world, size="4K")
    press = await forged(world.ben, refused, name)

    answer = await world.answered(press)
    assert answer.text == "This form or button is no longer valid. Please start again."
    assert answer.ephemeral


async def test_an_offer_one_can_no_longer_afford_is_refused(world: World) -> None:
    refused = await refusal(world, size="4K")
    await world.budget(scope="each person", amount="0.01")
    press = await world.ann.press("Use 1K instead", on=refused)

    assert "more than your limit of $0.01 a day" in (await world.answered(press)).text
    assert world.omixa.calls == 0


async def test_an_offer_that_was_refused_can_be_pressed_again(world: World) -> None:
    refused = await refusal(world, size="4K")
    await world.budget(scope="each person", amount="0.01")
    await world.answered(await world.ann.press("Use 1K instead", on=refused))
    await world.budget(scope="each person", amount="1")

    await world.ended(await world.ann.press("Use 1K instead", on=refused))
    assert world.omixa.calls == 1


async def test_a_press_that_arrives_twice_keeps_its_receipt(world: World) -> None:
    refused = await refusal(world, size="4K")
    press = await world.ann.press("Use 1K instead", on=refused)
    world.discord.send_again(press)

    assert "receipt `" in await world.ended(press)
    assert world.omixa.calls == 1


async def test_a_press_that_breaks_gives_a_number(world: World) -> None:
    refused = await refusal(world, size="4K")
    world.easel.rooms.shelf.catalogue.by_id.clear()  # type: ignore[attr-defined]  # as a bug would
    object.__setattr__(world.easel.rooms.shelf.catalogue, "models", ())
    press = await world.ann.press("Use 1K instead", on=refused)

    assert "incident `" in (await world.answered(press)).text
