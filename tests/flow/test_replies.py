"""Reply to edit, on default intents: whoever replies orders, and pays."""

import asyncio
from typing import NoReturn

import pytest

from bot.core.money import Money
from bot.store.errors import StoreError
from sandbox.omixa import faults
from tests.flow.editing import answer_to, follows, painted, picture, spent
from tests.flow.world import World

BILLED = Money(39_000)  # what the gateway takes for a picture of 0.04


async def test_a_reply_edits_the_picture_and_the_replier_pays(world: World) -> None:
    first = await painted(world)
    reply = await world.ben.reply(first, "make it night")
    second = await follows(world, first)

    request = world.omixa.requests[-1].body
    assert request["prompt"] == "make it night"
    assert len(request["input_images"]) == 1
    assert second.reply_to == reply.id
    assert world.ben.mention in second.content
    assert "v2 of `" in second.content
    assert await spent(world, world.ann) == BILLED
    assert await spent(world, world.ben) == BILLED


async def test_replies_to_replies_are_versions_of_versions(world: World) -> None:
    first = await painted(world)
    await world.ben.reply(first, "make it night")
    second = await follows(world, first)
    await world.cleo.reply(second, "add snow")
    third = await follows(world, first, second)

    assert "v3 of `" in third.content
    assert await spent(world, world.cleo) == BILLED
    alt = third.files[0].description
    assert alt == "a lighthouse → make it night → add snow"


async def test_a_status_reply_stands_until_the_picture_does(world: World) -> None:
    first = await painted(world)
    world.omixa.next(faults.slow(headers_s=30))
    reply = await world.ben.reply(first, "make it night")
    status = await answer_to(world, reply)
    assert "Ordered 1 picture, for $0.04 at most" in status.text
    assert "Imagen 4 gets your picture" in status.text
    assert "Cancel" in status.text
    await world.painted()
    await follows(world, first)
    assert status.id not in world.discord.home.messages


async def test_which_picture_is_asked_when_it_is_not_said(world: World) -> None:
    first = await painted(world, count=3)
    reply = await world.ben.reply(first, "make it night")
    question = await answer_to(world, reply)
    assert "Which picture?" in question.text
    calls = len(world.omixa.requests)

    await world.cleo.press("2", on=question)
    assert (await world.cleo.waits_for("Only who wrote the reply")).ephemeral
    await world.ben.press("2", on=question)
    second = await follows(world, first)
    assert len(world.omixa.requests) == calls + 1
    assert second.reply_to == reply.id
    job = (await world.store.shown_in(int(second.id)))[0].job
    (reference,) = (await world.store.job(job)).order.references
    assert reference.origin is not None
    assert reference.origin.number == 2


@pytest.mark.parametrize(
    ("said", "numbers", "body"),
    [
        ("2: make it night", [2], {"prompt": "make it night", "n": 1}),
        ("#3 add snow 2x wide", [3], {"prompt": "add snow", "n": 2, "aspect_ratio": "16:9"}),
        ("1+3: combine", [1, 3], {"prompt": "combine"}),
        ("3+1: swap", [3, 1], {"prompt": "swap"}),
        ("2: 4k", [2], {"size": "4K"}),
        ("1: tall", [1], {"aspect_ratio": "9:16"}),
    ],
)
async def test_the_grammar_reaches_the_gateway(
    world: World, said: str, numbers: list[int], body: dict[str, object]
) -> None:
    first = await painted(world, count=3)
    await world.ben.reply(first, said)
    second = await follows(world, first)

    request = world.omixa.requests[-1].body
    assert {name: request[name] for name in body} == body
    job = await world.store.job((await world.store.shown_in(int(second.id)))[0].job)
    origins = [each.origin and each.origin.number for each in job.order.references]
    assert origins == numbers


async def test_again_orders_the_same_with_another_count(world: World) -> None:
    first = await painted(world, aspect="16:9")
    await world.ben.reply(first, "again 2x")
    await follows(world, first)
    before, after = (one.body for one in world.omixa.requests)
    assert after == before | {"n": 2}


