"""Buttons under results, menus of messages and commands that work from pictures."""

import asyncio
import json
import re
import sqlite3
from datetime import timedelta

import pytest

from bot.chat import budget_words
from bot.core.job import Job
from bot.core.money import Money
from sandbox.discord.state import Message
from sandbox.people import Person
from tests.flow.editing import follows, painted, picture, spent, told
from tests.flow.world import World

BILLED = Money(39_000)


async def job_of(world: World, result: Message) -> Job:
    return await world.store.job((await world.store.shown_in(int(result.id)))[0].job)


async def months_pass(world: World, days: int) -> None:
    """Let time go by, with it what the bot keeps of pictures."""
    kept = world.data / "spool" / "kept"
    async with asyncio.timeout(30):
        while days and any(kept.iterdir()):
            world.clock.advance(timedelta(days=days).total_seconds())
            await asyncio.sleep(0.05)


async def test_reroll_orders_the_same_for_whoever_presses(world: World) -> None:
    first = await painted(world, aspect="4:3", count=2)
    await world.ben.press("Reroll", on=first)
    second = await follows(world, first)
    before, after = (one.body for one in world.omixa.requests)
    assert before == after
    assert world.ben.mention in second.content
    assert await spent(world, world.ben) == BILLED * 2


@pytest.mark.parametrize(
    ("button", "title"), [("Vary", "Variation"), ("Upscale", "Upscaled"), ("Cut out", "Cut out")]
)
async def test_a_button_works_from_the_picture(world: World, button: str, title: str) -> None:
    first = await painted(world)
    answer = await world.ben.press(button, on=first)
    second = await follows(world, first)
    assert "receipt `" in await world.ended(answer)
    assert len(world.omixa.requests[-1].body["input_images"]) == 1
    assert f"**{title}**" in second.content
    assert (await job_of(world, second)).lineage is not None
    assert await spent(world, world.ben) == BILLED
    assert second.files[0].description == f"a lighthouse → {title}"


async def test_several_pictures_are_asked_for_which(world: World) -> None:
    first = await painted(world, count=3)
    asked = await world.ben.press("Vary", on=first)
    assert "which picture?" in await told(world, asked)
    assert asked.original is not None
    await world.ben.press("3", on=asked.original)
    second = await follows(world, first)
    (reference,) = (await job_of(world, second)).order.references
    assert reference.origin is not None
    assert reference.origin.number == 3


async def test_a_second_press_within_moments_is_the_same_press(world: World) -> None:
    first = await painted(world)
    one = await world.ben.press("Vary", on=first)
    two = await world.ben.press("Vary", on=first)
    other = await world.cleo.press("Vary", on=first)
    assert "Already started" in await told(world, two)
    await world.ended(one)
    await world.ended(other)
    assert len(world.omixa.requests) == 3
    world.clock.advance(4)
    await world.ended(await world.ben.press("Vary", on=first))
    assert len(world.omixa.requests) == 4


async def test_edit_opens_a_form_that_takes_more_pictures(world: World) -> None:
    first = await painted(world, count=2)
    form = await world.ben.press("Edit…", on=first)
    sent = await world.ben.submit(
        form,
        {
            "Instruction": "put these in",
            "Picture": "2",
            "More pictures": [picture("a.png"), picture("b.jpg", "red")],
            "Shape": "16:9",
        },
    )
    await world.ended(sent)
    body = world.omixa.requests[-1].body
    assert body["prompt"] == "put these in"
    assert body["aspect_ratio"] == "16:9"
    assert len(body["input_images"]) == 3
    job = await job_of(world, world.pictures()[-1])
    assert [each.label for each in job.order.references] == [
        f"picture 2 of {job.lineage.root if job.lineage else ''}",
        "file1",
        "file2",
    ]


async def test_the_menu_edits_anybodys_picture(world: World) -> None:
    photo = await world.cleo.write("my cat", files=[picture()])
    form = await world.ben.menu("Edit image", photo)
    await world.ended(await world.ben.submit(form, {"Instruction": "make it a painting"}))
    body = world.omixa.requests[-1].body
    assert body["prompt"] == "make it a painting"
    assert len(body["input_images"]) == 1
    assert await spent(world, world.ben) == BILLED
    assert await spent(world, world.cleo) == Money(0)


