"""People, roles and channels, chosen by name: in options, menus, selects and forms."""

import re

import pytest
from playwright.async_api import Locator, Page, expect

from tests.page.conftest import Studio
from tests.page.hands import box, message
from tests.page.treasurer import CSV

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]


async def send(page: Page, command: str) -> None:
    """Type a command that needs nothing else, and send it."""
    await box(page).fill(command)
    await page.keyboard.press("Enter")
    await page.keyboard.press("Enter")


async def pick(page: Page, *letters: str) -> None:
    """Pick from the open list, by the first letters of each."""
    for each in letters:
        await page.keyboard.type(each)
        await page.keyboard.press("Enter")


async def test_a_persons_a_roles_and_a_channels_name_are_enough(studio: Studio) -> None:
    page = await studio.visit()
    await box(page).fill("/budget team")
    await page.keyboard.press("Enter")
    faces = page.locator(".option:has(.avatar) .option-label")
    await expect(faces).to_have_text(["Ann", "Ben", "Cleo", "Dana", "Easel"])
    await pick(page, "be", "team")
    await page.get_by_role("button", name="more").focus()
    await pick(page, "wh")
    offered = ["#general", "#painting", "#quiet", "#budget"]
    await expect(page.locator(".option-label")).to_have_text(offered)
    await pick(page, "bud")
    await page.get_by_role("button", name="more").focus()
    await pick(page, "whom", "@artists")
    await page.keyboard.press("Enter")
    told = message(page, "Team of").locator(".content")
    says = "Team of @Ben: @Team Blue in #budget has $1.00 and @Artists knows"
    await expect(told).to_have_text(says)
    said = await studio.person("ann").waits_for("Team of")
    assert studio.person("ben").mention in said.content


async def test_only_those_who_may_are_offered_a_managers_command(studio: Studio) -> None:
    page = await studio.visit("ben")
    await box(page).fill("/budget")
    await expect(page.get_by_role("option")).to_have_count(0)
    studio.discord.give(studio.person("ben"), "Managers")
    await expect(page.get_by_role("button", name="budget", exact=True)).to_be_visible()
    await box(page).fill("/budge")
    await expect(page.get_by_role("option")).to_have_count(3)


async def test_a_person_has_a_menu_wherever_they_are_named(studio: Studio) -> None:
    page = await studio.visit()
    place = studio.discord.channel("painting")
    await studio.person("ben").write(f"look, {studio.person('cleo').mention}", channel=place)
    said = message(page, "look, ")
    await said.get_by_role("button", name="@Cleo").click()
    menu = page.get_by_role("menu", name="Cleo")
    await expect(menu).to_contain_text("Member")
    await menu.get_by_role("menuitem", name="View usage").click()
    await expect(message(page, "cleo has no role")).to_contain_text("Only you can see this")
    await page.get_by_role("button", name="Menu of Dana").click()
    await page.get_by_role("menuitem", name="Mention").click()
    await expect(box(page)).to_have_value("@dana ")
    await said.focus()
    await said.get_by_role("button", name="More").press("Enter")
    for key in ("ArrowDown", "ArrowDown", "ArrowDown", "Enter"):
        await page.keyboard.press(key)
    menu = page.get_by_role("menu", name="Ben")
    await expect(menu).to_contain_text("Team Blue · Artists")
    await expect(menu.get_by_role("menuitem", name="Mention")).to_be_focused()
    await page.keyboard.press("Escape")
    await said.get_by_role("button", name="Ben", exact=True).click(button="right")
    await page.get_by_role("menuitem", name="Become Ben").click()
    await expect(page.get_by_placeholder("as Ben")).to_be_visible()


async def test_a_form_that_is_filled_in_already_is_changed_by_keyboard(studio: Studio) -> None:
    page = await studio.visit()
    await page.get_by_role("button", name="Menu of Ben").press("Enter")
    await page.keyboard.press("End")
    await page.keyboard.press("Enter")
    form = page.get_by_role("dialog", name="Grant credit")
    amount = form.get_by_role("textbox", name="Amount")
    await expect(amount).to_have_value("2.50")
    await expect(form.get_by_role("combobox", name="Person")).to_have_text("Ben")
    await amount.fill("3")
    await choose(page, form.get_by_role("combobox", name="Role"), "Team Blue")
    await choose(page, form.get_by_role("combobox", name="Channels"), "general", "budget")
    await form.get_by_role("button", name="Submit").click()
    await expect(message(page, "3 | ben | Team Blue | general, budget")).to_be_visible()


async def choose(page: Page, menu: Locator, *names: str) -> None:
    """Open a select and choose by first letters, with the keyboard alone."""
    await menu.focus()
    await page.keyboard.press("ArrowDown")
    for name in names:
        await page.keyboard.press(name[0])
        await expect(page.locator(".popup:popover-open .option.active")).to_contain_text(name)
        await page.keyboard.press("Enter")
    await page.keyboard.press("Tab")


async def test_a_panel_takes_people_roles_and_channels(studio: Studio) -> None:
    page = await studio.visit()
    await send(page, "/budget alerts")
    panel = message(page, "Alerts")
    for kind, name in (
        ("Who is told", "Dana"),
        ("Which roles", "Artists"),
        ("Anybody at all", "Managers"),
        ("Where", "quiet"),
    ):
        await choose(page, panel.get_by_role("combobox", name=kind), name)
        await expect(panel.get_by_text(f"{kind}: {name}")).to_be_visible()


async def test_a_report_is_a_file_to_keep_and_names_are_names(studio: Studio) -> None:
    ann, ben = await studio.visit("ann"), await studio.visit("ben")
    await send(ann, "/budget report")
    report = message(ann, "The last one comes")
    await expect(report.locator(".content")).to_have_text(
        re.compile(r"^@Team Blue, see #budget\. The last one comes in \d+ years\.$")
    )
    async with ann.expect_download() as saved:
        await report.get_by_role("link", name="report.csv 22 B").click()
    assert (await (await saved.value).path()).read_bytes() == CSV
    theirs = message(ben, "The last one comes")
    await expect(theirs).to_contain_text("#no access")  # a channel that only managers see
    await expect(theirs).to_have_class(re.compile("mentions-me"))
    await expect(report).not_to_have_class(re.compile("mentions-me"))
