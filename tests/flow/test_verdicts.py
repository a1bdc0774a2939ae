"""What a manager says to a wish is carried out at once, and once."""

import asyncio
from collections.abc import AsyncGenerator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from bot.chat import bulletin
from bot.chat.buttons import AskButton, Step, view_of
from bot.chat.notices import post
from bot.core.limits import Allowance, PeriodKind, Rule, ScopeKind, period, person_scope, scope
from bot.core.money import Money
from bot.store.asks import Ask, AskState, Verdict, key_of
from bot.studio.desk import Visit
from sandbox.clock import MovableClock
from sandbox.discord.interactions import Interaction
from tests.flow.buttons import custom_id, forged, labels
from tests.flow.wishes import (
    STEPS,
    TOKEN_S,
    Street,
    asked,
    asking,
    decided,
    declined,
    everybody,
    heard,
    in_team,
    limited,
    mentions,
    name_of,
    own,
    raised,
    refusal,
    set_up,
    street_of,
    told,
    until,
    whole,
    wish,
)
from tests.flow.world import World


def hint(opened: Interaction) -> str:
    """Read what stands below the one field of a form."""
    assert opened.modal is not None
    return str(opened.modal["components"][0]["description"])


@pytest.fixture
async def world(world: World) -> World:
    await set_up(world)
    return world


@pytest.fixture
async def street(tmp_path: Path) -> AsyncGenerator[Street]:
    async with street_of(tmp_path) as street:
        yield street


async def test_approved_once_it_is_ordered_and_the_rest_of_the_day_is_as_before(
    world: World,
) -> None:
    sent, message = await asked(world)
    await world.dana.press("Approve once", on=message)
    receipt = await world.ended(sent)

    assert "Done: 4 pictures" in receipt
    assert await decided(world, message) == f"**Approved once** by {world.dana.mention}"
    assert mentions(world) == []
    (result,) = world.pictures()
    assert result.mentions == [world.ben.user]
    each = await own(world)
    assert (each.limit, each.granted, each.used) == (
        Money(160_000),
        Money(110_000),
        Money(156_000),
    )
    world.clock.advance(24 * 3600)
    assert (await own(world)).limit == Money(50_000)


async def test_what_is_granted_is_what_lacks_when_it_is_decided(world: World) -> None:
    _, message = await asked(world)
    await world.ended(await world.ben.slash("imagine", prompt="a hen"))  # $0.039 of $0.05
    await world.dana.press("Approve once", on=message)
    await decided(world, message)
    await world.idle()

    assert (await own(world)).granted == Money(160_000 - 11_000)
    assert len(world.pictures()) == 2


@pytest.mark.parametrize("kind", [PeriodKind.WEEK, PeriodKind.MONTH, PeriodKind.TOTAL])
async def test_a_grant_lasts_a_day_at_most(world: World, kind: PeriodKind) -> None:
    await limited(world, everybody(world), Rule.UNLIMITED)
    mine = person_scope(world.server_id, await world.store.person(int(world.ben.id)))
    await world.store.set_limit(mine, kind, Money(50_000), 1)
    _, message = await asked(world)
    await world.dana.press("Approve once", on=message)
    await decided(world, message)

    now = [each for each in await world.allowances(world.ben) if each.period.kind is kind]
    assert now[0].granted == Money(110_000)
    world.clock.advance(timedelta(days=1).total_seconds() + 1)
    after = [each for each in await world.allowances(world.ben) if each.period.kind is kind]
    assert after[0].granted == Money(0)


async def test_a_part_of_a_team_can_be_approved_once(world: World) -> None:
    await in_team(world, cap=Money(50_000))
    sent, message = await asked(world)
    assert "Their part of Team Blue of $0.05 a day" in message.content
    assert labels(message) == STEPS
    await world.dana.press("Approve once", on=message)

    assert "Done: 4 pictures" in await world.ended(sent)


async def test_a_part_of_a_team_is_raised_for_each_member(world: World) -> None:
    team = await in_team(world, cap=Money(50_000))
    sent, message = await asked(world)
    opened = await world.dana.press("Raise to…", on=message)
    await world.dana.submit(opened, {"New limit": "0.20"})

    assert hint(opened).startswith("Each member's part of Team Blue is $0.05 a day. Filled in")
    assert "Done: 4 pictures" in await world.ended(sent)
    rules = (await world.store.limits(world.server_id)).rules
    cap = scope(ScopeKind.CAP, world.server_id, team)
    assert [rule.limit for rule in rules if rule.scope == cap] == [Money(200_000)]


