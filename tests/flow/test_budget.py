"""/budget: managers set limits, and what they set holds at once."""

import pytest

from bot.core.limits import PeriodKind, person_scope
from bot.core.money import Money
from sandbox.discord.interactions import DEFER
from sandbox.discord.options import CannotSend
from sandbox.omixa import faults
from tests.flow.world import World

AMOUNT = "`amount` takes dollars like `5` or `$0.25` (up to six decimals)"


async def told(world: World, **options: object) -> str:
    answer = await world.ann.slash("budget set", options={"scope": "each person"} | options)
    assert answer.calls[0].body == {"type": DEFER, "data": {"flags": 64}}
    message = await world.answered(answer)
    assert message.ephemeral
    return message.text


async def viewed(world: World) -> str:
    return (await world.answered(await world.ann.slash("budget view"))).text


@pytest.mark.parametrize(
    ("options", "sentence", "holds"),
    [
        ({"amount": "2"}, "Daily limit of each person: $2.00", "$2.00 a day"),
        ({"amount": "$0.25"}, "Daily limit of each person: $0.25", "$0.25 a day"),
        ({"amount": "0.000001"}, "Daily limit of each person: $0.000001", "$0.000001 a day"),
        ({"amount": "0"}, "Daily limit of each person: $0.00", "$0.00 a day"),
        ({"amount": "Unlimited"}, "Daily limit of each person: unlimited", "unlimited a day"),
        ({"amount": " blocked "}, "Daily limit of each person: blocked", "blocked a day"),
        ({"amount": "unset"}, "Daily limit of each person: not set", "$1.00 a day"),
        (
            {"amount": "7", "scope": "this server", "period": "week"},
            "Weekly limit of this server: $7.00",
            "$10.00 a day and $7.00 a week",
        ),
        (
            {"amount": "50", "scope": "this server", "period": "month"},
            "Monthly limit of this server: $50.00",
            "$10.00 a day and $50.00 a month",
        ),
        (
            {"amount": "99", "period": "total", "reason": "the grant"},
            "Total limit of each person: $99.00",
            "$1.00 a day and $99.00 in total",
        ),
    ],
)
async def test_a_limit_is_set_and_told(
    world: World, options: dict[str, object], sentence: str, holds: str
) -> None:
    whose = options.get("scope", "each person")
    assert await told(world, **options) == (
        f"{sentence} (was not set).\nWhat holds for {whose} now: {holds}."
    )


async def test_one_persons_limit_is_theirs_alone(world: World) -> None:
    text = await told(world, scope="one person", person=world.ben, amount="0.03")
    bens = await world.ben.slash("imagine", prompt="a fox")
    anns = await world.ann.slash("imagine", prompt="a fox")

    assert text == (
        f"Daily limit of {world.ben.mention}: $0.03 (was not set).\n"
        f"What holds for {world.ben.mention} now: $0.03 a day."
    )
    assert "your limit of $0.03 a day" in (await world.answered(bens)).text
    await world.ended(anns)
    assert f"{world.ben.mention}: $0.03 a day" in await viewed(world)


async def test_a_changed_limit_tells_what_it_was(world: World) -> None:
    await told(world, amount="2")
    assert (await told(world, amount="blocked")).startswith(
        "Daily limit of each person: blocked (was $2.00)."
    )
    assert (await told(world, amount="unset")).startswith(
        "Daily limit of each person: not set (was blocked)."
    )


async def test_unset_brings_the_default_back(world: World) -> None:
    await told(world, amount="5")
    assert "**Each person**: $5.00 a day" in await viewed(world)
    await told(world, amount="unset")

    assert "**Each person**: $1.00 a day" in await viewed(world)


@pytest.mark.parametrize(
    "amount",
    ["-1", "1e309", "ten", "0.0000001", "9007199255", "1,50", "$", "NaN", "∞", "5 $", "\u0661"],
)
async def test_what_is_no_amount_is_refused_with_what_is(world: World, amount: str) -> None:
    before = await viewed(world)

    assert (await told(world, amount=amount)).startswith(AMOUNT)
    assert await viewed(world) == before


async def test_an_amount_has_so_many_letters_at_most(world: World) -> None:
    with pytest.raises(CannotSend, match="30"):
        await told(world, amount="9" * 31)


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"scope": "one person"}, "`person` is missing: whose limit shall I set?"),
        (
            {"scope": "this server", "person": "ben"},
            '`person` goes with the `scope` "one person" only.',
        ),
        (
            {"scope": "one person", "person": "bot"},
            "`person` can be any member of this server, but no bot.",
        ),
    ],
)
async def test_a_person_where_none_fits_is_refused(
    world: World, options: dict[str, object], sentence: str
) -> None:
    people = {"ben": world.ben, "bot": world.discord.bot}
    named = {key: people.get(str(value), value) for key, value in options.items()}

    assert await told(world, amount="5", **named) == sentence


@pytest.mark.parametrize("command", ["budget view", "budget set"])
async def test_who_is_no_manager_is_refused_on_every_call(world: World, command: str) -> None:
    with pytest.raises(CannotSend):  # Discord hides it, unless a server's own settings show it
        await world.ben.slash(command)
    given = {"scope": "each person", "amount": "unlimited"} if command == "budget set" else {}
    answer = await world.tampered(world.ben, command, **given)

    message = await world.answered(answer)
    assert message.text == (
        "Budgets are for people with the Manage Server permission. `/quota` shows your own."
    )
    assert message.ephemeral
    assert "**Each person**: $1.00 a day" in await viewed(world)


async def test_budgets_are_not_offered_outside_of_servers(world: World) -> None:
    with pytest.raises(CannotSend):
        await world.ann.slash("budget view", channel=world.ann.dm)


async def test_a_new_server_has_the_defaults(world: World) -> None:
    text = await viewed(world)

    assert "**$10.00 left** of $10.00 today" in text
    assert "**Each person**: $1.00 a day" in text
    assert "Nobody has spent anything this month." in text


async def test_the_view_shows_what_was_spent_and_by_whom(world: World) -> None:
    await world.ended(await world.ann.slash("imagine", prompt="a fox", count=2))
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


async def test_a_limit_holds_for_the_very_next_order(world: World) -> None:
    await told(world, scope="this server", amount="0.05")
    await world.ended(await world.ann.slash("imagine", prompt="a fox"))
    await told(world, scope="this server", amount="5")
    await world.ended(await world.ben.slash("imagine", prompt="a fox", count=10, size="0.5K"))

    (_, server, _) = await world.store.allowances(world.server_id, int(world.ann.id))
    assert server.period.kind is PeriodKind.DAY
    assert f"**{server.left} left** of $5.00 today" in await viewed(world)


async def test_a_long_list_of_peoples_limits_is_cut(world: World) -> None:
    for number in range(22):
        person = world.discord.add_person(f"p{number}")
        scope = person_scope(world.server_id, await world.store.person(int(person.id)))
        await world.store.set_limit(scope, PeriodKind.DAY, Money(1), int(world.ann.id))

    assert "…and 2 more" in await viewed(world)
