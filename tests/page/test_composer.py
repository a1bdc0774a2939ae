"""Writing, replying and sending commands, as people do it at the keyboard."""

from pathlib import Path

import pytest
from playwright.async_api import expect

from tests.page.conftest import Studio
from tests.page.hands import box, message, paint
from tests.page.painter import picture

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]


async def test_a_command_is_found_filled_and_sent_by_keyboard_alone(studio: Studio) -> None:
    page = await studio.visit("ben")
    await page.keyboard.type("/")
    await expect(page.get_by_role("listbox", name="Suggestions")).to_be_visible()
    await expect(page.get_by_role("option")).to_have_count(5)
    await page.keyboard.press("ArrowUp")
    active = await box(page).get_attribute("aria-activedescendant")
    await expect(page.locator(f"#{active}")).to_contain_text("/silent")
    for key in ("ArrowDown", "ArrowDown", "ArrowDown", "Tab"):
        await page.keyboard.press(key)
    await page.keyboard.type("a fox")
    await page.keyboard.press("Enter")
    painted = await studio.person("ben").waits_for("a fox")
    await expect(message(page, "a fox").locator(".app-badge")).to_have_text("APP")
    assert painted.author is studio.discord.bot


async def test_a_command_is_entered_by_typing_or_pasting_it_whole(studio: Studio) -> None:
    page = await studio.visit("ben")
    await page.keyboard.type("/imagine a typed fox")
    await page.keyboard.press("Enter")
    await studio.person("ben").waits_for("a typed fox")
    await box(page).fill("/imagine a pasted fox")
    await expect(page.get_by_role("textbox", name="prompt")).to_have_value("a pasted fox")
    await page.keyboard.press("Enter")
    await studio.person("ben").waits_for("a pasted fox")
    await page.keyboard.type("/silent ")
    await expect(page.get_by_role("group", name="/silent")).to_be_visible()


async def test_choices_and_live_lists_are_picked_by_keyboard(studio: Studio) -> None:
    page = await studio.visit()
    await page.keyboard.type("/imagine")
    await page.keyboard.press("Enter")
    await page.keyboard.type("a harbour")
    await page.keyboard.press("Tab")
    await expect(page.get_by_role("option")).to_have_count(4)
    await page.keyboard.press("ArrowDown")
    await page.keyboard.press("Enter")
    await page.keyboard.type("16")
    await page.keyboard.press("Enter")
    await page.keyboard.press("Tab")
    await page.keyboard.press("ArrowDown")
    await page.keyboard.press("Enter")
    await page.keyboard.type("water")
    await expect(page.get_by_role("option")).to_have_text(["Watercolour · $0.04"])
    await page.keyboard.press("Tab")
    await page.keyboard.press("Enter")
    await studio.person("ann").waits_for("Watercolour · 16:9")
    await expect(message(page, "Watercolour · 16:9")).to_be_visible()


async def test_an_option_is_picked_by_the_letters_of_its_name(studio: Studio) -> None:
    page = await studio.visit()
    await page.keyboard.type("/imagine")
    await page.keyboard.press("Enter")
    await page.keyboard.type("a mill")
    await page.keyboard.press("Tab")
    await page.keyboard.type("as")
    await expect(page.get_by_role("option")).to_have_count(1)
    await page.keyboard.press("Enter")
    await page.keyboard.type("9:16")
    await page.keyboard.press("Enter")
    await page.keyboard.press("Enter")
    await expect(message(page, "a mill")).to_contain_text("9:16")


async def test_a_file_option_is_uploaded_and_enter_sends(studio: Studio, tmp_path: Path) -> None:
    page = await studio.visit()
    sketch = tmp_path / "sketch.png"
    sketch.write_bytes(picture((12, 8), 1, spoiler=False).fp.read())
    await page.keyboard.type("/edit")
    await page.keyboard.press("Enter")
    await page.keyboard.type("a bridge")
    await page.keyboard.press("Enter")
    await expect(page.locator(".composer-problem")).to_have_text("image: This option is required")
    await expect(page.get_by_role("button", name="Choose a file")).to_be_focused()
    await page.locator(".option-pill input[type=file]").set_input_files(sketch)
    await expect(page.locator(".option-pill .chip")).to_contain_text(" B")
    await page.keyboard.press("Enter")
    await expect(message(page, "a bridge: sketch.png, 12 wide, and None")).to_be_visible()


