"""Every option arrives at the gateway, and every list shows what the catalogue has."""

from pathlib import Path
from typing import Any

import pytest

from bot.core import catalogue
from bot.core.limits import PeriodKind, Rule, members_scope
from bot.core.money import Money
from sandbox.omixa import faults
from tests.flow.world import World, world_of

IMAGEN = "imagen-4.0-generate-001"
FAST = "imagen-4.0-fast-generate-001"


def options(world: World, name: str) -> dict[str, Any]:
    command = world.discord.commands.named(None, 1, name)
    assert command is not None
    return {option["name"]: option for option in command["options"]}


def values(option: dict[str, Any]) -> list[Any]:
    return [choice["value"] for choice in option["choices"]]


async def test_every_option_reaches_the_gateway(world: World) -> None:
    order = await world.ann.slash(
        "imagine",
        prompt="a fox",
        model=FAST,
        aspect="9:16",
        size="2K",
        count=3,
        format="jpeg",
        enhance=True,
        thinking="high",
    )
    await world.ended(order)

    (request,) = world.omixa.requests
    assert request.body == {
        "model": FAST,
        "prompt": "a fox",
        "n": 3,
        "output_format": "jpeg",
        "aspect_ratio": "9:16",
        "size": "2K",
        "enhance_prompt": True,
        "reasoning_effort": "high",
    }


async def test_options_left_out_take_the_rows_defaults(world: World) -> None:
    await world.ended(await world.ann.slash("imagine", prompt="a fox", enhance=False))

    (request,) = world.omixa.requests
    assert request.body == {
        "model": IMAGEN,
        "prompt": "a fox",
        "n": 1,
        "output_format": "png",
        "aspect_ratio": "1:1",
        "size": "1K",
        "enhance_prompt": False,
    }


async def test_a_servers_policy_reaches_the_gateway(world: World) -> None:
    await world.store.set_server(
        world.server_id,
        1,
        person_generation="dont_allow",
        add_watermark=True,
    )
    await world.ended(await world.ann.slash("imagine", prompt="a fox"))

    (request,) = world.omixa.requests
    assert request.body["person_generation"] == "dont_allow"
    assert request.body["add_watermark"] is True


@pytest.mark.parametrize("kind", ["png", "jpeg", "webp"])
async def test_every_format_arrives_as_asked(world: World, kind: str) -> None:
    await world.ended(await world.ann.slash("imagine", prompt="a fox", format=kind))

    (result,) = world.pictures()
    assert [file.content_type for file in result.files] == [f"image/{kind}"]


async def test_choices_are_what_the_enabled_rows_take(world: World) -> None:
    shipped = catalogue.load(catalogue.SHIPPED)
    imagine = options(world, "imagine")

    assert values(imagine["aspect"]) == list(shipped.choices("aspects"))
    assert values(imagine["size"]) == list(shipped.choices("sizes"))
    assert values(imagine["format"]) == list(shipped.choices("formats"))
    assert values(imagine["thinking"]) == list(shipped.choices("efforts"))
    assert values(imagine["count"]) == list(range(1, 11))
    assert imagine["aspect"]["choices"][1]["name"] == "16:9 Wide"


async def test_models_show_their_price_and_what_one_can_afford(world: World) -> None:
    choices = await world.ann.autocomplete("imagine", focused="model")

    assert [(choice.name, choice.value) for choice in choices] == [
        ("Imagen 4 · $0.04 each · you can afford 25", IMAGEN),
        ("Imagen 4 Fast · at most $0.04 each · you can afford 25", FAST),
    ]


async def test_what_one_can_afford_falls_with_spending(world: World) -> None:
    await world.ended(await world.ann.slash("imagine", prompt="a fox", count=2))
    mine = await world.ann.autocomplete("imagine", focused="model", value="FAST")
    others = await world.ben.autocomplete("imagine", focused="model", value="fast")

    assert [choice.name for choice in mine] == [
        "Imagen 4 Fast · at most $0.04 each · you can afford 23"
    ]
    assert others[0].name.endswith("you can afford 25")


async def test_nobody_without_a_limit_reads_what_they_can_afford(world: World) -> None:
    for scope in ("each person", "this server"):
        await world.budget(scope=scope, amount="unlimited")
    (choice, _) = await world.ben.autocomplete("imagine", focused="model")

    assert choice.name.endswith("you can afford 625")  # the operator's limit still holds


async def test_the_blocked_can_afford_nothing(world: World) -> None:
    scope = members_scope(world.server_id)
    await world.store.set_limit(scope, PeriodKind.DAY, Rule.BLOCKED, actor=1)
    choices = await world.ann.autocomplete("imagine", focused="model")

    assert all(choice.name.endswith("you can afford 0") for choice in choices)


async def test_no_match_is_an_empty_list(world: World) -> None:
    assert await world.ann.autocomplete("imagine", focused="model", value="dall-e") == []


async def test_a_price_the_gateway_once_charged_is_shown(world: World) -> None:
    world.omixa.next(faults.billed('"0.050000"'))
    await world.ended(await world.ann.slash("imagine", prompt="a fox"))
    shown = await world.ann.autocomplete("imagine", focused="model", value="Imagen 4 · $0.04 each")
    other = await world.ann.autocomplete("imagine", focused="model", options={"size": "2K"})

    assert shown[0].name == "Imagen 4 · $0.05 each · you can afford 19"
    assert other[0].name.startswith("Imagen 4 · $0.04 each")


async def test_prices_by_size_follow_the_size_that_stands_there(tmp_path: Path) -> None:
    rows = tmp_path / "models.toml"
    rows.write_text(
        '[[model]]\nid = "imagen-4.0-generate-001"\nlabel = "Masterly"\nfields = ["size"]\n'
        'sizes = ["1K", "4K"]\n'
        'size_default = "1K"\nprices = {"1K" = "0.10", "4K" = "0.30"}\n'
    )
    async with world_of(tmp_path, MODELS_FILE=str(rows)) as world:
        small = await world.ann.autocomplete("imagine", focused="model", value="mast")
        large = await world.ann.autocomplete(
            "imagine", focused="model", value="mast", options={"size": "4K"}
        )
    assert small[0].name == "Masterly · $0.10 each · you can afford 10"
    assert large[0].name == "Masterly · $0.30 each · you can afford 3"


@pytest.mark.parametrize("typed", ["imagen 4 fast", FAST, "Imagen 4 Fast · at most $0.04 each"])
async def test_a_model_may_be_typed_by_label_id_or_list_line(world: World, typed: str) -> None:
    await world.ended(await world.ann.slash("imagine", prompt="a fox", model=typed))

    assert [request.model for request in world.omixa.requests] == [FAST]


async def test_money_is_printed_with_a_dollar_sign() -> None:
    assert str(Money(39_000)) == "$0.039"
