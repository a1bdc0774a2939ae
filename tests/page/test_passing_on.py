"""Forwarding and conversations, as people do it at the keyboard."""

import asyncio
from pathlib import Path

import discord
import pytest
from playwright.async_api import Locator, Page, expect

from tests.page.conftest import Studio
from tests.page.hands import box, message, paint
from tests.page.painter import picture

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


def direct(page: Page) -> Locator:
    return page.get_by_role("region", name="Direct messages").get_by_role("button")


async def test_what_the_bot_writes_to_somebody_alone_is_marked_until_it_is_read(
    studio: Studio,
) -> None:
    page = await studio.visit("ann")
    for name in ("ben", "ann"):
        await expect(direct(page)).to_have_text("Easel")
        await (await studio.bot.fetch_user(int(studio.person(name).id))).send(f"psst, {name}")
    await expect(direct(page)).to_have_text("Easel(unread)")
    await page.get_by_role("button", name="Ben Team Blue").click()
    await expect(direct(page)).to_have_text("Easel(unread)")
    await direct(page).click()
    await expect(message(page, "psst, ben")).to_be_visible()
    await page.reload()
    await expect(direct(page)).to_have_attribute("aria-current", "page")
    await page.get_by_role("button", name="painting").click()
    await expect(direct(page)).to_have_text("Easel")
    await page.get_by_role("button", name="Ann Operator").click()
    await expect(direct(page)).to_have_text("Easel(unread)")


async def test_one_writes_to_the_bot_alone_from_its_menu(studio: Studio, tmp_path: Path) -> None:
    page = await studio.visit("ben")
    painted = await paint(page, "a mill")
    await painted.get_by_role("button", name="Easel", exact=True).click()
    await page.get_by_role("menuitem", name="Message").click()
    await expect(page.get_by_role("heading", name="Easel", level=1)).to_be_visible()
    sketch = tmp_path / "sketch.png"
    sketch.write_bytes(picture((12, 8), 1, spoiler=False).fp.read())
    await page.locator("#composer > input[type=file]").set_input_files(sketch)
    await expect(page.locator(".composer .chip")).to_contain_text(" B")
    async with asyncio.TaskGroup() as tasks:
        heard = tasks.create_task(studio.bot.wait_for("message", timeout=30))
        await box(page).fill("like this")
        await page.keyboard.press("Enter")
    got = heard.result()
    assert (got.content, got.attachments[0].width) == ("like this", 12)
    await box(page).fill("/settings")
    await page.keyboard.press("Enter")
    await page.keyboard.press("Enter")
    await expect(message(page, "Settings")).to_be_visible()


async def test_a_person_closes_their_door_in_their_menu(studio: Studio) -> None:
    page = await studio.visit("ben")
    ben = await studio.bot.fetch_user(int(studio.person("ben").id))
    row = page.locator("[data-person=ben]")
    for refused in (True, False):
        await row.hover()
        await row.get_by_role("button", name="Menu of Ben").click()
        switch = page.get_by_role("menuitemcheckbox", name="Takes direct messages")
        await expect(switch).to_have_attribute("aria-checked", "true" if refused else "false")
        async with page.expect_response("**/client/dms"):
            await switch.click()
        if refused:
            with pytest.raises(discord.Forbidden, match="50007"):
                await ben.send("here")
    await ben.send("there")
    assert studio.person("ben").sees("there")


async def test_a_phone_shows_that_something_is_unread(studio: Studio) -> None:
    page = await studio.visit("ben", width=390)
    await (await studio.bot.fetch_user(int(studio.person("ben").id))).send("psst")
    await page.get_by_role("button", name="Channels and people, something is unread").click()
    await page.get_by_role("button", name="Easel (unread)").click()
    await expect(message(page, "psst")).to_be_visible()
    await expect(page.get_by_role("button", name="Channels and people", exact=True)).to_be_visible()
