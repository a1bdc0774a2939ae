"""/budget view and set: managers see and set limits, and what they set holds at once."""

from datetime import timedelta
from typing import Any, cast

import pytest

from bot.core.limits import PeriodKind, ScopeKind, person_scope, scope
from bot.core.money import Money
from sandbox.discord.options import CannotSend
from sandbox.omixa import faults
from tests.flow.managing import (
    GONE,
    MANAGERS_ONLY,
    answered,
    changes,
    dana,
    paint,
    told,
    told_to,
    viewed,
)
from tests.flow.world import World

AMOUNT = "`amount` takes dollars like `5` or `1.50 a week` (a point, and up to six decimals)"


@pytest.mark.parametrize(
    ("options", "sentence", "holds"),
    [
        ({"amount": "2"}, "Daily limit of each person: $2.00", "$2.00 a day"),
        ({"amount": "$0.25"}, "Daily limit of each person: $0.25", "$0.25 a day"),
        ({"amount": "$5"}, "Daily limit of each person: $5.00", "$5.00 a day"),
        ({"amount": "0.000001"}, "Daily limit of each person: $0.000001", "$0.000001 a day"),
        ({"amount": "0"}, "Daily limit of each person: $0.00", "$0.00 a day"),
        ({"amount": "Unlimited"}, "Daily limit of each person: unlimited", "unlimited a day"),
        ({"amount": " blocked "}, "Daily limit of each person: blocked", "blocked (daily limit)"),
        ({"amount": "unset"}, "Daily limit of each person: not set", "$1.00 a day (default)"),
        (
            {"amount": "7", "scope": "this server", "period": "week"},
            "Weekly limit of this server: $7.00",
            "$10.00 a day (default) and $7.00 a week",
        ),
        (
            {"amount": "50", "scope": "this server", "period": "month"},
            "Monthly limit of this server: $50.00",
            "$10.00 a day (default) and $50.00 a month",
        ),
        (
            {"amount": "99", "period": "total", "reason": "the grant"},
            "Total limit of each person: $99.00",
            "$1.00 a day (default) and $99.00 in total",
        ),
    ],
)
async def test_a_limit_is_set_and_told(
    world: World, options: dict[str, object], sentence: str, holds: str
) -> None:
    given = {"scope": "each person"} | options

    assert await told(world, "budget set", **given) == (
        f"{sentence} (was not set).\nWhat holds for {given['scope']} now: {holds}."
    )
    assert changes(world)[-1][3] == given.get("reason", "")


async def test_three_commands_set_up_a_role_a_team_and_the_server(world: World) -> None:
    artists = world.discord.role("Artists")
    role = await told(world, "budget set", amount="5", period="week", role=artists)
    team = await told(world, "budget team create", name="Blue", amount="40")
    server = await told(world, "budget set", amount="100", period="month", scope="this server")
    text = await viewed(world)

    assert role == (
        f"Weekly limit of each person with {artists.mention}: $5.00 (was not set).\n"
        f"What holds for each person with {artists.mention} now: $5.00 a week.\n"
        "Each person's $1.00 a day holds besides, until the role has one of its own."
    )
    assert team.startswith("Made **Blue**: $40.00 a month together.")
    assert server.startswith("Monthly limit of this server: $100.00 (was not set).")
    assert f"{artists.mention}: $5.00 a week" in text
    assert "**Blue**: $40.00 left of $40.00 this month" in text
    assert "**$100.00 left** of $100.00 this month" in text


async def test_one_persons_limit_is_theirs_alone(world: World) -> None:
    text = await told(world, "budget set", person=world.ben, amount="0.03")

    assert text == (
        f"Daily limit of {world.ben.mention}: $0.03 (was not set).\n"
        f"What holds for {world.ben.mention} now: $0.03 a day."
    )
    assert "your limit of $0.03 a day" in await paint(world.ben)
    assert "receipt" in await paint(world.ann)
    assert f"{world.ben.mention}: $0.03 a day" in await viewed(world)


async def test_a_roles_limit_is_each_members_own(world: World) -> None:
    await told(world, "budget set", role="Artists", amount="0.05")
    await paint(world.ann)

    assert "receipt" in await paint(world.ben)
    assert "your limit of $0.05 a day has $0.011 left" in await paint(world.ben)
    await paint(world.cleo)
    assert "receipt" in await paint(world.cleo)