@pytest.mark.parametrize("kind", [ScopeKind.SERVER, ScopeKind.CHANNEL, ScopeKind.POOL])
async def test_a_shared_limit_can_only_be_raised(world: World, kind: ScopeKind) -> None:
    subject = whole(world)
    if kind is ScopeKind.CHANNEL:
        subject = scope(kind, world.server_id, world.discord.home.id)
    if kind is ScopeKind.POOL:
        subject = scope(kind, world.server_id, await in_team(world))
    await limited(world, everybody(world), Rule.UNLIMITED)
    await limited(world, subject, Money(30_000))
    sent, message = await asked(world)
    assert labels(message) == ["Raise to…", "Decline"]
    opened = await world.dana.press("Raise to…", on=message)
    assert opened.modal is not None
    assert opened.modal["title"] == "Raise the daily limit"
    assert opened.prefilled == {"New limit": "$0.16"}
    whose = {
        ScopeKind.SERVER: "This server's limit",
        ScopeKind.CHANNEL: "That channel's limit",
        ScopeKind.POOL: "The limit of Team Blue",
    }
    assert hint(opened) == f"{whose[kind]} is $0.03 a day. Filled in: the least needed."
    await world.dana.submit(opened, {})

    assert "Done: 4 pictures" in await world.ended(sent)
    by = f"**Raised to $0.16 a day** by {world.dana.mention}"
    assert await decided(world, message) == by


async def test_a_form_has_room_for_long_names(world: World) -> None:
    long = "B" * 32
    team = Allowance(
        scope=scope(ScopeKind.MEMBER, 1, "p/a"),
        period=period(PeriodKind.TOTAL, world.clock.now(), ZoneInfo("UTC")),
        limit=Money(1_234_567_000_000),
        used=Money(0),
        held=Money(0),
        name=long,
        granted=Money(234_567_000_000),
    )

    assert len(bulletin.to_raise(team, long)) == 100
    assert bulletin.to_raise(replace(team, scope=person_scope(1, "a")), None) == (
        "The asker's limit is $1000000.00 in total, plus $234567.00 granted to the asker."
    )


async def test_the_suggestion_leaves_out_what_was_granted(world: World) -> None:
    until_s = world.clock.now() + timedelta(hours=1)
    await world.store.grant(world.server_id, int(world.ben.id), Money(15_000), until_s, 1, "")
    _, message = await asked(world)
    opened = await world.dana.press("Raise to…", on=message)

    assert opened.prefilled == {"New limit": "$0.15"}  # in whole cents, and enough
    assert hint(opened) == (
        "Ben's limit is $0.05 a day, plus $0.015 granted to Ben. Filled in: the least needed."
    )


async def test_an_own_limit_is_raised_for_that_person_only(world: World) -> None:
    sent, message = await asked(world)
    await raised(world, message, "$1")
    await world.ended(sent)

    assert (await own(world)).limit == Money(1_000_000)
    assert (await own(world, world.cleo)).limit == Money(50_000)


@pytest.mark.parametrize("amount", ["plenty", "-1", "unlimited", "0.1234567"])
async def test_an_amount_that_is_none_decides_nothing(world: World, amount: str) -> None:
    _, message = await asked(world)
    answer = await raised(world, message, amount)

    assert (await heard(world, answer)).startswith("The amount takes dollars like `5`")
    assert labels(message) == STEPS


async def test_raised_by_too_little_nothing_is_changed(world: World) -> None:
    sent, message = await asked(world)
    answer = await raised(world, message, "0.10")

    assert await heard(world, answer) == (
        "That is too little, so nothing was changed: the order needs $0.16, and their limit would "
        "have $0.10 left."
    )
    assert (await own(world)).limit == Money(50_000)
    await raised(world, message, "0.16")
    assert "Done: 4 pictures" in await world.ended(sent)


async def test_another_limit_in_the_way_is_told_to_both_and_the_grant_stays(world: World) -> None:
    sent, message = await asked(world)
    await limited(world, whole(world), Money(100_000))
    press = await world.dana.press("Approve once", on=message)
    line = await decided(world, message)
    reads = await heard(world, press)

    assert line == f"**Approved once** by {world.dana.mention}"
    assert message.content.endswith(". The order did not start.")
    why = "This needs $0.16, more than this server's limit of $0.10 a day, which has $0.10 left."
    assert told(sent).startswith(f"More is allowed now, as you wished. {why}")
    assert reads.startswith(
        f"That is done, but the order could not start. {world.ben.mention} reads: {why}"
    )
    assert (await own(world)).granted == Money(110_000)
    await limited(world, whole(world), Money(160_000))
    assert "Done: 4 pictures" in await world.ended(
        await world.ben.slash("imagine", prompt="a fox", count=4)
    )


