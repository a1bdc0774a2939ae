"""/help fits on one screen and tells today's prices."""

from sandbox.discord.interactions import MESSAGE_ANSWER
from tests.flow.world import World


async def test_help_lists_every_model_with_its_price(world: World) -> None:
    answer = await world.ben.slash("help")
    text = (await world.answered(answer)).text

    assert [call.body["type"] for call in answer.calls] == [MESSAGE_ANSWER]
    assert answer.original is not None
    assert answer.original.ephemeral
    assert "Imagen 4: $0.04 a picture" in text
    assert "Imagen 4 Fast: at most $0.04 a picture" in text
    assert "Nano Banana" not in text
    assert len(text) < 2000


async def test_help_names_every_command(world: World) -> None:
    text = (await world.answered(await world.ben.slash("help", channel=world.ben.dm))).text

    for name in ("imagine", "quota", "budget view", "budget set"):
        assert f"`/{name}`" in text
