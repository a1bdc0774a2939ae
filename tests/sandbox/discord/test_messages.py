"""Regular messages: nonces, files, limits, permissions, and what the bot gets to read."""

import asyncio
import io
from typing import Any

import discord as library
import pytest

from sandbox.discord.app import Discord
from sandbox.discord.options import CannotSend
from sandbox.discord.permissions import May
from sandbox.people import Person
from tests.sandbox.discord.painter import (
    Interaction,
    Painter,
    Script,
    connected,
    deferred,
    vary_view,
)
from tests.sandbox.discord.pictures import file, png


@pytest.fixture
def painting(discord: Discord, bot: Painter) -> library.TextChannel:
    channel = bot.get_channel(int(discord.channel("painting").id))
    assert isinstance(channel, library.TextChannel)
    return channel


async def refused(code: int, work: Any) -> library.HTTPException:
    with pytest.raises(library.HTTPException) as caught:
        await work
    assert caught.value.code == code
    return caught.value


async def test_a_nonce_gives_one_message_however_often_it_is_sent(
    painting: library.TextChannel, ann: Person
) -> None:
    first = await painting.send("a fox", file=file(), nonce="k7-1")
    again = await painting.send("a fox", file=file(), nonce="k7-1")
    assert again.id == first.id
    assert len(ann.messages(ann.discord.channel("painting"))) == 1


async def test_a_nonce_is_forgotten_after_some_minutes(
    discord: Discord, painting: library.TextChannel
) -> None:
    first = await painting.send("a fox", nonce="k7-1")
    discord.advance(301)
    assert (await painting.send("a fox", nonce="k7-1")).id != first.id


async def test_a_reply_with_a_ping_is_read_by_the_bot(
    discord: Discord, painting: library.TextChannel, script: Script, ann: Person
) -> None:
    sent = await painting.send("done", file=file())
    message = discord.channel("painting").messages[str(sent.id)]
    await ann.reply(message, "make it blue", files=[("b.png", png())])
    got = await script.next_heard()
    assert got.content == "make it blue"
    assert len(got.attachments) == 1
    assert got.reference
    assert isinstance(got.reference.resolved, library.Message)
    assert got.reference.resolved.attachments


async def test_a_reply_without_a_ping_is_blank_to_the_bot(
    discord: Discord, painting: library.TextChannel, script: Script, ann: Person
) -> None:
    sent = await painting.send("done")
    message = discord.channel("painting").messages[str(sent.id)]
    await ann.reply(message, "make it blue", ping=False, files=[("b.png", png())])
    got = await script.next_heard()
    assert (got.content, got.attachments) == ("", [])


async def test_a_reply_to_the_answer_of_an_interaction_never_pings(
    bot: Painter, script: Script, ann: Person
) -> None:
    done = await ann.slash("about")
    assert done.original
    await ann.reply(done.original, "make it blue")
    got = await script.next_heard()
    assert got.content == ""
    assert bot.user not in got.mentions


async def test_a_reply_to_a_later_answer_of_an_interaction_never_pings_either(
    script: Script, bot: Painter, ann: Person
) -> None:
    async def work(interaction: Interaction) -> None:
        await interaction.followup.send("first")
        await interaction.followup.send("here", file=file())

    script.imagine = deferred(work)
    await ann.slash("imagine", prompt="a fox")
    await ann.reply(await ann.waits_for("here"), "make it blue")
    got = await script.next_heard()
    assert (got.content, bot.user in got.mentions) == ("", False)


async def test_a_reply_outlives_what_it_answers(
    discord: Discord, painting: library.TextChannel, script: Script, ann: Person
) -> None:
    sent = await painting.send("done")
    answer = await ann.reply(discord.channel("painting").messages[str(sent.id)], "blue")
    assert answer.type == 19
    await script.next_heard()
    await sent.delete()
    fetched = await painting.fetch_message(int(answer.id))
    assert fetched.reference
    assert fetched.reference.message_id == sent.id
    assert isinstance(fetched.reference.resolved, library.DeletedReferencedMessage)


