"""Messages that have no picture to work from: stickers, voices, feeds, Discord's own lines."""

import discord as library
import pytest

from sandbox.discord.app import Discord
from sandbox.discord.options import CannotSend
from sandbox.discord.permissions import May
from sandbox.discord.state import PINNED
from sandbox.people import Person
from tests.sandbox.discord.painter import Script

pytestmark = pytest.mark.usefixtures("bot")
EMBED = {"title": "News", "image": {"url": "https://example.org/a.png"}}


async def test_a_sticker_has_no_words(script: Script, ann: Person) -> None:
    sent = await ann.send_sticker("Wave")
    got = await script.next_heard()
    assert (got.content, got.attachments) == ("", [])
    assert [(one.name, one.format) for one in got.stickers] == [
        ("Wave", library.StickerFormatType.png)
    ]
    await ann.forward(sent, ann.dm)
    (snapshot,) = (await script.next_heard()).message_snapshots
    assert [one.name for one in snapshot.stickers] == ["Wave"]


async def test_a_voice_message_is_a_sound(script: Script, ann: Person) -> None:
    await ann.record(channel=ann.dm)
    got = await script.next_heard()
    (sound,) = got.attachments
    assert got.flags.voice
    assert sound.is_voice_message()
    assert (sound.duration, sound.content_type, sound.width) == (3.0, "audio/ogg", None)
    assert (await sound.read()).startswith(b"OggS")


async def test_a_feed_posts_an_embed_alone(discord: Discord, script: Script, ann: Person) -> None:
    sent = discord.post_webhook("Feed", embeds=[EMBED])
    got = await script.next_heard()
    assert (got.webhook_id, got.author.name, got.author.bot) == (int(sent.author.id), "Feed", True)
    assert got.embeds == []
    asked = await ann.menu("Edit image", sent)
    written = asked.data["resolved"]["messages"][sent.id]
    assert written["embeds"][0]["image"]["url"] == "https://example.org/a.png"


async def test_discord_itself_speaks_of_people(
    discord: Discord, script: Script, ann: Person
) -> None:
    joined = discord.announce(ann)
    discord.announce(ann, kind=PINNED, channel=discord.channel("painting"))
    first, second = await script.next_heard(), await script.next_heard()
    assert (first.type, first.is_system()) == (library.MessageType.new_member, True)
    assert (second.type, second.author.id) == (library.MessageType.pins_add, int(ann.id))
    asked = await ann.menu("Edit image", joined)
    assert asked.original
    assert asked.original.text == "0 pictures"


async def test_a_voice_needs_the_permission_to_attach(discord: Discord, ben: Person) -> None:
    discord.home.overwrites[ben.id] = (May(0), May.ATTACH_FILES)
    with pytest.raises(CannotSend, match="permission"):
        await ben.record()
    assert (await ben.send_sticker()).stickers