async def test_a_declined_wish_is_told_with_the_reason(world: World) -> None:
    sent, message = await asked(world)
    await declined(world, message, "next *week*")
    await world.ben.waits_for("Your wish for more was declined.")

    assert told(sent) == "Your wish for more was declined. Reason: next \\*week\\*"
    assert await decided(world, message) == f"**Declined** by {world.dana.mention}"
    assert message.content.endswith(" Reason: next \\*week\\*")
    assert mentions(world) == []
    assert world.omixa.calls == 0


async def test_who_cannot_be_told_alone_is_mentioned_once(world: World) -> None:
    _, message = await asked(world)
    world.clock.advance(TOKEN_S)
    await declined(world, message)
    await until(world, lambda: mentions(world))

    (ping,) = mentions(world)
    assert ping.content == f"{world.ben.mention} Your wish for more was declined."
    assert ping.mentions == [world.ben.user]


async def test_a_form_that_is_gone_is_made_up_for_by_a_mention(world: World) -> None:
    _, message = await asked(world)
    world.discord.faults.cut("PATCH", "/webhooks/*", applied=False, times=2)
    await declined(world, message)
    await until(world, lambda: mentions(world))

    assert len(mentions(world)) == 1


async def test_late_approval_delivers_to_the_channel_with_one_ping(world: World) -> None:
    _, message = await asked(world)
    world.clock.advance(TOKEN_S)
    await world.dana.press("Approve once", on=message)
    await until(world, world.pictures)
    await world.idle()

    (result,) = world.pictures()
    assert result.mentions == [world.ben.user]
    assert mentions(world) == []


async def test_a_private_order_does_not_start_where_nobody_can_get_it(world: World) -> None:
    _, message = await asked(world, private=True)
    world.clock.advance(TOKEN_S)
    await world.dana.press("Approve once", on=message)
    await until(world, lambda: mentions(world))

    (ping,) = mentions(world)
    assert ping.content == (
        f"{world.ben.mention} More is allowed now, as you wished. Please order again: a private "
        "order can't start without you."
    )
    assert message.content.endswith(". The order did not start.")
    assert world.omixa.calls == 0
    again = await world.ben.slash("imagine", prompt="a fox", count=4, private=True)
    assert "Done: 4 pictures" in await world.ended(again)


async def test_a_private_order_is_delivered_to_the_form_while_it_lives(world: World) -> None:
    sent, message = await asked(world, private=True)
    await world.dana.press("Approve once", on=message)
    await world.ended(sent)

    assert world.pictures() == []
    assert sent.original is not None
    assert len(sent.original.files) == 4


async def test_what_is_refused_late_is_told_in_the_channel_without_amounts(world: World) -> None:
    _, message = await asked(world)
    world.clock.advance(TOKEN_S)
    await limited(world, whole(world), Money(100_000))
    await world.dana.press("Approve once", on=message)
    await until(world, lambda: mentions(world))

    (ping,) = mentions(world)
    assert "$" not in ping.content
    assert "`/quota` shows you why." in ping.content


async def test_who_can_be_told_nowhere_is_not_waited_for(world: World) -> None:
    _, message = await asked(world)
    world.clock.advance(TOKEN_S)
    world.discord.faults.fail("POST", "/channels/*/messages", status=403)
    await declined(world, message)

    assert await decided(world, message) == f"**Declined** by {world.dana.mention}"
    assert mentions(world) == []


async def test_a_look_up_that_takes_too_long_opens_an_unfilled_form(world: World) -> None:
    sent, message = await asked(world)
    store = world.store
    quick, waiting = store.asked, asyncio.Event()

    async def slow(_: str) -> Ask | None:
        await waiting.wait()
        return None

    store.asked = slow  # type: ignore[assignment, method-assign]  # as behind a long queue
    opened = await world.dana.press("Raise to…", on=message)
    store.asked = quick  # type: ignore[method-assign]  # the queue is over
    assert opened.prefilled == {"New limit": ""}
    await world.dana.submit(opened, {"New limit": "0.16"})

    assert "Done: 4 pictures" in await world.ended(sent)


async def test_a_limit_that_counts_for_them_no_more_is_not_suggested(world: World) -> None:
    _, message = await asked(world)
    await in_team(world)
    opened = await world.dana.press("Raise to…", on=message)

    assert opened.prefilled == {"New limit": ""}