async def test_attachments_of_a_reply_are_further_references(world: World) -> None:
    first = await painted(world)
    await world.ben.reply(first, "put this cat in", files=[picture()])
    second = await follows(world, first)
    assert len(world.omixa.requests[-1].body["input_images"]) == 2
    job = await world.store.job((await world.store.shown_in(int(second.id)))[0].job)
    assert [each.label for each in job.order.references] == [
        f"picture 1 of {job.lineage.root if job.lineage else ''}",
        "attachment 1",
    ]


async def test_a_reply_without_a_ping_gets_one_hint_a_day(world: World) -> None:
    first = await painted(world)
    reply = await world.ben.reply(first, "make it night", ping=False)
    hint = await answer_to(world, reply)
    assert "Turn the **@** on" in hint.text
    again = await world.ben.reply(first, "hello?", ping=False)
    after = await world.ben.reply(first, "make it night")
    await follows(world, first)
    assert not [one for one in world.discord.home.messages.values() if one.reply_to == again.id]
    assert [one for one in world.discord.home.messages.values() if one.reply_to == after.id]


@pytest.mark.parametrize("said", ["", "2:"])
async def test_a_reply_that_says_nothing_is_told_what_can_be_said(world: World, said: str) -> None:
    first = await painted(world)
    reply = await world.ben.reply(first, said, files=[picture()])
    assert "Say what should change" in (await answer_to(world, reply)).text
    assert len(world.omixa.requests) == 1


async def test_a_number_that_is_not_there(world: World) -> None:
    first = await painted(world, count=2)
    reply = await world.ben.reply(first, "5: make it night")
    assert "There is no picture 5" in (await answer_to(world, reply)).text
    assert await spent(world, world.ben) == Money(0)


async def test_cancel_stops_a_waiting_order_of_ones_own(world: World) -> None:
    first = await painted(world)
    world.omixa.next(faults.slow(headers_s=30))
    reply = await world.ben.reply(first, "make it night")
    status = await answer_to(world, reply)
    while await world.store.job_by_status(int(status.id)) is None:  # noqa: ASYNC110 - a file tells nobody
        await asyncio.sleep(0.01)
    other = await world.cleo.reply(status, "cancel")
    assert "Only who ordered" in (await answer_to(world, other)).text
    await world.painted()
    await follows(world, first)


async def test_a_limit_is_refused_without_amounts_and_why_tells_them(world: World) -> None:
    await world.budget(scope="each person", amount="0.04")
    first = await painted(world)
    await world.ben.reply(first, "make it night")
    await follows(world, first)
    reply = await world.ben.reply(first, "add snow")
    refusal = await answer_to(world, reply)
    assert "$" not in refusal.text
    await world.ben.press("Why?", on=refusal)
    why = await world.ben.waits_for("This needs $0.04")
    assert why.ephemeral
    assert "has $0.001 left" in why.text


async def test_the_same_message_twice_is_one_order(world: World) -> None:
    first = await painted(world)
    reply = await world.ben.reply(first, "make it night")
    await follows(world, first)
    world.discord.world.tell("message_create", reply)
    await world.ben.reply(first, "add snow")
    await world.ann.waits_for(lambda one: "add snow" in one.content and one.author.bot)
    assert [one.body["prompt"] for one in world.omixa.requests] == [
        "a lighthouse",
        "make it night",
        "add snow",
    ]


async def test_a_refusal_after_the_question_is_told_too(world: World) -> None:
    first = await painted(world, count=2)
    await world.budget(scope="each person", amount="0.03")
    reply = await world.ben.reply(first, "make it night")
    question = await answer_to(world, reply)
    await world.ben.press("1", on=question)
    refusal = await world.ben.waits_for("does not allow this order")
    assert refusal.reply_to == reply.id
    assert question.id not in world.discord.home.messages


async def test_again_counts_the_pictures_that_are_named(world: World) -> None:
    first = await painted(world, count=3)
    await world.ben.reply(first, "1+3: again")
    await follows(world, first)
    assert world.omixa.requests[-1].body["n"] == 2


@pytest.mark.parametrize("cheer", ["thanks!", "wow, nice \U0001f60d"])
async def test_a_cheer_buys_nothing(world: World, cheer: str) -> None:
    first = await painted(world)
    reply = await world.ben.reply(first, cheer)
    assert "Nothing was ordered." in (await answer_to(world, reply)).text
    assert len(world.omixa.requests) == 1


