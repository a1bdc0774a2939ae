"""The menu View usage: what a person has left, for them and for managers."""

from sandbox.people import Person
from tests.flow.managing import answered, dana, paint, told
from tests.flow.world import World


async def usage(world: World, viewer: Person, on: object) -> str:
    return (await answered(world, await viewer.menu("View usage", on))).text  # type: ignore[arg-type]  # a person or an account


async def test_everybody_sees_their_own(world: World) -> None:
    await paint(world.ben)
    text = await usage(world, world.ben, world.ben)

    assert "Your allowance" in text
    assert "**$0.961 left** of $1.00 today" in text
    assert "`a fox`" in text


async def test_managers_see_others_by_right_or_by_role(world: World) -> None:
    await paint(world.cleo)
    by_right = await usage(world, dana(world), world.cleo)
    await told(world, "budget managers", role="Artists")
    by_role = await usage(world, world.ben, world.cleo)

    for text in (by_right, by_role):
        assert f"Allowance of {world.cleo.mention}" in text
        assert "**$0.961 left** of $1.00 today" in text
        assert "**Last orders**" in text
        assert "`a fox`" in text


async def test_a_manager_does_not_read_what_was_ordered_privately(world: World) -> None:
    await world.ended(await world.ben.slash("imagine", prompt="a surprise", private=True))
    text = await usage(world, world.ann, world.ben)

    assert "a surprise" not in text
    assert "1 picture · $0.039 · private" in text
    assert "`a surprise`" in await usage(world, world.ben, world.ben)


async def test_who_ordered_nothing_is_said_to(world: World) -> None:
    assert "Nothing was ordered yet." in await usage(world, world.ann, world.ben)
    assert "You have not ordered anything yet." in await usage(world, world.ann, world.ann)


async def test_whose_team_pays_is_told_to_each_in_their_own_words(world: World) -> None:
    await told(world, "budget team create", name="Blue", amount="3")
    await told(world, "budget team add", team="Blue", person=world.ben)

    assert "**No limit of your own**" in await usage(world, world.ben, world.ben)
    assert "**No limit of their own**" in await usage(world, world.ann, world.ben)


async def test_others_usage_is_not_for_everybody(world: World) -> None:
    assert await usage(world, world.ben, world.cleo) == (
        "What others spend is for managers to see. `/quota` shows your own."
    )


async def test_bots_and_who_left_have_no_usage(world: World) -> None:
    world.discord.remove(world.cleo)
    sentence = "This works for people of this server, but not for bots."

    assert await usage(world, world.ann, world.discord.bot) == sentence
    assert await usage(world, world.ann, world.cleo) == sentence
