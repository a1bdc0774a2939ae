"""Links to uploads: signed, and dead after a day."""

import aiohttp
import pytest

from sandbox.discord.app import Discord
from sandbox.discord.cdn import LINK_LASTS_S
from tests.sandbox.discord.pictures import png


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