async def test_a_count_out_of_range_is_refused(world: World) -> None:
    first = await painted(world)
    reply = await world.ben.reply(first, "20x")
    assert "`count` can be 1 to 10, not 20" in (await answer_to(world, reply)).text


async def test_there_is_nothing_to_cancel_once_it_is_there(world: World) -> None:
    first = await painted(world)
    reply = await world.ben.reply(first, "cancel")
    assert "Nothing of this waits any more" in (await answer_to(world, reply)).text


@pytest.mark.parametrize(
    ("error", "sentence"),
    [(StoreError("disk"), "paused for maintenance"), (ValueError("odd"), "the incident `")],
)
async def test_a_reply_that_breaks_something_is_answered(
    world: World, monkeypatch: pytest.MonkeyPatch, error: Exception, sentence: str
) -> None:
    async def broken(_: object) -> NoReturn:
        raise error

    first = await painted(world)
    monkeypatch.setattr(world.store, "hold", broken)
    reply = await world.ben.reply(first, "make it night")
    assert sentence in (await answer_to(world, reply)).text


@pytest.mark.parametrize(
    ("meanwhile", "sentence"),
    [("thanks", "Nothing was ordered."), ("cancel", "Nothing of this waits any more.")],
)
async def test_a_reply_that_was_edited_meanwhile_is_answered_too(
    world: World, meanwhile: str, sentence: str
) -> None:
    first = await painted(world, count=2)
    reply = await world.ben.reply(first, "make it night")
    question = await answer_to(world, reply)
    reply.content = f"{world.discord.bot.mention} {meanwhile}"
    await world.ben.press("1", on=question)
    await world.ben.waits_for(sentence)
    assert len(world.omixa.requests) == 1


async def test_a_status_that_could_not_be_deleted_goes_later(world: World) -> None:
    first = await painted(world)
    fault = world.discord.faults.fail("DELETE", "/channels/*/messages/*", status=503, times=2)
    reply = await world.ben.reply(first, "make it night")
    status = await answer_to(world, reply)
    await follows(world, first)
    assert status.id in world.discord.home.messages
    async with asyncio.timeout(60):
        while status.id in world.discord.home.messages:
            world.clock.advance(60)
            await asyncio.sleep(0.02)
        while await world.store.unfinished():  # noqa: ASYNC110 - a file tells nobody
            await asyncio.sleep(0.02)
    assert fault.times == 0
    assert len([one for one in world.pictures() if one.reply_to == reply.id]) == 1


async def test_a_status_that_is_gone_is_not_looked_for(world: World) -> None:
    first = await painted(world)
    world.omixa.next(faults.slow(headers_s=30))
    status = await answer_to(world, await world.ben.reply(first, "make it night"))
    world.discord.delete_message(status)
    await world.painted()
    await follows(world, first)
    assert await world.store.unfinished() == []


async def test_what_everybody_reads_has_no_price_where_a_server_hides_it(world: World) -> None:
    await world.store.set_server(world.server_id, 1, show_price=False)
    first = await painted(world)
    world.omixa.next(faults.slow(headers_s=30))
    status = await answer_to(world, await world.ben.reply(first, "make it night"))
    assert status.text.startswith("Ordered 1 picture.")
    assert "$" not in status.text
    await world.painted()
    await follows(world, first)

    world.omixa.next(faults.status(422))
    failed = await answer_to(world, await world.ben.reply(first, "add snow"))
    async with asyncio.timeout(60):
        while "receipt `" not in failed.text:
            await world.discord.world.change()
    assert "$" not in failed.text

    offer = await answer_to(world, await world.ben.reply(first, "a [red, blue] hat"))
    assert "$" not in offer.text
    assert offer.text.startswith("**2 pictures:**")


async def test_what_people_say_to_each_other_is_not_answered_when_something_breaks(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def broken(_: object) -> NoReturn:
        raise StoreError("disk")

    photo = await world.cleo.write("my cat")
    monkeypatch.setattr(world.store, "shown_in", broken)
    await world.ben.reply(photo, "nice")
    meant = await world.ben.reply(photo, f"{world.discord.bot.mention} nice")
    assert "paused for maintenance" in (await answer_to(world, meant)).text
    own = [one for one in world.discord.home.messages.values() if one.author.bot]
    assert [one.reply_to for one in own] == [meant.id]
