"""Faults to order, rate limits, and how the real library gets over them."""

import asyncio

import aiohttp
import discord as library
import pytest

from sandbox.clock import MovableClock
from sandbox.discord.app import Discord
from sandbox.discord.limits import Limits, Throttled
from sandbox.people import Person
from tests.sandbox.discord.painter import Interaction, Painter, Script, deferred
from tests.sandbox.discord.pictures import file

SEND = "/channels/*/messages"


@pytest.fixture
def general(discord: Discord, bot: Painter) -> library.TextChannel:
    channel = bot.get_channel(int(discord.home.id))
    assert isinstance(channel, library.TextChannel)
    return channel


async def test_an_error_after_applying_gives_one_regular_message(
    discord: Discord, general: library.TextChannel, ann: Person
) -> None:
    discord.faults.fail("POST", SEND, applied=True)
    await general.send("a fox", file=file())
    assert [one.text for one in ann.messages()] == ["a fox"]


@pytest.mark.usefixtures("bot")
async def test_an_error_after_applying_gives_two_follow_ups(
    discord: Discord, script: Script, ann: Person
) -> None:
    async def work(interaction: Interaction) -> None:
        await interaction.edit_original_response(content="done")
        discord.faults.fail("POST", "/webhooks/*", applied=True)
        await interaction.followup.send("twice")

    script.imagine = deferred(work)
    await ann.slash("imagine", prompt="a fox")
    await script.done.wait()
    assert [one.text for one in ann.messages()] == ["done", "twice", "twice"]


async def test_an_error_before_applying_gives_one_message(
    discord: Discord, general: library.TextChannel, ann: Person
) -> None:
    discord.faults.fail("POST", SEND, status=500)
    await general.send("a fox", file=file())
    assert len(ann.messages()) == 1
    assert [one.status for one in discord.rest.seen[-2:]] == [500, 200]


async def test_a_reset_connection_is_an_error_of_the_network(
    discord: Discord, general: library.TextChannel, ann: Person
) -> None:
    discord.faults.cut("POST", SEND)
    with pytest.raises(aiohttp.ClientError):
        await general.send("a fox")
    assert len(ann.messages()) == 1
    discord.faults.cut("POST", SEND, applied=False)
    with pytest.raises(aiohttp.ClientError):
        await general.send("a hare")
    assert len(ann.messages()) == 1


async def test_a_429_with_via_is_waited_out(
    discord: Discord, general: library.TextChannel, ann: Person
) -> None:
    discord.faults.throttle("POST", SEND, retry_after_s=0.01)
    await general.send("a fox")
    assert len(ann.messages()) == 1


async def test_a_429_without_via_is_raised(discord: Discord, general: library.TextChannel) -> None:
    discord.faults.throttle("POST", SEND, retry_after_s=0.01, via=False)
    with pytest.raises(library.HTTPException) as caught:
        await general.send("a fox")
    assert caught.value.status == 429


@pytest.mark.parametrize("applied", [True, False])
async def test_an_answer_can_be_held_back(
    discord: Discord, general: library.TextChannel, ann: Person, *, applied: bool
) -> None:
    async with asyncio.TaskGroup() as group:
        async with discord.faults.held("POST", SEND, applied=applied) as arrived:
            sent = group.create_task(general.send("a fox"))
            await arrived.wait()
            assert bool(ann.messages()) is applied
        await sent
    assert len(ann.messages()) == 1


async def test_unknown_requests_are_noted(discord: Discord, bot: Painter) -> None:
    route = library.http.Route("GET", "/stars")
    with pytest.raises(library.NotFound):
        await bot.http.request(route)
    assert [one.path for one in discord.rest.seen if one.status == 404] == ["/stars"]


def test_the_sixth_message_in_five_seconds_waits(clock: MovableClock) -> None:
    limits = Limits(clock)
    left = [limits.take("send:1", 5, 5.0)["X-RateLimit-Remaining"] for _ in range(5)]
    assert left == ["4", "3", "2", "1", "0"]
    with pytest.raises(Throttled) as caught:
        limits.take("send:1", 5, 5.0)
    assert caught.value.headers["Via"]
    assert 0 < caught.value.body()["retry_after"] <= 5
    clock.advance(5)
    assert limits.take("send:1", 5, 5.0)["X-RateLimit-Remaining"] == "4"


def test_limits_can_be_told_without_being_enforced(clock: MovableClock) -> None:
    limits = Limits(clock, enforced=False)
    assert {limits.take("send:1", 5, 5.0)["X-RateLimit-Remaining"] for _ in range(9)} == {"4"}