async def test_only_managers_decide(world: World) -> None:
    _, message = await asked(world)
    for label in STEPS:
        press = await forged(world.ben, message, custom_id(message, label))
        assert (await heard(world, press)).startswith(
            "Budgets are for people with the Manage Server permission"
        )
    assert labels(message) == STEPS
    assert (await own(world)).granted == Money(0)


async def test_the_servers_budget_role_decides_too(world: World) -> None:
    role = int(world.discord.role("Team Blue").id)
    await world.store.set_server(world.server_id, 1, manager_role=role, budget_channel=None)
    sent = await asking(world, on=await refusal(world))
    message = await wish(world, "general")
    opened = await world.ben.press("Raise to…", on=message)
    await world.ben.submit(opened, {"New limit": "0.16"})

    assert "Done: 4 pictures" in await world.ended(sent)
    # Everybody reads it here, so the new limit is not told.
    assert await decided(world, message) == f"**Raised** by {world.ben.mention}"


async def test_a_form_sent_by_somebody_who_manages_no_more_decides_nothing(world: World) -> None:
    _, message = await asked(world)
    opened = await world.dana.press("Raise to…", on=message)
    world.discord.take(world.dana, "Managers")
    answer = await world.dana.submit(opened, {"New limit": "5"})

    assert (await heard(world, answer)).startswith("Budgets are for people with")
    assert (await own(world)).limit == Money(50_000)


async def test_a_limit_raised_to_nothing_is_too_little(world: World) -> None:
    _, message = await asked(world)
    opened = await world.dana.press("Raise to…", on=message)
    answer = await world.dana.submit(opened, {"New limit": "0"})

    assert (await heard(world, answer)).startswith("That is too little, so nothing was changed")
    assert (await own(world)).limit == Money(50_000)


async def test_the_limit_of_what_is_over_is_not_raised(world: World) -> None:
    ends_at = world.clock.now() + timedelta(hours=1)
    event = (int(world.discord.home.id), ends_at)
    limit = ((ScopeKind.POOL, PeriodKind.TOTAL, Money(50_000)),)
    pool = await world.store.create_pool(world.server_id, "the party", 1, event, limit)
    _, message = await asked(world)
    await world.store.close_pool(pool, 1)
    opened = await world.dana.press("Raise to…", on=message)
    answer = await world.dana.submit(opened, {"New limit": "5"})

    assert (await heard(world, answer)).startswith("That limit is not in the way")
    assert world.pictures() == []


async def test_two_managers_at_once_are_one_decision(world: World) -> None:
    sent, message = await asked(world)
    presses = await asyncio.gather(
        *(
            forged(manager, message, custom_id(message, "Approve once"))
            for manager in (world.ann, world.dana)
        )
    )
    await world.ended(sent)
    await until(world, lambda: [one for press in presses for one in press.followups])

    (late,) = [one for press in presses for one in press.followups]
    assert late.content == "Somebody was quicker: this wish is decided."
    assert (await own(world)).granted == Money(110_000)
    assert world.omixa.wallet.bills == 1
    assert len(world.pictures()) == 1


async def test_a_second_manager_can_not_decline_what_was_approved(world: World) -> None:
    sent, message = await asked(world)
    name = custom_id(message, "Decline")
    opened = await forged(world.ann, message, name)
    await world.dana.press("Approve once", on=message)
    await world.ended(sent)
    late = await world.ann.submit(opened, {})

    assert await heard(world, late) == "Somebody was quicker: this wish is decided."
    assert await decided(world, message) == f"**Approved once** by {world.dana.mention}"


async def test_a_wish_ordered_meanwhile_is_not_granted_on_top(world: World) -> None:
    refused = await refusal(world)
    await asking(world, on=refused)
    message = await wish(world)
    await limited(world, everybody(world), Money(160_000))
    await world.ended(await asking(world, on=refused))
    await limited(world, everybody(world), Money(50_000))
    await world.dana.press("Approve once", on=message)
    await decided(world, message)

    assert (await own(world)).granted == Money(0)
    assert len(world.pictures()) == 1
    again = await asking(world, on=refused)
    assert told(again).startswith("This offer was already taken.")


async def test_a_wish_is_too_old_after_a_week(world: World) -> None:
    _, message = await asked(world)
    world.clock.advance(7 * 24 * 3600 + 1)
    press = await world.dana.press("Approve once", on=message)
    raising = await world.dana.press("Raise to…", on=message)

    for each in (press, raising):
        assert await heard(world, each) == "This is too old, or was withdrawn. Please order again."
    assert (await own(world)).granted == Money(0)