async def test_a_channels_limit_is_everybodys_there(world: World) -> None:
    painting = world.discord.channel("painting")
    mention = f"<#{painting.id}>"
    text = await told(world, "budget set", channel=painting, amount="0.04")

    assert text == (
        f"Daily limit of {mention}: $0.04 (was not set).\n"
        f"What holds for {mention} now: $0.04 a day."
    )
    assert "receipt" in await paint(world.ann, channel=painting)
    assert f"the limit of {mention} of $0.04 a day" in await paint(world.ben, channel=painting)
    assert "receipt" in await paint(world.ben)
    assert f"{mention}: $0.001 left of $0.04 today" in await viewed(world)


async def test_a_teams_limit_and_each_members_part_go_by_its_name(world: World) -> None:
    await told(world, "budget team create", name="Blue", amount="1", period="day")
    whole = await told(world, "budget set", team=" blue", amount="2")
    part = await told(
        world, "budget set", team="Blue", scope="each person", amount="0.5", period="week"
    )

    assert whole.splitlines() == [
        "Daily limit of **Blue**: $2.00 (was $1.00).",
        "What holds for **Blue** now: $2.00 a day.",
    ]
    assert part.splitlines() == [
        "Weekly limit of each member of **Blue**: $0.50 (was not set).",
        "What holds for each member of **Blue** now: $0.50 a week.",
    ]
    assert "**Blue**: $2.00 left of $2.00 today · each $0.50 a week" in await viewed(world)


async def test_a_changed_limit_tells_what_it_was_and_is_written_down(world: World) -> None:
    await told(world, "budget set", scope="this server", amount="2", reason="the launch")
    blocked = await told(world, "budget set", scope="this server", amount="blocked")
    unset = await told(world, "budget set", scope="this server", amount="unset")

    assert blocked.startswith("Daily limit of this server: blocked (was $2.00).")
    assert unset.startswith("Daily limit of this server: not set (was blocked).")
    what = f"limit server/{world.server_id} day"
    assert changes(world) == [
        (what, "not set", "$2.00", "the launch"),
        (what, "$2.00", "blocked", ""),
        (what, "blocked", "not set", ""),
    ]


async def test_what_was_a_roles_only_rule_leaves_nothing_set(world: World) -> None:
    await told(world, "budget set", role="Artists", amount="2")
    text = await told(world, "budget set", role="Artists", amount="unset")

    assert "Nothing is set for each person with" in text
    assert "No role, channel or person has a limit of its own" in await viewed(world)


async def test_a_limit_below_what_is_used_is_taken_and_told(world: World) -> None:
    await paint(world.ben, count=2)
    text = await told(world, "budget set", person=world.ben, amount="0.05")
    total = await told(world, "budget set", scope="this server", amount="0.05", period="total")
    week = await told(world, "budget set", scope="this server", amount="5", period="week")

    assert "That is over by $0.028: no new orders now. It starts again <t:" in text
    assert text.endswith("; running orders finish.")
    assert "no new orders now. It takes a higher limit to go on; running orders finish." in total
    assert "over" not in week
    assert "this server's limit of $0.05 in total" in await paint(world.ben)


async def test_who_is_in_a_team_hears_that_its_limits_hold_instead(world: World) -> None:
    await told(world, "budget team create", name="Blue", amount="3", each_member="1")
    await told(world, "budget team add", team="Blue", person=world.ben)
    text = await told(world, "budget set", person=world.ben, amount="0.5")

    who = world.ben.mention
    assert text == (
        f"Daily limit of {who}: $0.50 (was not set).\n"
        f"What holds for {who} now: $1.00 a month.\n"
        f"{who} is in **Blue**, which pays instead ($3.00 a month together): of their own limits "
        "only `blocked` counts."
    )


async def test_who_is_in_a_team_without_parts_hears_only_of_the_team(world: World) -> None:
    await told(world, "budget team create", name="Blue", amount="3")
    await told(world, "budget team add", team="Blue", person=world.ben)
    text = await told(world, "budget set", person=world.ben, amount="0.5")

    _, _, told_of_the_team = text.partition("\n")
    assert told_of_the_team.startswith(f"{world.ben.mention} is in **Blue**, which pays instead")


