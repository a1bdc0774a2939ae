"""Files on their way in: dropped, pasted, looked at, taken out again; and menus on pictures."""

import asyncio

import pytest
from playwright.async_api import expect

from tests.page.conftest import Studio
from tests.page.hands import box, drop, message, paint

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]


async def test_files_are_dropped_seen_and_taken_out_again(studio: Studio) -> None:
    page = await studio.visit()
    chips = page.locator("#composer .chip")
    await drop(page, page.locator("#messages"), "1.png", "2.png", "3.png")
    await expect(chips).to_have_count(3)
    await expect(chips.locator("img")).to_have_count(3)
    await page.get_by_role("button", name="Remove 2.png").click()
    await expect(chips).to_have_count(2)
    await drop(page, box(page), *[f"{at}.png" for at in range(4, 14)])
    await expect(chips).to_have_count(10)
    await expect(page.get_by_role("alert")).to_contain_text("10 files fit here, 2 left out")
    await expect(page.locator("#composer .chip", has_text=" B")).to_have_count(10)
    await box(page).fill("look")
    await page.keyboard.press("Enter")
    await expect(message(page, "look").locator(".picture")).to_have_count(10)
    written = await studio.person("ann").waits_for("look")
    assert [file.filename for file in written.files][:3] == ["1.png", "3.png", "4.png"]


async def test_files_stay_behind_when_one_leaves_the_channel(studio: Studio) -> None:
    page = await studio.visit()
    await drop(page, box(page), "1.png")
    await expect(page.locator("#composer .chip")).to_have_count(1)
    await page.get_by_role("button", name="general").click()
    await expect(page.locator("#composer .chip")).to_have_count(0)


async def test_dropped_files_fill_the_options_of_a_command(studio: Studio) -> None:
    page = await studio.visit()
    await page.keyboard.type("/edit a bridge")
    await drop(page, page.locator("#messages"), "1.png", "2.png", "3.png")
    await expect(page.locator(".option-pill .chip img")).to_have_count(2)
    await expect(page.get_by_role("alert")).to_have_text("No option here takes another file")
    await expect(page.locator(".option-pill .chip", has_text=" B")).to_have_count(2)
    await page.keyboard.press("Enter")
    await expect(message(page, "a bridge: 1.png, 24 wide, and 2.png")).to_be_visible()


async def test_files_dropped_on_a_form_are_its_own(studio: Studio) -> None:
    page = await studio.visit()
    painted = await paint(page, "a pier")
    await painted.get_by_role("button", name="Edit…").click()
    dialog = page.get_by_role("dialog", name="Edit this picture")
    await drop(page, dialog, "1.png", "2.png", "3.png")
    await expect(dialog.locator(".chip img")).to_have_count(2)
    await expect(dialog.get_by_text("2 files fit here, 1 left out")).to_be_visible()
    await dialog.get_by_role("button", name="Close").click()
    await drop(page, box(page), "4.png")
    await expect(page.locator("#composer .chip")).to_contain_text("4.png")


async def test_a_picture_is_pasted(studio: Studio) -> None:
    page = await studio.visit()
    paste = """async () => {
        const canvas = new OffscreenCanvas(24, 16);
        canvas.getContext("2d").fillRect(0, 0, 24, 16);
        const given = new DataTransfer();
        given.items.add(new File([await canvas.convertToBlob()], "image.png", {type: "image/png"}));
        const event = new ClipboardEvent("paste", {clipboardData: given, bubbles: true});
        document.activeElement.dispatchEvent(event);
    }"""
    await box(page).focus()
    await page.evaluate(paste)
    await expect(page.locator("#composer .chip")).to_contain_text("image.png")


async def test_a_picture_opens_its_messages_menu(studio: Studio) -> None:
    page = await studio.visit(width=390)
    painted = await paint(page, "a pier")
    picture = painted.get_by_role("button", name="Open picture")
    await picture.click(button="right")
    menu = page.get_by_role("menu", name="Message")
    await expect(menu.get_by_role("menuitem", name="Image details")).to_be_visible()
    await page.keyboard.press("Escape")
    await picture.dispatch_event("pointerdown", {"pointerType": "touch", "bubbles": True})
    await expect(menu).to_be_visible()
    await picture.dispatch_event("pointerup", {"pointerType": "touch", "bubbles": True})
    await picture.dispatch_event("click")
    await expect(page.get_by_role("dialog", name="Picture")).to_have_count(0)
    await menu.get_by_role("menuitem", name="Image details").click()
    await expect(message(page, "1 pictures")).to_be_visible()
    await picture.click()
    await expect(page.get_by_role("dialog", name="Picture")).to_be_visible()


async def test_a_touch_that_ends_soon_opens_no_menu(studio: Studio) -> None:
    page = await studio.visit(width=390)
    painted = await paint(page, "a pier")
    await painted.dispatch_event("pointerdown", {"pointerType": "touch"})
    await painted.dispatch_event("pointermove", {"pointerType": "touch", "clientY": 40})
    await asyncio.sleep(0.7)
    await expect(page.get_by_role("menu")).to_have_count(0)
