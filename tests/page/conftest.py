"""A Chromium, a stand-in Discord with a small real bot in it, and pages that people look at."""

import shutil
from collections.abc import AsyncGenerator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, ViewportSize, async_playwright, expect

from sandbox.discord.app import Discord
from sandbox.people import Person
from tests.page.painter import Painter, painting

WAIT_MS = 30_000  # a busy machine may take its time
CHROMIUMS = ("chromium", "chromium-browser", "google-chrome")
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
)
PANEL = {
    "wallet": {"balance": "$19.92", "held": "$0.00", "spent": "$0.08", "calls": 2},
    "ledger": {"people": "$0.08", "operator": "$0.00", "held": "$0.04", "unbooked": None},
    "receipts": [{"id": "k7f2", "text": "a lighthouse", "state": "done", "amount": "$0.04"}],
    "faults": [
        {"name": "402", "label": "Wallet empty"},
        {"name": "hang", "label": "Never answers"},
        {"name": "slow", "label": "Slow: 20 s"},
    ],
}


@dataclass(kw_only=True)
class Pages:
    """A stand-in Discord, and a browser to look at it with."""

    discord: Discord
    browser: Browser
    troubles: list[str] = field(default_factory=list)

    async def visit(
        self,
        name: str = "ann",
        *,
        channel: str = "painting",
        width: int = 1280,
        touch: bool = False,
    ) -> Page:
        """Open the page as a person, in a browser profile of their own."""
        size: ViewportSize = {"width": width, "height": 800}
        page = await self.browser.new_page(viewport=size, has_touch=touch)
        page.set_default_timeout(WAIT_MS)
        page.on("pageerror", lambda error: self.troubles.append(str(error)))
        person = self.person(name)
        place = self.discord.channel(channel)
        address = f"{self.discord.base_url}/?person={person.id}&channel={place.id}"
        await page.goto(address)
        await page.get_by_role("heading", name=channel, level=1).wait_for()
        return page

    def person(self, name: str) -> Person:
        """Find a person by name."""
        return self.discord.people[name]

    async def close(self) -> None:
        """Close every page; none may have thrown."""
        for context in self.browser.contexts:
            await context.close()
        assert self.troubles == []


@dataclass(kw_only=True)
class Studio(Pages):
    """What a test of the page stands in."""

    bot: Painter
    armed: list[tuple[str | None, bool]]


def chromium() -> str | None:
    """Find a Chromium on this machine."""
    return next((path for name in CHROMIUMS if (path := shutil.which(name))), None)


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def browser() -> AsyncGenerator[Browser]:
    """Run one browser for all tests of the page."""
    path = chromium()
    if path is None:
        pytest.skip("NO CHROMIUM FOUND: the page in the browser is NOT tested on this machine")
    async with async_playwright() as play:
        expect.set_options(timeout=WAIT_MS)
        launched = await play.chromium.launch(executable_path=path, args=FLAGS)
        yield launched
        await launched.close()


@pytest_asyncio.fixture(loop_scope="session")
async def studio(browser: Browser, tmp_path: Path) -> AsyncGenerator[Studio]:
    """Run a stand-in Discord with a bot in it; no page may have thrown by the end."""
    armed: list[tuple[str | None, bool]] = []

    async def panel(person: Person, _: object) -> dict[str, object]:
        label = f"{person.user.global_name}, today"
        quota = {"label": label, "left": "$0.92", "of": "$1.00", "used_share": 0.08}
        server = {"label": "This server, today", "left": "no limit", "of": None, "used_share": 0.0}
        quota |= {"held": "$0.00", "resets_at": None}
        name, lasting = armed[-1] if armed else (None, False)
        return PANEL | {"quota": [quota, server], "fault": name, "lasting": lasting}

    async def arm(name: str | None, *, lasting: bool) -> None:
        armed.append((name, lasting))

    async with (
        Discord.running(data=tmp_path, panel=panel, fault=arm) as where,
        painting(where) as bot,
    ):
        made = Studio(discord=where, bot=bot, browser=browser, armed=armed)
        yield made
        await made.close()
