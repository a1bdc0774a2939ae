"""The page, driven as people drive it, against a stand-in Discord with a real bot."""

import re
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.async_api import Browser, expect

from sandbox.discord.app import Discord
from tests.page.conftest import Studio
from tests.page.hands import box, message, paint
from tests.page.painter import picture

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]


async def test_pictures_keep_their_shape_and_open_large_with_their_words(studio: Studio) -> None:
    page = await studio.visit()
    painted = await paint(page, "boats", aspect="16:9", count="4")
    tiles = painted.get_by_role("button", name=re.compile("Open picture: picture number"))
    await expect(tiles).to_have_count(4)
    sizes = [await tile.bounding_box() for tile in await tiles.all()]
    assert all(size and abs(size["width"] / size["height"] - 16 / 9) < 0.03 for size in sizes)
    await tiles.nth(1).click()
    dialog = page.get_by_role("dialog", name="Picture")
    await expect(dialog).to_contain_text("picture number 2")
    await expect(dialog).to_contain_text("2 of 4 · 320 \u00d7 180")
    await page.keyboard.press("ArrowRight")
    await expect(dialog).to_contain_text("picture number 3")
    await expect(dialog.get_by_role("link", name="Download")).to_have_attribute("download", "3.png")
    await page.keyboard.press("Escape")
    await expect(dialog).to_have_count(0)


async def test_ten_pictures_stand_in_one_message(studio: Studio) -> None:
    page = await studio.visit()
    painted = await paint(page, "a long row", count="10")
    await expect(painted.locator(".picture img")).to_have_count(10)
    widths = await painted.locator(".picture img").evaluate_all(
        "pictures => Promise.all(pictures.map(each => each.decode().then(() => each.naturalWidth)))"
    )
    assert widths == [160] * 10


async def test_a_spoiler_stays_covered_until_it_is_pressed(studio: Studio) -> None:
    page = await studio.visit()
    painted = await paint(page, "the ending", spoiler="True")
    cover = painted.get_by_role("button", name="Show the spoiler")
    await cover.click()
    await expect(cover).to_have_count(0)
    await expect(page.get_by_role("dialog")).to_have_count(0)
    await expect(painted.get_by_role("button", name="Open picture")).to_have_count(1)


async def test_a_modal_is_checked_filled_and_sent(studio: Studio, tmp_path: Path) -> None:
    page = await studio.visit()
    painted = await paint(page, "a pier")
    await painted.get_by_role("button", name="Edit…").click()
    dialog = page.get_by_role("dialog", name="Edit this picture")
    await expect(dialog.get_by_label("What should change?")).to_be_focused()
    await dialog.get_by_role("button", name="Submit").click()
    await expect(dialog.get_by_text("This is required")).to_have_count(3)
    await page.keyboard.type("make it night")
    await dialog.get_by_label("Picture 2").check()
    await dialog.get_by_role("combobox", name="Shape").focus()
    for key in ("ArrowDown", "ArrowDown", "Enter"):
        await page.keyboard.press(key)
    reference = tmp_path / "boat.png"
    reference.write_bytes(picture((8, 8), 1, spoiler=False).fp.read())
    await dialog.locator("input[type=file]").set_input_files(reference)
    await expect(dialog.locator(".chip")).to_contain_text(" B")
    await dialog.get_by_role("button", name="Submit").click()
    await expect(dialog).to_have_count(0)
    await expect(message(page, "make it night | 2 | 16:9 | boat.png")).to_be_visible()


async def test_an_ephemeral_answer_is_seen_by_one_person_only(studio: Studio) -> None:
    ann, ben = await studio.visit("ann"), await studio.visit("ben")
    await paint(ann, "a secret")
    await message(ben, "a secret").get_by_role("button", name="Why?").click()
    answer = message(ben, "Because ben asked")
    await expect(answer).to_contain_text("Only you can see this")
    await ben.keyboard.type("thanks")
    await expect(box(ben)).to_have_value("thanks")
    await expect(message(ann, "Because ben asked")).to_have_count(0)
    await answer.get_by_role("button", name="Dismiss message").click()
    await expect(answer).to_have_count(0)
    await ben.reload()
    await expect(message(ben, "a secret")).to_be_visible()
    await expect(answer).to_have_count(0)


async def test_one_becomes_another_person(studio: Studio) -> None:
    page = await studio.visit("ann")
    await page.get_by_role("button", name="Ben Team Blue").click()
    await expect(page.get_by_placeholder("as Ben")).to_be_visible()
    await page.keyboard.type("good morning")
    await page.keyboard.press("Enter")
    await expect(message(page, "good morning")).to_have_attribute("data-author", "Ben")
    written = await studio.person("ann").waits_for("good morning")
    assert written.author is studio.person("ben").user


