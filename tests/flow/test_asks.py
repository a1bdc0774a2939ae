"""Who is short asks for more, once, where managers read it."""

from collections.abc import AsyncGenerator
from pathlib import Path

import pytest

from bot.core.limits import Rule
from bot.core.money import Money
from bot.store.asks import AskState, Verdict
from sandbox.discord.permissions import May
from tests.flow.buttons import labels
from tests.flow.wishes import (
    STEPS,
    Street,
    asked,
    asking,
    everybody,
    limited,
    name_of,
    refusal,
    set_up,
    street_of,
    told,
    wish,
)
from tests.flow.world import World

ASKED = (
    "I have asked the managers of this server. You will read here what they say, or be mentioned "
    "in this channel."
)


@pytest.fixture
async def world(world: World) -> World:
    await set_up(world)
    return world


@pytest.fixture
async def street(tmp_path: Path) -> AsyncGenerator[Street]:
    async with street_of(tmp_path) as street:
        yield street


async def test_managers_read_who_wants_what_at_which_price_and_what_is_in_the_way(
    world: World,
) -> None:
    sent, message = await asked(world, reason="for the @everyone poster", prompt="a **fox** <@1>")

    assert told(sent) == ASKED
    who, prompt, limit, reason = message.content.split("\n")
    assert who == f"{world.ben.mention} asks for more: 4 pictures with Imagen 4, for $0.16 at most."
    assert prompt == "> a \\*\\*fox\\*\\* \\<@\u200b1>"
    assert limit.startswith(
        "Their limit of $0.05 a day: $0.00 used, $0.00 held, $0.05 left. It starts again <t:"
    )
    assert reason == "Reason: for the @\u200beveryone poster"
    assert message.mentions == []
    assert labels(message) == STEPS
    assert world.omixa.calls == 0


async def test_a_private_prompt_is_nobody_elses_business(world: World) -> None:
    _, message = await asked(world, private=True)

    assert "a fox" not in message.content
    assert "> *a private order*" in message.content


async def test_a_wish_that_fits_by_now_is_ordered_at_once(world: World) -> None:
    refused = await refusal(world)
    await limited(world, everybody(world), Money(160_000))
    sent = await asking(world, on=refused)

    assert "Done: 4 pictures" in await world.ended(sent)
    assert world.discord.channel("budget").messages == {}


async def test_one_button_is_one_wish(world: World) -> None:
    refused = await refusal(world)
    opened = await world.ben.press("Ask for more", on=refused)
    assert "Managers read it, with your order, its price and what you have" in str(opened.modal)
    await asking(world, on=refused)
    again = await asking(world, on=refused)

    assert told(again) == "You have asked for this already; the managers have not decided yet."
    assert len(world.discord.channel("budget").messages) == 1


@pytest.mark.parametrize(
    ("state", "end"),
    [
        (AskState.APPROVED, "it was granted. Please order again."),
        (AskState.RAISED, "the limit was raised. Please order again."),
        (AskState.DECLINED, "it was declined."),
    ],
)
async def test_a_decided_wish_is_not_made_again(world: World, state: AskState, end: str) -> None:
    refused = await refusal(world)
    name = name_of(await asking(world, on=refused))
    limit = Money(1) if state is AskState.RAISED else None
    assert await world.store.decide(name, Verdict(state=state, actor=1, limit=limit))
    again = await asking(world, on=refused)

    assert told(again).endswith(end)


async def test_a_button_of_a_parked_order_that_is_gone_says_so(world: World) -> None:
    refused = await refusal(world)
    world.clock.advance(25 * 3600)
    await refusal(world)  # parking tidies up
    sent = await asking(world, on=refused)

    assert told(sent).startswith("This is too old")


async def test_only_so_many_wishes_of_one_person_wait(world: World) -> None:
    for _ in range(5):
        await asking(world, on=await refusal(world))
    sixth = await asking(world, on=await refusal(world))

    assert told(sixth).startswith("You have several wishes waiting already.")
    assert len(world.discord.channel("budget").messages) == 5


async def test_without_a_budget_channel_the_wish_stands_where_it_was_made(world: World) -> None:
    await world.store.set_server(world.server_id, 1, budget_channel=None)
    refused = await refusal(world)
    opened = await world.ben.press("Ask for more", on=refused)
    assert "Everybody in this channel reads it" in str(opened.modal)
    sent = await asking(world, on=refused)
    message = await wish(world, "general")

    _, _, limit, hint = message.content.split("\n")
    assert limit == "Their limit does not allow it. Managers see what is left with View usage."
    assert hint == "-# Managers: `/budget alerts` chooses a channel of yours for such wishes."
    assert message.mentions == []
    assert told(sent).startswith("I have asked in this channel, since")


@pytest.mark.parametrize("trouble", ["forbidden", "gone", "refused"])
async def test_a_budget_channel_one_cannot_post_in_is_told(world: World, trouble: str) -> None:
    budget = world.discord.channel("budget")
    match trouble:
        case "forbidden":
            quiet = int(world.discord.channel("quiet").id)
            await world.store.set_server(world.server_id, 1, budget_channel=quiet)
        case "gone":
            world.discord.delete_channel(budget)
        case _:  # what the bot knows of the channel is out of date
            budget.overwrites[world.discord.bot.id] = (May(0), May.VIEW_CHANNEL)
    await asking(world, on=await refusal(world))
    message = await wish(world, "general")

    assert "-# I can't post in <#" in message.content
    assert "of $" not in message.content  # everybody reads it
    assert labels(message) == STEPS


async def test_a_wish_nobody_can_read_is_told_and_can_be_made_again(world: World) -> None:
    refused = await refusal(world)
    world.discord.faults.fail("POST", "/channels/*/messages", status=403, times=2)
    sent = await asking(world, on=refused)
    assert told(sent).startswith("I could not ask")
    again = await asking(world, on=refused)

    assert told(again) == ASKED
    assert labels(await wish(world)) == STEPS


async def test_a_post_that_failed_after_arriving_is_one_wish(world: World) -> None:
    world.discord.faults.cut("POST", "/channels/*/messages", applied=True)
    sent = await asking(world, on=await refusal(world))

    assert told(sent) == ASKED
    assert len(world.discord.channel("budget").messages) == 1
    assert not [one for one in world.discord.home.messages.values() if not one.ephemeral]


async def test_a_wish_that_no_longer_helps_is_refused_as_any_order(world: World) -> None:
    refused = await refusal(world)
    await limited(world, everybody(world), Rule.BLOCKED)
    sent = await asking(world, on=refused)

    assert told(sent).startswith("You may not order pictures here.")
    assert world.discord.channel("budget").messages == {}


async def test_a_refusals_button_outlives_the_bot(street: Street) -> None:
    async with street.easel() as world:
        await set_up(world)
        refused = await refusal(world)
    async with street.easel() as world:
        await asking(world, on=refused)

        assert labels(await wish(world)) == STEPS
