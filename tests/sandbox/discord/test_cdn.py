"""Links to uploads: signed, and dead after a day."""

from typing import Any

import aiohttp
import discord as library
import pytest

from sandbox.discord.app import Discord
from sandbox.discord.cdn import LINK_LASTS_S, UPLOAD_LASTS_S
from sandbox.people import Person
from tests.sandbox.discord.painter import Interaction, Painter, Script, vary_view
from tests.sandbox.discord.pictures import file, png

MONTH_S = 31 * 24 * 3600


@pytest.fixture
def link(discord: Discord) -> str:
    stored = discord.files.keep("a fox.png", png())
    return discord.cdn.link(stored, discord.home.id)


async def fetched(http: aiohttp.ClientSession, url: str) -> tuple[int, str, bytes]:
    async with http.get(url) as answer:
        return answer.status, answer.content_type, await answer.read()


async def test_a_link_gives_the_bytes(link: str, http: aiohttp.ClientSession) -> None:
    assert await fetched(http, link) == (200, "image/png", png())


async def test_a_link_ends_after_a_day(
    discord: Discord, link: str, http: aiohttp.ClientSession
) -> None:
    discord.advance(LINK_LASTS_S)
    status, _, body = await fetched(http, link)
    assert (status, body) == (404, b"This content is no longer available.")


@pytest.mark.parametrize(("old", "new"), [("ex=", "ex=f"), ("hm=", "hm=0"), (".png", ".jpg")])
async def test_an_altered_link_is_dead(
    link: str, http: aiohttp.ClientSession, old: str, new: str
) -> None:
    assert (await fetched(http, link.replace(old, new)))[0] == 404


async def test_a_deleted_file_is_gone(
    discord: Discord, link: str, http: aiohttp.ClientSession
) -> None:
    file_id = discord.cdn.file_of(link)
    assert file_id
    discord.cdn.forget(file_id)
    assert discord.cdn.file_of(link) is None
    assert (await fetched(http, link))[0] == 404


def test_foreign_links_are_nobodys(discord: Discord) -> None:
    assert discord.cdn.file_of("https://example.org/a.png") is None
    assert discord.cdn.file_of(discord.base_url + "/short") is None


@pytest.mark.usefixtures("bot")
async def test_an_upload_of_a_command_is_removed_after_a_while(
    discord: Discord, script: Script, ann: Person, http: aiohttp.ClientSession
) -> None:
    urls: list[str] = []

    async def work(interaction: Interaction) -> None:
        urls.append(interaction.extras["options"][4].url)
        await interaction.response.defer()

    script.imagine = work
    await ann.slash("imagine", prompt="a fox", picture=("a.png", png()))
    assert "/ephemeral-attachments/" in urls[0]
    discord.advance(UPLOAD_LASTS_S - 5)
    assert (await fetched(http, urls[0]))[0] == 200
    discord.advance(5)
    assert (await fetched(http, urls[0]))[0] == 404


@pytest.mark.usefixtures("bot")
async def test_files_only_one_person_sees_last_as_long_as_their_message(
    discord: Discord, script: Script, ann: Person, http: aiohttp.ClientSession
) -> None:
    async def work(interaction: Interaction) -> None:
        await interaction.response.send_message("secret", file=file(), ephemeral=True)

    script.imagine = work
    done = await ann.slash("imagine", prompt="a fox")
    assert done.original
    discord.advance(MONTH_S)
    (shown,) = discord.messages.raw(done.original)["attachments"]
    assert "/ephemeral-attachments/" in shown["url"]
    assert (await fetched(http, shown["url"]))[0] == 200


async def test_a_month_old_message_still_has_its_buttons_menu_and_pictures(
    discord: Discord, bot: Painter, script: Script, ann: Person, http: aiohttp.ClientSession
) -> None:
    channel: Any = bot.get_channel(int(discord.home.id))
    sent: library.Message = await channel.send("a fox", file=file(), view=vary_view())
    message = discord.home.messages[str(sent.id)]
    discord.advance(MONTH_S)
    assert (await fetched(http, sent.attachments[0].url))[0] == 404
    fresh: list[str] = [(await channel.fetch_message(sent.id)).attachments[0].url]

    async def press(interaction: Interaction) -> None:
        assert interaction.message
        fresh.append(interaction.message.attachments[0].url)
        await interaction.response.send_message("varied", ephemeral=True)

    script.press = press
    pressed = await ann.press("Vary", on=message)
    asked = await ann.menu("Edit image", message)
    fresh.append(asked.data["resolved"]["messages"][message.id]["attachments"][0]["url"])
    for answered, words in ((pressed, "varied"), (asked, "1 pictures")):
        assert answered.original
        assert answered.original.text == words
    assert [await fetched(http, url) for url in fresh] == [(200, "image/png", png())] * 3
