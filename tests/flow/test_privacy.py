"""Who sees an order's pictures: whom its person meant, and never more."""

import pytest

from bot.core.ids import JobId
from bot.core.job import Place
from bot.core.limits import PeriodKind, Rule, server_scope
from bot.core.preferences import Whose
from sandbox.discord.interactions import Interaction
from sandbox.discord.state import Channel
from tests.flow.editing import follows, painted, picture, spent, told
from tests.flow.world import World


async def newest(world: World) -> JobId:
    """Name Ann's last order."""
    return (await world.store.receipts(int(world.ann.id), None))[0].job


async def hidden(world: World) -> Interaction:
    """Let Ann order what only she sees."""
    order = await world.ann.slash("imagine", prompt="a secret", private=True)
    await world.ended(order)
    return order


async def away(world: World) -> Channel:
    """Find a place outside the bot's servers, where orders may be given."""
    await world.store.set_limit(server_scope(None), PeriodKind.DAY, Rule.UNLIMITED, actor=1)
    return world.discord.channel("general", world.discord.add_server("Away", has_bot=False))


@pytest.mark.parametrize("command", ["upscale", "cutout"])
async def test_what_is_asked_for_in_private_is_private(world: World, command: str) -> None:
    first = await painted(world)
    job = await newest(world)
    await world.ended(await world.ben.slash(command, id=job, private=True))
    assert world.pictures() == [first]


async def test_whose_orders_are_usually_private_gets_variations_alone(world: World) -> None:
    first = await painted(world)
    place = Place(server_id=world.server_id, channel_id=int(world.discord.home.id))
    await world.store.prefer(int(world.ben.id), place, Whose.YOU, "private", True)
    await world.ended(await world.ben.press("Vary", on=first))
    assert world.pictures() == [first]


async def test_a_reply_to_a_private_picture_that_was_published_is_answered_there(
    world: World,
) -> None:
    await hidden(world)
    await told(world, await world.ann.slash("show", id=await newest(world), public=True))
    (shown,) = world.pictures()
    for words in ("make it night", "again"):
        before = world.pictures()
        await world.ben.reply(shown, words)
        await follows(world, *before)
    assert len(world.pictures()) == 3
    assert (await spent(world, world.ben)).micros == 2 * 39_000


async def test_outside_servers_what_comes_of_a_private_picture_is_private(world: World) -> None:
    there = await away(world)
    await hidden(world)
    answer = await world.ann.slash("upscale", id=await newest(world), channel=there)
    await world.ended(answer)
    assert answer.original is not None
    assert answer.original.ephemeral


@pytest.mark.parametrize("command", ["upscale", "cutout", "edit", "blend"])
async def test_outside_servers_a_private_default_holds_for_every_command(
    world: World, command: str
) -> None:
    there = await away(world)
    place = Place(server_id=None, channel_id=int(there.id))
    await world.store.prefer(int(world.ann.id), place, Whose.YOU, "private", True)
    options: dict[str, object] = {"image": picture()}
    if command == "blend":
        options = {"image1": picture(), "image2": picture("b.png", "red")}
    if command == "edit":
        options["prompt"] = "make it night"
    answer = await world.ann.slash(command, channel=there, options=options)
    await world.ended(answer)
    assert answer.original is not None
    assert answer.original.ephemeral
    assert world.pictures(there) == []


async def test_outside_servers_a_private_default_holds_for_buttons(world: World) -> None:
    there = await away(world)
    order = await world.ben.slash("imagine", prompt="a fox", channel=there)
    result = await world.ann.waits_for(lambda one: bool(one.files))
    await world.idle()
    assert order.original is result
    place = Place(server_id=None, channel_id=int(there.id))
    await world.store.prefer(int(world.ann.id), place, Whose.YOU, "private", True)
    for button in ("Reroll", "Vary"):
        answer = await world.ann.press(button, on=result)
        await world.idle()
        assert answer.original is not None
        assert answer.original.ephemeral
