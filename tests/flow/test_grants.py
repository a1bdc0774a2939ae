"""/budget grant and the menu Grant credit: more for one person, for a while."""

from datetime import timedelta
from pathlib import Path
from typing import Any, cast

import pytest

from bot.core.money import Money
from sandbox.clock import MovableClock
from sandbox.discord.app import Discord
from sandbox.discord.options import CannotSend
from sandbox.omixa import Omixa
from sandbox.people import Person
from tests.flow.managing import (
    MANAGERS_ONLY,
    answered,
    changes,
    dana,
    paint,
    told,
    viewed,
)
from tests.flow.world import World, easel_running

NOT_A_PERSON = "`person` can be any member of this server, but no bot."


async def grant(world: World, amount: str = "0.5", **options: object) -> str:
    return await told(world, "budget grant", person=world.ben, amount=amount, **options)


async def test_a_grant_tells_until_when_and_what_is_left(world: World) -> None:
    await told(world, "budget set", scope="each person", amount="0.05")
    await paint(world.ben)
    text = await grant(world, reason="the poster")
    (running,) = (await world.store.limits(world.server_id)).grants

    ends = int(running.expires_at.timestamp())
    assert text == (
        f"Granted {world.ben.mention} $0.50 more each day until <t:{ends}:f> (<t:{ends}:R>).\n"
        f"{world.ben.mention} now has $0.511 left today."
    )
    assert "receipt" in await paint(world.ben)
    assert changes(world)[-1][1:] == ("not set", "$0.50", "the poster")


async def test_a_grant_says_that_it_counts_in_each_period(world: World) -> None:
    await told(world, "budget set", scope="each person", amount="unlimited")
    unlimited = await grant(world)
    await told(world, "budget set", scope="each person", amount="3 a week")
    weekly = await grant(world)
    await told(world, "budget set", scope="each person", amount="1 a day")
    both = await grant(world)

    assert "$0.50 more in each period until <t:" in unlimited
    assert "$0.50 more each week until <t:" in weekly
    assert "$0.50 more in each period until <t:" in both
    assert "$0.50 more in each period, ends <t:" in await viewed(world)


@pytest.mark.parametrize(
    ("expires", "least", "most"),
    [
        (None, timedelta(0), timedelta(days=1)),
        ("today", timedelta(0), timedelta(days=1)),
        ("this week", timedelta(0), timedelta(days=7)),
        ("this month", timedelta(0), timedelta(days=31)),
        ("30 days", timedelta(days=29.9), timedelta(days=30)),
    ],
)
async def test_a_grant_ends_with_the_servers_period(
    world: World, expires: str | None, least: timedelta, most: timedelta
) -> None:
    await told(world, "budget zone", name="Asia/Tokyo")
    await grant(world, **({"expires": expires} if expires else {}))
    (running,) = (await world.store.limits(world.server_id)).grants

    zone = await world.store.zone(world.server_id)
    local = running.expires_at.astimezone(zone)
    assert least < running.expires_at - world.clock.now() <= most
    if expires != "30 days":
        assert (local.hour, local.minute, local.second) == (0, 0, 0)
    if expires == "this week":
        assert local.weekday() == 0
    if expires == "this month":
        assert local.day == 1


async def test_zero_takes_back_what_was_granted(world: World) -> None:
    await grant(world, "0.5")
    await grant(world, "0.25")
    both = await viewed(world)
    back = await grant(world, "0", reason="a mistake")
    nothing = await grant(world, "0")

    assert f"{world.ben.mention}: $0.50 more" in both
    assert f"{world.ben.mention}: $0.25 more" in both
    assert back.startswith(f"Took back what {world.ben.mention} was granted: $0.75.")
    assert back.endswith("now has $1.00 left today.")
    assert changes(world)[-1][1:] == ("$0.75", "not set", "a mistake")
    assert nothing.startswith(f"{world.ben.mention} has no grant that runs.")


async def test_who_can_gain_nothing_is_named_with_the_reason(world: World) -> None:
    await told(world, "budget set", person=world.ben, amount="unlimited")
    unlimited = await grant(world)
    await told(world, "budget set", person=world.ben, amount="blocked")
    blocked = await grant(world)
    await told(world, "budget set", person=world.ben, amount="unset")
    await told(world, "budget team create", name="Blue", amount="3")
    await told(world, "budget team add", team="Blue", person=world.ben)
    in_team = await grant(world)

    assert unlimited.endswith(
        "now has no limit today. This server: $10.00 left of $10.00 today, and that holds too."
    )
    assert blocked.endswith("is blocked, and a grant does not lift that: use `/budget set`.")
    assert in_team.endswith(
        f"Their team pays for {world.ben.mention}, and sets no limit for each member, so a grant "
        "changes nothing until they leave it."
    )


async def test_what_bounds_more_than_the_grant_is_told(world: World) -> None:
    await told(world, "budget set", scope="this server", amount="0.3")
    text = await grant(world, "20")

    assert text.endswith(
        "now has $21.00 left today. This server: $0.30 left of $0.30 today, and that holds too."
    )


