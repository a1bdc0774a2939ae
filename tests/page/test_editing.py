"""Editing as people do it on the page: replies, buttons, menus and forms, each paying their own."""

import re
from collections.abc import AsyncGenerator
from dataclasses import dataclass
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Locator, Page, expect

from bot.core.money import Money
from sandbox.omixa.faults import MENU
from sandbox.panel import Panel
from tests.flow.editing import painted, picture, spent
from tests.flow.world import World, world_of
from tests.page.conftest import Pages
from tests.page.hands import box, message
from tests.page.walker import Walker

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

BILLED = Money(39_000)  # what the gateway takes for a picture of 0.04
LINK = "#general › message"  # noqa: RUF001 - the page's own sign
PHONE = 390
BOTH = pytest.mark.parametrize("width", [1280, PHONE])


@dataclass(kw_only=True)
class House(Pages):
    """Easel itself behind the page, and people who look at it."""

    world: World

    async def walker(self, name: str = "ben", *, width: int = 1280) -> Walker:
        """Let somebody look at it, on a phone with their finger."""
        touch, channel = width == PHONE, self.discord.home.name
        page = await self.visit(name, channel=channel, width=width, touch=touch)
        await (box(page) if touch else panel_of(page)).wait_for()
        return Walker(page, touch)


@pytest_asyncio.fixture(loop_scope="session")
async def house(browser: Browser, tmp_path: Path) -> AsyncGenerator[House]:
    async with world_of(tmp_path, MAX_CALLS="1") as world:
        panel = Panel(world.omixa, world.store, world.easel.settings.database_path)
        world.discord.client.panel = panel.show
        world.discord.client.fault = panel.arm
        made = House(discord=world.discord, browser=browser, world=world)
        yield made
        await made.close()


def saved(folder: Path, name: str = "hat.png", color: str = "crimson") -> Path:
    """Keep a picture where a person finds it."""
    file = folder / name
    file.write_bytes(picture(name, color)[1])
    return file


def result(page: Page, words: str | re.Pattern[str]) -> Locator:
    """Find pictures that stand in the channel with everything that can be done with them."""
    done = page.get_by_role("button", name="Reroll")
    return message(page, words).filter(has=page.locator(".gallery")).filter(has=done)


async def say(page: Page, words: str) -> None:
    await page.keyboard.type(words)
    await page.keyboard.press("Enter")


def panel_of(page: Page) -> Locator:
    return page.get_by_role("complementary", name="Wallet and ledger")


async def sees_left(walker: Walker, left: Money) -> None:
    """Read in the panel what is left, and that all that was billed is booked."""
    page, panel = walker.page, panel_of(walker.page)
    if walker.touch:
        await walker.press(page.get_by_role("button", name="Wallet and ledger"))
    meter = panel.get_by_role("meter", name="You, today: used")
    await expect(meter).to_have_attribute("aria-valuetext", f"{left} left of $1.00")
    await expect(panel).to_contain_text("Booked is what the gateway billed")
    await walker.look()
    if walker.touch:
        await walker.press(panel.get_by_role("button", name="Close"))
        await expect(panel).to_be_hidden()


async def imagines(walker: Walker, words: str, *, count: int) -> Locator:
    page = walker.page
    await box(page).focus()
    await page.keyboard.type(f"/imagine {words}")
    await walker.press(page.get_by_role("button", name="more"))
    await walker.press(page.get_by_role("option", name=re.compile("^count")))
    await walker.look()
    await say(page, str(count))
    await page.keyboard.press("Enter")
    painted = result(page, words)
    await expect(painted.locator(".picture")).to_have_count(count)
    return painted


async def replies(walker: Walker, to: Locator, words: str, *files: Path) -> None:
    page = walker.page
    await walker.answer(to)
    if files:
        await page.locator("#composer > input[type=file]").set_input_files(files)
        await expect(page.locator(".composer .chip")).to_contain_text(" B")
    await walker.look()
    await say(page, words)


async def compares(walker: Walker, done: Locator, told: re.Pattern[str]) -> None:
    await walker.press(done.get_by_role("button", name="Compare"))
    sides = message(walker.page, told)
    await expect(sides).to_contain_text("Only you can see this")
    await expect(sides.get_by_role("img")).to_have_count(2)


async def finds_the_tree(walker: Walker, *versions: str) -> None:
    page = walker.page
    await box(page).focus()
    await page.keyboard.type("/history")
    for _ in range(2):
        await page.keyboard.press("Enter")
    history = message(page, "Pictures of @Ann")
    await expect(history).to_contain_text("1 to 2 of 2")
    await walker.press(history.get_by_role("combobox"))
    await walker.look()
    await walker.press(page.get_by_role("option", name="Variation"))
    tree = message(page, "← here")
    lines = [rf"v{number} .*{words}" for number, words in enumerate(versions, 1)]
    await expect(tree).to_contain_text(re.compile(".*".join([*lines, "← here"]), re.DOTALL))
    links = tree.get_by_role("button", name=LINK)
    await expect(links).to_have_count(1 + len(versions))  # the first to what it was made from