async def test_a_message_menu_offers_the_apps_commands(studio: Studio) -> None:
    page = await studio.visit()
    painted = await paint(page, "twins", count="2")
    await painted.focus()
    await painted.get_by_role("button", name="More").press("Enter")
    await expect(page.get_by_role("menuitem", name="Reply")).to_be_focused()
    await page.keyboard.press("End")
    await expect(page.get_by_role("menuitem", name="Image details")).to_be_focused()
    await page.keyboard.press("Enter")
    await expect(message(page, "2 pictures")).to_contain_text("Only you can see this")


async def test_an_app_that_says_nothing_is_named(studio: Studio) -> None:
    page = await studio.visit()
    painted = await paint(page, "a wall")
    await painted.get_by_role("button", name="Mute").click()
    await expect(painted.get_by_role("button", name="Mute")).to_have_attribute("aria-busy", "true")
    studio.discord.advance(3)
    await expect(painted.get_by_role("alert")).to_have_text("The application did not respond")
    await box(page).fill("/silent")
    await page.keyboard.press("Enter")
    await page.keyboard.press("Enter")
    await expect(page.get_by_text("Sending /silent…")).to_be_visible()
    studio.discord.advance(3)
    await expect(page.locator(".notice")).to_contain_text("did not respond (/silent)")


async def test_a_panel_of_the_app_is_drawn_and_its_select_used(studio: Studio) -> None:
    page = await studio.visit()
    await box(page).fill("/settings")
    await page.keyboard.press("Enter")
    await page.keyboard.press("Enter")
    panel = message(page, "Settings")
    await expect(panel.get_by_role("heading", name="Settings")).to_be_visible()
    await panel.get_by_role("combobox", name="Your shape").click()
    await page.get_by_role("option", name="9:16").click()
    await expect(panel.get_by_text("Shape is 9:16")).to_be_visible()
    await expect(panel.get_by_role("combobox", name="Your shape")).to_have_text("9:16")


async def test_a_paged_panel_is_leafed_through_by_keyboard(studio: Studio) -> None:
    page = await studio.visit()
    loaded: list[str] = []
    page.on("request", lambda sent: loaded.append(sent.url.split("?")[0].split("/")[-1]))
    await box(page).fill("/history")
    await page.keyboard.press("Enter")
    await page.keyboard.press("Enter")
    panel = message(page, "page 1")
    await panel.get_by_role("button", name="Next").press("Enter")
    panel = message(page, "page 2")
    await expect(panel).to_contain_text("Only you can see this")
    await expect(panel.get_by_role("button", name="Next")).to_be_focused()
    await panel.get_by_role("button", name="Open picture: sketch 3").click()
    await expect(page.get_by_role("dialog", name="Picture")).to_contain_text("sketch 3")
    await page.keyboard.press("Escape")
    await panel.get_by_role("combobox", name="Show one").press("ArrowDown")
    await expect(page.get_by_role("option", name="Sketch 3 Imagen 4")).to_be_visible()
    studio.discord.advance(5)  # from now on links are signed anew
    for key in ("ArrowDown", "Enter"):
        await page.keyboard.press(key)
    await expect(message(page, "page 2, sketch 3")).to_be_visible()
    await expect(panel.get_by_role("combobox", name="Show one")).to_be_focused()
    assert loaded.count("2-2.png") == 1
    await expect(panel.get_by_role("button", name="Open picture: a harbour")).to_be_visible()


async def test_words_stay_words(studio: Studio) -> None:
    page = await studio.visit()
    words = (
        "<img src=x onerror=alert(1)> **bold** [here](https://example.org) `a*b*c` <t:0:R> @cleo"
    )
    await box(page).fill(words)
    await page.keyboard.press("Escape")
    await page.keyboard.press("Enter")
    content = message(page, "onerror").locator(".content")
    await expect(content).to_contain_text("<img src=x onerror=alert(1)>")
    await expect(content).to_contain_text("[here](https://example.org)")
    await expect(content.locator("img, a")).to_have_count(0)
    await expect(content.locator("strong")).to_have_text("bold")
    await expect(content.locator("code")).to_have_text("a*b*c")
    await expect(content.locator("time")).to_have_text(re.compile(r"\d+ years ago"))
    await expect(content.locator(".pill")).to_have_text("@Cleo")