@pytest.mark.parametrize("amount", ["-1", "1,50", "unlimited", "1e3", "NaN", "0.0000001"])
async def test_what_is_no_amount_is_refused(world: World, amount: str) -> None:
    assert await grant(world, amount) == (
        "`amount` takes dollars like `5` or `1.50` (a point, and up to six decimals)."
    )
    assert changes(world) == []


async def test_bots_and_strangers_are_granted_nothing(world: World) -> None:
    world.discord.remove(world.cleo)
    for person in (world.discord.bot, world.cleo):
        assert await told(world, "budget grant", person=person, amount="1") == NOT_A_PERSON
    answer = await world.ann.menu("Grant credit", world.discord.bot)
    assert (await world.answered(answer)).text == (
        "This works for people of this server, but not for bots."
    )


async def test_a_wrong_expiry_is_refused(world: World) -> None:
    answer = await world.ann.tampered.slash(
        "budget grant", person=world.ben, amount="1", expires="never"
    )

    assert (await world.answered(answer)).text.startswith("What you picked is not there any more")
    assert changes(world) == []


async def credit(world: World, manager: Person, **values: object) -> str:
    opened = await manager.menu("Grant credit", world.ben)
    assert opened.modal is not None
    assert opened.modal["title"] == "Grant credit to Ben"
    sent = await manager.submit(opened, values)
    return (await answered(world, sent)).text


async def test_the_menu_asks_how_much_until_when_and_why(world: World) -> None:
    text = await credit(
        world,
        dana(world),
        **{"Amount": "0.5", "How long": "this month", "Reason": "well done"},
    )
    (running,) = (await world.store.limits(world.server_id)).grants

    assert text.startswith(f"Granted {world.ben.mention} $0.50 more each day until")
    assert running.amount == Money(500_000)
    assert running.expires_at.astimezone(await world.store.zone(world.server_id)).day == 1
    assert changes(world)[-1][1:] == ("not set", "$0.50", "well done")


async def test_the_menus_form_is_filled_in_but_for_the_amount(world: World) -> None:
    opened = await world.ann.menu("Grant credit", world.ben)

    assert opened.prefilled["How long"] == ["today"]
    text = await credit(world, world.ann, Amount="ten")
    assert text.startswith("`amount` takes dollars like `5`")


async def test_the_menu_is_for_managers_when_opened_and_when_sent(world: World) -> None:
    with pytest.raises(CannotSend):
        await world.ben.menu("Grant credit", world.ben)
    refused = await world.ben.tampered.menu("Grant credit", world.ben)
    assert (await world.answered(refused)).text == MANAGERS_ONLY
    assert refused.modal is None

    manager = dana(world)
    opened = await manager.menu("Grant credit", world.ben)
    world.discord.take(manager, "Managers")
    sent = await manager.submit(opened, Amount="100")
    assert (await answered(world, sent)).text == MANAGERS_ONLY
    assert changes(world) == []


async def test_a_form_from_before_a_restart_is_no_longer_valid(tmp_path: Path) -> None:
    clock = MovableClock()
    async with Discord.running(clock=clock) as discord, Omixa.running(clock=clock) as omixa:
        async with easel_running(discord, omixa, clock, tmp_path) as world:
            opened = await world.ann.menu("Grant credit", world.ben)
        async with easel_running(discord, omixa, clock, tmp_path) as world:
            sent = await world.ann.submit(opened, Amount="1")
            assert (await world.answered(sent)).text == (
                "This form or button is no longer valid. Please start again."
            )


async def test_the_menu_opens_though_the_store_is_slow_and_is_checked_when_sent(
    world: World,
) -> None:
    reader = cast("Any", world.store._read).__self__
    async with reader._turn:
        opened = await world.ben.tampered.menu("Grant credit", world.ben)
    sent = await world.ben.submit(opened, Amount="100")

    assert (await answered(world, sent)).text == MANAGERS_ONLY
    assert changes(world) == []


async def test_a_limit_set_beside_a_grant_tells_both(world: World) -> None:
    await grant(world)
    text = await told(world, "budget set", person=world.ben, amount="3")

    assert text.endswith("now: $3.50 a day, of which $0.50 is granted.")


async def test_an_event_that_comes_twice_grants_once(world: World) -> None:
    answer = await world.ann.slash("budget grant", person=world.ben, amount="0.5")
    first = (await answered(world, answer)).text
    world.discord.world.tell("interaction", answer)
    opened = await world.ann.menu("Grant credit", world.cleo)
    sent = await world.ann.submit(opened, Amount="0.25")
    world.discord.world.tell("interaction", sent)
    await answered(world, sent)
    for _ in range(3):  # by then the repetitions were heard
        await viewed(world)

    grants = (await world.store.limits(world.server_id)).grants
    assert {grant.amount for grant in grants} == {Money(500_000), Money(250_000)}
    assert len(grants) == 2
    assert answer.original is not None
    assert answer.original.text == first