async def test_the_menu_says_when_there_is_no_picture(world: World) -> None:
    message = await world.cleo.write("no picture here")
    for menu in ("Edit image", "Upscale image", "Add to tray"):
        answer = await world.ben.menu(menu, message)
        assert "There is no picture in that message" in await told(world, answer)


async def test_upscale_asks_how_large(world: World) -> None:
    photo = await world.cleo.write(files=[picture()])
    form = await world.ben.menu("Upscale image", photo)
    await world.ended(await world.ben.submit(form, {"Size": "4K"}))
    assert world.omixa.requests[-1].body["size"] == "4K"


async def test_a_tray_is_blended_and_emptied(world: World) -> None:
    assert "Your tray is empty" in await told(world, await world.ben.slash("blend"))
    first = await painted(world, count=2)
    photo = await world.cleo.write(files=[picture()])
    assert "your tray has 2 pictures" in await told(
        world, await world.ben.menu("Add to tray", first)
    )
    assert "your tray has 3 pictures" in await told(
        world, await world.ben.menu("Add to tray", photo)
    )
    await world.ended(await world.ben.slash("blend", prompt="all together"))
    body = world.omixa.requests[-1].body
    assert body["prompt"] == "all together"
    assert len(body["input_images"]) == 3
    assert "Your tray is empty" in await told(world, await world.ben.slash("blend"))


async def test_a_tray_lasts_an_hour(world: World) -> None:
    photo = await world.cleo.write(files=[picture()])
    await told(world, await world.ben.menu("Add to tray", photo))
    world.clock.advance(timedelta(hours=1).total_seconds() + 1)
    assert "Your tray is empty" in await told(world, await world.ben.slash("blend"))


async def test_edit_keeps_the_order_of_its_pictures(world: World) -> None:
    files = [picture("one.png", "red"), picture("two.png", "blue"), picture("one.png", "red")]
    answer = await world.ben.slash(
        "edit", prompt="side by side", image=files[0], image2=files[1], image3=files[2]
    )
    await world.ended(answer)
    images = world.omixa.requests[-1].body["input_images"]
    assert images[0] == images[2] != images[1]
    details = await world.ben.press("Details", on=world.pictures()[-1])
    assert "1. image\n2. image2\n3. image3" in await told(world, details)


async def test_a_command_without_an_instruction_asks_for_it(world: World) -> None:
    form = await world.ben.slash("edit", image=picture())
    await world.ended(await world.ben.submit(form, {"Instruction": "make it blue"}))
    assert world.omixa.requests[-1].body["prompt"] == "make it blue"


async def test_upscale_and_cutout_by_number(world: World) -> None:
    first = await painted(world, count=2)
    job = await job_of(world, first)
    asked = await world.ben.slash("upscale", id=job.id)
    assert f"such as `{job.id}-2`" in await told(world, asked)
    await world.ended(await world.ben.slash("cutout", id=f"{job.id}-2"))
    (reference,) = (await job_of(world, world.pictures()[-1])).order.references
    assert reference.origin is not None
    assert reference.origin.number == 2
    both = await world.ben.slash("upscale", id=job.id, image=picture())
    assert "one of them" in await told(world, both)
    neither = await world.ben.slash("upscale")
    assert "one of them" in await told(world, neither)


async def test_a_private_result_is_nobody_elses(world: World) -> None:
    answer = await world.ann.slash("imagine", prompt="a secret", private=True)
    await world.ended(answer)
    assert answer.original is not None
    number = (await world.store.receipts(int(world.ann.id), None))[0].job
    for command in ("upscale", "show"):
        said = await told(world, await world.ben.slash(command, id=number))
        assert "There is no result" in said
    await world.ended(await world.ann.press("Vary", on=answer.original))
    assert world.pictures() == []


@pytest.mark.parametrize("days", [0, 31])
async def test_everything_works_with_a_message_of_any_age(world: World, days: int) -> None:
    first = await painted(world, count=2)
    await months_pass(world, days)
    await world.ben.reply(first, "1: make it night")
    second = await follows(world, first)
    form = await world.ben.press("Edit…", on=first)
    await world.ended(await world.ben.submit(form, {"Instruction": "add snow", "Picture": "2"}))
    menu = await world.ben.menu("Edit image", first)
    await world.ended(await world.ben.submit(menu, {"Instruction": "add rain"}))
    await world.ended(await world.ben.press("Reroll", on=second))
    assert [len(one.body["input_images"]) for one in world.omixa.requests[1:]] == [1, 1, 1, 1]


