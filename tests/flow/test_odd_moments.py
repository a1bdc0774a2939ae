"""What people do at odd moments: too late, twice, or where they can't be reached."""

import asyncio
import re

import pytest

from bot.chat.pace import PER_S, TIMES
from bot.core.money import Money
from sandbox.discord.components import walk
from sandbox.discord.permissions import May
from sandbox.omixa import faults
from tests.flow.editing import answer_to, follows, painted, picture, spent, told
from tests.flow.world import World

BILLED = Money(39_000)


async def test_one_answers_which_picture_twice_and_it_is_one_order(world: World) -> None:
    first = await painted(world, count=2)
    question = await answer_to(world, await world.ben.reply(first, "make it night"))
    await asyncio.gather(*(world.ben.press("1", on=question) for _ in range(2)))
    await follows(world, first)
    assert world.ben.sees("Something went wrong") is None
    assert await spent(world, world.ben) == BILLED


async def test_pictures_stay_in_the_answer_where_direct_messages_are_closed(world: World) -> None:
    first = await painted(world, count=2)
    world.ben.take_dms(openly=False)
    answer = await world.ben.press("Send to me", on=first)
    assert "closed to me" in await told(world, answer)
    assert answer.original is not None
    assert len(answer.original.files) == 2
    assert not world.ben.messages(world.ben.dm)


async def test_a_finished_order_is_not_said_to_be_cancelled(world: World) -> None:
    first = await painted(world)
    said = await answer_to(world, await world.ann.reply(first, "cancel"))
    assert said.text == "Nothing of this waits any more."
    assert await spent(world, world.ann) == BILLED


async def test_moderators_cancel_by_the_word_as_by_the_button(world: World) -> None:
    dana = world.discord.studio.members[world.dana.id]
    dana.roles[0].permissions |= May.MANAGE_MESSAGES
    raw = {"guild_id": str(world.server_id), "role": dana.roles[0].raw()}
    world.discord.places._tell(world.discord.studio, "GUILD_ROLE_UPDATE", raw)
    first = await painted(world)
    world.omixa.next(faults.slow(headers_s=30))
    status = await answer_to(world, await world.ben.reply(first, "make it night"))
    while await world.store.job_by_status(int(status.id)) is None:  # noqa: ASYNC110 - a file tells nobody
        await asyncio.sleep(0.01)
    refused = await answer_to(world, await world.cleo.reply(status, "cancel"))
    assert refused.text == "Only who ordered this, or a moderator, can cancel it."
    taken = await answer_to(world, await world.dana.reply(status, "cancel"))
    assert "being painted already" in taken.text
    await world.painted()
    await follows(world, first)


async def test_a_shape_alone_does_not_show_what_the_model_is_told(world: World) -> None:
    first = await painted(world)
    await world.ben.reply(first, "wide")
    second = await follows(world, first)
    assert "**New shape**" in second.content
    assert second.files[0].description == "a lighthouse → New shape"


async def test_larger_is_the_largest_if_nobody_says_how_large(world: World) -> None:
    first = await painted(world)
    await world.ended(await world.ben.press("Upscale", on=first))
    form = await world.ben.menu("Upscale image", await world.cleo.write(files=[picture()]))
    await world.ended(await world.ben.submit(form, {}))
    await world.ended(await world.ben.slash("upscale", image=picture()))
    sizes = [one.body["size"] for one in world.omixa.requests]
    assert sizes == ["1K", "4K", "4K", "4K"]


async def test_whose_picture_is_not_shown_to_the_bot_is_sent_to_the_menu(world: World) -> None:
    photo = await world.cleo.write("my cat", files=[picture()])
    bot = world.discord.world.bot
    reply = await world.ben.reply(photo, f"{bot.mention} make it green")
    said = (await answer_to(world, reply)).text
    assert "There is no picture" not in said
    assert "**Apps > Edit image**" in said


async def test_what_is_in_the_tray_already_is_not_added(world: World) -> None:
    photo = await world.cleo.write(files=[picture()])
    for said in ("Added 1 picture; ", "Nothing new: it was in there already; "):
        answer = await told(world, await world.ben.menu("Add to tray", photo))
        assert answer.startswith(f"{said}your tray has 1 picture now")
        assert "takes two or more" in answer


async def test_what_can_be_used_is_collected_and_the_rest_is_told(world: World) -> None:
    animation = ("moving.gif", b"GIF89a" + bytes(100))
    photo = await world.cleo.write(files=[picture(), animation, picture("b.png", "red")])
    said = await told(world, await world.ben.menu("Add to tray", photo))
    assert said.startswith("Added 2 pictures; ")
    assert "`picture 2` is no PNG, JPEG or WebP picture" in said


