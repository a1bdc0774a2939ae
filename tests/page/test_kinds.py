"""How the page shows messages that are neither words nor pictures."""

import pytest
from playwright.async_api import expect

from tests.page.conftest import Studio
from tests.page.hands import message

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]


async def test_every_kind_of_message_is_shown(studio: Studio) -> None:
    page = await studio.visit()
    ben, place = studio.person("ben"), studio.discord.channel("painting")
    await ben.send_sticker("Wave", place)
    await ben.record(channel=place)
    embed = {"title": "Harbour news", "description": "The boats are late"}
    studio.discord.post_webhook("Feed", channel=place, embeds=[embed])
    studio.discord.announce(ben, channel=place)
    await expect(message(page, "Wave (sticker)")).to_have_attribute("data-author", "Ben")
    await expect(page.get_by_label("Voice message")).to_be_visible()
    feed = message(page, "The boats are late")
    await expect(feed).to_have_attribute("data-author", "Feed")
    await expect(feed.locator("img.avatar")).to_have_count(0)
    line = message(page, "Ben joined the server.")
    await line.focus()
    await line.get_by_role("button", name="More").press("Enter")
    await page.get_by_role("menuitem", name="Image details").click()
    await expect(message(page, "0 pictures")).to_be_visible()
