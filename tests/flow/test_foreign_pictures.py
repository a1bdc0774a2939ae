"""Pictures of other people's messages, wherever in them they are."""

from typing import Any

import pytest

from sandbox.discord.drafts import Draft
from sandbox.discord.messages import Origin
from sandbox.discord.state import Message
from tests.flow.editing import painted, picture, spent, told
from tests.flow.test_bad_pictures import nothing_happened
from tests.flow.world import World

LAYOUT = 1 << 15


async def link(world: World, color: str = "teal") -> str:
    """Upload a picture somewhere, and give where it is."""
    attic = world.discord.add_channel("attic")
    message = await world.cleo.write(files=[picture(color=color)], channel=attic)
    return str(world.discord.messages.raw(message)["attachments"][0]["url"])


async def edited(world: World, message: Message) -> list[Any]:
    """Let Ben edit a message's picture from its menu, and give what the gateway got."""
    form = await world.ben.menu("Edit image", message)
    await world.ended(await world.ben.submit(form, {"Instruction": "make it night"}))
    assert (await spent(world, world.ben)).micros == 39_000
    return list(world.omixa.requests[-1].body["input_images"])


@pytest.mark.parametrize("place", ["image", "thumbnail"])
async def test_the_picture_of_a_preview_is_edited(world: World, place: str) -> None:
    url = await link(world)
    embed = {"title": "News", place: {"url": url, "proxy_url": url}}
    feed = world.discord.post_webhook("Feed", embeds=[embed])
    assert len(await edited(world, feed)) == 1


async def test_a_preview_of_another_site_that_discord_has_no_copy_of_is_refused(
    world: World,
) -> None:
    embed = {"title": "News", "image": {"url": "https://example.com/cat.png"}}
    feed = world.discord.post_webhook("Feed", embeds=[embed])
    form = await world.ben.menu("Edit image", feed)
    answer = await world.ben.submit(form, {"Instruction": "x"})
    assert "is not stored by Discord; please upload the picture itself" in await told(world, answer)
    await nothing_happened(world)


async def test_the_pictures_of_a_layout_are_found_however_deep(world: World) -> None:
    first, second = await link(world), await link(world, "brown")
    words = {"type": 10, "content": "Look"}
    inside = [
        {"type": 12, "items": [{"media": {"url": first}}]},
        {"type": 9, "components": [words], "accessory": {"type": 11, "media": {"url": second}}},
    ]
    body = {"flags": LAYOUT, "components": [{"type": 17, "components": inside}, words]}
    origin = Origin(author=world.cleo.user)
    message = world.discord.messages.post(world.discord.home, Draft(body=body), origin)
    said = await told(world, await world.ben.menu("Add to tray", message))
    assert "Added 2 pictures" in said
    await world.ended(await world.ben.slash("blend"))
    assert len(world.omixa.requests[-1].body["input_images"]) == 2


async def test_more_pictures_than_a_model_works_from_are_refused_with_the_number(
    world: World,
) -> None:
    first = await painted(world, count=5)
    files = [picture(f"{number}.png") for number in range(10)]
    before = len(world.omixa.requests)
    reply = await world.ben.reply(first, "1-5: combine", files=files)
    message = await world.ann.waits_for(
        lambda one: one.reply_to == reply.id and "at most" in one.text
    )
    assert "works from 14 pictures at most, and you gave 15" in message.text
    await nothing_happened(world, calls=before)


async def test_a_picture_that_is_given_twice_is_named_twice(world: World) -> None:
    same = picture()
    answer = await world.ben.slash("edit", prompt="x", image=same, image2=same)
    await world.ended(answer)
    details = await told(world, await world.ben.press("Details", on=world.pictures()[-1]))
    assert "1. image\n2. image2" in details
    assert len(world.omixa.requests[-1].body["input_images"]) == 2
