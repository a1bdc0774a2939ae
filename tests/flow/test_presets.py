"""/preset: styles under a name, kept, used, listed, shared and deleted."""

from typing import Any

import pytest

from bot.core.money import Money
from bot.core.preferences import Options
from bot.store.presets import PRESETS_MAX, Preset
from sandbox.discord import components
from sandbox.discord.interactions import Interaction
from sandbox.discord.options import CannotSend
from sandbox.discord.state import Message
from sandbox.people import Person
from tests.flow.buttons import labels
from tests.flow.managing import answered, changes
from tests.flow.orders import refused
from tests.flow.wishes import heard, street_of, until
from tests.flow.world import World

FAST = "imagen-4.0-fast-generate-001"
MANAGERS = "people with the Manage Server permission or the server's budget role"


async def say(world: World, person: Person, command: str, **options: object) -> str:
    """Use a command as a client would that checks nothing, and read what comes back."""
    answer = await person.tampered.slash(f"preset {command}", options=options)
    return (await answered(world, answer)).text


async def save(world: World, person: Person, name: str, **options: object) -> str:
    return await say(world, person, "save", name=name, **options)


async def listed(world: World, person: Person, **where: Any) -> Message:
    return await answered(world, await person.slash("preset list", **where))


def texts(panel: Message) -> list[str]:
    walked = components.walk(panel.components)
    return [one["content"] for _, one in walked if one["type"] == components.TEXT]


async def names(person: Person, command: str, typed: str = "", option: str = "name") -> list[str]:
    found = await person.autocomplete(command, focused=option, value=typed)
    return [str(choice.value) for choice in found]


async def body(world: World, order: Interaction) -> dict[str, Any]:
    """Wait for an order's end, and read what was asked of the gateway."""
    await world.ended(order)
    found: dict[str, Any] = world.omixa.requests[-1].body
    return found


async def test_a_preset_is_saved_and_used(world: World) -> None:
    told = await save(
        world,
        world.ben,
        "Noir",
        prompt="film noir, rain",
        aspect="16:9",
        count=2,
        model="imagen 4 fast",
    )
    used = await body(world, await world.ben.slash("preset use", name="noir", prompt="a fox"))

    assert told == (
        "Saved your preset **Noir**\n`film noir, rain` · 16:9 Wide · 2 pictures · Imagen 4 Fast\n"
        "Use it with `/preset use`, or as the option `preset` of `/imagine`."
    )
    assert used == {
        "model": FAST,
        "prompt": "a fox, film noir, rain",
        "n": 2,
        "aspect_ratio": "16:9",
        "size": "1K",
        "output_format": "png",
    }
    (result,) = world.pictures()
    assert "**a fox, film noir, rain**" in result.content


async def test_the_prompt_goes_where_the_preset_says(world: World) -> None:
    await save(world, world.ben, "stamp", prompt="a stamp of {prompt}, {prompt} in gold")
    used = await body(
        world, await world.ben.slash("imagine", prompt="{prompt} or not", preset="stamp")
    )

    assert used["prompt"] == "a stamp of {prompt} or not, {prompt} or not in gold"


async def test_what_is_typed_comes_before_the_preset_and_that_before_defaults(
    world: World,
) -> None:
    panel = await answered(world, await world.ben.slash("settings"))
    for menu, value in (("Size", "4K"), ("Shape", "9:16 Phone"), ("File format", "JPEG")):
        press = await world.ben.select(menu, value, on=panel)
        await until(world, lambda press=press: len(press.calls) > 1)  # type: ignore[misc]
    await save(world, world.ben, "wide", aspect="16:9", size="2K")
    used = await body(
        world, await world.ben.slash("imagine", prompt="a fox", preset="wide", size="0.5K")
    )

    assert (used["size"], used["aspect_ratio"], used["output_format"]) == ("0.5K", "16:9", "jpeg")
    assert used["prompt"] == "a fox"


async def test_a_missing_prompt_is_asked_for(world: World) -> None:
    await save(world, world.ben, "noir", prompt="film noir")
    for command, option in (("preset use", "name"), ("imagine", "preset")):
        opened = await world.ben.slash(command, options={option: "noir"})
        assert opened.modal is not None
        assert opened.modal["title"] == "New pictures: noir"
        used = await body(world, await world.ben.submit(opened, Prompt="a fox"))
        assert used["prompt"] == "a fox, film noir"