async def test_a_wish_of_another_server_is_not_decided_here(world: World) -> None:
    sent, _ = await asked(world)
    ask = await world.store.asked(name_of(sent))
    assert ask is not None
    other = replace(ask, id="b0" * 8, place=replace(ask.place, server_id=1))
    assert await world.store.ask(other)
    assert world.easel.client is not None
    view = view_of([AskButton(Step.APPROVE, other.id)])
    home = int(world.discord.home.id)
    await post(world.easel.client, home, "Press here", nonce="b0", view=view)
    press = await world.ann.press("Approve once", on=await wish(world, "general"))

    assert (await heard(world, press)).startswith("This is too old")
    assert (await own(world)).granted == Money(0)


async def test_what_money_does_not_help_decides_nothing(world: World) -> None:
    _, message = await asked(world)
    desk, wrong = world.easel.rooms.desk, MovableClock()
    wrong.advance(100 * 24 * 3600)
    desk._clock, right = wrong, desk._clock
    press = await world.dana.press("Approve once", on=message)
    reads = await heard(world, press)
    desk._clock = right

    assert reads.startswith(
        f"Nothing is decided: the order could not start. {world.ben.mention} would read: The bot's "
        "clock is wrong"
    )
    assert labels(message) == STEPS
    assert (await own(world)).granted == Money(0)


async def test_blocked_since_nothing_is_granted_and_both_are_told(world: World) -> None:
    sent, message = await asked(world)
    await limited(world, everybody(world), Rule.BLOCKED)
    await world.dana.press("Approve once", on=message)
    await decided(world, message)

    assert await world.ben.waits_for("You may not order pictures here.") is sent.original


async def test_a_verdict_is_in_the_record(world: World) -> None:
    sent, message = await asked(world, reason="poster")
    await world.dana.press("Approve once", on=message)
    await world.ended(sent)

    name = name_of(sent)
    kept = await world.store.asked(name)
    assert kept is not None
    assert kept.verdict is not None
    assert (kept.verdict.state, kept.verdict.actor) == (AskState.APPROVED, int(world.dana.id))
    assert (kept.reason, kept.needed) == ("poster", Money(160_000))


async def test_wishes_outlive_the_bot(street: Street) -> None:
    async with street.easel() as world:
        await set_up(world)
        _, message = await asked(world)
    async with street.easel() as world:
        await world.dana.press("Approve once", on=message)
        await until(world, world.pictures)
        await world.idle()

        (result,) = world.pictures()
        assert result.mentions == [world.ben.user]
        assert mentions(world) == []
        assert street.omixa.wallet.bills == 1


async def test_stopped_before_the_verdict_was_shown_a_later_press_shows_it(
    street: Street,
) -> None:
    async with street.easel() as world:
        await set_up(world)
        _, message = await asked(world)
        fault = world.discord.faults.cut("PATCH", "/webhooks/*", applied=False, times=1_000)
        await world.dana.press("Approve once", on=message)
        await until(world, world.pictures)
        await world.idle()
        fault.times = 0
    assert labels(message) == STEPS
    async with street.easel() as world:
        await world.dana.press("Approve once", on=message)

        assert await decided(world, message) == f"**Approved once** by {world.dana.mention}"
        assert (await own(world)).granted == Money(110_000)
        assert street.omixa.wallet.bills == 1


async def test_killed_between_the_verdict_and_the_order_nothing_is_lost_in_silence(
    street: Street,
) -> None:
    async with street.easel() as world:
        await set_up(world)
        sent, message = await asked(world)
        ask = await world.store.asked(name_of(sent))
        assert ask is not None
        await killed_after_deciding(world, ask)
    street.clock.advance(TOKEN_S)
    async with street.easel() as world:
        await until(world, lambda: mentions(world))
        (ping,) = mentions(world)
        assert "please order again" in ping.content
        await world.dana.press("Approve once", on=message)
        assert await decided(world, message) == f"**Approved once** by {world.dana.mention}"
        assert (await own(world)).granted == Money(110_000)
        assert not await world.store.held()
        again = await world.ben.slash("imagine", prompt="a fox", count=4)
        assert "Done: 4 pictures" in await world.ended(again)


async def killed_after_deciding(world: World, ask: Ask) -> None:
    """Do what the bot does up to the commit, and nothing after it."""
    desk = world.easel.rooms.desk
    said = Verdict(state=AskState.APPROVED, actor=int(world.dana.id))
    visit = Visit(key=key_of(ask.id), payer=ask.payer, place=ask.place)
    desk._accept = lambda _: None  # the worker never hears of the job
    await desk.fulfil(ask, said, visit, start=True)
