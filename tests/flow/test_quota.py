"""/quota shows the ledger's own figures, to one person."""

import re

from bot.core.limits import PeriodKind, Rule, members_scope
from sandbox.discord.interactions import DEFER, Interaction
from sandbox.omixa import faults
from sandbox.people import Person
from tests.flow.world import World


async def shown(world: World, person: Person, where: Interaction | None = None) -> str:
    answer = where or await person.slash("quota")
    assert answer.calls[0].body == {"type": DEFER, "data": {"flags": 64}}
    message = await world.answered(answer)
    assert message.ephemeral
    return message.text


async def test_before_the_first_order_all_is_left(world: World) -> None:
    text = await shown(world, world.ann)

    assert "**$1.00 left** of $1.00 today" in text
    assert "$0.00 used · $0.00 held · resets <t:" in text
    assert "This server, today: $10.00 left of $10.00" in text
    assert "This bot, in all servers together, today: $25.00 left of $25.00" in text
    assert "You have not ordered anything yet." in text


async def test_figures_are_the_ledgers(world: World) -> None:
    await world.ended(await world.ann.slash("imagine", prompt="a fox", count=5))
    text = await shown(world, world.ann)
    (own, server, _) = await world.allowances(world.ann)

    assert str(own.used) == "$0.195"
    assert f"**{own.left} left** of {own.limit} today" in text
    assert f"{own.used} used · {own.held} held" in text
    assert f"This server, today: {server.left} left" in text
    assert own.period.ends_at is not None
    assert f"resets <t:{int(own.period.ends_at.timestamp())}:R>" in text
    (receipt,) = await world.store.receipts(int(world.ann.id), world.server_id)
    assert re.search(rf"`{receipt.job}` · <t:\d+:R> · 5 pictures · \$0.195 · `a fox`", text)


async def test_what_runs_is_held(world: World) -> None:
    world.omixa.next(faults.slow(headers_s=30))
    order = await world.ann.slash("imagine", prompt="a fox", count=2)
    await world.ann.waits_for("Painting")
    text = await shown(world, world.ann)
    await world.painted()
    await world.ended(order)

    assert "**$0.92 left** of $1.00 today" in text
    assert "$0.00 used · $0.08 held" in text
    assert "running · $0.00, $0.08 held · `a fox`" in text


async def test_others_orders_are_not_shown(world: World) -> None:
    await world.ended(await world.ann.slash("imagine", prompt="a fox"))
    text = await shown(world, world.ben)

    assert "**$1.00 left**" in text
    assert "a fox" not in text
    assert "This server, today: $9.961 left of $10.00" in text


async def test_the_five_newest_orders_are_shown(world: World) -> None:
    for number in range(6):
        await world.ended(await world.ann.slash("imagine", prompt=f"fox {number}", size="0.5K"))
    text = await shown(world, world.ann)

    assert [number for number in range(6) if f"`fox {number}`" in text] == [1, 2, 3, 4, 5]


async def test_every_kind_of_period_has_its_line(world: World) -> None:
    for period in ("day", "week", "month", "total"):
        await world.budget(scope="each person", amount="2", period=period)
    text = await shown(world, world.ben)

    for when in ("today", "this week", "this month", "in total"):
        assert f"**$2.00 left** of $2.00 {when}" in text
    assert text.count("resets <t:") == 3


async def test_unlimited_and_blocked_are_said_in_words(world: World) -> None:
    scope = members_scope(world.server_id)
    await world.store.set_limit(scope, PeriodKind.DAY, Rule.UNLIMITED, actor=1)
    unlimited = await shown(world, world.ben)
    await world.store.set_limit(scope, PeriodKind.DAY, Rule.BLOCKED, actor=1)
    blocked = await shown(world, world.ben)
    await world.budget(scope="this server", amount="blocked")
    server_blocked = await shown(world, world.ben)
    await world.budget(scope="this server", amount="unlimited")
    server_unlimited = await shown(world, world.ben)

    assert "**No limit** today" in unlimited
    assert "**Blocked**: no pictures can be ordered." in blocked
    assert "This server: blocked" in server_blocked
    assert "This server, today: no limit" in server_unlimited


async def test_a_prompt_in_a_receipt_is_inert(world: World) -> None:
    await world.ended(await world.ann.slash("imagine", prompt="`@everyone` [x](http://y.z)\n# big"))
    answer = await world.ann.slash("quota")
    text = await shown(world, world.ann, answer)

    assert "`ˋ@everyoneˋ [x](http://y.z) # big`" in text  # noqa: RUF001 - a mark that ends no code
    assert answer.original is not None
    assert not answer.original.mention_everyone


async def test_outside_of_servers_it_says_so(world: World) -> None:
    text = await shown(world, world.ann, await world.ann.slash("quota", channel=world.ann.dm))

    assert "Everybody, outside of servers: blocked" in text


async def test_details_say_where_each_limit_was_set(world: World) -> None:
    artists = world.discord.role("Artists")
    await world.budget(role=artists, amount="5", period="week")
    await world.budget(scope="each person", amount="20", period="month")
    await world.budget(channel=world.discord.home, amount="3", period="day")
    answer = await world.ann.slash("quota", options={"details": True})
    text = (await world.answered(answer)).text

    assert "**$1.00 left** of $1.00 today" in text
    assert "what holds until a manager sets it" in text
    assert "**$5.00 left** of $5.00 this week" in text
    assert f"set for the role <@&{artists.id}>" in text
    assert "set for each person of this server" in text
    assert f"__<#{world.discord.home.id}>__" in text
    assert "__This server__" in text
    brief = await shown(world, world.ann)
    assert f"<#{world.discord.home.id}>, today: $3.00 left of $3.00" in brief
    assert "set for" not in brief


async def test_a_team_member_sees_who_pays(world: World) -> None:
    pool = await world.store.create_pool(world.server_id, "Blue", 1)
    await world.store.join_pool(world.server_id, pool, int(world.ben.id), 1)
    answer = await world.ben.slash("quota", options={"details": True})
    text = (await world.answered(answer)).text

    assert "**No limit of your own**: your team or event pays." in text


async def test_at_an_event_one_sees_ones_part_and_the_whole(world: World) -> None:
    options = {"amount": "5", "hours": 2, "each_person": "1"}
    await world.answered(await world.ann.slash("budget event start", options=options))
    answer = await world.ben.slash("quota", options={"details": True})
    text = (await world.answered(answer)).text

    assert "-# each person's part of the event in #general" in text
    assert "__The event in #general, everybody together__\n**$5.00 left** of $5.00" in text