@BOTH
async def test_three_people_pass_a_picture_on_and_each_pays_their_own(
    house: House, width: int, tmp_path: Path
) -> None:
    world = house.world
    walker = await house.walker("ann", width=width)
    page = walker.page
    async with walker.step():
        first = await imagines(walker, "a lighthouse", count=2)
    assert await spent(world, world.ann) == BILLED * 2

    await walker.become("Ben")
    async with walker.step():
        await replies(walker, first, "1: make it night")
        second = result(page, "v2 of")
        await expect(second).to_contain_text("@Ben make it night")
        told = second.get_by_role("img", name="a lighthouse → make it night")
        await expect(told).to_have_count(1)

    await walker.become("Cleo")
    async with walker.step():
        await replies(walker, second, "add snow", saved(tmp_path))
        third = result(page, "v3 of")
        await expect(third).to_contain_text("@Cleo add snow")
    assert len(world.omixa.requests[-1].body["input_images"]) == 2

    await walker.become("Ann")
    async with walker.step(1):
        await walker.press(third.get_by_role("button", name="Vary"))
        fourth = result(page, "v4 of")
        await expect(fourth).to_contain_text("@Ann Variation")
    async with walker.step(1):
        await compares(walker, fourth, re.compile("Before.add snow.After.Variation", re.DOTALL))
    async with walker.step():
        await finds_the_tree(walker, "a lighthouse", "make it night", "add snow", "Variation")
    await each_paid(walker, house, [2, 1, 1, 1])


async def each_paid(walker: Walker, house: House, counts: list[int]) -> None:
    """Hold what each paid against the stand-in's wallet, and against what the page shows."""
    world = house.world
    await world.idle()
    assert [one.body.get("n", 1) for one in world.omixa.requests] == counts
    pays = {world.ann: BILLED * 3, world.ben: BILLED, world.cleo: BILLED}
    for person, paid in pays.items():
        assert await spent(world, person) == paid
        await walker.become(str(person.user.global_name))
        await sees_left(walker, Money.parse("1") - paid)
    wallet = world.omixa.wallet
    assert (wallet.captured_micros, wallet.held_micros) == ((BILLED * sum(counts)).micros, 0)


async def test_a_reply_without_a_ping_is_told_how_to_turn_it_on(house: House) -> None:
    await painted(house.world)
    walker = await house.walker()
    page = walker.page
    async with walker.step():
        await walker.answer(result(page, "a lighthouse"))
        await walker.press(page.get_by_role("button", name="@ On"))
        await say(page, "make it night")
        await expect(message(page, "I can't read replies without a ping")).to_be_visible()
    assert len(house.world.omixa.requests) == 1


async def test_which_picture_is_asked_and_answered_with_one_press(house: House) -> None:
    world = house.world
    await painted(world, count=3)
    walker = await house.walker()
    page = walker.page
    async with walker.step():
        await walker.answer(result(page, "a lighthouse"))
        await say(page, "make it night")
        question = message(page, "Which picture?")
        await expect(question.get_by_role("button", name=re.compile(r"^\d$"))).to_have_count(3)
        await walker.press(question.get_by_role("button", name="2"))
        await expect(result(page, "make it night")).to_be_visible()
    await expect(question).to_have_count(0)
    await world.idle()
    assert await spent(world, world.ben) == BILLED


async def test_a_refusal_tells_its_amounts_to_whoever_asks_why(house: House) -> None:
    world = house.world
    await world.budget(scope="each person", amount="0.01")
    await world.budget(person=world.ann, amount="unlimited")
    await painted(world)
    walker = await house.walker()
    page = walker.page
    async with walker.step():
        await walker.answer(result(page, "a lighthouse"))
        await say(page, "make it night")
        refusal = message(page, re.compile("limit", re.IGNORECASE)).filter(
            has=page.get_by_role("button", name="Why?")
        )
        await expect(refusal).not_to_contain_text("$")
        await walker.press(refusal.get_by_role("button", name="Why?"))
        why = message(page, "Only you can see this")
        await expect(why).to_contain_text("This needs $0.04")
        await expect(why).to_contain_text("$0.01")
    assert len(world.omixa.requests) == 1


