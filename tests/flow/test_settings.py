"""/settings: defaults of people, channels and servers, and which of them an order follows."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from bot.core.catalogue import Catalogue
from bot.core.job import Place
from bot.core.limits import PeriodKind, Rule, server_scope
from bot.core.preferences import Whose
from sandbox.discord import components
from sandbox.discord.interactions import DEFER
from sandbox.discord.options import CannotSend
from sandbox.discord.state import Channel, Message
from sandbox.people import Person
from tests.flow.buttons import forged
from tests.flow.managing import GONE, answered, changes
from tests.flow.orders import refused
from tests.flow.wishes import heard, street_of, until
from tests.flow.world import World, world_of

IMAGEN = "imagen-4.0-generate-001"
FAST = "imagen-4.0-fast-generate-001"
WHOSE = "Whose defaults"
MANAGERS = "people with the Manage Server permission or the server's budget role"
ROWS = f"""
[[model]]
id = "{FAST}"
label = "Small"
fields = ["aspect_ratio", "size"]
prices = {{"0.5K" = "0.02", "1K" = "0.02"}}
aspects = ["1:1", "4:3"]
sizes = ["0.5K", "1K", "2K"]
size_default = "1K"
"""


async def settings(world: World, person: Person, channel: Channel | None = None) -> Message:
    return await answered(world, await person.slash("settings", channel=channel))


async def choose(world: World, person: Person, menu: str, value: str, *, on: Message) -> None:
    """Choose in a select, and wait until the panel was drawn anew."""
    press = await person.select(menu, value, on=on)
    await until(world, lambda: any(call.what == "original.edit" for call in press.calls))
    assert press.original is on


def texts(panel: Message) -> list[str]:
    walked = components.walk(panel.components)
    return [one["content"] for _, one in walked if one["type"] == components.TEXT]


def told(panel: Message) -> dict[str, str]:
    """Read what is ordered of each option, and whose word it is."""
    lines = [text.partition(" · ") for text in texts(panel) if text.startswith("**")]
    return {name.strip("*"): rest for name, _, rest in lines}


def shown(panel: Message) -> dict[str, list[str]]:
    """Read what each select stands at."""
    return {
        one["placeholder"]: [each["label"] for each in one["options"] if each.get("default")]
        for _, one in components.walk(panel.components)
        if one["type"] == components.STRING_SELECT
    }


async def prefer(
    world: World, whose: Whose, option: str, value: Any, channel: Channel | None = None
) -> None:
    """Let Ann set a default, past the panel."""
    where = int((channel or world.discord.home).id)
    place = Place(server_id=world.server_id, channel_id=where)
    await world.store.prefer(int(world.ann.id), place, whose, option, value)


async def sent(world: World, person: Person | None = None, **options: object) -> dict[str, Any]:
    """Order, and read what was asked of the gateway."""
    before = len(world.omixa.requests)
    order = await (person or world.ann).slash("imagine", options={"prompt": "a fox"} | options)
    await world.ended(order)
    body: dict[str, Any] = world.omixa.requests[before].body
    return body


async def test_at_first_all_is_the_bots(world: World) -> None:
    answer = await world.ben.slash("settings")
    panel = await answered(world, answer)

    assert answer.calls[0].body == {"type": DEFER, "data": {"flags": 64}}
    assert told(panel) == {
        "Shape": "1:1 Square · from the bot",
        "Size": "1K · from the bot",
        "How many": "1 picture · from the bot",
        "Model": "Imagen 4 · from the bot",
        "File format": "PNG · from the bot",
        "Who sees them": "everybody here · from the bot",
        "Prompt expansion": "as the model does it · from the bot",
        "Thinking": "as the model does it · from the bot",
    }
    assert shown(panel) == {option: ["No default"] for option in told(panel)}
    assert texts(panel)[0] == (
        "## Your defaults\n`/imagine` without options orders 1 picture here, for $0.04 at most."
    )


async def test_what_is_chosen_holds_at_once_and_for_every_order(world: World) -> None:
    panel = await settings(world, world.ben)
    picks = {
        "Shape": "16:9 Wide",
        "Size": "2K",
        "How many": "3 pictures",
        "Model": "Imagen 4 Fast · at most $0.04 each",
        "File format": "JPEG",
        "Prompt expansion": "Off",
        "Thinking": "High",
    }
    for menu, value in picks.items():
        await choose(world, world.ben, menu, value, on=panel)

    assert shown(panel) == {menu: [value] for menu, value in picks.items()} | {
        "Who sees them": ["No default"]
    }
    assert told(panel)["Shape"] == "16:9 Wide · from you"
    assert told(panel)["Model"] == "Imagen 4 Fast · from you"
    assert "orders 3 pictures here, for $0.12 at most" in texts(panel)[0]
    assert await sent(world, world.ben) == {
        "model": FAST,
        "prompt": "a fox",
        "n": 3,
        "output_format": "jpeg",
        "aspect_ratio": "16:9",
        "size": "2K",
        "enhance_prompt": False,
        "reasoning_effort": "high",
    }
    assert (await sent(world, world.cleo))["model"] == IMAGEN
    assert changes(world) == []


async def test_no_default_leaves_it_to_the_next(world: World) -> None:
    await prefer(world, Whose.SERVER, "size", "2K")
    panel = await settings(world, world.ann)
    await choose(world, world.ann, "Size", "4K", on=panel)
    await choose(world, world.ann, "Size", "No default", on=panel)

    assert told(panel)["Size"] == "2K · from this server"
    assert shown(panel)["Size"] == ["No default"]
    assert (await sent(world))["size"] == "2K"


async def test_the_nearest_word_counts(world: World) -> None:
    home, other = world.discord.home, world.discord.channel("budget")
    ratios = []
    for whose, aspect in zip(reversed(Whose), ("3:4", "4:3", "16:9"), strict=True):
        await prefer(world, whose, "aspect", aspect)
        panel = await settings(world, world.ann)
        ratios.append((told(panel)["Shape"], (await sent(world))["aspect_ratio"]))
    typed = await sent(world, aspect="9:16")
    elsewhere = await settings(world, world.dana, other)

    assert ratios == [
        ("3:4 Portrait · from this server", "3:4"),
        ("4:3 Landscape · from this channel", "4:3"),
        ("16:9 Wide · from you", "16:9"),
    ]
    assert typed["aspect_ratio"] == "9:16"
    assert told(elsewhere)["Shape"] == "3:4 Portrait · from this server"
    assert told(await settings(world, world.dana, home))["Shape"].endswith("from this channel")


async def test_what_is_typed_can_undo_every_default(world: World) -> None:
    await prefer(world, Whose.YOU, "private", value=True)
    await prefer(world, Whose.YOU, "count", 4)
    await prefer(world, Whose.YOU, "enhance", value=True)
    private = await world.ann.slash("imagine", prompt="a secret")
    await world.ended(private)
    open_to_all = await sent(world, private=False, count=1, enhance=False)

    assert private.original is not None
    assert len(private.original.files) == 4
    assert len(world.pictures()) == 1
    assert (open_to_all["n"], open_to_all["enhance_prompt"]) == (1, False)


async def test_own_defaults_come_along_and_shared_ones_do_not(world: World) -> None:
    await prefer(world, Whose.YOU, "size", "2K")
    await prefer(world, Whose.SERVER, "aspect", "16:9")
    panel = await settings(world, world.ann, world.ann.dm)

    assert told(panel)["Size"] == "2K · from you"
    assert told(panel)["Shape"] == "1:1 Square · from the bot"
    assert WHOSE not in shown(panel)  # there is nothing there to manage


async def test_outside_servers_a_private_default_hides_the_answer_from_the_first(
    world: World,
) -> None:
    await world.store.set_limit(server_scope(None), PeriodKind.DAY, Rule.UNLIMITED, actor=1)
    away = world.discord.channel("general", world.discord.add_server("Away", has_bot=False))
    seen = await world.ann.slash("imagine", prompt="a fox", channel=away)
    await prefer(world, Whose.YOU, "private", value=True)
    hidden = await world.ann.slash("imagine", prompt="a fox", channel=away)
    typed = await world.ann.slash("imagine", prompt="a fox", channel=away, private=False)
    await world.ann.waits_for(lambda one: one is hidden.original and one.files)
    await world.idle()

    flags = [order.calls[0].body.get("data", {}).get("flags") for order in (seen, hidden, typed)]
    assert flags == [None, 64, None]
    assert len(world.pictures(away)) == 2


async def test_a_default_the_model_does_not_take_is_left_out(tmp_path: Path) -> None:
    rows = tmp_path / "models.toml"
    rows.write_text(ROWS)
    async with world_of(tmp_path, MODELS_FILE=str(rows)) as world:
        options = {"size": "2K", "aspect": "16:9", "format": "webp", "enhance": True}
        for option, value in options.items():
            await prefer(world, Whose.YOU, option, value)
        await prefer(world, Whose.SERVER, "aspect", "4:3")
        by_small = await sent(world, model="Small")
        by_large = await sent(world)
        await prefer(world, Whose.YOU, "model", FAST)
        panel = await settings(world, world.ann)
        told_no = await refused(world, aspect="16:9")

    # Small lists 2K without a price, which can't be ordered either.
    small = {"model": FAST, "prompt": "a fox", "size": "1K", "aspect_ratio": "4:3"}
    assert by_small == small
    assert (by_large["size"], by_large["aspect_ratio"]) == ("2K", "16:9")
    assert told(panel)["Size"] == (
        "1K · from the bot\n-# 2K, from you, is left out: Small does not take it."
    )
    assert told(panel)["Shape"].startswith("4:3 Landscape · from this server\n-# 16:9 Wide, from")
    assert told_no.startswith("Small does not take `aspect` 16:9; it takes 1:1 and 4:3.")


async def test_a_default_model_that_is_gone_is_passed_over(world: World) -> None:
    await prefer(world, Whose.SERVER, "model", IMAGEN)
    await prefer(world, Whose.YOU, "model", FAST)
    world.easel.rooms.shelf.withdraw(FAST)
    panel = await settings(world, world.ann)

    assert told(panel)["Model"] == (
        "Imagen 4 · from this server\n"
        "-# Imagen 4 Fast, from you, is left out: it is not offered now."
    )
    assert shown(panel)["Model"] == []
    assert (await sent(world))["model"] == IMAGEN


async def test_managers_set_what_others_share(world: World) -> None:
    panel = await settings(world, world.dana)
    await choose(world, world.dana, WHOSE, "This server's defaults", on=panel)
    titles = [texts(panel)[0].partition("\n")[0]]
    await choose(world, world.dana, "How many", "2 pictures", on=panel)
    await choose(world, world.dana, WHOSE, "This channel's defaults", on=panel)
    titles.append(texts(panel)[0].partition("\n")[0])
    await choose(world, world.dana, "How many", "4 pictures", on=panel)
    await choose(world, world.dana, "How many", "4 pictures", on=panel)
    here, there = world.discord.home, world.discord.channel("budget")

    assert titles == ["## Defaults of this server", "## Defaults of this channel"]
    assert shown(panel)[WHOSE] == ["This channel's defaults"]
    assert told(await settings(world, world.ben, here))["How many"] == (
        "4 pictures · from this channel"
    )
    assert told(await settings(world, world.dana, there))["How many"] == (
        "2 pictures · from this server"
    )
    assert changes(world) == [
        (f"default server/{world.server_id} count", "not set", "2", ""),
        (f"default channel/{world.server_id}/{here.id} count", "not set", "4", ""),
    ]


async def test_others_see_what_they_share_and_cannot_set_it(world: World) -> None:
    ben = await settings(world, world.ben)
    panel = await settings(world, world.dana)
    await choose(world, world.dana, WHOSE, "This server's defaults", on=panel)
    world.discord.take(world.dana, "Managers")
    changed = await world.dana.select("Size", "4K", on=panel)
    turned = await world.dana.select(WHOSE, "This channel's defaults", on=panel)

    assert WHOSE not in shown(ben)
    for press in (changed, turned):
        assert await heard(world, press) == f"That is for {MANAGERS}; please ask one of them."
    assert changes(world) == []


async def test_a_role_that_manages_may_too_and_is_named_to_others(world: World) -> None:
    role = world.discord.role("Artists")  # Ben has it
    await answered(world, await world.ann.slash("budget managers", role=role))
    panel = await settings(world, world.ben)
    await choose(world, world.ben, WHOSE, "This server's defaults", on=panel)
    await choose(world, world.ben, "Size", "2K", on=panel)
    world.discord.take(world.ben, "Artists")
    press = await world.ben.select("Size", "4K", on=panel)

    assert f"{MANAGERS} ({role.mention}); please" in await heard(world, press)
    assert told(await settings(world, world.cleo))["Size"] == "2K · from this server"


async def test_what_is_not_in_the_list_is_not_taken(world: World) -> None:
    panel = await settings(world, world.ben)
    for name, value in (("aspect", "7:3"), ("count", "11"), ("model", "dall-e")):
        press = await forged(world.ben, panel, f"v1:default:you:{name}", value)
        assert await heard(world, press) == GONE
    with pytest.raises(CannotSend):
        await world.ben.select("Size", "64K", on=panel)

    assert {each.partition(" · ")[2] for each in told(panel).values()} == {"from the bot"}


async def test_many_models_are_as_many_as_a_list_can_have(world: World) -> None:
    shelf = world.easel.rooms.shelf
    row = shelf.catalogue.default
    shelf.catalogue = Catalogue(tuple(replace(row, id=f"m{number}") for number in range(30)))
    panel = await settings(world, world.ann)

    walked = components.walk(panel.components)
    (models,) = [one["options"] for _, one in walked if one.get("placeholder") == "Model"]
    assert len(models) == 25
    assert models[0]["label"] == "No default"


async def test_what_no_model_takes_is_not_asked(world: World) -> None:
    shelf = world.easel.rooms.shelf
    plain = replace(shelf.catalogue.default, aspects=(), efforts=(), fields=frozenset({"size"}))
    shelf.catalogue = Catalogue((plain,))
    panel = await settings(world, world.ben)

    assert list(told(panel)) == ["Size", "How many", "Model", "File format", "Who sees them"]


async def test_a_model_without_a_price_is_told(tmp_path: Path) -> None:
    rows = tmp_path / "models.toml"
    rows.write_text(ROWS.replace(FAST, IMAGEN).replace('"1K" = "0.02"', '"2K" = "0.02"'))
    async with world_of(tmp_path, MODELS_FILE=str(rows)) as world:
        panel = await settings(world, world.ann)

    assert texts(panel)[0].endswith(
        "I don't know what Small costs at `size` 1K, so I can't order it."
    )


async def test_a_panel_outlives_the_bot(tmp_path: Path) -> None:
    async with street_of(tmp_path) as street:
        async with street.easel() as world:
            panel = await settings(world, world.ben)
            await choose(world, world.ben, "Shape", "16:9 Wide", on=panel)
        async with street.easel() as world:
            await choose(world, world.ben, "Size", "2K", on=panel)
            body = await sent(world, world.ben)

    assert told(panel)["Shape"] == "16:9 Wide · from you"
    assert told(panel)["Size"] == "2K · from you"
    assert (body["aspect_ratio"], body["size"]) == ("16:9", "2K")


async def test_a_form_follows_the_defaults_too(world: World) -> None:
    await prefer(world, Whose.YOU, "size", "2K")
    opened = await world.ann.slash("imagine", aspect="16:9")
    await world.ended(await world.ann.submit(opened, Prompt="a fox"))

    (request,) = world.omixa.requests
    assert (request.body["size"], request.body["aspect_ratio"]) == ("2K", "16:9")
