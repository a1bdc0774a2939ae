"""A wish for more is kept once and decided once, with its order in the same transaction."""

import asyncio
import sqlite3
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from bot.core.job import Admission, Payer, Place, Ticket
from bot.core.limits import (
    PeriodKind,
    Rule,
    Scope,
    ScopeKind,
    member_scope,
    members_scope,
    person_scope,
    scope,
    server_scope,
)
from bot.core.money import Money
from bot.core.order import Order
from bot.core.problems import Blocked, OverLimit, Refused
from bot.store.asks import LASTS, OPEN_MAX, Ask, AskState, Decided, TooManyAsks, Verdict, key_of
from bot.store.store import Store
from tests.store.shop import ANN, BEN, NOON, STUDIO, StillClock, admission

APPROVED = Verdict(state=AskState.APPROVED, actor=BEN)
DECLINED = Verdict(state=AskState.DECLINED, actor=ANN, reason="next week")
EACH = members_scope(STUDIO)
WISH = Ask(
    id="offer 1",
    payer=Payer(ANN, (31, 32)),
    place=Place(server_id=STUDIO, channel_id=650, parent_id=600),
    order=Order(prompt="a fox", model="painter", count=4, private=True),
    scope=server_scope(STUDIO),
    period=PeriodKind.MONTH,
    needed=Money(160_000),
    reason="for the poster",
)
SHORT = replace(WISH, scope=person_scope(STUDIO, "a passing reference"), period=PeriodKind.DAY)


def order(wish: str = "offer 1") -> Admission:
    return admission(key=key_of(wish), calls=(4,))


def raised(cents: int) -> Verdict:
    return Verdict(state=AskState.RAISED, actor=BEN, limit=Money(cents * 10_000))


async def limited(store: Store, subject: Scope, cents: int) -> None:
    await store.set_limit(subject, PeriodKind.DAY, Money(cents * 10_000), BEN)


async def granted(store: Store) -> Money:
    return max(each.granted for each in await store.allowances(WISH.place, WISH.payer))


async def test_a_wish_is_read_back_as_it_was_asked(store: Store) -> None:
    assert await store.ask(WISH)
    assert await store.asked("offer 1") == WISH
    assert not await store.ask(replace(WISH, reason="again"))
    assert await store.asked("offer 1") == WISH
    assert await store.asked("offer 2") is None
    await store.ask_posted("offer 1", 7)
    assert await store.asked("offer 1") == replace(WISH, message_id=7)


async def test_an_own_limit_is_kept_by_the_persons_lasting_reference(store: Store) -> None:
    part = member_scope(STUDIO, "team", "a passing reference")
    await store.ask(SHORT)
    await store.ask(replace(WISH, id="offer 2", scope=part))
    ann = await store.person(ANN)
    first, second = await store.asked("offer 1"), await store.asked("offer 2")
    assert first is not None
    assert second is not None
    assert first.scope == person_scope(STUDIO, ann)
    assert second.scope == member_scope(STUDIO, "team", ann)


async def test_a_wish_lasts_a_week(store: Store, clock: StillClock) -> None:
    await store.ask(WISH)
    clock.at += LASTS - timedelta(seconds=1)
    assert await store.asked("offer 1") == WISH
    clock.at += timedelta(seconds=1)
    assert await store.asked("offer 1") is None


async def test_a_persons_open_wishes_are_counted(store: Store, clock: StillClock) -> None:
    for number in range(OPEN_MAX):
        assert await store.ask(replace(WISH, id=f"offer {number}"))
    with pytest.raises(TooManyAsks):
        await store.ask(replace(WISH, id="one more"))
    assert await store.asked("one more") is None
    assert not await store.ask(replace(WISH, id="offer 0"))  # that is none of the new ones
    assert await store.ask(replace(WISH, id="of another", payer=Payer(BEN)))
    assert await store.decide("offer 0", DECLINED)
    assert await store.ask(replace(WISH, id="one more"))
    clock.at += LASTS
    assert await store.ask(replace(WISH, id="much later"))


async def test_of_two_managers_one_decides(store: Store) -> None:
    await store.ask(WISH)
    approved, declined = await asyncio.gather(
        store.decide("offer 1", APPROVED), store.decide("offer 1", DECLINED)
    )
    assert approved
    assert not declined
    verdict = replace(APPROVED, at=NOON)
    assert await store.asked("offer 1") == replace(WISH, verdict=verdict)
    assert not await store.decide("offer 2", DECLINED)


async def test_what_a_manager_says_is_kept(store: Store) -> None:
    for number, said in enumerate((DECLINED, raised(50))):
        await store.ask(replace(WISH, id=f"offer {number}"))
        assert await store.decide(f"offer {number}", said)
        kept = await store.asked(f"offer {number}")
        assert kept is not None
        assert kept.verdict == replace(said, at=NOON)


async def test_approved_it_is_ordered_and_what_lacked_is_granted(store: Store) -> None:
    await limited(store, EACH, 5)
    await store.ask(SHORT)
    ticket = await store.fulfil(SHORT, APPROVED, order())
    assert isinstance(ticket, Ticket)
    assert (ticket.held, ticket.fresh) == (Money(160_000), True)
    assert await granted(store) == Money(110_000)
    with pytest.raises(Decided):
        await store.fulfil(SHORT, APPROVED, order())
    assert await granted(store) == Money(110_000)


