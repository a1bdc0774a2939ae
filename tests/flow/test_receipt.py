"""/receipt tells one order whole, to whoever paid for it and to who manages their money."""

import pytest

from sandbox.discord.interactions import Interaction
from sandbox.omixa import faults
from sandbox.people import Person
from tests.flow.orders import ordered, started, until
from tests.flow.world import World


async def shown(world: World, who: Person, number: str) -> str:
    answer = await who.slash("receipt", options={"id": number})
    message = await world.answered(answer)
    assert message.ephemeral
    return message.text


async def test_a_receipt_accounts_for_every_call(world: World) -> None:
    world.omixa.next(faults.status(422))
    order = await ordered(world, world.ben, prompt="a fox", count=5, aspect="16:9")
    text = await shown(world, world.ben, f" `{order.job.id.upper()}` ")

    assert f"Receipt {order.job.id}" in text
    assert "`a fox`" in text
    assert "Imagen 4 · 5 pictures · 16:9 · 0.5K · png · $0.04 each at most" in text
    assert "Charged $" in text
    assert "returned" in text
    assert "Calls to the image service** (2)" in text
    assert "nothing charged" in text
    assert "did not accept the order" in text
    link = f"https://discord.com/channels/{world.server_id}/{world.discord.home.id}/"
    assert link in text


async def test_a_running_order_has_a_receipt(world: World) -> None:
    world.omixa.next(faults.slow(headers_s=30))
    order = await started(world, world.ben)
    await world.ben.waits_for("Painting")
    job = await world.store.job_by_key(order.id)
    assert job is not None
    await until(lambda: world.omixa.calls)
    text = await shown(world, world.ben, job.id)
    await world.painted()

    assert "$0.04 still held" in text
    assert "being painted, $0.04 held" in text
    assert "No picture yet." in text


async def test_an_order_without_an_answer_may_yet_bring_pictures(world: World) -> None:
    world.omixa.next(faults.cut(at_byte=0), faults.status(422))
    unknown = await ordered(world, world.ben)
    refused = await ordered(world, world.ben)

    waiting = await shown(world, world.ben, unknown.job.id)
    assert "no answer yet, $0.04 held" in waiting
    assert "No picture yet." in waiting
    assert "No picture came." in await shown(world, world.ben, refused.job.id)


async def test_others_learn_nothing_not_even_that_it_exists(world: World) -> None:
    order = await ordered(world, world.ann)
    told = await shown(world, world.ben, order.job.id)

    assert told == f"You have no receipt `{order.job.id}`. `/quota` shows your last ones."


async def test_a_manager_sees_what_their_members_pay_for_but_no_private_prompt(
    world: World,
) -> None:
    dana = world.discord.people["dana"]
    public = await ordered(world, world.ben, prompt="a public fox")
    private = await ordered(world, world.ben, prompt="a secret fox", private=True)

    assert "a public fox" in await shown(world, dana, public.job.id)
    hidden = await shown(world, dana, private.job.id)
    assert "a secret fox" not in hidden
    assert "private" in hidden
    assert "a secret fox" in await shown(world, world.ben, private.job.id)


async def test_the_list_has_only_own_orders(world: World) -> None:
    mine = await ordered(world, world.ben, prompt="a fox at dawn")
    await ordered(world, world.cleo, prompt="an owl")

    async def listed(value: str) -> list[str]:
        found = await world.ben.autocomplete("receipt", focused="id", value=value)
        return [str(choice.value) for choice in found]

    assert await listed("") == [mine.job.id]
    assert await listed("DAWN") == [mine.job.id]
    assert await listed(mine.job.id[:4]) == [mine.job.id]
    assert await listed("owl") == []


@pytest.mark.parametrize("number", ["nonsense", "💥", "../../etc"])
async def test_what_is_no_receipt_is_told_so(world: World, number: str) -> None:
    assert (await shown(world, world.ben, number)).startswith("You have no receipt `")


async def test_the_operator_sees_every_receipt(world: World) -> None:
    order: Interaction = await started(world, world.ben)
    await world.ended(order)
    job = await world.store.job_by_key(order.id)
    assert job is not None
    answer = await world.ann.slash("receipt", options={"id": job.id}, channel=world.ann.dm)
    assert f"Receipt {job.id}" in (await world.answered(answer)).text