async def test_a_mention_lets_the_bot_read(bot: Painter, script: Script, ann: Person) -> None:
    assert bot.user
    await ann.write(f"{bot.user.mention} a fox")
    got = await script.next_heard()
    assert got.content.endswith("a fox")


async def test_a_conversation_is_always_read(script: Script, bot: Painter, ann: Person) -> None:
    await ann.write("a fox", channel=ann.dm)
    assert (await script.next_heard()).content == "a fox"
    user = await bot.fetch_user(int(ann.id))
    await user.send("here")
    assert ann.sees("here")


async def test_a_person_with_closed_conversations_gets_nothing(
    discord: Discord, bot: Painter
) -> None:
    dora = discord.add_person("dora", dms_open=False)
    user = await bot.fetch_user(int(dora.id))
    await refused(50007, user.send("here"))


async def test_a_person_closes_and_opens_their_conversation(bot: Painter, ben: Person) -> None:
    user = await bot.fetch_user(int(ben.id))
    ben.take_dms(openly=False)
    await refused(50007, user.send("here"))
    ben.take_dms(openly=True)
    await user.send("here", file=file())
    assert ben.sees("here") in ben.messages(ben.dm)


@pytest.mark.usefixtures("bot")
async def test_what_is_done_in_a_conversation_reaches_the_bot_whole(
    script: Script, ann: Person
) -> None:
    await ann.write("like this", channel=ann.dm, files=[("a.png", png()), ("b.png", png())])
    got = await script.next_heard()
    assert isinstance(got.channel, library.DMChannel)
    assert [one.filename for one in got.attachments] == ["a.png", "b.png"]
    assert await got.attachments[1].read() == png()
    answer = await got.reply("done", file=file())
    assert answer.reference
    await ann.reply(ann.dm.messages[str(answer.id)], "make it blue", ping=False)
    assert (await script.next_heard()).content == "make it blue"
    done = await ann.slash("about", channel=ann.dm)
    assert done.original
    assert done.original.channel is ann.dm


async def test_a_file_over_the_limit_is_refused(painting: library.TextChannel) -> None:
    big = library.File(io.BytesIO(bytes((10 << 20) + 1)), "big.bin")
    error = await refused(40005, painting.send(file=big))
    assert error.status == 413


async def test_files_over_the_limit_together_are_refused(painting: library.TextChannel) -> None:
    big = [library.File(io.BytesIO(bytes(9 << 20)), f"{n}.bin") for n in range(3)]
    error = await refused(40005, painting.send(files=big))
    assert error.status == 413


async def test_eleven_files_are_refused(painting: library.TextChannel) -> None:
    files = [file(f"{n}.png") for n in range(10)]
    sent = await painting.send("many", files=files)
    assert len(sent.attachments) == 10
    await refused(30015, sent.edit(attachments=[*sent.attachments, file("more.png")]))


async def test_where_the_bot_may_not_write_it_is_told_so(discord: Discord, bot: Painter) -> None:
    quiet = bot.get_channel(int(discord.channel("quiet").id))
    assert isinstance(quiet, library.TextChannel)
    await refused(50013, quiet.send("hush"))
    discord.channel("quiet").overwrites[discord.application_id] = (May(0), May.VIEW_CHANNEL)
    await refused(50001, quiet.send("hush"))


async def test_what_is_gone_is_unknown(
    discord: Discord, painting: library.TextChannel, ann: Person
) -> None:
    sent = await painting.send("one")
    discord.delete_message(discord.channel("painting").messages[str(sent.id)])
    await refused(10008, sent.edit(content="two"))
    await refused(50035, painting.send("answer", reference=sent))
    soft = sent.to_reference(fail_if_not_exists=False)
    assert (await painting.send("answer", reference=soft)).reference is None
    discord.delete_channel(discord.channel("painting"))
    await refused(10003, painting.send("two"))
    assert ann.sees("answer") is None


async def test_an_edit_keeps_the_files_it_names(
    discord: Discord, painting: library.TextChannel
) -> None:
    sent = await painting.send(files=[file("1.png"), file("2.png")])
    kept = sent.attachments[1]
    edited = await sent.edit(content="fewer", attachments=[kept, file("3.png")])
    assert [one.filename for one in edited.attachments] == ["2.png", "3.png"]
    assert edited.attachments[0].id == kept.id
    message = discord.channel("painting").messages[str(sent.id)]
    assert message.edited is not None


