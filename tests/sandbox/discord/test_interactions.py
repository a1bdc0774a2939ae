"""Interactions from a person's act to the bot's answers, through the real library."""

import asyncio

import discord as library
import pytest

from sandbox.discord.app import Discord
from sandbox.discord.options import CannotSend
from sandbox.discord.permissions import May
from sandbox.people import Person
from tests.sandbox.discord.painter import Interaction, Script, deferred, vary_view
from tests.sandbox.discord.pictures import file, png

pytestmark = pytest.mark.usefixtures("bot")


async def test_a_deferred_answer_is_first_thinking_and_then_edited(
    script: Script, ann: Person
) -> None:
    go = asyncio.Event()

    async def work(interaction: Interaction) -> None:
        await go.wait()
        await interaction.edit_original_response(content="A fox, painted.")

    script.imagine = deferred(work)
    done = await ann.slash("imagine", prompt="a fox", aspect="16:9")
    assert done.original
    assert done.original.thinking
    go.set()
    message = await ann.waits_for("A fox, painted.")
    assert message is done.original
    assert not message.thinking
    assert [call.what for call in done.calls] == ["callback", "original.edit"]
    assert done.ack_wait_s is not None
    assert 0 < done.ack_wait_s < 3


async def test_options_arrive_as_they_were_chosen(script: Script, ann: Person) -> None:
    got: list[object] = []

    async def work(interaction: Interaction) -> None:
        prompt, aspect, model, count, picture = interaction.extras["options"]
        await interaction.response.send_message("ok")
        got.extend([prompt, aspect, model, count, picture.width, await picture.read()])

    script.imagine = work
    await ann.slash(
        "imagine", prompt="a fox", aspect="16:9", model="x", count="3", picture=("a.png", png())
    )
    await script.done.wait()
    assert got == ["a fox", "16:9", "x", 3, 8, png()]


async def test_an_ephemeral_answer_is_seen_by_one_person(
    script: Script, ann: Person, ben: Person
) -> None:
    async def work(interaction: Interaction) -> None:
        await interaction.response.defer(ephemeral=True)
        await interaction.edit_original_response(content="for your eyes", attachments=[file()])

    script.imagine = work
    done = await ann.slash("imagine", prompt="a fox")
    message = await ann.waits_for("for your eyes")
    assert message.ephemeral
    assert message.files[0].ephemeral
    assert ben.sees("for your eyes") is None
    assert done.response == {"type": 5, "data": {"flags": 64}}


async def test_a_file_on_the_original_gets_its_size_read_from_its_bytes(
    script: Script, ann: Person
) -> None:
    told: list[library.Attachment] = []

    async def work(interaction: Interaction) -> None:
        picture = file("SPOILER_fox.png", description="a fox")
        edited = await interaction.edit_original_response(attachments=[picture])
        told.extend(edited.attachments)

    script.imagine = deferred(work)
    await ann.slash("imagine", prompt="a fox")
    await script.done.wait()
    assert await told[0].read() == png()
    assert (told[0].width, told[0].height) == (8, 6)
    assert told[0].content_type == "image/png"
    assert told[0].description == "a fox"
    assert told[0].is_spoiler()


async def test_after_three_seconds_an_interaction_is_unknown(
    discord: Discord, script: Script, ann: Person
) -> None:
    async def work(interaction: Interaction) -> None:
        discord.advance(3.1)
        await interaction.response.defer()

    script.imagine = work
    done = await ann.slash("imagine", prompt="a fox")
    assert done.failed
    assert not done.acked
    assert await script.code() == 10062


async def test_an_interaction_is_acknowledged_once(script: Script, ann: Person) -> None:
    async def work(interaction: Interaction) -> None:
        await interaction.response.defer()
        interaction.response._response_type = None
        await interaction.response.defer()

    script.imagine = work
    await ann.slash("imagine", prompt="a fox")
    assert await script.code() == 40060


async def test_after_a_quarter_hour_the_token_is_dead(
    discord: Discord, script: Script, ann: Person
) -> None:
    async def work(interaction: Interaction) -> None:
        discord.advance(15 * 60 + 1)
        await interaction.edit_original_response(content="late")

    script.imagine = deferred(work)
    await ann.slash("imagine", prompt="a fox")
    assert await script.code() == 50027