@BOTH
async def test_anybodys_upload_is_edited_from_its_menu(house: House, width: int) -> None:
    world = house.world
    await world.cleo.write("my cat", files=[picture()])
    walker = await house.walker(width=width)
    page = walker.page
    cat = message(page, "my cat")
    async with walker.step(3):
        if walker.touch:
            await walker.hold(cat.locator(".picture"))
            await walker.press(page.get_by_role("menuitem", name="Edit image"))
        else:
            await cat.focus()
            await cat.get_by_role("button", name="More").press("Enter")
            entry = page.get_by_role("menuitem", name="Edit image")
            while not await entry.evaluate("entry => entry === document.activeElement"):
                await page.keyboard.press("ArrowDown")
            await page.keyboard.press("Enter")
        form = page.get_by_role("dialog", name="Edit")
        await expect(form.get_by_role("textbox")).to_be_focused()
        await walker.look()
        await page.keyboard.type("make it a painting")
        await walker.press(form.get_by_role("button", name="Submit"))
        done = result(page, "@Ben make it a painting")
        await expect(done).to_be_visible()
    await world.idle()
    assert await spent(world, world.ben) == BILLED
    assert await spent(world, world.cleo) == Money(0)


async def test_the_form_takes_another_picture(house: House, tmp_path: Path) -> None:
    world = house.world
    await painted(world, count=2)
    walker = await house.walker()
    page = walker.page
    await walker.press(result(page, "a lighthouse").get_by_role("button", name="Edit…"))
    form = page.get_by_role("dialog", name="Edit")
    await form.get_by_role("textbox").fill("put this hat on it")
    await form.get_by_label("Picture 2").check()
    await form.locator("input[type=file]").set_input_files(saved(tmp_path))
    await expect(form.locator(".chip")).to_contain_text(" B")
    await walker.look()
    await walker.press(form.get_by_role("button", name="Submit"))
    await expect(result(page, "@Ben put this hat on it")).to_be_visible()
    assert len(world.omixa.requests[-1].body["input_images"]) == 2
    details = result(page, "put this hat on it").get_by_role("button", name="Details")
    await walker.press(details)
    made_from = message(page, "Made from")
    await expect(made_from).to_contain_text(re.compile(rf"picture 2 of \w+ {LINK}\s*file1"))


async def test_a_reply_that_waits_is_cancelled_where_it_is_told(house: House) -> None:
    world = house.world
    await painted(world)
    walker = await house.walker()
    page = walker.page
    panel = panel_of(page)
    await walker.press(panel.get_by_role("combobox", name="Fault to try"))
    await walker.press(page.get_by_role("option", name=MENU["slow"][0]))
    await expect(panel).to_contain_text("It strikes once")
    status = message(page, "Ordered 1 picture, for $0.04 at most")
    for at, words in enumerate(("make it night", "add snow"), 1):
        await walker.answer(result(page, "a lighthouse"))
        await say(page, words)
        await expect(status).to_have_count(at)
    async with walker.step():
        await walker.press(status.last.get_by_role("button", name="Cancel"))
        await expect(message(page, "Cancelled")).to_contain_text("Nothing was charged")
    await world.painted()
    await expect(result(page, "make it night")).to_be_visible()
    await world.idle()
    assert await spent(world, world.ben) == BILLED
    assert world.omixa.wallet.captured_micros == BILLED.micros * 2


async def test_combinations_are_listed_with_what_each_press_costs(house: House) -> None:
    walker = await house.walker()
    page = walker.page
    async with walker.step(1):
        await box(page).focus()
        await say(page, "/imagine a [red, blue] fox")
        offer = message(page, "2 pictures, for $0.08 at most")
        await expect(offer.locator("li")).to_have_text(["a red fox", "a blue fox(edited)"])
        await walker.press(offer.get_by_role("button", name="1 picture as written for $0.04"))
        await expect(result(page, "a [red, blue] fox")).to_be_visible()
    assert [one.body["prompt"] for one in house.world.omixa.requests] == ["a [red, blue] fox"]


async def test_the_look_finds_what_nobody_should_see(house: House) -> None:
    walker = await house.walker()
    await walker.look()
    wrong = {
        "cut off at the side": "<p style='position:fixed;left:-9px'>cut</p>",
        "scrolls sideways": "<p style='width:9000px'>wide</p>",
        "an id: 123456789012345678": "<p>123456789012345678</p>",
        "an id: 123456789012345679": "<p aria-label='<@123456789012345679>'>Ann</p>",
        "no alt text": "<button class='picture'><img alt=' ' width=9 height=9></button>",
        "cut off above or below": "<p class='menu' style='inset:auto;top:-9px'>menu</p>",
    }
    for told, part in wrong.items():
        await walker.page.evaluate("part => messages.insertAdjacentHTML('beforeend', part)", part)
        assert any(told in one for one in await walker.troubles())
        await walker.page.evaluate("() => messages.lastElementChild.remove()")