async def test_the_same_name_again_replaces_only_ones_own(world: World) -> None:
    await save(world, world.ann, "Noir", size="2K")
    first = await save(world, world.ben, "noir", size="1K")
    again = await save(world, world.ben, "NOIR", prompt="dark")

    assert first.startswith("Saved your preset **noir**\n1K")
    assert again.startswith("Replaced your preset **NOIR**\n`dark`\n")
    assert [text for text in texts(await listed(world, world.ben)) if "**N" in text] == [
        "**NOIR**\n`dark`"
    ]
    assert "**Noir**\n2K" in texts(await listed(world, world.ann))


async def test_nobody_else_sees_or_uses_a_preset_of_ones_own(world: World) -> None:
    await save(world, world.ann, "secret", prompt="our secret project")
    told = await say(world, world.ben, "use", name="secret", prompt="a fox")

    for command in ("preset use", "preset share", "preset delete"):
        assert await names(world.ben, command) == []
    assert await names(world.ben, "imagine", option="preset") == []
    assert told == "There is no preset `secret`. `/preset save` makes one."
    assert "secret" not in "".join(texts(await listed(world, world.ben)))
    assert world.omixa.calls == 0


async def test_lists_have_own_ones_first_and_say_what_they_do(world: World) -> None:
    for name in ("zebra", "noir"):
        await save(world, world.dana, name, prompt="by Dana")
        await say(world, world.dana, "share", name=name)
    await save(world, world.ben, "ocean", size="2K")
    await save(world, world.ben, "Noir", prompt="by Ben")
    found = await world.ben.autocomplete("imagine", focused="preset")

    assert [(choice.value, choice.name) for choice in found] == [
        ("Noir", "Noir · `by Ben`"),
        ("ocean", "ocean · 2K"),
        ("zebra", "zebra · `by Dana`"),
    ]
    assert await names(world.ben, "preset use", "OCE") == ["ocean"]
    assert await names(world.ben, "preset share") == ["Noir", "ocean"]
    line = await body(
        world, await world.ben.slash("imagine", prompt="a fox", preset="Noir · `by Ben`")
    )
    assert line["prompt"] == "a fox, by Ben"


async def test_the_panel_shows_both_kinds_and_its_buttons_use_them(world: World) -> None:
    await save(world, world.dana, "noir", prompt="by Dana", count=2)
    await say(world, world.dana, "share", name="noir")
    await save(world, world.ben, "noir", prompt="by Ben")
    panel = await listed(world, world.ben)
    buttons = [one for _, one in components.walk(panel.components) if one.get("label") == "Use"]
    opened = await world.ben.press(buttons[1]["custom_id"], on=panel)
    used = await body(world, await world.ben.submit(opened, Prompt="a fox"))

    assert panel.ephemeral
    assert texts(panel) == [
        "## Presets",
        "**Yours**",
        "**noir**\n`by Ben`",
        "**Shared in this server**",
        "**noir**\n`by Dana` · 2 pictures",
    ]
    assert (used["prompt"], used["n"]) == ("a fox, by Dana", 2)


async def test_the_panel_says_how_to_begin(world: World) -> None:
    assert texts(await listed(world, world.ben))[1].startswith("There are none yet. `/preset save`")


async def test_a_long_list_has_pages(world: World) -> None:
    ben = int(world.ben.id)
    for number in range(20):
        preset = Preset(name=f"style {number:02}", text="x" * 1000, options=Options(size="2K"))
        await world.store.save_preset(ben, preset)
    panel = await listed(world, world.ben)
    first = labels(panel)
    await turned(world, "More", panel)
    middle = labels(panel)
    await turned(world, "More", panel)
    last = [text.partition("\n")[0] for text in texts(panel)]
    for number in range(4, 20):
        await say(world, world.ben, "delete", name=f"style {number:02}")
    await turned(world, "Earlier", panel)

    assert first == ["Use"] * 8 + ["More"]
    assert middle == ["Use"] * 8 + ["Earlier", "More"]
    assert last == ["## Presets", "**Yours**", *(f"**style {n}**" for n in range(16, 20))]
    assert labels(panel) == ["Use"] * 4  # of what is left, the last page