async def test_nothing_follows_up_before_the_acknowledgement(script: Script, ann: Person) -> None:
    async def work(interaction: Interaction) -> None:
        try:
            await interaction.followup.send("too early")
        finally:
            await interaction.response.send_message("first")

    script.imagine = work
    await ann.slash("imagine", prompt="a fox")
    assert await script.code() == 10015


async def test_the_first_follow_up_after_a_deferral_fills_it(script: Script, ann: Person) -> None:
    async def work(interaction: Interaction) -> None:
        await interaction.followup.send("one")
        second = await interaction.followup.send("two", ephemeral=True, wait=True)
        await second.edit(content="two, better")
        original = await interaction.original_response()
        assert original.content == "one"
        await interaction.delete_original_response()

    script.imagine = deferred(work)
    done = await ann.slash("imagine", prompt="a fox")
    message = await ann.waits_for("two, better")
    assert message.ephemeral
    await script.done.wait()
    assert ann.sees("one") is None
    expected = ["callback", "original.edit", "followup", "followup.edit", "original.delete"]
    assert [call.what for call in done.calls] == expected
    assert not script.errors


async def test_a_button_updates_its_message(script: Script, ann: Person, ben: Person) -> None:
    async def work(interaction: Interaction) -> None:
        await interaction.response.send_message("one", view=vary_view())

    async def pressed(interaction: Interaction) -> None:
        await interaction.response.edit_message(content=f"two by {interaction.user.name}")

    script.imagine, script.press = work, pressed
    done = await ann.slash("imagine", prompt="a fox")
    assert done.original
    await ben.press("Vary", on=done.original)
    assert (await ann.waits_for("two by ben")) is done.original


async def test_a_deferred_update_edits_the_message_of_the_button(
    script: Script, ann: Person
) -> None:
    async def work(interaction: Interaction) -> None:
        await interaction.response.send_message("one", view=vary_view())

    async def pressed(interaction: Interaction) -> None:
        await interaction.response.defer()
        await interaction.edit_original_response(content="edited")

    script.imagine, script.press = work, pressed
    done = await ann.slash("imagine", prompt="a fox")
    assert done.original
    await ann.press("v1:vary:k7", on=done.original)
    assert (await ann.waits_for("edited")) is done.original


async def test_a_press_nobody_answers_fails(discord: Discord, script: Script, ann: Person) -> None:
    async def work(interaction: Interaction) -> None:
        await interaction.response.send_message("one", view=vary_view())

    async def pressed(_: Interaction) -> None:
        discord.advance(3)

    script.imagine, script.press = work, pressed
    done = await ann.slash("imagine", prompt="a fox")
    assert done.original
    failed = await ann.press("Vary", on=done.original)
    assert failed.failed


async def test_where_only_the_person_installed_the_app_answers_are_few_and_theirs(
    discord: Discord, ann: Person, ben: Person
) -> None:
    elsewhere = discord.add_server("Elsewhere", has_bot=False)
    where = discord.channel("general", elsewhere)
    with pytest.raises(CannotSend, match="can't use"):
        await ann.slash("imagine", prompt="x", channel=where)
    done = await ann.slash("about", channel=where)
    assert done.owners == {"1": ann.id}
    assert ben.sees("I paint.")


async def test_a_command_works_in_the_conversation_with_the_bot(ann: Person, ben: Person) -> None:
    done = await ann.slash("about", channel=ann.dm)
    assert done.original in ann.messages(ann.dm)
    assert ben.messages(ann.dm) == []


async def test_five_follow_ups_are_all_a_user_install_gets(
    discord: Discord, script: Script, ann: Person, ben: Person
) -> None:
    elsewhere = discord.add_server("Elsewhere", has_bot=False)
    where = discord.channel("general", elsewhere)
    where.overwrites[elsewhere.id] = (May(0), May.USE_EXTERNAL_APPS)
    codes: list[int] = []

    async def pressed(interaction: Interaction) -> None:
        await interaction.response.send_message("here")
        for number in range(6):
            try:
                await interaction.followup.send(str(number))
            except library.HTTPException as error:
                codes.append(error.code)

    script.press = pressed
    done = await ben.slash("about", channel=where)
    assert done.original
    assert done.original.ephemeral
    assert ann.sees("I paint.") is None
    view = [{"type": 1, "id": 1, "components": [BUTTON]}]
    done.original.components = view
    await ben.press("Vary", on=done.original)
    await script.done.wait()
    assert codes == [40094]


BUTTON = {"type": 2, "id": 2, "style": 1, "label": "Vary", "custom_id": "v1:vary:k7"}
