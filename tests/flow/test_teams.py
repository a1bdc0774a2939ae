"""/budget team: people who share a limit, chosen with one press."""

import asyncio
from pathlib import Path
from typing import Any

import pytest

from bot.core.limits import ScopeKind, scope
from bot.store.store import Store
from sandbox.clock import MovableClock
from sandbox.discord.app import Discord
from sandbox.omixa import Omixa
from sandbox.people import Person
from tests.flow.managing import MANAGERS_ONLY, answered, changes, dana, paint, told, viewed
from tests.flow.world import World, easel_running

MADE = (
    "Made **Blue**: $40.00 a month together. This takes the place of its members' own limits. Who "
    "is in it? Choose here, or use `/budget team add`."
)
SELECT = "Add members"


def mentions(*people: Person) -> str:
    return " and ".join(each.mention for each in people)


async def test_one_command_makes_a_team_with_its_limits(world: World) -> None:
    text = await told(
        world,
        "budget team create",
        name=" Blue  team ",
        amount="40",
        period="week",
        each_member="0",
    )
    (pool,) = await world.store.open_pools(world.server_id)

    assert text.startswith("Made **Blue team**: $40.00 a week together, $0.00 a week each.")
    assert changes(world) == [
        (f"pool {pool.id} Blue team", "not set", "open", ""),
        (f"limit {scope(ScopeKind.POOL, world.server_id, pool.id)} week", "not set", "$40.00", ""),
        (f"limit {scope(ScopeKind.CAP, world.server_id, pool.id)} week", "not set", "$0.00", ""),
    ]


async def test_members_are_chosen_with_one_press_and_share(world: World) -> None:
    made = await world.ann.slash("budget team create", name="Blue", amount="40")
    message = await answered(world, made)
    chosen = await world.ann.select(SELECT, world.ben, world.cleo, world.discord.bot, on=message)

    assert message.text.startswith(MADE)
    assert (await answered(world, chosen)).text == (
        f"Added to **Blue**: {mentions(world.ben, world.cleo)}.\n"
        f"Left out, as they are bots or not in this server: <@{world.discord.bot.id}>."
    )
    await paint(world.ben)
    await paint(world.cleo)
    await paint(world.ann)
    assert "**Blue**: $39.922 left of $40.00 this month" in await viewed(world)


async def test_the_select_outlives_the_bot_but_not_its_team(tmp_path: Path) -> None:
    clock = MovableClock()
    async with Discord.running(clock=clock) as discord, Omixa.running(clock=clock) as omixa:
        async with easel_running(discord, omixa, clock, tmp_path) as world:
            made = await world.ann.slash("budget team create", name="Blue", amount="40")
            message = await answered(world, made)
        async with easel_running(discord, omixa, clock, tmp_path) as world:
            chosen = await world.ann.select(SELECT, world.ben, on=message)
            again = await world.ann.select(SELECT, world.ben, on=message)
            await told(world, "budget team close", team="Blue")
            late = await world.ann.select(SELECT, world.ben, on=message)

            ben = world.ben.mention
            assert (await answered(world, chosen)).text == f"Added to **Blue**: {ben}."
            assert (await answered(world, again)).text == f"In **Blue** already: {ben}."
            assert (await answered(world, late)).text.startswith("That team was closed.")


async def test_who_stopped_being_a_manager_chooses_nobody(world: World) -> None:
    manager = dana(world)
    made = await manager.slash("budget team create", name="Blue", amount="40")
    message = await answered(world, made)
    world.discord.take(manager, "Managers")
    chosen = await manager.select(SELECT, world.ben, on=message)

    assert (await answered(world, chosen)).text == MANAGERS_ONLY
    assert dict((await world.store.limits(world.server_id)).teams) == {}


async def test_people_move_between_teams_and_back(world: World) -> None:
    for name in ("Blue", "Red"):
        await told(world, "budget team create", name=name, amount="40")
    who = world.ben.mention

    async def told_of(command: str, team: str) -> str:
        return await told(world, f"budget team {command}", team=team, person=world.ben)

    assert await told_of("add", "Red") == f"Added to **Red**: {who}."
    assert await told_of("add", "blue") == f"Added to **Blue**: {who} (was in **Red**)."
    assert await told_of("add", "Blue") == f"In **Blue** already: {who}."
    assert await told_of("remove", "Red") == f"{who} is not in **Red**."
    assert await told_of("remove", "Blue") == (
        f"{who} is not in **Blue** any more, and on their own limits again."
    )
    moves = [change[1:3] for change in changes(world) if change[0].startswith("pool of")]
    pools = {pool.name: pool.id for pool in await world.store.open_pools(world.server_id)}
    assert moves == [
        ("not set", pools["Red"]),
        (pools["Red"], pools["Blue"]),
        (pools["Blue"], "not set"),
    ]


