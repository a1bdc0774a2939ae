"""The desk's one transaction: all limits, all caps, then the hold."""

import asyncio
import sqlite3
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from bot.core.ids import JobId
from bot.core.job import Admission, Failure
from bot.core.limits import (
    OPERATOR,
    Limit,
    PeriodKind,
    Rule,
    Scope,
    ScopeKind,
    members_scope,
    person_scope,
    server_scope,
)
from bot.core.money import Money
from bot.core.problems import (
    Blocked,
    OverLimit,
    Problem,
    Refused,
    Shortage,
    TooManyJobs,
    TooManyUnknown,
)
from bot.core.states import CallState
from bot.store import admission as desk
from bot.store import ledger
from bot.store.admission import hold
from bot.store.limits import set_limit
from bot.store.rules import Terms
from bot.store.servers import person, set_server
from bot.store.store import opened
from bot.store.writer import run_batch
from tests.store.shop import (
    ANN,
    BEN,
    NOON,
    STUDIO,
    TERMS,
    StillClock,
    admission,
    balances,
    call_in,
    dump,
    looks,
    painted,
    together,
)

DAY, WEEK, MONTH, TOTAL = PeriodKind


def rule(db: sqlite3.Connection, scope: Scope, kind: PeriodKind, limit: Limit | None) -> None:
    set_limit(db, NOON, scope, kind, limit, BEN, "")


def own(db: sqlite3.Connection, server: int | None = STUDIO) -> Scope:
    return person_scope(server, person(db, NOON, ANN))


def refused(
    db: sqlite3.Connection, order: Admission, terms: Terms = TERMS, now: datetime = NOON
) -> Problem | None:
    """Try an order as the writer does; a refusal must change nothing."""
    before = dump(db)
    (outcome,) = run_batch(db, [lambda db: hold(db, now, terms, order)])
    if outcome.error is None:
        return None
    assert isinstance(outcome.error, Refused)
    assert dump(db) == before
    return outcome.error.problem


def test_the_whole_ceiling_is_held_in_every_scope_of_the_day(db: sqlite3.Connection) -> None:
    ticket = hold(db, NOON, TERMS, admission(calls=(4, 4, 2)))
    assert ticket.fresh
    assert ticket.held == Money(400_000)
    assert [f"{ticket.job}.{n}" for n in (1, 2, 3)] == list(ticket.calls)
    scopes = {str(own(db)), f"channel/{STUDIO}/600", f"server/{STUDIO}", "operator"}
    assert balances(db) == {(scope, "2026-06-15"): (400_000, 0) for scope in scopes}


def test_the_same_key_is_the_same_job(db: sqlite3.Connection) -> None:
    first = hold(db, NOON, TERMS, admission(key="twice", calls=(1, 1)))
    ledger.release(db, NOON, first.calls[0], Failure.CANCELLED, "")
    before = dump(db)
    again = hold(db, NOON, TERMS, admission(key="twice", calls=(1, 1)))
    assert again == replace(first, fresh=False)
    assert dump(db) == before