async def turned(world: World, label: str, panel: Message) -> None:
    press = await world.ben.press(label, on=panel)
    await until(world, lambda: any(call.what == "original.edit" for call in press.calls))


async def test_a_shared_preset_is_everybodys_in_that_server_alone(world: World) -> None:
    await save(world, world.dana, "Noir", prompt="film noir")
    told = await say(world, world.dana, "share", name="noir")
    used = await body(world, await world.ben.slash("preset use", name="NOIR", prompt="a fox"))
    away = world.discord.channel("general", world.discord.add_server("Away"))
    elsewhere = await listed(world, world.dana, channel=away)

    assert told == "Everybody here can use **Noir** now. It is this server's, not yours."
    assert used["prompt"] == "a fox, film noir"
    assert texts(elsewhere)[1].startswith("There are none yet")
    assert changes(world) == [(f"preset Noir of {world.server_id}", "not set", "shared", "")]


async def test_who_may_not_share_reads_who_can(world: World) -> None:
    await save(world, world.ben, "noir", prompt="film noir")
    told = await say(world, world.ben, "share", name="noir")
    await save(world, world.dana, "ours", prompt="blue")
    await say(world, world.dana, "share", name="ours")
    deleted = await say(world, world.ben, "delete", name="ours")
    answer = await world.dana.slash("preset share", name="noir", channel=world.dana.dm)

    assert told == deleted == f"That is for {MANAGERS}; please ask one of them."
    assert (await world.answered(answer)).text == (
        "Presets are shared with a server: please use this in one that I am a member of."
    )
    assert await names(world.ben, "preset use") == ["noir", "ours"]


async def test_a_name_is_shared_once(world: World) -> None:
    await save(world, world.ann, "noir", prompt="by Ann")
    await say(world, world.ann, "share", name="noir")
    await save(world, world.dana, "NOIR", prompt="by Dana")
    told = await say(world, world.dana, "share", name="noir")
    not_own = await say(world, world.ann, "share", name="noir")

    assert told == (
        "This server shares a preset **NOIR** already. `/preset delete` that one first, or save "
        "yours under another name."
    )
    assert not_own == "There is no preset `noir` of your own. `/preset save` makes one."


async def test_deleting_takes_ones_own_first(world: World) -> None:
    await save(world, world.dana, "noir", prompt="shared")
    await say(world, world.dana, "share", name="noir")
    await save(world, world.dana, "noir", prompt="own")
    told = [await say(world, world.dana, "delete", name="noir") for _ in range(3)]

    assert told == [
        "Deleted your preset **noir**.",
        "Deleted this server's preset **noir**.",
        "There is no preset `noir`. `/preset save` makes one.",
    ]
    assert changes(world)[-1] == (f"preset noir of {world.server_id}", "shared", "not set", "")


async def test_twenty_five_are_enough_for_anybody(world: World) -> None:
    dana = int(world.dana.id)
    for number in range(PRESETS_MAX):
        await world.store.save_preset(dana, Preset(name=f"s{number}", text="x"))
    full = await save(world, world.dana, "one more", prompt="x")
    again = await save(world, world.dana, "S3", prompt="y")
    for each in await world.store.presets(dana, None):
        await world.store.share_preset(each, world.server_id, dana)
    await save(world, world.dana, "one more", prompt="x")
    shared = await say(world, world.dana, "share", name="one more")

    assert full == "You have 25 presets already; `/preset delete` makes room."
    assert again.startswith("Replaced your preset **S3**")
    assert shared == "This server shares 25 presets already; `/preset delete` makes room."
    assert len(await names(world.ben, "imagine", option="preset")) == 25


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"name": "a" * 33, "prompt": "x"}, "`name` takes 1 to 32 letters, digits, spaces or"),
        ({"name": "*", "prompt": "x"}, "`name` takes 1 to 32 letters, digits, spaces or"),
        ({"name": "\u202e", "prompt": "x"}, "`name` takes 1 to 32 letters, digits, spaces or"),
        ({"name": "a"}, "A preset needs a `prompt`, or one of the other options."),
        ({"name": "a", "prompt": " "}, "`prompt` is empty: say what you would like to see"),
        ({"name": "a", "prompt": "x" * 1001}, "`prompt` has 1,001 characters; 1,000 are accepted."),
        ({"name": "a", "count": 11}, "`count` can be 1 to 10, not 11."),
        ({"name": "a", "count": 0}, "`count` can be 1 to 10, not 0."),
        ({"name": "a", "aspect": "7:3"}, "Imagen 4 does not take `aspect` 7:3; it takes 1:1, "),
        ({"name": "a", "size": "64K"}, "Imagen 4 does not take `size` 64K; it takes 0.5K, "),
        ({"name": "a", "format": "gif"}, "Imagen 4 does not take `format` gif; it takes png, "),
        ({"name": "a", "model": "dall-e"}, "`model` can be Imagen 4 or Imagen 4 Fast, not `dall"),
    ],
)
async def test_what_cannot_be_saved_is_told_in_a_sentence(
    world: World, options: dict[str, object], sentence: str
) -> None:
    assert (await say(world, world.ben, "save", **options)).startswith(sentence)
    assert await world.store.presets(int(world.ben.id), None) == []


