"""/admin jobs and /admin resolve: open calls, for the bot's operator alone."""

import sqlite3
from contextlib import closing

import pytest

from bot.core.job import Job
from bot.core.states import CallState
from sandbox.omixa import faults
from sandbox.people import Person
from tests.flow.orders import books, held, ordered
from tests.flow.world import World


async def told(world: World, who: Person, command: str, **options: object) -> str:
    message = await world.answered(await who.slash(command, options=options))
    assert message.ephemeral
    return message.text


async def unanswered(world: World) -> Job:
    """Leave one call of Ben's without an answer."""
    world.omixa.next(faults.cut(at_byte=2_000))
    order = await ordered(world, world.ben)
    assert [call.state for call in order.job.calls] == [CallState.UNKNOWN]
    return order.job


def audited(world: World) -> list[tuple[str, str, str, str]]:
    with closing(sqlite3.connect(world.data / "easel.db")) as db:
        return db.execute(
            "SELECT what, before, after, reason FROM change WHERE what LIKE 'call %'"
        ).fetchall()


async def test_open_calls_are_listed_with_what_is_held(world: World) -> None:
    assert "0 running, 0 without an answer, $0.00 held" in await told(
        world, world.ann, "admin jobs"
    )
    job = await unanswered(world)
    text = await told(world, world.ann, "admin jobs")

    assert "0 running, 1 without an answer, $0.04 held in all." in text
    assert f"`{job.calls[0].id}` · no answer, lost <t:" in text
    assert f"$0.04 held · <@{world.ben.id}> in <#{world.discord.home.id}>" in text


async def test_what_was_billed_is_the_operators(world: World) -> None:
    job = await unanswered(world)
    text = await told(
        world,
        world.ann,
        "admin resolve",
        call=job.calls[0].id,
        outcome="it was billed",
        amount="$0.039",
        reason="seen on the dashboard",
    )

    assert text == (
        f"`{job.calls[0].id}` booked as billed $0.039; the operator pays it, the person nothing. "
        "To correct it, resolve it again with another amount."
    )
    sums = books(world)
    assert (sums.person, sums.operator, sums.gateway) == (0, 39_000, 39_000)
    assert not await held(world)
    assert audited(world) == [
        (f"call {job.calls[0].id}", "unknown", "settled, billed $0.039", "seen on the dashboard")
    ]


async def test_what_was_not_billed_is_free_again(world: World) -> None:
    job = await unanswered(world)
    options = {"call": job.calls[0].id, "outcome": "it was not billed"}
    text = await told(world, world.ann, "admin resolve", **options)

    assert "booked as not billed; what was held is free again." in text
    assert (books(world).gateway, books(world).exposure) == (0, 0)
    assert not await held(world)
    again = await told(world, world.ann, "admin resolve", **options)
    assert "nothing changed" in again
    later = {**options, "outcome": "it was billed", "amount": "0.04"}
    assert "now stands at $0.04" in await told(world, world.ann, "admin resolve", **later)


@pytest.mark.parametrize("amount", [None, "0", "-1", "1,50", "1e309", "NaN", "0.0000001", "much"])
async def test_a_bill_needs_an_amount(world: World, amount: str | None) -> None:
    job = await unanswered(world)
    options = {"call": job.calls[0].id, "outcome": "it was billed"}
    if amount is not None:
        options["amount"] = amount
    assert "Please give the `amount`" in await told(world, world.ann, "admin resolve", **options)
    assert audited(world) == []


async def test_a_bill_far_above_the_hold_needs_a_reason(world: World) -> None:
    job = await unanswered(world)
    options = {"call": job.calls[0].id, "outcome": "it was billed", "amount": "39"}
    slip = await told(world, world.ann, "admin resolve", reason=" ", **options)
    assert slip == (
        "$39.00 is far above the $0.04 that was held for this call, so nothing was booked. If it "
        "is right, say it again with a `reason`."
    )
    assert audited(world) == []
    meant = await told(world, world.ann, "admin resolve", reason="on the dashboard", **options)
    options["amount"] = "0.8"  # twenty times
    corrected = await told(world, world.ann, "admin resolve", **options)

    assert "booked as billed $39.00" in meant
    assert "now stands at $0.80" in corrected
    assert books(world).gateway == 800_000


async def test_no_bill_has_no_amount(world: World) -> None:
    text = await told(
        world, world.ann, "admin resolve", call="x", outcome="it was not billed", amount="1"
    )
    assert text == "`amount` goes with the outcome `it was billed` only."


async def test_what_is_no_call_is_told_so(world: World) -> None:
    text = await told(world, world.ann, "admin resolve", call="x", outcome="it was not billed")
    assert text == "I know no such `call`. `/admin jobs` lists those that are open."


@pytest.mark.parametrize("command", ["admin jobs", "admin resolve"])
async def test_managers_and_members_are_no_operators(world: World, command: str) -> None:
    for name in ("dana", "cleo"):
        who = world.discord.people[name].tampered
        options = {} if command == "admin jobs" else {"call": "x", "outcome": "it was not billed"}
        text = (await world.answered(await who.slash(command, options=options))).text
        assert text.startswith("This is for the bot's operator")


async def test_only_the_operator_is_told_which_calls_are_open(world: World) -> None:
    job = await unanswered(world)
    dana = world.discord.people["dana"]
    mine = await world.ann.autocomplete("admin resolve", focused="call", value=job.id[:3])
    theirs = await dana.autocomplete("admin resolve", focused="call", value="")

    assert [choice.value for choice in mine] == [job.calls[0].id]
    assert mine[0].name == f"{job.calls[0].id} · $0.04 held · imagen-4.0-generate-001"
    assert theirs == []


async def test_running_calls_are_listed_and_not_resolved(world: World) -> None:
    world.omixa.next(faults.slow(headers_s=30))
    order = await world.ben.slash("imagine", prompt="a fox")
    await world.ben.waits_for("Painting")
    job = await world.store.job_by_key(order.id)
    assert job is not None
    text = await told(world, world.ann, "admin jobs")
    options = {"call": job.calls[0].id, "outcome": "it was not billed"}
    kept = await told(world, world.ann, "admin resolve", **options)
    await world.painted()

    assert "1 running, 0 without an answer, $0.04 held" in text
    assert kept.endswith("still runs or was never sent, so there is nothing to resolve.")
    assert "receipt `" in await world.ended(order)
