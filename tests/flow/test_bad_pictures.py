"""What can't be worked from is refused in one sentence, before any money is held."""

import shutil
import sqlite3
from collections.abc import Awaitable, Callable
from contextlib import closing
from dataclasses import replace
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image

from bot.core.money import Money
from sandbox.discord.interactions import Interaction
from sandbox.discord.state import Message
from sandbox.omixa import faults
from tests.flow.editing import answer_to, follows, painted, picture, spent, told
from tests.flow.world import World

GIF = b"GIF89a\x01\x00\x01\x00\x00\x00\x00;"
SVG = b"<svg xmlns='http://www.w3.org/2000/svg' width='90' height='90'/>"


async def nothing_happened(world: World, calls: int = 0) -> None:
    assert len(world.omixa.requests) == calls
    assert await spent(world, world.ben) == Money(0)
    assert await world.store.held() == Money(0)


@pytest.mark.parametrize(
    ("file", "sentence"),
    [
        (("empty.png", b""), "`image2` is an empty file; I work from PNG, JPEG or WebP"),
        (("notes.png", b"just words" * 20), "`image2` is no PNG, JPEG or WebP picture"),
        (("moving.gif", GIF), "`image2` is no PNG, JPEG or WebP picture"),
        (("drawing.svg", SVG), "`image2` is no PNG, JPEG or WebP picture"),
        (("cut.png", picture()[1][:90]), "`image2` can't be decoded: it is damaged"),
    ],
    ids=["empty", "text", "gif", "svg", "cut short"],
)
async def test_a_file_is_named_by_its_option(
    world: World, file: tuple[str, bytes], sentence: str
) -> None:
    answer = await world.ben.slash("edit", prompt="x", image=picture(), image2=file)
    assert sentence in await told(world, answer)
    await nothing_happened(world)


async def test_bytes_count_and_not_names(world: World) -> None:
    name, body = picture("cat.jpg")
    assert name.endswith(".jpg")
    await world.ended(await world.ben.slash("edit", prompt="x", image=("cat.gif", body)))
    assert len(world.omixa.requests[-1].body["input_images"]) == 1


async def test_more_pictures_than_the_model_works_from(world: World) -> None:
    answer = await world.ben.menu("Edit image", await world.cleo.write(files=[picture()]))
    files = [picture(f"{number}.png") for number in range(9)]
    sent = await world.ben.submit(answer, {"Instruction": "x", "More pictures": files})
    await world.ended(sent)
    assert len(world.omixa.requests[-1].body["input_images"]) == 10


Sender = Callable[[World], Awaitable[Message]]


@pytest.mark.parametrize(
    "send",
    [
        lambda world: world.cleo.send_sticker(),
        lambda world: world.cleo.record(),
        lambda world: world.cleo.write("only words"),
    ],
    ids=["sticker", "voice", "words"],
)
async def test_a_message_without_a_picture_says_so(world: World, send: Sender) -> None:
    message = await send(world)
    bot = world.discord.world.bot
    reply = await world.ben.reply(message, f"{bot.mention} make it night")
    assert "I see no picture in that message" in (await answer_to(world, reply)).text
    for menu in ("Edit image", "Upscale image", "Add to tray"):
        said = await told(world, await world.ben.menu(menu, message))
        assert "There is no picture in that message" in said
    await nothing_happened(world)


async def test_a_forwarded_picture_can_be_edited(world: World) -> None:
    photo = await world.cleo.write(files=[picture()])
    forwarded = await world.cleo.forward(photo)
    form = await world.ben.menu("Edit image", forwarded)
    await world.ended(await world.ben.submit(form, {"Instruction": "make it night"}))
    assert len(world.omixa.requests[-1].body["input_images"]) == 1


async def test_a_mention_with_a_picture_edits_it(world: World) -> None:
    bot = world.discord.world.bot
    message = await world.ben.write(f"{bot.mention} make it night", files=[picture()])
    await world.ann.waits_for(lambda one: one.author.bot and "make it night" in one.content)
    await world.idle()
    assert world.omixa.requests[-1].body["prompt"] == "make it night"
    assert world.pictures()[-1].reply_to == message.id


async def test_a_mention_alone_is_told_how(world: World) -> None:
    bot = world.discord.world.bot
    message = await world.ben.write(f"{bot.mention} hello")
    assert "`/imagine` paints a new one" in (await answer_to(world, message)).text


async def test_a_deleted_result_can_be_shown_again(world: World) -> None:
    first = await painted(world)
    reply_to = first
    world.discord.messages.delete(first)
    answer = await world.ben.slash(
        "show", id=(await world.store.receipts(int(world.ann.id), None))[0].job
    )
    assert "a lighthouse" in await told(world, answer)
    assert reply_to.id not in world.discord.home.messages


