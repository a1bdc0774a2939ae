"""The budget channel hears when a shared limit is used up to a mark, once a period."""

import asyncio
from collections.abc import AsyncGenerator
from pathlib import Path

import pytest

from bot.core.limits import PeriodKind, Rule, ScopeKind, scope
from bot.core.money import Money
from sandbox.discord.permissions import May
from sandbox.discord.state import Message
from tests.flow.wishes import Street, everybody, in_team, limited, set_up, street_of, whole
from tests.flow.world import World

DAY_S = 24 * 3600
ROUND_S = 61
HALF = "50 % of this server's limit of $0.10 a day is used: $0.078 used, $0.00 held."


@pytest.fixture
async def world(world: World) -> World:
    await furnish(world)
    return world


@pytest.fixture
async def street(tmp_path: Path) -> AsyncGenerator[Street]:
    async with street_of(tmp_path) as street:
        yield street


async def furnish(world: World) -> None:
    """Give the server $0.10 a day, of which a picture takes 3.9 cents, and each person all."""
    await set_up(world)
    await limited(world, everybody(world), Rule.UNLIMITED)
    await limited(world, whole(world), Money(100_000))


def messages(world: World) -> list[Message]:
    return list(world.discord.channel("budget").messages.values())


async def heard(world: World, count: int = 1) -> list[str]:
    """Let rounds pass until so many alerts stand there; read them but for when it starts again."""
    async with asyncio.timeout(60):
        while len(messages(world)) < count:
            world.clock.advance(ROUND_S)
            await asyncio.sleep(0.02)
    return [one.content.partition(" It starts again")[0] for one in messages(world)]


async def all_heard(world: World) -> list[str]:
    """Let rounds pass until another alert comes, and read those before it."""
    before = len(messages(world))
    marker = scope(ScopeKind.CHANNEL, world.server_id, world.discord.home.id)
    await world.store.set_limit(marker, PeriodKind.TOTAL, Money(before + 1), 1)
    *told, last = await heard(world, before + 1)
    assert last.startswith(f"The limit of <#{world.discord.home.id}>")
    return told


async def paint(world: World, count: int) -> None:
    order = await world.ben.slash("imagine", prompt="a fox", size="0.5K", count=count)
    await world.ended(order)


async def test_half_of_a_limit_is_told_with_what_is_used_and_held(world: World) -> None:
    await paint(world, 2)

    assert await heard(world) == [HALF]
    (message,) = messages(world)
    assert "It starts again <t:" in message.content
    assert message.mentions == []


async def test_each_mark_is_told_once(world: World) -> None:
    await limited(world, whole(world), Money(200_000))
    for count, alerts in ((2, 0), (1, 1), (1, 1), (1, 2)):  # 39, 58, 78 and 97 %
        await paint(world, count)
        assert len(await heard(world, alerts)) == alerts
    told = await all_heard(world)

    assert told == [
        "50 % of this server's limit of $0.20 a day is used: $0.117 used, $0.00 held.",
        "80 % of this server's limit of $0.20 a day is used: $0.195 used, $0.00 held.",
    ]


async def test_an_order_that_does_not_fit_is_told_with_what_is_left(world: World) -> None:
    await paint(world, 2)
    await world.answered(await world.ben.slash("imagine", prompt="a fox"))

    assert await heard(world) == [
        (
            "An order did not fit into this server's limit of $0.10 a day: $0.078 used, $0.00 "
            "held, $0.022 left."
        )
    ]


async def test_what_is_used_up_is_told_so(world: World) -> None:
    await paint(world, 2)
    await limited(world, whole(world), Money(78_000))

    assert await heard(world) == [
        "This server's limit of $0.078 a day is used up: $0.078 used, $0.00 held."
    ]


async def test_a_new_day_and_a_new_amount_are_told_anew(world: World) -> None:
    await paint(world, 2)
    await heard(world)
    await limited(world, whole(world), Money(120_000))
    assert (await heard(world, 2))[1].startswith("50 % of this server's limit of $0.12 a day")
    world.clock.advance(DAY_S)
    await paint(world, 2)

    assert (await heard(world, 3))[2].startswith("50 % of this server's limit of $0.12 a day")


async def test_teams_and_channels_are_told_too(world: World) -> None:
    team = await in_team(world)
    await limited(world, scope(ScopeKind.POOL, world.server_id, team), Money(150_000))
    here = scope(ScopeKind.CHANNEL, world.server_id, world.discord.home.id)
    await limited(world, here, Money(90_000))
    await limited(world, whole(world), Rule.UNLIMITED)
    await paint(world, 2)

    used = "is used: $0.078 used, $0.00 held."
    assert sorted(await heard(world, 2)) == [
        f"50 % of the limit of Team Blue of $0.15 a day {used}",
        f"80 % of the limit of <#{world.discord.home.id}> of $0.09 a day {used}",
    ]


async def test_without_a_channel_nobody_hears_until_there_is_one(world: World) -> None:
    await world.store.set_server(world.server_id, 1, budget_channel=None)
    await paint(world, 2)
    world.clock.advance(ROUND_S)
    assert messages(world) == []
    budget = int(world.discord.channel("budget").id)
    await world.store.set_server(world.server_id, 1, budget_channel=budget)

    assert await heard(world) == [HALF]


@pytest.mark.parametrize("known", [True, False])
async def test_a_closed_channel_is_logged_once_and_tried_again(
    world: World, *, known: bool, capsys: pytest.CaptureFixture[str]
) -> None:
    budget, logged = world.discord.channel("budget"), ""
    before = dict(budget.overwrites)
    if known:
        quiet = int(world.discord.channel("quiet").id)
        await world.store.set_server(world.server_id, 1, budget_channel=quiet)
    else:  # what the bot knows of the channel is out of date
        budget.overwrites[world.discord.bot.id] = (May(0), May.VIEW_CHANNEL)
    await paint(world, 2)
    async with asyncio.timeout(60):
        while "alerts wait" not in logged:
            world.clock.advance(ROUND_S)
            await asyncio.sleep(0.02)
            logged += capsys.readouterr().out
    for _ in range(5):
        world.clock.advance(ROUND_S)
        await asyncio.sleep(0.02)
    budget.overwrites = before
    await world.store.set_server(world.server_id, 1, budget_channel=int(budget.id))

    assert await heard(world) == [HALF]
    assert (logged + capsys.readouterr().out).count("alerts wait") == 1


async def test_an_alert_that_arrived_unseen_is_one_message(world: World) -> None:
    world.discord.faults.cut("POST", "/channels/*/messages", applied=True, times=3)
    await paint_quietly(world)

    assert await heard(world) == [HALF]
    assert await all_heard(world) == [HALF]


async def paint_quietly(world: World) -> None:
    """Use up half of the limit without a message: the pictures are the asker's alone."""
    options = {"prompt": "a fox", "size": "0.5K", "count": 2, "private": True}
    await world.ended(await world.ben.slash("imagine", options=options))


async def test_a_restart_repeats_nothing(street: Street) -> None:
    async with street.easel() as world:
        await furnish(world)
        await paint(world, 2)
        assert await heard(world) == [HALF]
    async with street.easel() as world:
        assert await all_heard(world) == [HALF]


async def test_what_came_due_while_the_bot_was_away_is_told(street: Street) -> None:
    async with street.easel() as world:
        await furnish(world)
        world.discord.faults.fail("POST", "/channels/*/messages", status=403, times=1_000)
        await paint_quietly(world)
    world.discord.faults.ordered.clear()
    async with street.easel() as world:
        assert await heard(world) == [HALF]