async def test_a_month_later_without_the_message_the_picture_is_gone(world: World) -> None:
    first = await painted(world)
    job = await job_of(world, first)
    await months_pass(world, 31)
    world.discord.messages.delete(first)
    said = await told(world, await world.ben.slash("upscale", id=job.id))
    assert "is not there any more" in said
    assert await spent(world, world.ben) == Money(0)


async def test_compare_shows_before_and_after(world: World) -> None:
    first = await painted(world)
    await world.ben.reply(first, "make it night")
    second = await follows(world, first)
    shown = await world.cleo.press("Compare", on=second)
    text = await told(world, shown)
    assert "**Before** `a lighthouse`" in text
    assert "**After** `make it night`" in text


async def test_details_show_the_family_and_a_command(world: World) -> None:
    first = await painted(world, aspect="16:9")
    await world.ben.reply(first, "make it night")
    await follows(world, first)
    text = await told(world, await world.cleo.press("Details", on=first))
    assert "/imagine prompt:a lighthouse aspect:16:9 size:1K count:1 model:Imagen 4" in text
    link = f"https://discord.com/channels/{world.server_id}"
    assert f"v1 {link}" in text
    assert f"v2 {link}" in text
    assert "Charged $0.039" in text
    assert text.count("```") == 2


async def test_details_link_to_what_a_picture_was_made_from(world: World) -> None:
    first = await painted(world)
    await world.ben.reply(first, "make it night")
    second = await follows(world, first)
    text = await told(world, await world.cleo.press("Details", on=second))
    link = f"https://discord.com/channels/{world.server_id}/{first.channel.id}/{first.id}"
    assert re.search(rf"1\. picture 1 of \w+ {link}", text)


def grown(db: sqlite3.Connection, first: str, last: str) -> None:
    """Put 1,200 versions between two, each with a long prompt and made of the one before."""
    order = json.dumps({"prompt": "make it `night`, " * 60, "model": "imagen-4.0-generate-001"})
    parent = first
    for number in range(1200):
        made = f"made{number}"
        db.execute(
            "INSERT INTO job (id, key, person_id, channel_id, order_json, frames, unit_price,"
            " created_at, server_id) SELECT ?, ?, person_id, channel_id, ?, frames, unit_price,"
            " created_at, server_id FROM job WHERE id = ?",
            (made, made, order, first),
        )
        db.execute("INSERT INTO lineage VALUES (?, ?, 1, ?, ?)", (made, parent, first, number + 2))
        parent = made
    db.execute("UPDATE lineage SET parent_id = ?, version = 1202 WHERE job_id = ?", (parent, last))


async def test_details_of_a_large_family_show_what_is_near(world: World) -> None:
    first = await painted(world, prompt="x" * 3000)
    await world.ben.reply(first, "make it night " * 100)
    last = await follows(world, first)
    root, end = await job_of(world, first), await job_of(world, last)
    await world.store._write(lambda db: grown(db, root.id, end.id))
    top, deep = [
        await told(world, await world.cleo.press("Details", on=each)) for each in (first, last)
    ]
    assert re.search(r"v1 https://\S+ .*← here", top)
    assert re.search(r"v1202 https://\S+ .*← here", deep)
    assert deep.index("v1201") < deep.index("← here")
    assert top.count("…and 1187 more") == deep.count("…and 1187 more") == 1


async def test_send_to_me_goes_to_direct_messages(world: World) -> None:
    first = await painted(world)
    assert "direct message" in await told(world, await world.ben.press("Send to me", on=first))
    (sent,) = world.ben.messages(world.ben.dm)
    assert len(sent.files) == 1


@pytest.mark.parametrize("who", ["ann", "ben"])
async def test_delete_is_for_who_ordered_and_moderators(world: World, who: str) -> None:
    await world.ended(await world.ben.slash("imagine", prompt="a lighthouse"))
    first = world.pictures()[-1]
    await world.cleo.press("Delete", on=first)
    await world.cleo.waits_for("Only who ordered this")
    person: Person = getattr(world, who)
    await person.press("Delete", on=first)
    await person.waits_for("Deleted. The order")
    assert first.id not in world.discord.home.messages
    assert await spent(world, world.ben) == BILLED


