"""Budgets on the page with the real bot behind it: set up by a manager, met by a member."""

import re
from collections.abc import AsyncGenerator
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, expect

from sandbox.panel import Panel
from tests.flow.world import world_of
from tests.page.conftest import Pages
from tests.page.hands import message

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

PRESSES_MAX = 12  # for a role, a team and the server


@pytest_asyncio.fixture(loop_scope="session")
async def house(browser: Browser, tmp_path: Path) -> AsyncGenerator[Pages]:
    """Run Easel between its stand-ins, with the sandbox's own panel."""
    async with world_of(tmp_path) as world:
        database = world.easel.settings.database_path
        world.discord.client.panel = Panel(world.omixa, world.store, database).show
        pages = Pages(discord=world.discord, browser=browser)
        yield pages
        await pages.close()


class Hands:
    """Types and presses, and counts what is pressed; letters are not."""

    def __init__(self, page: Page) -> None:
        self._page = page
        self.presses = 0

    async def type(self, command: str, *keys: str) -> None:
        """Type a command, and on: the name of a key is pressed, an option's waited for."""
        await self._page.keyboard.type(f"{command} ")
        await expect(self._page.get_by_role("group", name=command)).to_be_visible()
        for key in keys:
            if key in {"Tab", "Enter"}:
                await self.press(key)
            else:
                await self._page.keyboard.type(key)

    async def press(self, key: str) -> None:
        await self._page.keyboard.press(key)
        self.presses += 1

    async def click(self, button: str) -> None:
        await self._page.get_by_role("button", name=button, exact=True).click()
        self.presses += 1


async def is_fit_to_be_seen(page: Page) -> None:
    """See that no id of Discord's shows, and that nothing stands out to the side."""
    assert not re.search(r"\d{17,}", await page.inner_text("body"))
    widths = "[document.documentElement.scrollWidth, document.documentElement.clientWidth]"
    whole, seen = await page.evaluate(widths)
    assert whole <= seen


async def test_a_manager_sets_up_a_role_a_team_and_the_server(house: Pages) -> None:
    page = await house.visit("dana")
    hands = Hands(page)
    to_choose = ("Tab", "ro", "Enter", "art", "Enter", "Enter")
    await hands.type("/budget set", "5 a week", *to_choose)
    await expect(message(page, "each person with @Artists now: $5.00 a week.")).to_be_visible()
    assert hands.presses == 4
    await hands.type("/budget team create", "Blue", "Tab", "40", "Enter")
    made = message(page, "Made Blue: $40.00 a month together.")
    await expect(made).to_be_visible()
    assert hands.presses == 6
    await hands.type("/budget set", "100 a month", "Tab", "sc", "Enter", "this", "Enter", "Enter")
    await expect(message(page, "server now: $10.00 a day (default) and $100")).to_be_visible()
    assert hands.presses == 10 <= PRESSES_MAX

    await made.get_by_role("combobox", name="Add members").focus()
    for key in ("ArrowDown", "b", "Enter", "c", "Enter", "Tab"):
        await page.keyboard.press(key)
    await expect(message(page, "Added to Blue: @Ben and @Cleo.")).to_be_visible()
    await hands.type("/budget view", "Enter")
    panel = message(page, "Budgets of this server")
    for line in ("@Artists: $5.00 a week", "Blue: $40.00 left of $40.00 this month", "@Ben, @Cleo"):
        await expect(panel).to_contain_text(line)
    await is_fit_to_be_seen(page)


async def test_a_refusal_on_a_phone_leads_to_pictures_and_to_managers(house: Pages) -> None:
    await house.person("dana").slash(
        "budget set", options={"amount": "0.10", "scope": "each person"}
    )
    page = await house.visit("cleo", width=390)
    hands = Hands(page)
    await hands.type("/imagine", "a wide wall", "Tab", "cou", "Enter", "4", "Enter", "Enter")
    refused = message(
        page, "This needs $0.16, more than your limit of $0.10 a day, which has $0.10"
    )
    await expect(refused).to_contain_text("Waiting does not help; a smaller order may.")
    await is_fit_to_be_seen(page)
    before = hands.presses
    await hands.click("2 pictures for $0.08")
    painted = message(page, "a wide wall").filter(has=page.locator(".gallery"))
    await expect(painted.locator(".picture img")).to_have_count(2)
    assert hands.presses == before + 1

    await hands.click("Ask for more")
    await hands.click("Submit")
    await expect(message(page, "@Cleo asks for more: 4 pictures")).to_be_visible()
    assert hands.presses == before + 3
    await is_fit_to_be_seen(page)