@pytest.mark.parametrize(
    "custom_id",
    [
        "v1:do:explode:abcd1234",
        "v1:do:vary:../../etc",
        "v2:do:vary:abcd1234",
        "v1:do:vary:abcd1234:0",
        "v1:pick:1:2:3",
    ],
)
async def test_a_foreign_button_is_no_longer_valid(world: World, custom_id: str) -> None:
    first = await painted(world)
    first.components[0]["components"][0]["custom_id"] = custom_id
    answer = await world.ben.press(custom_id, on=first)
    assert "no longer valid" in await told(world, answer)
    await nothing_happened(world, calls=1)


async def test_a_button_of_a_job_that_is_not_known(world: World) -> None:
    first = await painted(world)
    first.components[0]["components"][1]["custom_id"] = "v1:do:vary:zzzz0000"
    answer = await world.ben.press("v1:do:vary:zzzz0000", on=first)
    assert "don't remember" in await told(world, answer)
    await nothing_happened(world, calls=1)


async def test_of_a_moving_picture_the_first_frame_is_taken_and_said(world: World) -> None:
    frames = [Image.new("RGB", (96, 64), color) for color in ("red", "blue")]
    body = BytesIO()
    frames[0].save(body, "WEBP", save_all=True, append_images=frames[1:], lossless=True)
    world.omixa.next(faults.slow(headers_s=30))
    answer = await world.ben.slash("edit", prompt="x", image=("moving.webp", body.getvalue()))
    told = await world.ben.waits_for("Of `image` it gets the first frame")
    assert told is answer.original
    await world.painted()


def kept(world: World) -> list[Path]:
    """Find what was kept of anybody's pictures."""
    return list((world.data / "spool" / "references").glob("*"))


@pytest.mark.parametrize(
    "ask",
    [
        lambda world, _: world.ben.slash("edit", prompt="x", image=picture()),
        lambda world, _: world.ben.slash("upscale", image=picture()),
        lambda world, photo: world.ben.menu("Add to tray", photo),
    ],
    ids=["edit", "upscale", "tray"],
)
async def test_nothing_is_downloaded_for_people_who_may_not_order(
    world: World, ask: Callable[[World, Message], Awaitable[Interaction]]
) -> None:
    await world.budget(person=world.ben, amount="blocked")
    photo = await world.cleo.write(files=[picture()])
    assert "You may not order pictures here." in await told(world, await ask(world, photo))
    assert kept(world) == []
    await nothing_happened(world)


async def test_a_reply_of_who_may_not_order_is_not_downloaded_either(world: World) -> None:
    first = await painted(world)
    await world.budget(person=world.ben, amount="blocked")
    reply = await world.ben.reply(first, "put this cat in", files=[picture()])
    assert "You may not order" in (await answer_to(world, reply)).text
    assert kept(world) == []


async def test_what_fits_instead_works_from_the_pictures_too(world: World) -> None:
    await world.budget(person=world.ben, amount="0.05")
    refused = await world.ben.slash("edit", prompt="x", image=picture(), count=4)
    assert "This needs $0.16" in await told(world, refused)
    assert refused.original is not None
    await world.ended(await world.ben.press("1 picture for $0.04", on=refused.original))
    assert len(world.omixa.requests[-1].body["input_images"]) == 1


async def test_a_video_is_no_picture(world: World) -> None:
    video = replace(world.discord.files.keep(*picture()), content_type="video/mp4")
    message = await world.cleo.write(files=[video])
    said = await told(world, await world.ben.menu("Add to tray", message))
    assert "There is no picture in that message" in said


async def test_a_picture_that_a_restored_backup_does_not_know_is_gone(world: World) -> None:
    first = await painted(world)
    await world.ben.reply(first, "make it night")
    second = await follows(world, first)
    with closing(sqlite3.connect(world.data / "easel.db", isolation_level=None)) as db:
        db.execute("DELETE FROM picture WHERE message_id = ?", (int(first.id),))
    for file in kept(world):
        file.unlink()
    said = await told(world, await world.ben.press("Reroll", on=second))
    assert "is not there any more; please upload it again" in said
    said = await told(world, await world.ben.press("Vary", on=first))
    assert "There is no picture in that message" in said
    assert len(world.omixa.requests) == 2


async def test_a_picture_that_discord_can_not_be_asked_for_is_refused_in_time(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = await painted(world)
    shutil.rmtree(world.data / "spool" / "kept")
    monkeypatch.setattr("bot.chat.courier._NEWS_S", 0.1)
    await world.easel.courier.serve(None)
    said = await told(world, await world.ben.press("Vary", on=first))
    assert "I could not get `picture 1 of " in said
    await nothing_happened(world, calls=1)