async def test_a_blocked_role_hears_of_no_other_limit(world: World) -> None:
    text = await told(world, "budget set", role="Artists", amount="blocked", period="month")

    assert text.endswith(" now: blocked (monthly limit).")


@pytest.mark.parametrize(
    ("typed", "holds"),
    [
        ("5 a week", "$5.00 a week"),
        ("$5/Week", "$5.00 a week"),
        ("0.50 per month", "$0.50 a month"),
        ("unlimited in total", "unlimited in total"),
        ("  7  each  day ", "$7.00 a day"),
    ],
)
async def test_an_amount_may_say_how_long_it_lasts(world: World, typed: str, holds: str) -> None:
    assert f" now: {holds}." in await told(world, "budget set", role="Artists", amount=typed)


async def test_how_long_an_amount_lasts_is_said_once(world: World) -> None:
    twice = {"role": "Artists", "amount": "5 a week"}
    same = await told(world, "budget set", **twice, period="week")
    other = await told(world, "budget set", **twice, period="month")

    assert " now: $5.00 a week." in same
    assert other == "`amount` says a week and `period` something else: please say it once."
    assert len(changes(world)) == 1


async def test_unset_brings_the_default_back(world: World) -> None:
    await told(world, "budget set", scope="each person", amount="5")
    assert "**Each person**: $5.00 a day" in await viewed(world)
    await told(world, "budget set", scope="each person", amount="unset")

    assert "**Each person**: $1.00 a day" in await viewed(world)


@pytest.mark.parametrize(
    "amount",
    ["-1", "1e309", "ten", "0.0000001", "9007199255", "1,50", "$", "NaN", "∞", "5 $", "\u0661"],
)
async def test_what_is_no_amount_is_refused_with_what_is(world: World, amount: str) -> None:
    text = await told(world, "budget set", scope="each person", amount=amount)

    assert text.startswith(AMOUNT)
    assert changes(world) == []


async def test_an_amount_has_so_many_letters_at_most(world: World) -> None:
    with pytest.raises(CannotSend, match="30"):
        await told(world, "budget set", scope="each person", amount="9" * 31)


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({}, "Whose limit is it? Choose a `scope`, or give a `person`, a `role`, a `channel`"),
        ({"person": "ben", "role": "Artists"}, "One limit at a time: give only one of"),
        ({"scope": "this server", "person": "ben"}, "Please leave `scope` out when you give a"),
        ({"scope": "each person", "role": "Artists"}, "Please leave `scope` out when you give a"),
        (
            {"scope": "this server", "channel": "painting"},
            "Please leave `scope` out when you give a",
        ),
        ({"scope": "this server", "team": "Blue"}, "Please leave `scope` out when you give a"),
        ({"person": "Easel"}, "`person` can be any member of this server, but no bot."),
        ({"role": "everyone"}, "@everyone is everybody: choose the `scope` `each person`"),
        ({"team": "Blue"}, "There is no team yet: `/budget team create` makes one."),
    ],
)
async def test_whose_limit_it_is_must_be_clear(
    world: World, options: dict[str, object], sentence: str
) -> None:
    assert (await told(world, "budget set", amount="5", **options)).startswith(sentence)
    assert changes(world) == []


async def test_an_unknown_team_is_told_which_are_near(world: World) -> None:
    for name in ("Blue", "Bluebirds", "Red"):
        await told(world, "budget team create", name=name, amount="1")
    near = await told(world, "budget set", team="blu", amount="5")
    far = await told(world, "budget set", team="`zzz`", amount="5")

    assert near == "There is no team `blu`. Did you mean Blue or Bluebirds?"
    assert far == "There is no team `ˋzzzˋ`. Did you mean Blue, Bluebirds or Red?"  # noqa: RUF001 - a mark that ends no code


async def test_who_and_what_is_gone_is_refused(world: World) -> None:
    role, channel = world.discord.role("Artists"), world.discord.channel("painting")
    world.discord.remove(world.ben)
    world.discord.delete_role("Artists")
    world.discord.places.delete_channel(channel)

    person = await told(world, "budget set", amount="5", person=world.ben)
    assert person.startswith("`person` can be any member")
    assert await told_to(world, world.ann, "budget set", amount="5", role=role.id) == GONE
    nobody = await told_to(world, world.ann, "budget set", amount="5", person="123")
    assert nobody.startswith("`person` can be any member")
    answer = await world.ann.tampered.slash(
        "budget set", options={"amount": "5", "channel": channel.id}
    )
    assert (await world.answered(answer)).text == GONE
    assert changes(world) == []


