"""A paid picture arrives whole, once, and somewhere: the delivery ladder on real sockets."""

import asyncio
import re
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
from aiohttp import web

from bot.core.states import PictureState
from bot.studio.courier import Undeliverable
from sandbox.discord.faults import Fault
from sandbox.discord.permissions import May
from sandbox.discord.refusals import Refused
from sandbox.discord.rest import answered
from sandbox.discord.state import MIB
from sandbox.omixa import faults
from tests.flow.world import World, world_of

POSTS = "/channels/*/messages"
TOKEN_LASTS_S = 15 * 60


def refuse(world: World, method: str, path: str, refusal: Refused) -> list[str]:
    """Order one refusal; gives the bodies that met it."""
    met: list[str] = []

    async def play(
        request: web.Request, _: Callable[[], Awaitable[web.StreamResponse]]
    ) -> web.StreamResponse:
        met.append((await request.read()).decode("utf-8", "replace"))
        return answered(refusal.status, refusal.body(), {})

    world.discord.faults.ordered.append(Fault(method, path, play, 1))
    return met


async def states(world: World, order_id: str) -> list[PictureState]:
    job = await world.store.job_by_key(order_id)
    assert job is not None
    return [picture.state for picture in job.pictures]


async def test_a_picture_too_large_for_the_server_is_posted_smaller(world: World) -> None:
    server = world.discord.home.server
    assert server is not None
    server.file_limit = 3 * MIB  # less than its boosts promise
    order = await world.ann.slash("imagine", prompt="a fox", size="2K", count=2)
    receipt = await world.ended(order)

    (result,) = world.pictures()
    assert [file.content_type for file in result.files] == ["image/jpeg"] * 2
    assert all(file.size <= 3 * MIB for file in result.files)
    assert all(file.description for file in result.files)
    assert "Done: 2 pictures." in receipt


async def test_pictures_of_4k_arrive_as_copies_that_fit(world: World) -> None:
    order = await world.ann.slash("imagine", prompt="a fox", size="4K", format="png", count=2)
    await world.ended(order)

    (result,) = world.pictures()
    assert [file.width for file in result.files] == [4096, 4096]
    assert [file.content_type for file in result.files] == ["image/jpeg"] * 2
    assert all(file.size <= 10 * MIB for file in result.files)
    job = await world.store.job_by_key(order.id)
    assert job is not None
    assert all(picture.size_bytes > 10 * MIB for picture in job.pictures)
    assert all(picture.look.format == "png" for picture in job.pictures)


async def test_more_than_one_request_carries_goes_into_the_same_message(world: World) -> None:
    order = await world.ann.slash("imagine", prompt="a fox", size="2K", count=10)
    await world.ended(order)

    (result,) = world.pictures()
    seen = world.discord.rest.seen
    edits = [one for one in seen if one.method == "PATCH" and one.path.startswith("/channels")]
    names = {file.filename.rpartition("-")[2] for file in result.files}
    assert names == {f"{n}.png" for n in range(1, 11)}
    assert sum(file.size for file in result.files) > 25 * MIB
    assert len(edits) >= 2


async def test_a_permission_lost_while_painting_shows_them_on_the_acknowledgement(
    world: World,
) -> None:
    world.omixa.next(faults.slow(headers_s=30))
    order = await world.ann.slash("imagine", prompt="a fox")
    await world.ann.waits_for("Painting")
    denied = (May(0), May.SEND_MESSAGES)
    world.discord.home.overwrites[world.discord.bot.id] = denied
    await world.painted()
    receipt = await world.ended(order)

    assert world.pictures() == []
    assert order.original is not None
    assert len(order.original.files) == 1
    assert "I could not post in the channel, so the pictures are here, for you only." in receipt
    assert "charged $0.039" in receipt
    assert await states(world, order.id) == [PictureState.DELIVERED]


async def test_a_channel_deleted_while_painting_shows_them_on_the_acknowledgement(
    world: World,
) -> None:
    world.omixa.next(faults.slow(headers_s=30))
    order = await world.ann.slash("imagine", prompt="a fox")
    await world.ann.waits_for("Painting")
    world.discord.delete_channel(world.discord.home)
    await world.painted()
    await world.idle()

    assert order.original is not None
    assert len(order.original.files) == 1
    assert await states(world, order.id) == [PictureState.DELIVERED]