async def test_the_client_stops_what_is_too_long(world: World) -> None:
    with pytest.raises(CannotSend):
        await world.ben.slash("preset save", name="a" * 33, prompt="x")
    with pytest.raises(CannotSend):
        await world.ben.slash("preset save", name="a", prompt="x" * 1001)


async def test_a_preset_that_is_not_there_is_told_before_anything_is_typed(world: World) -> None:
    for name in ("Film noir", "Aquarelle"):
        await save(world, world.ben, name, prompt="x")
    for command, option in (("preset use", "name"), ("imagine", "preset")):
        answer = await world.ben.slash(command, options={option: "film nor"})
        assert answer.modal is None
        assert (await world.answered(answer)).text == (
            "There is no preset `film nor`. Did you mean `Film noir`?"
        )
    told = await say(world, world.ben, "use", name="xyz", prompt="a fox")

    assert told == "There is no preset `xyz`. Did you mean `Aquarelle` or `Film noir`?"
    assert world.omixa.calls == 0
    assert await world.store.held() == Money(0)


async def test_a_preset_counts_as_what_was_typed(world: World) -> None:
    await save(world, world.ben, "long", prompt="x" * 1000)
    await save(world, world.ben, "gone", model="Imagen 4 Fast")
    world.easel.rooms.shelf.withdraw(FAST)

    assert await refused(world, world.ben, prompt="y" * 3500, preset="long") == (
        "`prompt` has 4,502 characters; 4,000 are accepted."
    )
    assert await refused(world, world.ben, prompt=" ", preset="long") == (
        "`prompt` is empty: say what you would like to see, in 1 to 4,000 characters."
    )
    assert (await refused(world, world.ben, preset="gone")).startswith("`model` can be Imagen 4, n")


async def test_a_list_outlives_the_bot_and_its_presets(tmp_path: Any) -> None:
    async with street_of(tmp_path) as street:
        async with street.easel() as world:
            await save(world, world.ben, "noir", prompt="film noir")
            await save(world, world.ben, "gone", prompt="x")
            panel = await listed(world, world.ben)
        async with street.easel() as world:
            await say(world, world.ben, "delete", name="gone")
            gone, noir = (
                one["custom_id"]
                for _, one in components.walk(panel.components)
                if one.get("label") == "Use"
            )
            opened = await world.ben.press(noir, on=panel)
            used = await body(world, await world.ben.submit(opened, Prompt="a fox"))
            told = await heard(world, await world.ben.press(gone, on=panel))

    assert used["prompt"] == "a fox, film noir"
    assert told == "This preset is not there any more. `/preset list` shows those there are."


async def test_a_preset_saved_anywhere_is_ones_own_everywhere(world: World) -> None:
    answer = await world.ben.slash("preset save", name="noir", prompt="x", channel=world.ben.dm)
    await world.answered(answer)

    assert await names(world.ben, "preset use") == ["noir"]


async def test_an_event_that_comes_twice_is_told_once(world: World) -> None:
    answer = await world.ben.slash("preset save", name="noir", prompt="x")
    first = (await answered(world, answer)).text
    world.discord.world.tell("interaction", answer)
    await listed(world, world.ben)

    assert first.startswith("Saved")
    assert answer.original is not None
    assert answer.original.text == first