async def test_stars_are_counted_and_shown_among_the_best(world: World) -> None:
    channel = world.discord.world.channels
    best = next(one for one in channel.values() if one is not world.discord.home and one.server)
    first = await painted(world)
    assert "1 star now" in await told(world, await world.ben.press("Star", on=first))
    await world.store.set_server(world.server_id, int(world.ann.id), best_of_channel=int(best.id))
    assert "2 stars now" in await told(world, await world.cleo.press("Star", on=first))
    shown = await world.ann.waits_for("★ 2")
    assert shown.channel is best
    assert "1 star now" in await told(world, await world.ben.press("Star", on=first))
    await world.ann.waits_for("★ 1")
    await world.ben.reply(shown, "make it night")
    await world.ann.waits_for(lambda one: "make it night" in one.content and one.author.bot)


async def test_report_reaches_the_budget_channel(world: World) -> None:
    first = await painted(world)
    nobody = await world.ben.menu("Report image", first)
    assert "none is set" in await told(world, nobody)
    home = world.discord.home
    await world.store.set_server(world.server_id, int(world.ann.id), budget_channel=int(home.id))
    form = await world.ben.menu("Report image", first)
    assert "Thank you" in await told(
        world, await world.ben.submit(form, {"Reason": "ugly @everyone"})
    )
    await world.ann.waits_for("reported https://")


async def test_only_pictures_of_ours_are_reported(world: World) -> None:
    message = await world.ben.write("look at this")
    answer = await world.cleo.menu("Report image", message)
    assert "did not make" in await told(world, answer)


async def test_history_is_searched_paged_and_looked_into(world: World) -> None:
    assert "no pictures yet" in await told(world, await world.ben.slash("history"))
    first = await painted(world, prompt="a red fox")
    for number in range(6):
        await painted(world, prompt=f"a grey whale {number}")
    page = await world.ann.slash("history")
    text = await told(world, page)
    assert "1 to 5 of 7" in text
    assert page.original is not None
    await world.ann.press("Older", on=page.original)
    assert await world.ann.waits_for("6 to 7 of 7") is page.original
    await world.ann.press("Newer", on=page.original)
    assert await world.ann.waits_for("1 to 5 of 7") is page.original
    found = await world.ann.slash("history", search="FOX red")
    assert "1 to 1 of 1" in await told(world, found)
    assert found.original is not None
    job = await job_of(world, first)
    look = await world.ann.select("v1:look", job.id, on=found.original)
    assert "/imagine prompt:a red fox" in await told(world, look)
    refused = await world.ben.slash("history", by=world.ann)
    assert "Only managers" in await told(world, refused)
    assert "of 7" in await told(world, await world.dana.slash("history", by=world.ann))


async def test_show_posts_again_with_live_buttons(world: World) -> None:
    first = await painted(world)
    job = await job_of(world, first)
    alone = await world.ben.slash("show", id=job.id)
    assert job.id in await told(world, alone)
    assert alone.original is not None
    assert len(alone.original.files) == 1
    await told(world, await world.ben.slash("show", id=job.id, public=True))
    again = world.pictures()[-1]
    assert again is not first
    await world.cleo.reply(again, "make it night")
    await follows(world, first, again)
    assert len(world.omixa.requests[-1].body["input_images"]) == 1


async def test_history_finds_a_variation_by_what_it_shows(world: World) -> None:
    first = await painted(world, prompt="a red fox")
    await world.ended(await world.ann.press("Vary", on=first))
    found = await told(world, await world.ann.slash("history", search="fox"))
    assert "1 to 2 of 2" in found
    assert "a red fox → Variation" in found


async def test_managers_choose_where_stars_are_shown(world: World) -> None:
    home = world.discord.home
    assert "shown nowhere" in await told(world, await world.ann.slash("budget stars"))
    both = {"channel": home, "off": True}
    before = (await world.store.server(world.server_id)).best_of_channel
    refused = await told(world, await world.ann.slash("budget stars", options=both))
    assert (await world.store.server(world.server_id)).best_of_channel == before
    assert refused == budget_words.ONE_OF_TWO
    chosen = await world.ann.slash("budget stars", options={"channel": home})
    assert f"shown in <#{home.id}> (was nowhere)" in await told(world, chosen)
    off = await told(world, await world.ann.slash("budget stars", off=True))
    assert f"shown nowhere (was <#{home.id}>)" in off