async def test_a_bots_own_role_is_refused(world: World) -> None:
    raw = world.discord.add_role("Easel").raw()
    raw |= {"managed": True, "tags": {"bot_id": world.discord.bot.id}}
    update = {"guild_id": str(world.server_id), "role": raw}
    world.discord.places._tell(world.discord.studio, "GUILD_ROLE_UPDATE", update)

    text = await told(world, "budget set", amount="5", role="Easel")
    assert text == "That `role` is a bot's own, and bots order no pictures."


@pytest.mark.parametrize(
    ("command", "options"),
    [
        ("budget view", {}),
        ("budget set", {"scope": "each person", "amount": "unlimited"}),
        ("budget grant", {"person": "ben", "amount": "5"}),
        ("budget team create", {"name": "Blue", "amount": "unlimited"}),
        ("budget team add", {"team": "Red", "person": "ben"}),
        ("budget team remove", {"team": "Red", "person": "cleo"}),
        ("budget team close", {"team": "Red"}),
        ("budget event start", {"amount": "5", "hours": 1}),
        ("budget event stop", {}),
        ("budget alerts", {"off": True}),
        ("budget managers", {"role": "Artists"}),
        ("budget zone", {"name": "Europe/Berlin"}),
    ],
)
async def test_who_is_no_manager_is_refused_on_every_call(
    world: World, command: str, options: dict[str, object]
) -> None:
    await told(world, "budget team create", name="Red", amount="1")
    before = changes(world)
    with pytest.raises(CannotSend):  # Discord hides it, unless a server's own settings show it
        await world.ben.slash(command, options=options)

    assert await told_to(world, world.ben, command, **options) == MANAGERS_ONLY
    assert changes(world) == before


async def test_the_picker_shows_budgets_to_managers_only(world: World) -> None:
    shown = {each["name"] for each in dana(world).commands(world.discord.home)}
    hidden = {each["name"] for each in world.ben.commands(world.discord.home)}

    assert shown - hidden >= {"budget", "Grant credit"}
    assert "View usage" in shown & hidden


async def test_the_named_role_manages_until_it_is_taken(world: World) -> None:
    await told(world, "budget managers", role="Artists")
    text = await told_to(world, world.ben, "budget set", amount="3", scope="each person")
    world.discord.take(world.ben, "Artists")

    assert text.startswith("Daily limit of each person: $3.00")
    assert await told_to(world, world.ben, "budget view") == MANAGERS_ONLY
    answer = await dana(world).slash("budget view")
    assert "**Each person**: $3.00 a day" in (await answered(world, answer)).text


async def test_budgets_are_not_offered_outside_of_servers(world: World) -> None:
    with pytest.raises(CannotSend):
        await world.ann.slash("budget view", channel=world.ann.dm)
    answer = await world.ann.tampered.slash("budget view", channel=world.ann.dm)

    assert (await answered(world, answer)).text == MANAGERS_ONLY


async def test_teams_are_completed_for_managers_only(world: World) -> None:
    for name in ("Blue", "Bluebirds", "Red"):
        await told(world, "budget team create", name=name, amount="1")
    for command in ("budget set", "budget team add", "budget team remove", "budget team close"):
        found = await world.ann.autocomplete(command, focused="team", value="blue")
        assert [one.value for one in found] == ["Blue", "Bluebirds"]
        assert await world.ben.tampered.autocomplete(command, focused="team", value="blue") == []


async def test_no_teams_are_offered_when_the_store_is_slow(world: World) -> None:
    await told(world, "budget team create", name="Blue", amount="1")
    reader = cast("Any", world.store._read).__self__
    async with reader._turn:
        assert await world.ann.autocomplete("budget set", focused="team") == []
    assert await world.ann.autocomplete("budget set", focused="team")


async def test_a_new_server_has_the_defaults(world: World) -> None:
    text = await viewed(world)

    assert "**$10.00 left** of $10.00 today" in text
    assert "**Each person**: $1.00 a day" in text
    assert "No role, channel or person has a limit of its own: `/budget set`." in text
    assert "No teams: `/budget team create`." in text
    assert "Nobody has spent anything this month." in text
    assert "Alerts go nowhere: `/budget alerts` · days begin at midnight in UTC" in text


