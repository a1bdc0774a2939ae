"""Forwarded messages: a copy without an author, which the bot reads where it may read."""

import discord as library
import pytest

from sandbox.discord.app import Discord
from sandbox.discord.options import CannotSend
from sandbox.discord.permissions import May
from sandbox.people import Person
from tests.sandbox.discord.painter import Interaction, Painter, Script, vary_view
from tests.sandbox.discord.pictures import file, png

pytestmark = pytest.mark.usefixtures("bot")


@pytest.fixture
def painting(discord: Discord, bot: Painter) -> library.TextChannel:
    channel = bot.get_channel(int(discord.channel("painting").id))
    assert isinstance(channel, library.TextChannel)
    return channel


async def test_a_forward_in_a_server_is_blank_to_the_bot(
    discord: Discord, painting: library.TextChannel, script: Script, ann: Person
) -> None:
    sent = await painting.send(f"{ann.mention} a fox", file=file(), view=vary_view())
    passed_on = await ann.forward(discord.channel("painting").messages[str(sent.id)])
    got = await script.next_heard()
    assert passed_on.channel is discord.home
    assert (got.content, got.attachments, got.mentions) == ("", [], [])
    assert got.reference
    assert got.reference.type is library.MessageReferenceType.forward
    assert (got.reference.message_id, got.reference.channel_id) == (sent.id, painting.id)
    assert got.flags.forwarded
    (snapshot,) = got.message_snapshots
    assert (snapshot.content, snapshot.attachments, snapshot.components) == ("", [], [])


async def test_a_forward_in_a_conversation_is_read(script: Script, ann: Person) -> None:
    original = await ann.write("a sketch", files=[("a.png", png())])
    original.embeds = [{"title": "A sketch"}]
    await script.next_heard()
    await ann.forward(original, ann.dm)
    (snapshot,) = (await script.next_heard()).message_snapshots
    assert snapshot.content == "a sketch"
    assert snapshot.embeds[0].title == "A sketch"
    assert await snapshot.attachments[0].read() == png()
    assert snapshot.created_at == original.made


async def test_a_forward_keeps_what_it_was_made_of(
    discord: Discord, bot: Painter, ann: Person, ben: Person
) -> None:
    original = await ben.write("a sketch", files=[("a.png", png())])
    passed_on = await ann.forward(await ann.forward(original), ann.dm)
    discord.delete_message(original)
    done = await ann.menu("Edit image", passed_on)
    assert done.data["resolved"]["messages"][passed_on.id]["message_snapshots"]
    channel = await bot.fetch_channel(int(ann.dm.id))
    assert isinstance(channel, library.DMChannel)
    fetched = await channel.fetch_message(int(passed_on.id))
    (snapshot,) = fetched.message_snapshots
    assert (snapshot.content, await snapshot.attachments[0].read()) == ("a sketch", png())
    assert ann.sees("a sketch") is passed_on
    discord.delete_message(passed_on)
    with pytest.raises(library.NotFound):
        await snapshot.attachments[0].read()


async def test_a_reply_to_a_forward_brings_the_snapshot(script: Script, ann: Person) -> None:
    passed_on = await ann.forward(await ann.write("a sketch"), ann.dm)
    await ann.reply(passed_on, "make it blue")
    got = [await script.next_heard() for _ in range(3)][-1]
    assert got.reference
    assert isinstance(got.reference.resolved, library.Message)
    assert got.reference.resolved.message_snapshots[0].content == "a sketch"


async def test_the_bot_forwards_too(
    discord: Discord, painting: library.TextChannel, ann: Person
) -> None:
    theirs = await ann.write("a sketch", channel=discord.channel("painting"))
    passed_on = await (await painting.fetch_message(int(theirs.id))).forward(painting)
    assert passed_on.message_snapshots
    assert passed_on.flags.forwarded


async def test_what_only_one_person_sees_is_not_forwarded(
    script: Script, ann: Person, ben: Person
) -> None:
    async def work(interaction: Interaction) -> None:
        await interaction.response.send_message("secret", ephemeral=True)

    script.imagine = work
    done = await ann.slash("imagine", prompt="a fox")
    assert done.original
    for person, says in ((ann, "can't be forwarded"), (ben, "does not see")):
        with pytest.raises(CannotSend, match=says):
            await person.forward(done.original)


async def test_a_forward_needs_the_permission_to_write(
    discord: Discord, ann: Person, ben: Person
) -> None:
    original = await ann.write("a sketch")
    quiet = discord.channel("quiet")
    quiet.overwrites[ben.id] = (May(0), May.SEND_MESSAGES)
    with pytest.raises(CannotSend, match="permission"):
        await ben.forward(original, quiet)
