"""The form that asks for a prompt which was left out."""

from pathlib import Path

import pytest

from sandbox.clock import MovableClock
from sandbox.discord.app import Discord
from sandbox.discord.options import CannotSend
from sandbox.omixa import Omixa
from tests.flow.world import World, easel_running


async def test_a_missing_prompt_opens_a_form_that_keeps_the_other_options(world: World) -> None:
    opened = await world.ann.slash(
        "imagine",
        aspect="3:4",
        size="0.5K",
        count=2,
        format="webp",
        thinking="minimal",
        spoiler=True,
    )
    assert [call.what for call in opened.calls] == ["callback"]
    assert opened.modal is not None
    sent = await world.ann.submit(opened, Prompt="a fox\nin snow")
    receipt = await world.ended(sent)

    assert sent.calls[0].what == "callback"
    assert "Done: 2 pictures" in receipt
    assert world.omixa.requests[0].body == {
        "model": "imagen-4.0-generate-001",
        "prompt": "a fox\nin snow",
        "n": 2,
        "output_format": "webp",
        "aspect_ratio": "3:4",
        "size": "0.5K",
        "reasoning_effort": "minimal",
    }
    (result,) = world.pictures()
    assert all(file.spoiler for file in result.files)


async def test_a_private_form_stays_private(world: World) -> None:
    sent = await world.ann.submit(await world.ann.slash("imagine", private=True), Prompt="a fox")
    await world.ended(sent)

    assert world.pictures() == []
    assert sent.original is not None
    assert len(sent.original.files) == 1


async def test_forms_of_two_people_do_not_mix(world: World) -> None:
    anns = await world.ann.slash("imagine", aspect="16:9")
    bens = await world.ben.slash("imagine", aspect="9:16")
    await world.ended(await world.ann.submit(anns, Prompt="a fox"))
    await world.ended(await world.ben.submit(bens, Prompt="a hen"))

    told = {
        request.body["prompt"]: request.body["aspect_ratio"] for request in world.omixa.requests
    }
    assert told == {"a fox": "16:9", "a hen": "9:16"}


async def test_a_form_takes_as_much_as_a_prompt_may_have(world: World) -> None:
    opened = await world.ann.slash("imagine")
    with pytest.raises(CannotSend, match="4000"):
        await world.ann.submit(opened, Prompt="x" * 4001)
    await world.ended(await world.ann.submit(opened, Prompt="x" * 4000))

    assert len(world.omixa.requests[0].body["prompt"]) == 4000


async def test_a_blank_form_is_refused(world: World) -> None:
    sent = await world.ann.submit(await world.ann.slash("imagine"), Prompt="  ")

    assert "`prompt` is empty" in (await world.answered(sent)).text


async def test_a_form_that_breaks_gives_a_number(world: World) -> None:
    opened = await world.tampered(world.ann, "imagine", count="many")
    sent = await world.ann.submit(opened, Prompt="a fox")

    assert "incident `" in (await world.answered(sent)).text
    assert world.omixa.calls == 0


async def test_a_form_from_before_a_restart_is_no_longer_valid(tmp_path: Path) -> None:
    clock = MovableClock()
    async with Discord.running(clock=clock) as discord, Omixa.running(clock=clock) as omixa:
        async with easel_running(discord, omixa, clock, tmp_path) as world:
            opened = await world.ann.slash("imagine")
        async with easel_running(discord, omixa, clock, tmp_path) as world:
            sent = await world.ann.submit(opened, Prompt="a fox")
            answer = await world.answered(sent)

    assert answer.text == "This form or button is no longer valid. Please start again."
    assert answer.ephemeral
    assert omixa.calls == 0