async def test_a_full_tray_says_how_many_fit(world: World) -> None:
    colors = ("red", "blue", "green", "gold", "pink", "navy", "teal", "lime")
    files = [picture(f"{color}.png", color) for color in colors]
    for some in (files[:4], files[4:]):
        await told(world, await world.ben.menu("Add to tray", await world.cleo.write(files=some)))
    more = [picture(f"{color}.png", color) for color in ("gray", "black", "white")]
    photo = await world.cleo.write(files=more)
    said = await told(world, await world.ben.menu("Add to tray", photo))
    assert said.startswith("Your tray has 8 pictures; 10 fit and these are 3 more.")


async def test_results_are_chosen_by_their_words(world: World) -> None:
    first = await painted(world)
    page = await world.ann.slash("history")
    await told(world, page)
    assert page.original is not None
    walked = [one for _, one in walk(page.original.components)]
    (select,) = [one for one in walked if one.get("custom_id") == "v1:look"]
    job = (await world.store.shown_in(int(first.id)))[0].job
    (option,) = select["options"]
    assert (option["label"], option["description"]) == ("a lighthouse", job)
    assert len(select["placeholder"]) <= 24  # what a phone shows of it


async def test_a_wrong_file_is_called_by_the_name_of_its_option(world: World) -> None:
    wrong = ("notes.txt", b"not a picture")
    answer = await world.ben.slash("upscale", image=wrong)
    assert "`image` is no PNG" in await told(world, answer)
    answer = await world.ben.slash("edit", prompt="x", image=picture(), image4=wrong)
    assert "`image4` is no PNG" in await told(world, answer)


@pytest.mark.parametrize("said", ["\U0001f44d", "?!", ":-)"])
async def test_a_cheer_costs_nothing(world: World, said: str) -> None:
    first = await painted(world)
    answer = await answer_to(world, await world.ben.reply(first, said))
    assert "Say what should change" in answer.text
    assert len(world.omixa.requests) == 1


async def test_an_offer_to_everybody_says_who_pays(world: World) -> None:
    first = await painted(world)
    offer = await answer_to(world, await world.ben.reply(first, "a [red, blue] hat"))
    assert "Whoever presses pays." in offer.text
    await world.ended(await world.cleo.press("2 pictures for $0.08", on=offer))
    assert await spent(world, world.cleo) == BILLED * 2
    alone = await world.ben.slash("imagine", prompt="a [red, blue] hat")
    assert "Whoever presses pays." not in await told(world, alone)


async def test_who_sends_commands_faster_than_anybody_types_is_slowed_down(world: World) -> None:
    answers = [await world.ben.slash("quota") for _ in range(TIMES + 10)]
    refused = [
        one
        for one in answers
        if one.original and "presses and replies in 10 sec" in one.original.text
    ]
    assert len(refused) == 10
    assert refused[0].original is not None
    assert re.fullmatch(
        r"I take 20 commands, presses and replies in 10 seconds from one person; "
        r"try again in (\d+ seconds|a second)\.",
        refused[0].original.text,
    )
    assert "Your allowance" in await told(world, await world.cleo.slash("quota"))
    world.clock.advance(PER_S)
    assert "Your allowance" in await told(world, await world.ben.slash("quota"))


async def test_a_refused_press_can_be_repeated_at_once(world: World) -> None:
    first = await painted(world)
    await world.budget(person=world.ben, amount="0.01")
    for _ in range(2):
        said = await told(world, await world.ben.press("Vary", on=first))
        assert "This needs $0.04" in said


async def test_one_attached_picture_joins_those_in_the_tray(world: World) -> None:
    photo = await world.cleo.write(files=[picture()])
    await told(world, await world.ben.menu("Add to tray", photo))
    await world.ended(await world.ben.slash("blend", image1=picture("b.png", "red")))
    assert len(world.omixa.requests[-1].body["input_images"]) == 2
    assert "Your tray is empty" in await told(world, await world.ben.slash("blend"))


async def test_replies_and_presses_count_towards_the_pace(world: World) -> None:
    first = await painted(world)
    for _ in range(TIMES // 2):
        await world.ben.press("Details", on=first)
        await answer_to(world, await world.ben.reply(first, "thanks"))
    reply = await world.ben.reply(first, "make it night")
    assert "replies in 10 seconds" in (await answer_to(world, reply)).text
    press = await world.ben.press("Vary", on=first)
    assert "replies in 10 seconds" in await told(world, press)
    assert len(world.omixa.requests) == 1


@pytest.mark.parametrize(
    ("said", "sentence"),
    [("thanks", "`/imagine` paints a new one"), ("make it night", "There is no picture")],
)
async def test_a_cheer_to_words_of_the_bot_is_not_told_about_formats(
    world: World, said: str, sentence: str
) -> None:
    hint = await answer_to(world, await world.ben.write(f"{world.discord.bot.mention} hello"))
    assert sentence in (await answer_to(world, await world.ben.reply(hint, said))).text


async def test_a_hello_where_nothing_can_be_ordered_is_told_so(world: World) -> None:
    hello = await world.ben.write("hello", channel=world.ben.dm)
    said = await world.ben.waits_for("I only paint in servers I am a member of")
    assert said.reply_to == hello.id
