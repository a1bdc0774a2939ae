"""Replies, buttons and menus go on where an earlier run of the bot stopped."""

from pathlib import Path

from sandbox.clock import MovableClock
from sandbox.discord.app import Discord
from sandbox.omixa import Omixa
from tests.flow.editing import answer_to, follows, painted
from tests.flow.world import easel_running


async def test_all_of_it_works_after_a_restart(tmp_path: Path) -> None:
    clock, data = MovableClock(), tmp_path / "data"
    async with (
        Discord.running(data=tmp_path / "cdn", clock=clock) as discord,
        Omixa.running(clock=clock) as omixa,
    ):
        async with easel_running(discord, omixa, clock, data) as world:
            first = await painted(world, count=2)
            reply = await world.ben.reply(first, "make it night")
            question = await answer_to(world, reply)
            opened = await world.ben.press("Edit…", on=first)
        async with easel_running(discord, omixa, clock, data) as world:
            await world.ben.press("2", on=question)
            second = await follows(world, first)
            await world.ben.reply(second, "add snow")
            third = await follows(world, first, second)
            await world.ended(await world.cleo.press("Vary", on=third))
            form = await world.cleo.menu("Edit image", third)
            await world.ended(await world.cleo.submit(form, {"Instruction": "add rain"}))
            stale = await world.ben.submit(opened, {"Instruction": "too late"})
            assert "no longer valid" in (await world.answered(stale)).text
            prompts = [one.body["prompt"] for one in omixa.requests]
            assert prompts[1:3] == ["make it night", "add snow"]
            assert prompts[4:] == ["add rain"]
