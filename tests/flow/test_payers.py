"""An order that a team or an event pays for says so."""

from bot.core.limits import PeriodKind, Rule, ScopeKind, scope
from tests.flow.wishes import in_team
from tests.flow.world import World


async def test_the_acknowledgement_names_the_team_that_pays(world: World) -> None:
    await in_team(world)
    order = await world.ben.slash("imagine", prompt="a fox")
    receipt = await world.ended(order)

    news = [call.body["content"] for call in order.calls if call.what == "original.edit"]
    assert news[0].startswith("Ordered 1 picture, for $0.04 at most, paid by Team Blue.")
    assert "-# charged $0.039, $0.001 returned, paid by Team Blue · receipt `" in receipt
    assert "Team Blue" not in world.pictures()[0].content
    (job,) = await world.store.receipts(int(world.ben.id), None)
    whole = await world.answered(await world.ben.slash("receipt", options={"id": job.job}))
    assert "**Charged $0.039, $0.001 returned, paid by Team Blue**" in whole.text


async def test_the_name_of_an_event_does_not_act(world: World) -> None:
    ends_at = world.clock.now().replace(year=2100)
    channel = int(world.discord.home.id)
    event = (channel, ends_at)
    pool = await world.store.create_pool(world.server_id, "**@everyone**", 1, event)
    for kind in (ScopeKind.POOL, ScopeKind.CAP):
        limit = scope(kind, world.server_id, pool)
        await world.store.set_limit(limit, PeriodKind.TOTAL, Rule.UNLIMITED, 1)
    receipt = await world.ended(await world.ben.slash("imagine", prompt="a fox"))

    assert "paid by \\*\\*@\u200beveryone\\*\\* ·" in receipt


async def test_who_pays_alone_reads_of_nobody_else(world: World) -> None:
    assert "paid by" not in await world.ended(await world.ben.slash("imagine", prompt="a fox"))
