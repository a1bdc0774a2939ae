"""A person who walks through the page: what they press is counted, what they see is looked over."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from playwright.async_api import Locator, Page, expect

HOLD_S = 0.7  # the page calls it long after half a second

LOOK = Path(__file__).with_name("look.js").read_text()
STILL = """() => {
  const ends = ({ effect }) => effect.getComputedTiming().endTime < Infinity;
  return Promise.allSettled(document.getAnimations().filter(ends).map(({ finished }) => finished));
}"""


@dataclass
class Walker:
    """Somebody at the page, with a mouse or with a finger."""

    page: Page
    touch: bool = False
    presses: int = 0

    @asynccontextmanager
    async def step(self, most: int = 2) -> AsyncGenerator[None]:
        """Let something be done in a few presses; what one writes, words and files, is none."""
        self.presses = 0
        yield
        assert self.presses <= most, f"{self.presses} presses"
        await self.look()

    async def look(self) -> None:
        """Look the page over: nobody should see any of this."""
        troubles = await self.troubles()
        assert not troubles, "\n".join(troubles)

    async def troubles(self) -> list[str]:
        """Give what is wrong with what one sees."""
        await self.page.evaluate(STILL)
        found: list[str] = await self.page.evaluate(LOOK)
        return found

    async def press(self, what: Locator) -> None:
        """Click, or tap."""
        self.presses += 1
        await (what.tap() if self.touch else what.click())

    async def hold(self, what: Locator) -> None:
        """Keep a finger on something for a while."""
        self.presses += 1
        await what.scroll_into_view_if_needed()
        box = await what.bounding_box()
        assert box is not None
        at = {"x": box["x"] + box["width"] / 2, "y": box["y"] + box["height"] / 2}
        finger = await self.page.context.new_cdp_session(self.page)
        await finger.send("Input.dispatchTouchEvent", {"type": "touchStart", "touchPoints": [at]})
        await asyncio.sleep(HOLD_S)
        await finger.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
        await finger.detach()

    async def become(self, name: str) -> None:
        """Switch to another person, as nobody can in Discord: that is no press."""
        if self.touch:
            await self.page.get_by_role("button", name="switch person").tap()
        person = self.page.locator(".person").filter(has_text=name)
        await (person.tap() if self.touch else person.click())
        await expect(self.page.get_by_placeholder(f"as {name}")).to_be_visible()

    async def answer(self, what: Locator) -> None:
        """Begin a reply to a message."""
        if self.touch:
            await self.hold(what.locator(".content"))
            await self.press(self.page.get_by_role("menuitem", name="Reply"))
        else:
            await what.hover()
            await self.press(what.get_by_role("button", name="Reply"))
        await expect(self.page.locator(".reply-bar")).to_be_visible()
