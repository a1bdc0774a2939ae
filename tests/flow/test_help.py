"""/help fits on one screen and tells today's prices."""

from sandbox.discord.interactions import DEFER
from sandbox.omixa import faults
from tests.flow.world import World


async def test_help_lists_every_model_with_its_price(world: World) -> None:
    answer = await world.ben.slash("help")
    text = (await world.answered(answer)).text

    assert answer.calls[0].body == {"type": DEFER, "data": {"flags": 64}}
    assert answer.original is not None
    assert answer.original.ephemeral
    assert "Imagen 4: $0.04 a picture" in text
    assert "Imagen 4 Fast: at most $0.04 a picture" in text
    assert "Nano Banana" not in text
    assert len(text) < 2000


async def test_help_tells_the_price_that_will_be_held(world: World) -> None:
    world.omixa.next(faults.billed('"0.050000"'))
    await world.ended(await world.ann.slash("imagine", prompt="a fox"))

    text = (await world.answered(await world.ben.slash("help"))).text

    assert "Imagen 4: $0.05 a picture" in text


async def test_help_names_every_command(world: World) -> None:
    text = (await world.answered(await world.ben.slash("help", channel=world.ben.dm))).text

    for name in ("imagine", "quota", "budget view", "budget set"):
        assert f"`/{name}`" in text