async def test_who_left_can_be_taken_out_but_not_put_in(world: World) -> None:
    await told(world, "budget team create", name="Blue", amount="40")
    await told(world, "budget team add", team="Blue", person=world.ben)
    world.discord.remove(world.ben)
    world.discord.remove(world.cleo)

    out = await told(world, "budget team remove", team="Blue", person=world.ben)
    into = await told(world, "budget team add", team="Blue", person=world.cleo)
    assert out.startswith(f"{world.ben.mention} is not in **Blue** any more")
    assert into.startswith("Left out, as they are bots or not in this server")


async def test_a_team_closed_at_the_last_moment_takes_nobody(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    await told(world, "budget team create", name="Blue", amount="40")
    (pool,) = await world.store.open_pools(world.server_id)
    join = Store.join_pool

    async def late(store: Store, *args: Any) -> str | None:
        await store.close_pool(pool.id, 1)
        return await join(store, *args)

    monkeypatch.setattr(Store, "join_pool", late)
    text = await told(world, "budget team add", team="Blue", person=world.cleo)
    assert text.startswith("That team was closed.")


async def test_a_closed_teams_members_are_on_their_own_again(world: World) -> None:
    await told(world, "budget team create", name="Blue", amount="0")
    empty = await told(world, "budget team create", name="Red", amount="5")
    await told(world, "budget team add", team="Blue", person=world.ben)
    refused = await paint(world.ben)
    closed = await told(world, "budget team close", team="Blue")
    nobody = await told(world, "budget team close", team="Red")

    assert empty.startswith("Made **Red**")
    assert "the limit of Blue of $0.00 a month" in refused
    assert closed == (
        "Closed **Blue**. Its members (1) are on their own again. Running orders finish as they "
        "were taken."
    )
    assert "Nobody was in it." in nobody
    assert "receipt" in await paint(world.ben)
    assert "No teams" in await viewed(world)
    again = await told(world, "budget team create", name="Blue", amount="5")
    assert again.startswith("Made **Blue**: $5.00 a month")


@pytest.mark.parametrize("name", ["Blue", "blue", "BLUE "])
async def test_two_teams_never_have_one_name(world: World, name: str) -> None:
    await told(world, "budget team create", name="Blue", amount="40")
    text = await told(world, "budget team create", name=name, amount="1")

    assert text == f"There is a team or event called **{name.strip()}** already."


@pytest.mark.parametrize(
    "name", ["  ", "\u2800", "a*b", "@everyone", "<@1>", "[x](y)", "`", "http://x", "\\", "||x||"]
)
async def test_a_name_that_would_act_is_refused(world: World, name: str) -> None:
    text = await told(world, "budget team create", name=name, amount="1")

    assert text.startswith("`name` takes 1 to 32 letters")
    assert changes(world) == []


@pytest.mark.parametrize("name", ["R&D", "Zoë's club", "チーム 1", "👩‍💻 devs", "a_b-c.d"])
async def test_names_of_all_languages_are_taken(world: World, name: str) -> None:
    text = await told(world, "budget team create", name=name, amount="1")

    assert text.startswith(f"Made **{name}**: $1.00 a month together.")


@pytest.mark.parametrize(
    ("options", "option"),
    [
        ({"amount": "unset"}, "amount"),
        ({"amount": "1,50"}, "amount"),
        ({"amount": "1", "each_member": "unset"}, "each_member"),
        ({"amount": "1", "each_member": "-3"}, "each_member"),
    ],
)
async def test_what_is_no_limit_is_refused_by_the_options_name(
    world: World, options: dict[str, object], option: str
) -> None:
    text = await told(world, "budget team create", name="Blue", **options)

    assert text.startswith(f"`{option}` takes dollars like `5`")
    assert changes(world) == []


async def test_two_managers_close_a_team_once(world: World) -> None:
    await told(world, "budget team create", name="Blue", amount="40")
    managers = (world.ann, dana(world))
    answers = await asyncio.gather(
        *(manager.slash("budget team close", team="Blue") for manager in managers)
    )
    texts = sorted([(await answered(world, answer)).text for answer in answers])

    assert texts[0].startswith("Closed **Blue**.")
    assert texts[1].startswith(("That team was closed.", "There is no team yet"))
    closed = [change for change in changes(world) if change[2] == "closed"]
    assert len(closed) == 1
