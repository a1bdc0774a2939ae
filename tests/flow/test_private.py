"""Private orders: only the person who asked ever sees the pictures."""

from sandbox.discord.state import MIB
from sandbox.omixa import faults
from tests.flow.world import World


async def test_private_pictures_are_on_the_acknowledgement_only(world: World) -> None:
    order = await world.ann.slash("imagine", prompt="a secret", private=True, count=5)
    receipt = await world.ended(order)

    assert order.original is not None
    assert order.original.ephemeral
    assert len(order.original.files) == 5
    assert all(file.description for file in order.original.files)
    assert world.pictures() == []
    assert world.ben.sees("secret") is None
    assert "a secret" in receipt
    assert "Done: 5 pictures." in receipt
    assert "charged $0.195, $0.005 returned" in receipt
    assert not [seen for seen in world.discord.rest.seen if seen.path.endswith("/messages")]


async def test_private_needs_no_permission_in_the_channel(world: World) -> None:
    quiet = world.discord.channel("quiet")
    order = await world.ann.slash("imagine", prompt="a fox", private=True, channel=quiet)

    assert "Done: 1 picture." in await world.ended(order)


async def test_a_private_order_that_outlived_its_token_waits_and_is_never_posted(
    world: World,
) -> None:
    async with world.discord.faults.held("PATCH", "/webhooks/*") as arrived:
        await world.ann.slash("imagine", prompt="a secret", private=True)
        await arrived.wait()
        world.clock.advance(15 * 60 + 1)
    await world.idle()

    assert world.pictures() == []
    assert world.ben.sees("secret") is None
    (receipt,) = await world.store.receipts(int(world.ann.id), None)
    job = await world.store.job(receipt.job)
    assert [picture.state for picture in job.pictures] == ["spooled"]


async def test_a_failed_private_order_is_not_told_in_the_channel(world: World) -> None:
    world.omixa.next(faults.status(422))
    async with world.discord.faults.held("PATCH", "/webhooks/*") as arrived:
        await world.ann.slash("imagine", prompt="a secret", private=True)
        await arrived.wait()
        world.clock.advance(15 * 60 + 1)
    await world.idle()

    assert world.ben.messages() == []


async def test_a_large_private_picture_is_made_to_fit(world: World) -> None:
    server = world.discord.home.server
    assert server is not None
    server.file_limit = 3 * MIB
    order = await world.ann.slash("imagine", prompt="a fox", private=True, size="2K")
    await world.ended(order)

    assert order.original is not None
    (file,) = order.original.files
    assert file.size <= 3 * MIB
    assert file.content_type == "image/jpeg"
