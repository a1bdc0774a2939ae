"""Forwarding and conversations, as people do it at the keyboard."""

import pytest
from playwright.async_api import expect

from tests.page.conftest import Studio
from tests.page.hands import message, paint

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]


async def test_a_message_is_forwarded_by_keyboard_alone(studio: Studio) -> None:
    page = await studio.visit()
    painted = await paint(page, "twins", count="2")
    await painted.focus()
    await painted.get_by_role("button", name="More").press("Enter")
    for key in ("ArrowDown", "Enter"):
        await page.keyboard.press(key)
    dialog = page.get_by_role("dialog", name="Forward to")
    await expect(dialog.get_by_role("button", name="general Studio")).to_be_focused()
    await page.keyboard.press("ArrowUp")
    await expect(dialog.get_by_role("button", name="Easel Direct message")).to_be_focused()
    await page.keyboard.press("ArrowDown")
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("heading", name="general", level=1)).to_be_visible()
    copy = message(page, "Forwarded")
    await expect(copy).to_have_attribute("data-author", "Ann")
    await expect(copy).to_be_focused()
    await expect(copy.locator(".picture")).to_have_count(2)
    await expect(copy.get_by_role("button", name="Edit")).to_have_count(0)
    await copy.get_by_role("button", name="Go to the original in painting").click()
    await expect(painted).to_be_focused()