async def test_the_panel_shows_the_purse_and_arms_a_fault(studio: Studio) -> None:
    page = await studio.visit("ben")
    panel = page.get_by_role("complementary", name="Wallet and ledger")
    await expect(panel).to_contain_text("$19.92")
    meter = panel.get_by_role("meter", name="Ben, today: used")
    await expect(meter).to_have_attribute("aria-valuetext", "$0.92 left of $1.00")
    await expect(meter.locator("i")).to_be_visible()
    unused = panel.get_by_role("meter", name="This server, today: used")
    await expect(unused.locator("i")).to_have_count(0)
    await expect(panel).to_contain_text("Booked is what the gateway billed")
    fault = panel.get_by_role("combobox", name="Fault to try")
    await fault.focus()
    await page.keyboard.press("ArrowDown")
    await page.keyboard.press("w")
    await page.keyboard.press("Enter")
    await expect(panel.get_by_role("status")).to_contain_text("strikes once")
    assert studio.armed == [("402", False)]
    await panel.get_by_role("checkbox", name="Every call").check()
    await expect(panel.get_by_role("status")).to_contain_text("every paid call")
    assert studio.armed[1:] == [("402", True)]


async def test_the_clock_is_pushed_forward_for_everybody(studio: Studio) -> None:
    ann, ben = await studio.visit("ann"), await studio.visit("ben")
    before = studio.discord.clock.now()
    text = f"ends <t:{int(before.timestamp()) + 7000}:R>"
    await studio.person("ben").write(text, channel=studio.discord.channel("painting"))
    await expect(message(ben, "in 2 hours")).to_be_visible()
    panel = ann.get_by_role("complementary", name="Wallet and ledger")
    await panel.get_by_role("button", name="+1 hour").click()
    await expect(message(ben, "in 1 hour")).to_be_visible()
    await expect(panel.get_by_text("1 h ahead")).to_be_visible()
    await panel.get_by_role("button", name="+1 day").click()
    await expect(panel.get_by_text("1 d 1 h ahead")).to_be_visible()
    assert studio.discord.clock.now() - before > timedelta(hours=25)


async def test_a_phone_has_a_drawer_a_sheet_and_no_sideways_scroll(studio: Studio) -> None:
    page = await studio.visit(width=390)
    await paint(page, "w" * 200, count="4")
    widths = (
        "[document.documentElement, document.getElementById('messages')].map(e => e.scrollWidth)"
    )
    assert max(await page.evaluate(widths)) <= 390
    await page.locator("[data-message] .content").dispatch_event(
        "pointerdown", {"pointerType": "touch"}
    )
    await expect(page.get_by_role("menuitem", name="Copy text")).to_be_visible()
    await page.keyboard.press("Escape")
    await expect(page.get_by_role("menu")).to_have_count(0)
    people = page.get_by_role("button", name="Cleo Member")
    await expect(people).to_be_hidden()
    await page.get_by_role("button", name="Channels and people").click()
    await people.click()
    await expect(people).to_be_hidden()
    await expect(page.get_by_placeholder("as Cleo")).to_be_visible()
    await page.get_by_role("button", name="Wallet and ledger").click()
    await expect(page.get_by_text("left in the shared wallet")).to_be_in_viewport()
    await page.keyboard.press("Escape")
    await expect(page.get_by_text("left in the shared wallet")).to_be_hidden()


async def test_news_of_another_channel_is_marked(studio: Studio) -> None:
    page = await studio.visit()
    await studio.person("ben").write("hello there")
    channel = page.get_by_role("button", name="general (unread)")
    await channel.click()
    await expect(message(page, "hello there")).to_be_visible()
    await expect(channel).to_have_count(0)


async def test_a_first_visit_is_somebody_and_a_person_is_found_by_name(studio: Studio) -> None:
    page = await studio.visit()
    await page.goto(studio.discord.base_url)
    await expect(page.get_by_placeholder("as Ann")).to_be_visible()
    await page.goto(f"{studio.discord.base_url}/?person=cleo&channel=general")
    await expect(page.get_by_placeholder("Message #general as Cleo")).to_be_visible()


async def test_a_lost_connection_comes_back_as_the_same_person(studio: Studio) -> None:
    page = await studio.visit("ben")
    await studio.discord.client.close()
    await studio.person("ann").write("meanwhile", channel=studio.discord.channel("painting"))
    await expect(message(page, "meanwhile")).to_be_visible()
    await expect(page.get_by_placeholder("as Ben")).to_be_visible()


async def test_a_sandbox_started_anew_is_found_by_an_open_page(browser: Browser) -> None:
    page = await browser.new_page()
    async with Discord.running() as before:
        port = int(before.base_url.rpartition(":")[2])
        await page.goto(f"{before.base_url}/?person=ben&channel=quiet")
        await expect(page.get_by_placeholder("as Ben")).to_be_visible()
    async with Discord.running(port=port) as after:
        await after.people["cleo"].write("still here", channel=after.channel("quiet"))
        await expect(message(page, "still here")).to_be_visible(timeout=20_000)
        await box(page).fill("me too")
        await page.keyboard.press("Enter")
        written = await after.people["cleo"].waits_for("me too")
        assert written.author is after.people["ben"].user
        await page.context.close()
