"""From a slash command to posted pictures and a settled ledger."""

from bot.core.money import Money
from tests.flow.world import World


async def test_a_command_becomes_a_picture_in_the_channel(world: World) -> None:
    await world.ann.slash("imagine", prompt="a lighthouse at dawn", aspect="16:9")

    result = await world.ben.waits_for("a lighthouse at dawn")
    await world.ann.waits_for("Done: 1 picture of 1")

    assert len(result.files) == 1
    assert world.omixa.wallet.captured_micros == 39_000
    receipts = await world.store.receipts(int(world.ann.id), world.server_id)
    assert [receipt.charged for receipt in receipts] == [Money(39_000)]
    assert [receipt.held for receipt in receipts] == [Money(0)]