async def test_the_view_shows_what_was_spent_and_by_whom(world: World) -> None:
    await paint(world.ann, count=2)
    world.omixa.next(faults.slow(headers_s=30))
    running = await world.ben.slash("imagine", prompt="a hen")
    await world.ben.waits_for("Painting")
    text = await viewed(world)
    await world.painted()
    await world.ended(running)

    assert "**$9.882 left** of $10.00 today" in text
    assert "$0.078 used · $0.04 held" in text
    assert f"{world.ann.mention}: $0.078 used, $0.00 held" in text
    assert f"{world.ben.mention}: $0.00 used, $0.04 held" in text


async def test_the_view_shows_all_that_was_set(world: World) -> None:
    await told(world, "budget team create", name="Blue", amount="40", each_member="5")
    await told(world, "budget team add", team="Blue", person=world.cleo)
    await told(world, "budget team create", name="Red", amount="unlimited")
    await told(world, "budget event start", amount="2", hours=1, each_person="0.5")
    await told(world, "budget grant", person=world.ben, amount="0.5")
    await told(world, "budget set", person=world.ben, amount="3", period="week")
    await told(world, "budget set", person=world.ben, amount="1")
    await told(world, "budget alerts", channel="budget")
    await told(world, "budget managers", role="Artists")
    await told(world, "budget zone", name="Asia/Tokyo")
    text = await viewed(world)

    here, ben = f"<#{world.discord.home.id}>", world.ben.mention
    assert "**Blue**: $40.00 left of $40.00 this month · each $5.00 a month" in text
    assert f"-# {world.cleo.mention}" in text
    assert "**Red**: no limit this month\n-# nobody in it yet" in text
    assert f"{here}: $2.00 left of $2.00 in total · each $0.50 in total · ends <t:" in text
    assert f"{ben}: $1.00 a day and $3.00 a week" in text
    assert f"{ben}: $0.50 more in each period, ends <t:" in text
    alerts = f"-# Alerts go to <#{world.discord.channel('budget').id}>"
    artists = world.discord.role("Artists").mention
    assert f"{alerts} · {artists} manages budgets too · days begin at midnight in Asia/T" in text


async def test_what_is_gone_is_not_shown(world: World) -> None:
    channel = world.discord.channel("painting")
    await told(world, "budget set", role="Artists", amount="2")
    await told(world, "budget set", channel=channel, amount="2")
    world.discord.delete_role("Artists")
    world.discord.places.delete_channel(channel)

    assert "No role, channel or person has a limit of its own" in await viewed(world)


async def test_a_limit_holds_for_the_very_next_order(world: World) -> None:
    await told(world, "budget set", scope="this server", amount="0.05")
    await paint(world.ann)
    await told(world, "budget set", scope="this server", amount="5")
    await paint(world.ben, count=10)

    assert "**$4.571 left** of $5.00 today" in await viewed(world)


async def test_long_lists_are_cut_and_fit_a_message(world: World) -> None:
    server, ann = world.server_id, int(world.ann.id)
    names = [chr(ord("A") + number) * 32 for number in range(26)]
    for number, name in enumerate(names):
        limits = [(ScopeKind.POOL, kind, Money(7_654_321_000_123)) for kind in PeriodKind]
        team = await world.store.create_pool(server, name, ann, limits=limits)
        for place in range(30):
            await world.store.join_pool(server, team, 10**18 + 100 * number + place, ann)
        someone = person_scope(server, await world.store.person(10**18 + number))
        ends_at = world.clock.now() + timedelta(days=1)
        await world.store.grant(server, 10**18 + number, Money(1), ends_at, ann, "")
        role = world.discord.add_role(f"r{number}")
        for kind in PeriodKind:
            await world.store.set_limit(someone, kind, Money(1), ann)
            whose = scope(ScopeKind.ROLE, server, role.id)
            await world.store.set_limit(whose, kind, Money(7_654_321_000_123), ann)
    text = await viewed(world)

    assert len(text) <= 4000
    assert text.count("more") >= 4
    assert "Nobody has spent anything this month." in text
    assert "days begin at midnight" in text
