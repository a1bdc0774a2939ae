"""Pictures handed out once more, compared and taken away, and what Discord makes of it."""

import asyncio

import pytest

from bot.core.limits import PeriodKind, Rule, server_scope
from sandbox.discord.state import MIB, Channel
from tests.flow.editing import follows, painted, told
from tests.flow.test_circles import best_of, private_one
from tests.flow.test_remixing import job_of
from tests.flow.world import World


async def outside(world: World) -> Channel:
    """Open a server that the bot is no member of."""
    await world.store.set_limit(server_scope(None), PeriodKind.DAY, Rule.UNLIMITED, actor=1)
    return world.discord.channel("general", world.discord.add_server("Away", has_bot=False))


async def test_a_private_result_is_deleted_where_only_one_sees_it(world: World) -> None:
    secret, _ = await private_one(world)
    await world.ann.press("Delete", on=secret)
    await world.ann.waits_for("Deleted. The order")
    assert secret.id not in world.discord.home.messages


async def test_a_result_is_deleted_where_the_bot_is_no_member(world: World) -> None:
    away = await outside(world)
    await world.ann.slash("imagine", prompt="a fox", channel=away)
    result = await world.ben.waits_for(lambda one: bool(one.files))
    await world.idle()
    await world.ann.press("Delete", on=result)
    await world.ann.waits_for("Deleted. The order")
    assert result.id not in away.messages


@pytest.mark.parametrize("way", ["show", "send", "public", "star"])
async def test_many_large_pictures_fit_one_message(world: World, way: str) -> None:
    best = await best_of(world)
    first = await painted(world, count=8, size="2K", format="png")
    assert sum(file.size for one in world.pictures() for file in one.files) > 25 * MIB
    number = (await job_of(world, first)).id
    match way:
        case "send":
            await told(world, await world.ben.press("Send to me", on=first))
            (shown,) = world.ben.messages(world.ben.dm)
        case "star":
            await told(world, await world.ben.press("Star", on=first))
            shown = await world.ben.waits_for("★ 1")
            assert shown.channel is best
        case _:
            answer = await world.ben.slash("show", id=number, public=way == "public")
            await told(world, answer)
            assert answer.original is not None
            shown = answer.original if way == "show" else world.pictures()[-1]
    assert len(shown.files) == 8
    assert sum(file.size for file in shown.files) <= 24 * MIB


async def test_pictures_that_only_discord_has_must_fit_too(world: World) -> None:
    first = await painted(world, count=8, size="2K", format="png")
    job = await job_of(world, first)
    for kept in (world.data / "spool" / "kept").rglob("*.*"):
        if kept.is_file():
            kept.unlink()
    said = await told(world, await world.ben.slash("show", id=job.id))
    assert "too large to send together" in said
    one = await world.ben.slash("show", id=f"{job.id}-2")
    assert job.id in await told(world, one)
    assert one.original is not None
    assert len(one.original.files) == 1


async def test_a_layout_that_discord_refuses_is_sent_plainly(world: World) -> None:
    first = await painted(world)
    await world.ben.reply(first, "make it night")
    second = await follows(world, first)
    world.discord.messages.gallery_edits_fail = True
    compared = await world.ann.press("Compare", on=second)
    assert await told(world, compared) == "**Before** `a lighthouse`\n**After** `make it night`"
    assert compared.original is not None
    assert len(compared.original.files) == 2
    page = await world.ann.slash("history")
    assert "1 to 1 of 1" in await told(world, page)
    assert page.original is not None
    assert not page.original.files


async def test_the_last_star_takes_a_picture_from_among_the_best(world: World) -> None:
    best = await best_of(world)
    first = await painted(world)
    for count in (1, 0, 1):
        await told(world, await world.ben.press("Star", on=first))
        async with asyncio.timeout(30):
            while len(world.pictures(best)) != count:
                await world.discord.world.change()
    assert "★ 1" in world.pictures(best)[0].text


async def test_a_star_counts_where_the_picture_is_gone(world: World) -> None:
    best = await best_of(world)
    first = await painted(world)
    for kept in (world.data / "spool" / "kept").rglob("*.*"):
        if kept.is_file():
            kept.unlink()
    shown = await world.ann.slash("show", id=(await job_of(world, first)).id, public=True)
    await told(world, shown)
    copy = world.pictures()[-1]
    world.discord.messages.delete(first)
    answer = await world.ben.press("Star", on=copy)
    assert "Starred; it has 1 star now" in await told(world, answer)
    await asyncio.sleep(0.2)
    assert "Starred; it has 1 star now" in await told(world, answer)
    assert world.pictures(best) == []


async def test_what_was_deleted_only_who_ordered_it_still_sees(world: World) -> None:
    best = await best_of(world)
    await world.ended(await world.ben.slash("imagine", prompt="a lighthouse"))
    (first,) = world.pictures()
    number = (await job_of(world, first)).id
    await told(world, await world.cleo.press("Star", on=first))
    await world.ann.waits_for("★ 1")
    await told(world, await world.cleo.slash("show", id=number, public=True))
    await world.ann.press("Delete", on=first)
    async with asyncio.timeout(30):
        while world.pictures() or world.pictures(best):
            await world.discord.world.change()
    for public in (True, False):
        refused = await told(world, await world.cleo.slash("show", id=number, public=public))
        assert "There is no result" in refused
    own = await told(world, await world.ben.slash("show", id=number, public=True))
    assert own == "This was deleted, so it is shown to you alone; leave `public` out."
    alone = await world.ben.slash("show", id=number)
    assert "a lighthouse" in await told(world, alone)
    assert alone.original is not None
    await told(world, await world.ben.press("Star", on=alone.original))
    await asyncio.sleep(0.2)
    assert world.pictures() == world.pictures(best) == []


async def test_deleting_a_copy_for_oneself_deletes_no_more(world: World) -> None:
    first = await painted(world)
    number = (await job_of(world, first)).id
    alone = await world.ann.slash("show", id=number)
    await told(world, alone)
    assert alone.original is not None
    await world.ann.press("Delete", on=alone.original)
    await world.ann.waits_for("Deleted. The order")
    assert world.pictures() == [first]
    assert "a lighthouse" in await told(world, await world.cleo.slash("show", id=number))
