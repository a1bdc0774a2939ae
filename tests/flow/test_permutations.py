"""Lists in a prompt: every combination, once the price is confirmed."""

import pytest

from bot.core.money import Money
from sandbox.discord.state import Message
from tests.flow.editing import follows, spent, told
from tests.flow.world import World

CAR = "[red, blue] car at [dawn, dusk]"


async def test_every_combination_is_painted_once_it_is_confirmed(world: World) -> None:
    asked = await world.ann.slash("imagine", prompt=CAR)
    text = await told(world, asked)
    assert "4 pictures, for $0.16 at most" in text
    assert "2. red car at dusk" in text
    assert world.omixa.requests == []
    assert asked.original is not None
    await world.ended(await world.ann.press("4 pictures for $0.16", on=asked.original))
    sent = sorted(one.body["prompt"] for one in world.omixa.requests)
    assert sent == ["blue car at dawn", "blue car at dusk", "red car at dawn", "red car at dusk"]
    (result,) = world.pictures()
    told_of = sorted((one.description or "").partition(": ")[2] for one in result.files)
    assert told_of == sent
    assert await spent(world, world.ann) == Money(4 * 39_000)


async def test_several_of_each(world: World) -> None:
    asked = await world.ann.slash("imagine", prompt="a [red, blue] fox", count=2)
    assert "4 pictures, 2 pictures of each, for $0.16" in await told(world, asked)
    assert asked.original is not None
    await world.ended(await world.ann.press("4 pictures for $0.16", on=asked.original))
    assert [one.body["n"] for one in world.omixa.requests] == [2, 2]


async def test_a_list_can_be_meant_as_it_is_written(world: World) -> None:
    asked = await world.ann.slash("imagine", prompt='["a", "b"]')
    await told(world, asked)
    assert asked.original is not None
    await world.ended(await world.ann.press("1 picture as written for $0.04", on=asked.original))
    assert [one.body["prompt"] for one in world.omixa.requests] == ['["a", "b"]']


@pytest.mark.parametrize(
    ("prompt", "many"),
    [("[1,2,3,4,5,6,7,8,9,0]" * 4, "20,000"), ("[a,b]" * 800, "more than a billion")],
    ids=["four", "eight hundred"],
)
async def test_too_many_combinations_are_refused_without_writing_them_out(
    world: World, prompt: str, many: str
) -> None:
    said = await told(world, await world.ann.slash("imagine", prompt=prompt, count=2))
    assert f"make {many} pictures" in said
    assert "10 at a time" in said


async def all_four(world: World) -> Message:
    """Let Ann order every combination, and give what came."""
    asked = await world.ann.slash("imagine", prompt=CAR)
    await world.answered(asked)
    assert asked.original is not None
    await world.ended(await world.ann.press("4 pictures for $0.16", on=asked.original))
    return world.pictures()[-1]


@pytest.mark.parametrize(
    ("said", "named", "each"),
    [
        ("2: again", (2,), 1),
        ("3+2: again", (3, 2), 1),
        ("2: again 2x", (2,), 2),
        ("again", (1, 2, 3, 4), 1),
        ("again 5x", (1, 2, 3, 4), 1),
        ("again 9x", (1, 2, 3, 4), 2),
    ],
)
async def test_combinations_are_ordered_again(
    world: World, said: str, named: tuple[int, ...], each: int
) -> None:
    result = await all_four(world)
    shown = {
        int(one.filename.partition("-")[2][0]): (one.description or "").partition(": ")[2]
        for one in result.files
    }
    before = len(world.omixa.requests)
    await world.ben.reply(result, said)
    await follows(world, result)
    sent = {one.body["prompt"]: one.body["n"] for one in world.omixa.requests[before:]}
    assert sent == {shown[number]: each for number in named}
    assert await spent(world, world.ben) == Money(39_000 * each * len(named))