async def test_a_message_deleted_between_two_calls_is_followed_by_another(world: World) -> None:
    world.omixa.script([faults.NONE, faults.slow(headers_s=30)])
    order = await world.ann.slash("imagine", prompt="a fox", count=5, size="0.5K")
    first = await world.ben.waits_for("so far…")
    world.discord.delete_message(first)
    await world.painted()
    await world.ended(order)

    (second,) = world.pictures()
    names = {file.filename for message in (first, second) for file in message.files}
    assert len(names) == 5
    assert second.nonce != first.nonce
    assert set(await states(world, order.id)) == {PictureState.DELIVERED}


async def test_a_message_deleted_while_it_is_extended_is_followed_by_another(
    world: World,
) -> None:
    world.omixa.script([faults.NONE, faults.slow(headers_s=30)])
    order = await world.ann.slash("imagine", prompt="a fox", count=5, size="0.5K")
    first = await world.ben.waits_for("so far…")
    async with world.discord.faults.held("PATCH", "/channels/*") as arrived:
        await world.painted()
        await arrived.wait()
        world.discord.delete_message(first)
    await world.ended(order)

    (second,) = world.pictures()
    assert len(first.files) + len(second.files) == 5
    assert set(await states(world, order.id)) == {PictureState.DELIVERED}


@pytest.mark.parametrize("applied", [False, True])
async def test_a_server_error_on_posting_leaves_one_message(
    world: World,
    applied: bool,  # noqa: FBT001 - a case
) -> None:
    world.discord.faults.fail("POST", POSTS, status=502, applied=applied)
    await world.ended(await world.ann.slash("imagine", prompt="a fox", size="0.5K"))

    assert len(world.pictures()) == 1


@pytest.mark.parametrize("applied", [False, True])
async def test_a_reset_on_posting_leaves_one_message(
    world: World,
    applied: bool,  # noqa: FBT001 - a case
) -> None:
    world.discord.faults.cut("POST", POSTS, applied=applied)
    order = await world.ann.slash("imagine", prompt="a fox", size="0.5K")
    receipt = await world.ended(order)

    assert len(world.pictures()) == 1
    assert "Done: 1 picture." in receipt
    assert await states(world, order.id) == [PictureState.DELIVERED]


async def test_a_reset_on_adding_pictures_adds_them_once(world: World) -> None:
    world.discord.faults.cut("PATCH", "/channels/*")
    order = await world.ann.slash("imagine", prompt="a fox", count=10, size="0.5K")
    await world.ended(order)

    (result,) = world.pictures()
    assert len(result.files) == 10
    assert set(await states(world, order.id)) == {PictureState.DELIVERED}


async def test_pictures_that_cannot_be_posted_are_kept_and_posted_later(world: World) -> None:
    world.discord.faults.cut("POST", POSTS, applied=False, times=2)
    order = await world.ann.slash("imagine", prompt="a fox", size="0.5K")
    receipt = await world.ended(order)

    assert "1 picture can't be posted right now. I keep trying for three days" in receipt
    assert "charged $0.039" in receipt
    while not world.pictures():
        world.clock.advance(60)
        await asyncio.sleep(0.05)
    await world.ann.waits_for("Done: 1 picture.")
    assert await states(world, order.id) == [PictureState.DELIVERED]
    assert world.omixa.calls == 1


async def test_a_prompt_that_automod_blocks_is_left_out(world: World) -> None:
    met = refuse(
        world, "POST", POSTS, Refused(400, 200000, "Message was blocked by automatic moderation")
    )
    await world.ended(await world.ann.slash("imagine", prompt="a damned fox"))

    (result,) = world.pictures()
    assert "a damned fox" in met[0]
    assert result.content.startswith(f"{world.ann.mention}\n-# Imagen 4")
    assert "damned" not in result.content
    assert "damned" not in str(result.files[0].description)


async def test_a_refused_form_keeps_the_picture(world: World) -> None:
    for _ in range(2):
        refuse(world, "POST", POSTS, Refused(400, 50035, "Invalid Form Body"))
    order = await world.ann.slash("imagine", prompt="a fox")

    assert "can't be posted right now" in await world.ended(order)
    assert await states(world, order.id) == [PictureState.SPOOLED]


async def test_a_picture_too_large_in_every_size_is_kept(world: World) -> None:
    server = world.discord.home.server
    assert server is not None
    server.file_limit = 1000
    order = await world.ann.slash("imagine", prompt="a fox", size="0.5K")

    assert "can't be posted right now" in await world.ended(order)
    assert await states(world, order.id) == [PictureState.SPOOLED]


