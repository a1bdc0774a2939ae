"""How the page shows messages that are neither words nor pictures."""

import discord
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


async def test_reactions_stand_under_a_message_and_are_toggled(studio: Studio) -> None:
    page = await studio.visit()
    place = studio.discord.channel("painting")
    written = await studio.person("ben").write("look", channel=place)
    channel = studio.bot.get_channel(int(place.id))
    assert isinstance(channel, discord.TextChannel)
    await channel.get_partial_message(int(written.id)).add_reaction("🎨")
    look = message(page, "look")
    await expect(look.get_by_role("button", name="🎨, 1")).to_have_attribute(
        "aria-pressed", "false"
    )
    await look.focus()
    await look.get_by_role("button", name="More").press("Enter")
    await page.get_by_role("menuitem", name="React with ⭐").click()
    mine = look.get_by_role("button", name="⭐, 1", pressed=True)
    await mine.click()
    await expect(mine).to_have_count(0)
    await look.get_by_role("button", name="🎨, 1").click()
    await expect(look.get_by_role("button", name="🎨, 2", pressed=True)).to_be_visible()
    await page.reload()
    await expect(look.get_by_role("button", name="🎨, 2", pressed=True)).to_be_visible()