@pytest.mark.parametrize("at_once", [1, 2])
def test_a_job_id_that_is_taken_is_drawn_again(
    db: sqlite3.Connection, monkeypatch: pytest.MonkeyPatch, at_once: int
) -> None:
    drawn = iter(JobId(name * 4) for name in "aabcd")
    monkeypatch.setattr(desk, "new_job_id", lambda: next(drawn))
    jobs = []
    for _ in range(2 // at_once):
        orders = [admission() for _ in range(at_once)]
        jobs += [outcome.value.job for outcome in run_batch(db, together(orders))]
    assert jobs == (["aaaa", "bbbb"] if at_once == 1 else ["bbbb", "cccc"])


def test_an_order_may_use_up_a_limit_to_the_last_micro(db: sqlite3.Connection) -> None:
    rule(db, own(db), DAY, Money(80_000))
    assert refused(db, admission()) is None
    assert refused(db, admission()) is None
    assert refused(db, admission(unit=Money(1))) is not None


@pytest.mark.parametrize(
    ("used", "held", "needed", "shortage"),
    [
        (80_000, 0, 40_000, Shortage.USED_UP),
        (0, 80_000, 40_000, Shortage.TIED_UP),
        (40_000, 40_000, 60_000, Shortage.TIED_UP),
        (40_000, 40_000, 80_000, Shortage.USED_UP),
        (0, 0, 100_001, Shortage.TOO_LARGE),
        (80_000, 0, 100_001, Shortage.TOO_LARGE),
    ],
)
def test_a_shortage_says_what_would_help(
    db: sqlite3.Connection, used: int, held: int, needed: int, shortage: Shortage
) -> None:
    rule(db, own(db), WEEK, Money(100_000))
    for amount, state in ((used, CallState.SETTLED), (held, CallState.HELD)):
        if amount:
            (call,) = hold(db, NOON, TERMS, admission(unit=Money(amount))).calls
            if state is CallState.SETTLED:
                ledger.begin(db, NOON, call)
                ledger.settle(db, NOON, call, painted(amount), looks())
    assert refused(db, admission(unit=Money(needed))) == OverLimit(
        scope=own(db),
        period=WEEK,
        shortage=shortage,
        needed=Money(needed),
        limit=Money(100_000),
        used=Money(used),
        held=Money(held),
        resets_at=datetime(2026, 6, 22, tzinfo=UTC),
    )


def test_the_tightest_scope_is_named(db: sqlite3.Connection) -> None:
    rule(db, own(db), DAY, Money(30_000))
    rule(db, server_scope(STUDIO), MONTH, Money(20_000))
    rule(db, OPERATOR, TOTAL, Money(10_000))
    named = []
    for scope, kind in ((OPERATOR, TOTAL), (server_scope(STUDIO), MONTH), (own(db), DAY)):
        problem = refused(db, admission())
        assert isinstance(problem, OverLimit)
        named.append((problem.scope.kind, problem.period, problem.limit))
        rule(db, scope, kind, Rule.UNLIMITED)
    assert named == [
        (ScopeKind.OPERATOR, TOTAL, Money(10_000)),
        (ScopeKind.SERVER, MONTH, Money(20_000)),
        (ScopeKind.PERSON, DAY, Money(30_000)),
    ]
    assert refused(db, admission()) is None


@pytest.mark.parametrize(
    ("unit", "scope", "limit"),
    [
        (1_000_001, ScopeKind.PERSON, "$1.00"),
        (10_000_001, ScopeKind.SERVER, "$10.00"),
        (25_000_001, ScopeKind.OPERATOR, "$25.00"),
    ],
)
def test_until_set_the_defaults_hold_for_a_day(
    db: sqlite3.Connection, unit: int, scope: ScopeKind, limit: str
) -> None:
    looser = {ScopeKind.SERVER: (own(db),), ScopeKind.OPERATOR: (own(db), server_scope(STUDIO))}
    for each in looser.get(scope, ()):
        rule(db, each, DAY, Rule.UNLIMITED)
    problem = refused(db, admission(unit=Money(unit)))
    assert isinstance(problem, OverLimit)
    assert (problem.scope.kind, problem.period, str(problem.limit)) == (scope, DAY, limit)


def test_places_outside_servers_are_blocked_until_set(db: sqlite3.Connection) -> None:
    assert refused(db, admission(server=None)) == Blocked(server_scope(None))
    rule(db, server_scope(None), MONTH, Money(50_000))
    assert refused(db, admission(server=None)) == Blocked(server_scope(None))
    rule(db, server_scope(None), DAY, Money(50_000))
    assert refused(db, admission(server=None)) is None


def test_only_a_rule_of_the_day_lifts_the_default_of_the_day(db: sqlite3.Connection) -> None:
    rule(db, members_scope(STUDIO), MONTH, Money(5_000_000))
    problem = refused(db, admission(unit=Money(4_000_000)))
    assert isinstance(problem, OverLimit)
    assert (problem.period, problem.limit) == (DAY, Money(1_000_000))
    rule(db, members_scope(STUDIO), DAY, Rule.UNLIMITED)
    assert refused(db, admission(unit=Money(4_000_000))) is None


def test_a_persons_own_rule_goes_before_the_members_rule_of_its_period(
    db: sqlite3.Connection,
) -> None:
    rule(db, members_scope(STUDIO), DAY, Rule.BLOCKED)
    rule(db, own(db), DAY, Money(80_000))
    assert refused(db, admission()) is None
    assert refused(db, admission(who=BEN)) == Blocked(members_scope(STUDIO))
    rule(db, members_scope(STUDIO), WEEK, Money(50_000))
    problem = refused(db, admission())
    assert isinstance(problem, OverLimit)
    assert (problem.scope.kind, problem.period) == (ScopeKind.PERSON, WEEK)


def test_unlimited_everywhere_bounds_nothing(db: sqlite3.Connection) -> None:
    for scope in (members_scope(STUDIO), server_scope(STUDIO), OPERATOR):
        rule(db, scope, DAY, Rule.UNLIMITED)
    assert refused(db, admission(unit=Money(10**12))) is None


@pytest.mark.parametrize("kind", list(PeriodKind))
def test_blocked_wins_over_any_amount(db: sqlite3.Connection, kind: PeriodKind) -> None:
    rule(db, server_scope(STUDIO), DAY, Money(9_000_000))
    rule(db, server_scope(STUDIO), kind, Rule.BLOCKED)
    assert refused(db, admission()) == Blocked(server_scope(STUDIO))


def test_a_limit_set_later_counts_what_was_already_used(db: sqlite3.Connection) -> None:
    call_in(db, CallState.SETTLED)
    rule(db, own(db), MONTH, Money(78_999))
    problem = refused(db, admission())
    assert isinstance(problem, OverLimit)
    assert problem.used == Money(39_000)


def test_a_limit_below_what_is_held_refuses_and_claws_nothing_back(
    db: sqlite3.Connection,
) -> None:
    call = call_in(db, CallState.SENT)
    rule(db, own(db), DAY, Money(10_000))
    problem = refused(db, admission(unit=Money(1)))
    assert isinstance(problem, OverLimit)
    assert problem.left == Money(0)
    assert ledger.settle(db, NOON, call, painted(39_000), looks()).charged == Money(39_000)


def test_servers_count_apart_and_the_operator_counts_all(db: sqlite3.Connection) -> None:
    rule(db, OPERATOR, DAY, Money(80_000))
    rule(db, own(db), DAY, Money(40_000))
    assert refused(db, admission()) is None
    assert refused(db, admission(server=501)) is None
    problem = refused(db, admission(server=502, who=BEN))
    assert isinstance(problem, OverLimit)
    assert problem.scope == OPERATOR


def test_days_turn_over_in_the_servers_zone_and_the_operators_in_the_default(
    db: sqlite3.Connection,
) -> None:
    set_server(db, NOON, STUDIO, BEN, time_zone="Asia/Tokyo")
    rule(db, own(db), DAY, Money(40_000))
    before = datetime(2026, 6, 15, 14, 59, tzinfo=UTC)  # 23:59 in Tokyo
    after = before + timedelta(minutes=1)
    assert refused(db, admission(), now=before) is None
    assert refused(db, admission(), now=before) is not None
    assert refused(db, admission(), now=after) is None
    assert {day for scope, day in balances(db) if scope == "operator"} == {"2026-06-15"}
    assert {day for scope, day in balances(db) if scope == f"server/{STUDIO}"} == {
        "2026-06-15",
        "2026-06-16",
    }


def test_a_period_turning_over_moves_nothing_that_was_held(db: sqlite3.Connection) -> None:
    (call,) = hold(db, NOON, TERMS, admission()).calls
    later = NOON + timedelta(days=40)
    ledger.begin(db, later, call)
    ledger.settle(db, later, call, painted(39_000), looks())
    assert {day for _, day in balances(db)} == {"2026-06-15"}
    assert set(balances(db).values()) == {(0, 39_000)}


def test_open_jobs_of_a_person_are_capped(db: sqlite3.Connection) -> None:
    terms = replace(TERMS, jobs_per_person=2)
    first = hold(db, NOON, terms, admission(calls=(1, 1)))
    hold(db, NOON, terms, admission(server=501))
    assert refused(db, admission(), terms) == TooManyJobs(2, 2)
    assert refused(db, admission(who=BEN), terms) is None
    ledger.begin(db, NOON, first.calls[0])
    ledger.release(db, NOON, first.calls[1], Failure.BUSY, "")
    assert refused(db, admission(), terms) == TooManyJobs(2, 2)
    ledger.doubt(db, NOON, first.calls[0], "")
    assert refused(db, admission(), terms) is None


def test_a_persons_unanswered_calls_are_capped(db: sqlite3.Connection) -> None:
    calls = [call_in(db, CallState.UNKNOWN) for _ in range(3)]
    assert refused(db, admission()) == TooManyUnknown(3, everyone=False)
    assert refused(db, admission(who=BEN)) is None
    ledger.release(db, NOON, calls[0], Failure.UNANSWERED, "")
    assert refused(db, admission()) is None


def test_everybodys_unanswered_calls_are_capped_by_their_worth(db: sqlite3.Connection) -> None:
    terms = replace(TERMS, unknown_exposure_max=Money(80_000))
    call_in(db, CallState.UNKNOWN)
    assert refused(db, admission(who=BEN), terms) is None
    call_in(db, CallState.UNKNOWN)
    assert refused(db, admission(who=BEN), terms) == TooManyUnknown(2, everyone=True)


async def test_a_thousand_parallel_orders_with_room_for_a_hundred_hold_a_hundred(
    tmp_path: Path,
) -> None:
    terms = Terms(default_zone=ZoneInfo("UTC"), jobs_per_person=1_000)
    async with opened(tmp_path / "easel.db", terms=terms, clock=StillClock()) as store:
        await store.set_limit(server_scope(STUDIO), MONTH, Money(4_000_000), BEN)
        answers = await asyncio.gather(
            *(store.hold(admission(who=1_000 + n % 50)) for n in range(1_000)),
            return_exceptions=True,
        )
        tickets = [answer for answer in answers if not isinstance(answer, BaseException)]
        problems = {
            (answer.problem.scope.kind, answer.problem.shortage)
            for answer in answers
            if isinstance(answer, Refused) and isinstance(answer.problem, OverLimit)
        }
        assert len(tickets) == 100
        assert len({ticket.job for ticket in tickets}) == 100
        assert problems == {(ScopeKind.SERVER, Shortage.TIED_UP)}
        _, allowance = (await store.limits(STUDIO)).shared
        assert (allowance.held, allowance.left) == (Money(4_000_000), Money(0))


async def test_a_hundred_presses_with_one_key_are_one_job(tmp_path: Path) -> None:
    async with opened(tmp_path / "easel.db", terms=TERMS, clock=StillClock()) as store:
        tickets = await asyncio.gather(*(store.hold(admission(key="one")) for _ in range(100)))
        assert len({ticket.job for ticket in tickets}) == 1
        assert sum(ticket.fresh for ticket in tickets) == 1