async def test_a_file_shown_by_an_embed_is_no_attachment(painting: library.TextChannel) -> None:
    embed = library.Embed(title="A fox").set_image(url="attachment://1.png")
    sent = await painting.send(embed=embed, files=[file("1.png"), file("2.png")])
    assert [one.filename for one in sent.attachments] == ["2.png"]
    assert sent.embeds[0].image.width == 8
    again = await sent.edit(embed=sent.embeds[0])
    assert "1.png" in (again.embeds[0].image.url or "")


async def test_a_layout_shows_its_files_itself(painting: library.TextChannel, ann: Person) -> None:
    view = library.ui.LayoutView()
    gallery = library.ui.MediaGallery[library.ui.LayoutView]()
    gallery.add_item(media="attachment://1.png", description="a fox")
    words = library.ui.TextDisplay[library.ui.LayoutView]("A fox, painted")
    view.add_item(library.ui.Container(words, gallery))
    sent = await painting.send(view=view, file=file("1.png"))
    assert sent.attachments == []
    assert ann.sees("A fox, painted")
    container = sent.components[0]
    assert isinstance(container, library.Container)
    shown = container.children[1]
    assert isinstance(shown, library.components.MediaGalleryComponent)
    assert shown.items[0].media.width == 8
    await refused(50035, sent.edit(content="words"))


async def test_new_gallery_files_on_an_edit_can_be_made_to_fail(
    discord: Discord, painting: library.TextChannel
) -> None:
    view = library.ui.LayoutView()
    view.add_item(library.ui.MediaGallery(library.MediaGalleryItem("attachment://1.png")))
    sent = await painting.send(view=view, file=file("1.png"))
    discord.messages.gallery_edits_fail = True
    await refused(50035, sent.edit(view=view, attachments=[file("1.png")]))


async def test_a_picture_that_is_not_there_is_refused(painting: library.TextChannel) -> None:
    embed = library.Embed(title="A fox").set_image(url="attachment://9.png")
    await refused(50035, painting.send(embed=embed))
    await refused(50035, painting.send(embed=embed.set_image(url="ftp://x/y.png")))


@pytest.mark.parametrize("content", ["x" * 2001, ""])
async def test_a_text_has_its_limits(painting: library.TextChannel, content: str) -> None:
    await refused(50035 if content else 50006, painting.send(content))


async def test_nobody_is_pinged_unless_allowed(
    discord: Discord, painting: library.TextChannel, ann: Person, ben: Person
) -> None:
    painters = discord.add_role("Guests")
    text = f"{ann.mention} {ben.mention} <@&{painters.id}> @everyone"
    loud = await painting.send(text, allowed_mentions=library.AllowedMentions.all())
    quiet = await painting.send(text, allowed_mentions=library.AllowedMentions.none())
    user = library.Object(int(ann.id))
    one = await painting.send(
        text, allowed_mentions=library.AllowedMentions(users=[user], roles=False, everyone=False)
    )
    assert {m.name for m in loud.mentions} == {"ann", "ben"}
    assert loud.mention_everyone
    assert quiet.mentions == []
    assert [m.name for m in one.mentions] == ["ann"]


async def test_history_is_found_by_its_files(painting: library.TextChannel, ann: Person) -> None:
    first = await painting.send("one", file=file("k7-1.png"))
    await painting.send("two")
    await ann.write("three", channel=ann.discord.channel("painting"))
    later = [one async for one in painting.history(after=first, limit=5)]
    assert [one.content for one in later] == ["two", ""]
    before = [one async for one in painting.history(limit=2)]
    assert [one.content for one in before] == ["", "two"]


async def test_the_bot_deletes_its_own_and_leaves_others(
    discord: Discord, painting: library.TextChannel, ann: Person
) -> None:
    sent = await painting.send("one", view=vary_view())
    await sent.delete()
    assert ann.sees("one") is None
    theirs = await ann.write("two", channel=discord.channel("painting"))
    await refused(50013, painting.get_partial_message(int(theirs.id)).delete())
    await refused(50005, painting.get_partial_message(int(theirs.id)).edit(content="x"))


