"""The side panel: both sides of the money, read beside the running bot."""

from pathlib import Path
from typing import Any

from sandbox.omixa import faults
from sandbox.panel import Panel
from tests.flow.world import World, world_of


def panel_of(world: World) -> Panel:
    return Panel(world.omixa, world.store, world.easel.settings.database_path)


async def test_the_panel_holds_the_books_against_the_bill(tmp_path: Path) -> None:
    async with world_of(tmp_path) as world:
        panel, home = panel_of(world), world.discord.home
        before = await panel.show(world.ben, home)
        assert before["ledger"] == {
            "people": "$0.00",
            "operator": "$0.00",
            "held": "$0.00",
            "unbooked": None,
        }
        assert {"You, today", "This server, today"} <= {one["label"] for one in before["quota"]}
        await world.ended(await world.ben.slash("imagine", prompt="a fox"))
        after = await panel.show(world.ben, home)
        assert after["ledger"]["people"] == after["wallet"]["spent"] != "$0.00"
        assert after["ledger"]["unbooked"] is None
        assert [one["state"] for one in after["receipts"]] == ["done"]
        world.omixa.wallet.captured_micros += 10_000
        alone = await panel.show(world.ben, world.ben.dm)
        assert alone["ledger"]["unbooked"] == "$0.01 more"
        blocked = [one["label"] for one in alone["quota"] if one["left"] == "blocked"]
        assert blocked == ["Outside servers, today"]
        world.omixa.wallet.captured_micros = 0
        assert (await panel.show(world.ben, home))["ledger"]["unbooked"].endswith(" less")


async def test_every_fault_can_be_armed_for_one_call_or_for_all(tmp_path: Path) -> None:
    async with world_of(tmp_path) as world:
        panel = panel_of(world)

        async def shown() -> tuple[Any, Any]:
            seen = await panel.show(world.ann, world.discord.home)
            return seen["fault"], seen["lasting"]

        assert await shown() == (None, False)
        for name in faults.MENU:
            for lasting in (True, False):
                await panel.arm(name, lasting=lasting)
                assert await shown() == (name, lasting)
        await panel.arm(None, lasting=True)
        assert await shown() == (None, False)
        assert world.omixa.faults.take() == faults.NONE
