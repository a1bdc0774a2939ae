"""What a test of the page reaches for: messages, the composer, and an order of pictures."""

import re

from playwright.async_api import Locator, Page, expect


def message(page: Page, text: str | re.Pattern[str]) -> Locator:
    return page.locator("[data-message]").filter(has_text=text)


def box(page: Page) -> Locator:
    return page.get_by_role("combobox", name="Message", exact=True)


async def drop(page: Page, place: Locator, *names: str) -> None:
    """Let go of pictures over a place, as dragged in from a folder."""
    script = """async names => {
        const canvas = new OffscreenCanvas(24, 16);
        canvas.getContext("2d").fillRect(0, 0, 24, 16);
        const picture = await canvas.convertToBlob();
        const given = new DataTransfer();
        for (const name of names) given.items.add(new File([picture], name, {type: "image/png"}));
        return given;
    }"""
    given = await page.evaluate_handle(script, list(names))
    for kind in ("dragover", "drop"):
        await place.dispatch_event(kind, {"dataTransfer": given})


async def paint(page: Page, words: str, **options: str) -> Locator:
    """Order pictures by keyboard alone and wait for them."""
    await box(page).focus()
    await page.keyboard.type("/ima")
    await expect(page.get_by_role("option", name="/imagine")).to_be_visible()
    await page.keyboard.press("Enter")
    await page.keyboard.type(words)
    for name, value in options.items():
        await page.get_by_role("button", name="more").focus()
        await page.get_by_role("option", name=name).click()
        await page.keyboard.type(value)
        await page.keyboard.press("Tab")
    await page.get_by_role("textbox", name="prompt").press("Enter")
    painted = message(page, words).filter(has=page.locator(".gallery"))
    await painted.wait_for()
    return painted