async def test_reactions_and_typing_are_taken(
    discord: Discord, painting: library.TextChannel, bot: Painter
) -> None:
    sent = await painting.send("one")
    assert bot.user
    await sent.add_reaction("🎨")
    message = discord.channel("painting").messages[str(sent.id)]
    (shown,) = (await painting.fetch_message(sent.id)).reactions
    assert (shown.emoji, shown.count, shown.me) == ("🎨", 1, True)
    await sent.remove_reaction("🎨", bot.user)
    assert message.reactions == {"🎨": set()}
    assert (await painting.fetch_message(sent.id)).reactions == []
    async with painting.typing():
        pass


async def test_reactions_of_people_come_to_a_bot_that_asks_for_them(
    discord: Discord, script: Script, ann: Person
) -> None:
    heard: asyncio.Queue[tuple[str, library.RawReactionActionEvent]] = asyncio.Queue()
    wants = library.Intents(guilds=True, guild_messages=True, guild_reactions=True)
    async with connected(discord, script, intents=wants) as bot:

        async def on_raw_reaction_add(event: library.RawReactionActionEvent) -> None:
            heard.put_nowait(("add", event))

        async def on_raw_reaction_remove(event: library.RawReactionActionEvent) -> None:
            heard.put_nowait(("remove", event))

        bot.add_listener(on_raw_reaction_add)
        bot.add_listener(on_raw_reaction_remove)
        channel: Any = bot.get_channel(int(discord.home.id))
        sent = discord.home.messages[str((await channel.send("one")).id)]
        for add in (True, True, False):
            await ann.react(sent, add=add)
        for expected in ("add", "remove"):
            name, event = await asyncio.wait_for(heard.get(), 30)
            assert (name, event.emoji.name, event.message_id) == (expected, "⭐", int(sent.id))
            assert event.user_id == int(ann.id)


class Kept(library.Object):
    """A file that stays: a layout's are not among its message's attachments."""

    def to_dict(self) -> dict[str, int]:
        return {"id": self.id}


async def test_a_layout_is_edited_with_pictures_kept_and_new(
    discord: Discord, painting: library.TextChannel
) -> None:
    def layout(*names: str) -> library.ui.LayoutView:
        view = library.ui.LayoutView()
        shown = [library.MediaGalleryItem(f"attachment://{name}") for name in names]
        return view.add_item(library.ui.MediaGallery(*shown))

    sent = await painting.send(view=layout("1.png", "2.png"), files=[file("1.png"), file("2.png")])
    message = discord.channel("painting").messages[str(sent.id)]
    first, second = message.files
    kept: Any = Kept(int(second.id))
    with pytest.raises(library.HTTPException, match="not found"):
        await sent.edit(view=layout("1.png"), attachments=[kept])
    edited = await sent.edit(view=layout("2.png", "3.png"), attachments=[kept, file("3.png")])
    assert [one.filename for one in message.files] == ["2.png", "3.png"]
    (gallery,) = edited.components
    assert isinstance(gallery, library.components.MediaGalleryComponent)
    assert [item.media.attachment_id for item in gallery.items] == [
        int(one.id) for one in message.files
    ]
    assert discord.cdn.file_of(discord.cdn.link(second, message.channel.id))
    assert first not in message.files


async def test_people_too_need_permission(discord: Discord, ben: Person) -> None:
    quiet = discord.channel("quiet")
    quiet.overwrites[ben.id] = (May(0), May.SEND_MESSAGES)
    with pytest.raises(CannotSend, match="permission"):
        await ben.write("hush", channel=quiet)
    with pytest.raises(CannotSend, match="empty"):
        await ben.write("")


async def test_waiting_in_vain_tells_what_there_is(ann: Person) -> None:
    await ann.write("something else")
    with pytest.raises(AssertionError, match="something else"):
        await ann.waits_for("a fox", within_s=0.01)
