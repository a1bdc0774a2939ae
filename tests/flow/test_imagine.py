"""From a slash command to posted pictures and a settled ledger."""

import re
from pathlib import Path

from bot.core.money import Money
from bot.core.order import PROMPT_MAX
from sandbox.discord.interactions import DEFER
from sandbox.omixa import faults
from tests.flow.orders import painting
from tests.flow.world import World, world_of


async def test_a_command_becomes_a_picture_in_the_channel(world: World) -> None:
    order = await world.ann.slash("imagine", prompt="a lighthouse at dawn", aspect="16:9")

    result = await world.ben.waits_for("a lighthouse at dawn")
    receipt = await world.ended(order)

    assert [file.width for file in result.files] == [1408]
    assert world.omixa.wallet.captured_micros == 39_000
    assert "charged $0.039, $0.001 returned" in receipt
    assert f"/{result.channel.id}/{result.id}" in receipt
    receipts = await world.store.receipts(int(world.ann.id), world.server_id)
    assert [each.charged for each in receipts] == [Money(39_000)]
    assert [each.held for each in receipts] == [Money(0)]


async def test_the_acknowledgement_comes_first_and_is_for_one_person(world: World) -> None:
    order = await world.ann.slash("imagine", prompt="a fox")

    assert order.calls[0].what == "callback"
    assert order.calls[0].body == {"type": DEFER, "data": {"flags": 64}}
    await world.ended(order)
    assert all(call.what == "original.edit" for call in order.calls[1:])
    assert world.ben.sees(lambda message: message is order.original) is None


async def test_the_acknowledgement_tells_of_its_progress(world: World) -> None:
    order = await world.ann.slash("imagine", prompt="a fox")
    await world.ended(order)
    again = await world.ann.slash("imagine", prompt="another fox")
    await world.ended(again)

    first = [call.body["content"] for call in order.calls if "content" in call.body]
    later = [call.body["content"] for call in again.calls if "content" in call.body]
    assert re.search(
        r"Ordered 1 picture, for \$0.04 at most.\nPainting, started <t:\d+:R>\.$", first[0]
    )
    assert "It usually takes about 1 s." in later[0]


async def test_whoever_waits_reads_how_many_go_first(tmp_path: Path) -> None:
    async with world_of(tmp_path, MAX_CALLS="1") as world:
        world.omixa.always(faults.slow(headers_s=60))
        first = await world.ann.slash("imagine", prompt="a fox")
        await world.ann.waits_for("Painting")
        second = await world.ben.slash("imagine", prompt="a hen")
        third = await world.cleo.slash("imagine", prompt="a cat")
        await world.ben.waits_for("Waiting in line: you are next.")
        await world.cleo.waits_for(
            "Ordered 1 picture, for $0.04 at most.\nWaiting in line, 1 ahead of you."
        )
        for order in (first, second, third):
            await painting(world, 1)
            world.clock.advance(61)
            await world.ended(order)


async def test_ten_pictures_are_three_calls_and_one_message_in_order(world: World) -> None:
    order = await world.ann.slash("imagine", prompt="ten foxes", count=10, size="0.5K")
    receipt = await world.ended(order)

    (result,) = world.pictures()
    job = result.files[0].filename.partition("-")[0]
    assert sorted(request.body["n"] for request in world.omixa.requests) == [2, 4, 4]
    assert [file.filename for file in result.files] == [f"{job}-{n}.png" for n in range(1, 11)]
    assert "Done: 10 pictures." in receipt
    assert "charged $0.39, $0.01 returned" in receipt
    assert "so far" not in result.content


async def test_a_result_names_its_person_model_shape_price_and_receipt(world: World) -> None:
    order = await world.ann.slash("imagine", prompt="a fox", aspect="4:3", size="2K")
    await world.ended(order)

    (result,) = world.pictures()
    job = result.files[0].filename.partition("-")[0]
    assert result.content == (
        f"{world.ann.mention} **a fox**\n-# Imagen 4 · 4:3 · 2560×1792 · `{job}` · $0.039"  # noqa: RUF001 - the sign
    )
    assert result.mentions == [world.ann.user]
    assert not result.ephemeral


async def test_a_server_may_hide_prices(world: World) -> None:
    await world.store.set_server(world.server_id, 1, show_price=False)
    await world.ended(await world.ann.slash("imagine", prompt="a fox"))

    (result,) = world.pictures()
    assert "$" not in result.content


async def test_the_nonce_is_of_job_and_picture_and_short_enough(world: World) -> None:
    await world.ended(await world.ann.slash("imagine", prompt="a fox", spoiler=True))

    (result,) = world.pictures()
    assert result.nonce == result.files[0].filename.removesuffix(".png")
    assert len(str(result.nonce)) <= 25


async def test_every_picture_has_an_alt_text(world: World) -> None:
    await world.ended(await world.ann.slash("imagine", prompt="a fox\nin snow", count=5))

    (result,) = world.pictures()
    texts = {int(file.filename[9:-4]): file.description for file in result.files}
    assert texts == {n: f"Picture {n} of 5: a fox in snow" for n in range(1, 6)}


async def test_an_alt_text_is_cut_to_what_discord_takes(world: World) -> None:
    await world.ended(await world.ann.slash("imagine", prompt="fox " * (PROMPT_MAX // 4)))

    (result,) = world.pictures()
    assert result.files[0].description is not None
    assert len(result.files[0].description) <= 1024
    assert len(result.content) < 1000


async def test_spoilers_are_hidden_in_every_picture(world: World) -> None:
    await world.ended(await world.ann.slash("imagine", prompt="a fox", spoiler=True, count=5))

    (result,) = world.pictures()
    assert [file.spoiler for file in result.files] == [True] * 5
