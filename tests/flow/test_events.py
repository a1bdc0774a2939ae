"""/budget event: for some hours the server pays in one channel."""

import pytest

from bot.core.limits import PeriodKind, ScopeKind, scope
from bot.core.money import Money
from tests.flow.managing import GONE, changes, paint, told, viewed
from tests.flow.world import World


async def start(world: World, **options: object) -> str:
    return await told(world, "budget event start", **({"amount": "5", "hours": 2} | options))


async def test_an_event_is_announced_pays_and_ends_by_itself(world: World) -> None:
    await told(world, "budget set", scope="each person", amount="0")
    text = await start(world, each_person="0.05")
    (pool,) = await world.store.open_pools(world.server_id)
    assert pool.ends_at is not None
    ends = int(pool.ends_at.timestamp())
    here = f"<#{world.discord.home.id}>"
    (announced,) = [one for one in world.cleo.messages() if one.content]
    paid = await paint(world.ben)
    refused = await paint(world.ben)
    elsewhere = await paint(world.cleo, channel=world.discord.channel("painting"))
    world.clock.advance(2 * 3600 + 1)
    over = await paint(world.cleo)
    again = await start(world)

    assert text == (
        f"Until <t:{ends}:f> (<t:{ends}:R>) the server pays in {here}.\nI told {here} so."
    )
    assert announced.content == (
        f"For the next 2 hours (until <t:{ends}:t>) the server pays here: up to $5.00 in all, "
        "$0.05 each. Order with `/imagine`."
    )
    assert not announced.mention_everyone
    assert "receipt" in paid
    assert "your part of the event in #general of $0.05 in total" in refused
    assert (
        " Other channels count towards your own limit or team, and so does this one once the event "
        f"ends <t:{ends}:R>.\n"
    ) in refused
    assert "Other channels" not in elsewhere
    assert "your limit of $0.00 a day" in elsewhere
    assert "your limit of $0.00 a day" in over
    assert again.startswith("Until <t:")


async def test_an_event_has_its_limits_from_the_first_moment(world: World) -> None:
    await start(world, each_person="1", hours=1)
    (pool,) = await world.store.open_pools(world.server_id)
    rules = (await world.store.limits(world.server_id)).rules

    assert pool.name == "the event in #general"
    assert {(rule.scope, rule.kind, rule.limit) for rule in rules} == {
        (scope(ScopeKind.POOL, world.server_id, pool.id), PeriodKind.TOTAL, Money(5_000_000)),
        (scope(ScopeKind.CAP, world.server_id, pool.id), PeriodKind.TOTAL, Money(1_000_000)),
    }
    assert [change[2] for change in changes(world)] == ["open", "$5.00", "$1.00"]
    (announced,) = [one for one in world.ben.messages() if one.content]
    assert announced.content.startswith("For the next hour (until")


async def test_what_bounds_more_than_the_event_is_told(world: World) -> None:
    text = await start(world, amount="50")

    assert "This server: $10.00 left of $10.00 today, and that holds too." in text


async def test_an_event_elsewhere_is_announced_there(world: World) -> None:
    painting = world.discord.channel("painting")
    text = await start(world, channel=painting)

    assert text.endswith(f"I told <#{painting.id}> so.")
    assert [one for one in world.ben.messages(painting) if "the server pays here" in one.content]
    assert not [one for one in world.ben.messages() if one.content]


async def test_where_the_bot_may_not_write_people_are_not_told(world: World) -> None:
    quiet = world.discord.channel("quiet")
    text = await start(world, channel=quiet)
    stopped = await told(world, "budget event stop", channel=quiet)

    can_not = f"I can't write in <#{quiet.id}>, so please tell people yourself."
    assert text.endswith(can_not)
    assert stopped == f"Stopped the event in <#{quiet.id}>. {can_not}"


async def test_a_stopped_event_pays_no_more(world: World) -> None:
    await told(world, "budget set", scope="each person", amount="0")
    await start(world)
    text = await told(world, "budget event stop")
    again = await told(world, "budget event stop")

    here = f"<#{world.discord.home.id}>"
    assert text == f"Stopped the event in {here}. I told {here} so."
    assert again == f"No event runs in {here}."
    assert world.ben.sees("The event is over: orders here count towards your own limits again.")
    assert "your limit of $0.00 a day" in await paint(world.ben)
    assert "**Events**" not in await viewed(world)
    assert (await start(world)).startswith("Until <t:")


async def test_a_channel_has_one_event_at_a_time(world: World) -> None:
    await start(world)
    text = await start(world, amount="9")

    assert text.startswith(f"An event runs in <#{world.discord.home.id}> until <t:")
    assert text.endswith("`/budget event stop` ends it.")


async def test_two_events_of_one_name_are_not_mixed_up(world: World) -> None:
    await start(world)
    twin = world.discord.add_channel("general")
    text = await start(world, channel=twin)

    assert text == "There is a team or event called **the event in #general** already."


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"amount": "0"}, "`amount` must be more than nothing"),
        ({"amount": "unlimited"}, "`amount` takes dollars like `5` or `1.50` (a point,"),
        ({"amount": "-1"}, "`amount` takes dollars like"),
        ({"each_person": "blocked"}, "`each_person` takes dollars like"),
        ({"hours": 0}, "`hours` can be 1 to 72."),
        ({"hours": 73}, "`hours` can be 1 to 72."),
        ({"hours": 10**15}, "`hours` can be 1 to 72."),
    ],
)
async def test_what_is_no_event_is_refused(
    world: World, options: dict[str, object], sentence: str
) -> None:
    given = {"amount": "5", "hours": 2} | options
    answer = await world.ann.tampered.slash("budget event start", options=given)

    assert (await world.answered(answer)).text.startswith(sentence)
    assert changes(world) == []


async def test_a_place_where_nobody_writes_is_refused(world: World) -> None:
    category = world.discord.add_channel("Rooms", kind=4)
    answer = await world.ann.tampered.slash(
        "budget event start", options={"amount": "5", "hours": 2, "channel": category}
    )

    assert (await world.answered(answer)).text == GONE
    assert changes(world) == []


async def test_a_category_is_no_place_for_an_event(world: World) -> None:
    category = world.discord.add_channel("Rooms", kind=4)

    answer = await world.ann.slash("budget event start", channel=category, amount="5", hours=2)
    assert (await world.answered(answer)).text == (
        "An event runs in a channel where I can post pictures; please name one."
    )


async def test_a_channels_name_does_not_act_in_an_events(world: World) -> None:
    await start(world, amount="0.01", channel=world.discord.add_channel("**@here** a_b", kind=2))
    (pool,) = await world.store.open_pools(world.server_id)

    assert pool.name == "the event in #here a_b"