async def test_an_order_that_outlived_its_token_still_reaches_the_channel(world: World) -> None:
    world.omixa.next(faults.slow(headers_s=30))
    order = await world.ann.slash("imagine", prompt="a fox")
    await world.ann.waits_for("Painting")
    world.clock.advance(TOKEN_LASTS_S + 1)
    await world.painted()
    result = await world.ben.waits_for("a fox")
    await world.idle()

    assert len(result.files) == 1
    assert order.original is not None
    assert "Painting" in order.original.text  # nobody may change it any more
    assert await states(world, order.id) == [PictureState.DELIVERED]


async def test_a_failure_that_outlived_its_token_is_told_in_the_channel(world: World) -> None:
    world.omixa.next(faults.status(422))
    async with world.discord.faults.held("PATCH", "/webhooks/*") as arrived:
        await world.ann.slash("imagine", prompt="a fox")
        await arrived.wait()
        world.clock.advance(TOKEN_LASTS_S + 1)
    told = await world.ben.waits_for("did not accept the order")

    assert told.mentions == [world.ann.user]
    assert re.search(r"receipt `\w+`", told.text)


async def test_a_channel_that_cannot_be_looked_up_keeps_the_pictures(world: World) -> None:
    away = world.discord.add_channel("away")
    world.omixa.next(faults.slow(headers_s=30))
    order = await world.ann.slash("imagine", prompt="a fox", channel=away)
    await world.ann.waits_for("Painting")
    assert world.easel.client is not None
    server = world.easel.client.get_guild(world.server_id)
    assert server is not None
    server._channels.clear()  # as when the library never heard of it
    world.discord.faults.cut("GET", f"/channels/{away.id}", applied=False, times=3)
    await world.painted()

    assert "can't be posted right now" in await world.ended(order)
    assert await states(world, order.id) == [PictureState.SPOOLED]


async def test_a_result_with_fewer_pictures_says_so(world: World) -> None:
    world.omixa.next(faults.fewer(2))
    order = await world.ann.slash("imagine", prompt="a fox", count=3)
    receipt = await world.ended(order)

    (result,) = world.pictures()
    assert len(result.files) == 1
    assert result.content.endswith("-# 1 of 3 arrived; only those were charged.")
    assert result.mentions == [world.ann.user]
    assert "Done: 1 picture of 3." in receipt
    assert "charged $0.039, $0.081 returned" in receipt


async def test_a_blocked_prompt_is_left_out_of_the_last_edit_too(world: World) -> None:
    world.omixa.next(faults.fewer(1))
    blocked = Refused(400, 200000, "Message was blocked by automatic moderation")
    met = refuse(world, "PATCH", "/channels/*", blocked)
    order = await world.ann.slash("imagine", prompt="a damned fox", count=2)
    await world.ended(order)

    (result,) = world.pictures()
    assert "a damned fox" in met[0]
    assert "damned" not in result.content
    assert result.content.endswith("-# 1 of 2 arrived; only those were charged.")


async def test_a_receipt_that_cannot_be_told_changes_nothing(world: World) -> None:
    world.discord.faults.cut("GET", "/webhooks/*", applied=False, times=3)
    order = await world.ann.slash("imagine", prompt="a fox", size="0.5K")
    receipt = await world.ended(order)

    assert "Done: 1 picture. https://" in receipt


async def test_a_picture_that_no_copy_makes_small_enough_stays_in_the_spool(world: World) -> None:
    order = await world.ann.slash("imagine", prompt="a fox", size="0.5K")
    await world.ended(order)
    job = await world.store.job_by_key(order.id)
    assert job is not None

    with pytest.raises(Undeliverable):
        await world.easel.courier._packer.pack(job.pictures, file_max=500, room=10)


async def test_what_is_more_than_ordered_fills_a_second_message(world: World) -> None:
    world.omixa.always(faults.more(1))
    order = await world.ann.slash("imagine", prompt="a fox", size="0.5K", count=10)
    receipt = await world.ended(order)

    assert sorted(len(message.files) for message in world.pictures()) == [3, 10]
    assert len({message.nonce for message in world.pictures()}) == 2
    assert "Done: 13 pictures. https://" in receipt
    assert "charged $0.40" in receipt


async def test_more_results_than_discord_takes_at_once_all_arrive_once(tmp_path: Path) -> None:
    async with world_of(tmp_path, rate_limits=True) as world:
        asked = [world.ann.slash("imagine", prompt="a fox", size="0.5K") for _ in range(7)]
        for order in await asyncio.gather(*asked):
            await world.ended(order)
        assert len(world.pictures()) == 7