async def test_what_is_missing_or_wrong_is_named_and_nothing_is_sent(studio: Studio) -> None:
    page = await studio.visit()
    await page.keyboard.type("/imagine")
    await page.keyboard.press("Enter")
    await page.keyboard.press("Enter")
    problem = page.locator(".composer-problem")
    await expect(problem).to_have_text("prompt: This option is required")
    await page.keyboard.type("a cat")
    await expect(problem).to_be_hidden()
    await page.get_by_role("button", name="more").focus()
    await page.get_by_role("option", name="count").click()
    for wrong, told in {"many": "Enter a whole number", "11": "Enter at most 10"}.items():
        await page.keyboard.type(wrong)
        await page.keyboard.press("Enter")
        await expect(problem).to_have_text(f"count: {told}")
        await page.keyboard.press("ControlOrMeta+A")
    await page.keyboard.press("Escape")
    await expect(box(page)).to_be_focused()
    assert studio.person("ann").messages(studio.discord.channel("painting")) == []


async def test_a_reply_shows_what_it_answers_and_may_leave_out_the_ping(studio: Studio) -> None:
    page = await studio.visit("ben")
    painted = await paint(page, "a mill")
    await painted.hover()
    await painted.get_by_role("button", name="Reply").click()
    await page.get_by_role("button", name="@ On").click()
    await box(page).fill("make it older")
    await page.keyboard.press("Enter")
    answer = message(page, "make it older")
    await expect(answer.locator(".context")).to_contain_text("Easel")
    await answer.get_by_role("button", name="Jump to Easel's message").click()
    await expect(painted).to_be_focused()
    written = await studio.person("ben").waits_for("make it older")
    assert studio.discord.bot not in written.mentions


async def test_a_reply_shows_what_becomes_of_the_original(studio: Studio) -> None:
    page = await studio.visit("ben")
    original = await studio.person("ben").write(
        "a mill", channel=studio.discord.channel("painting")
    )
    await message(page, "a mill").hover()
    await message(page, "a mill").get_by_role("button", name="Reply").click()
    await expect(page.get_by_role("button", name="@ On")).to_be_hidden()
    await box(page).fill("a note to myself")
    await page.keyboard.press("Enter")
    answer = message(page, "a note to myself")
    await expect(answer.locator(".context")).to_contain_text("a mill")
    studio.discord.delete_message(original)
    await expect(answer.locator(".context")).to_have_text("The original message was deleted")
    await page.reload()
    await expect(answer.locator(".context")).to_have_text("The original message was deleted")


async def test_words_begin_an_optional_option_and_a_message_link_leads_there(
    studio: Studio,
) -> None:
    page = await studio.visit()
    await box(page).fill("the first of all")
    await page.keyboard.press("Enter")
    await message(page, "the first of all").wait_for()
    await box(page).fill("/settings")
    await page.keyboard.press("Enter")
    await page.keyboard.type("look")
    await page.keyboard.press("Enter")
    link = message(page, "look:").get_by_role("button", name="#painting › message")  # noqa: RUF001 - the page's own sign
    await link.click()
    await expect(message(page, "the first of all")).to_be_focused()


async def test_files_go_with_a_message(studio: Studio, tmp_path: Path) -> None:
    page = await studio.visit()
    photo = tmp_path / "harbour.png"
    photo.write_bytes(picture((64, 32), 1, spoiler=False).fp.read())
    await page.locator("#composer > input[type=file]").set_input_files(photo)
    await expect(page.locator(".composer .chip")).to_contain_text(" B")
    await box(page).fill("look")
    await page.keyboard.press("Enter")
    await expect(message(page, "look").locator(".picture img")).to_have_count(1)
    await expect(page.locator(".composer .chip")).to_have_count(0)


async def test_the_first_visit_offers_a_command_to_try(studio: Studio) -> None:
    page = await studio.visit()
    await page.get_by_role("button", name="Paint a lighthouse at dawn").click()
    prompt = page.get_by_role("textbox", name="prompt")
    await expect(prompt).to_have_value("a lighthouse at dawn, oil painting")
    await page.keyboard.press("Enter")
    await expect(message(page, "a lighthouse at dawn, oil painting")).to_be_visible()


async def test_what_is_typed_outlives_news_of_the_world(studio: Studio) -> None:
    page = await studio.visit()
    await page.keyboard.type("half a thought")
    studio.discord.add_person("dora")
    await expect(page.get_by_role("button", name="Dora Member")).to_be_visible()
    await expect(box(page)).to_have_value("half a thought")