async def test_a_grant_ends_with_its_period_and_that_of_a_total_after_a_day(
    store: Store, clock: StillClock
) -> None:
    await store.set_limit(EACH, PeriodKind.DAY, Rule.UNLIMITED, BEN)
    mine = person_scope(STUDIO, await store.person(ANN))
    await store.set_limit(mine, PeriodKind.TOTAL, Money(50_000), BEN)
    await store.ask(SHORT)
    await store.fulfil(SHORT, APPROVED, None)
    clock.at += timedelta(days=1) - timedelta(seconds=1)
    assert await granted(store) == Money(110_000)
    clock.at += timedelta(seconds=1)
    assert await granted(store) == Money(0)


async def test_nothing_is_granted_where_nothing_lacks(store: Store) -> None:
    await limited(store, EACH, 16)
    await store.ask(SHORT)
    assert isinstance(await store.fulfil(SHORT, APPROVED, order()), Ticket)
    assert await granted(store) == Money(0)


async def test_nothing_is_granted_for_what_was_ordered_meanwhile(store: Store) -> None:
    await store.ask(SHORT)
    ticket = await store.hold(order())
    await limited(store, EACH, 5)
    again = await store.fulfil(SHORT, APPROVED, order())
    assert again == replace(ticket, fresh=False)
    assert await granted(store) == Money(0)


@pytest.mark.parametrize("rule", Rule)
async def test_the_unlimited_and_the_blocked_are_granted_nothing(store: Store, rule: Rule) -> None:
    await store.set_limit(EACH, PeriodKind.DAY, rule, BEN)
    await store.ask(SHORT)
    outcome = await store.fulfil(SHORT, APPROVED, order())
    assert isinstance(outcome, Ticket if rule is Rule.UNLIMITED else Blocked)
    assert await granted(store) == Money(0)


async def test_another_limit_in_the_way_leaves_the_grant(store: Store) -> None:
    await limited(store, EACH, 5)
    await limited(store, server_scope(STUDIO), 10)
    await store.ask(SHORT)
    problem = await store.fulfil(SHORT, APPROVED, order())
    assert isinstance(problem, OverLimit)
    assert problem.scope == server_scope(STUDIO)
    assert await granted(store) == Money(110_000)
    assert not await store.held()
    kept = await store.asked("offer 1")
    assert kept is not None
    assert kept.verdict == replace(APPROVED, at=NOON)


async def test_without_an_admission_nothing_is_held(store: Store) -> None:
    await limited(store, EACH, 5)
    await store.ask(SHORT)
    assert await store.fulfil(SHORT, APPROVED, None) is None
    assert await granted(store) == Money(110_000)
    assert not await store.held()


async def test_raised_by_enough_it_is_ordered(store: Store) -> None:
    await limited(store, EACH, 5)
    await store.ask(SHORT)
    wish = await store.asked("offer 1")
    assert wish is not None
    with pytest.raises(Refused) as refused:
        await store.fulfil(wish, raised(15), order())
    assert isinstance(refused.value.problem, OverLimit)
    assert refused.value.problem.limit == Money(150_000)
    assert await store.asked("offer 1") == wish  # and the limit is as it was
    assert isinstance(await store.fulfil(wish, raised(16), order()), Ticket)
    own, *_ = await store.allowances(WISH.place, WISH.payer)
    assert (own.limit, own.source) == (Money(160_000), wish.scope)


async def test_raised_another_limit_may_still_be_in_the_way(store: Store) -> None:
    await limited(store, EACH, 5)
    await limited(store, server_scope(STUDIO), 10)
    await store.ask(SHORT)
    wish = await store.asked("offer 1")
    assert wish is not None
    problem = await store.fulfil(wish, raised(50), order())
    assert isinstance(problem, OverLimit)
    assert problem.scope == server_scope(STUDIO)


async def test_a_part_of_a_pool_is_raised_by_the_pools_cap(store: Store) -> None:
    team = await store.create_pool(STUDIO, "Blue", BEN)
    await store.join_pool(STUDIO, team, ANN, BEN)
    await limited(store, scope(ScopeKind.CAP, STUDIO, team), 5)
    part = member_scope(STUDIO, team, await store.person(ANN))
    wish = replace(SHORT, scope=part)
    await store.ask(wish)
    assert isinstance(await store.fulfil(wish, raised(20), order()), Ticket)
    (rule,) = (await store.limits(STUDIO)).rules
    assert (rule.scope.kind, rule.limit) == (ScopeKind.CAP, Money(200_000))


async def test_outside_servers_nothing_is_granted(store: Store) -> None:
    await store.set_limit(server_scope(None), PeriodKind.DAY, Rule.UNLIMITED, BEN)
    await store.set_limit(members_scope(None), PeriodKind.DAY, Money(50_000), BEN)
    await store.ask(SHORT)
    outside = replace(SHORT, place=Place(server_id=None, channel_id=9))
    problem = await store.fulfil(outside, APPROVED, admission(server=None, calls=(4,)))
    assert isinstance(problem, OverLimit)


async def test_an_erased_manager_is_nobody(store: Store, tmp_path: Path) -> None:
    await store.ask(WISH)
    await store.decide("offer 1", APPROVED)
    with closing(sqlite3.connect(tmp_path / "store.db")) as db:
        db.execute("UPDATE person SET discord_id = NULL WHERE discord_id = ?", (BEN,))
        db.commit()
    kept = await store.asked("offer 1")
    assert kept is not None
    assert kept.verdict == replace(APPROVED, actor=0, at=NOON)
