"""Whose money an order is: roles, teams, events, channels and grants, in one admission."""

import sqlite3
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

import pytest

from bot.core.ids import PersonId
from bot.core.job import Admission
from bot.core.limits import (
    DIRECT,
    OPERATOR,
    Limit,
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
from bot.core.problems import Blocked, OverLimit, Problem, Refused
from bot.core.states import CallState
from bot.store import ledger, pools, rules
from bot.store.admission import hold
from bot.store.grants import grant, revoke
from bot.store.limits import set_limit
from bot.store.reading import read
from bot.store.servers import person, set_server
from bot.store.writer import run_batch
from tests.store.shop import (
    ANN,
    BEN,
    NOON,
    STUDIO,
    TERMS,
    admission,
    balances,
    call_in,
    dump,
    looks,
    painted,
)

DAY, WEEK, MONTH, TOTAL = PeriodKind
PAINTERS, GUESTS, MUTED = 31, 32, 33
CENT = Money(10_000)


@pytest.fixture(autouse=True)
def roomy(db: sqlite3.Connection) -> None:
    """Only what a test sets is to bound anything."""
    for each in (server_scope(STUDIO), OPERATOR):
        rule(db, each, DAY, Rule.UNLIMITED)


def rule(db: sqlite3.Connection, subject: Scope, kind: PeriodKind, limit: Limit | None) -> None:
    set_limit(db, NOON, subject, kind, limit, BEN, "")


def role(number: int) -> Scope:
    return scope(ScopeKind.ROLE, STUDIO, number)


def ann(db: sqlite3.Connection) -> PersonId:
    return person(db, NOON, ANN)


def refused(db: sqlite3.Connection, order: Admission, now: datetime = NOON) -> Problem | None:
    before = dump(db)
    (outcome,) = run_batch(db, [lambda db: hold(db, now, TERMS, order)])
    if outcome.error is None:
        return None
    assert isinstance(outcome.error, Refused)
    assert dump(db) == before
    return outcome.error.problem


def over(db: sqlite3.Connection, order: Admission, now: datetime = NOON) -> OverLimit:
    problem = refused(db, order, now)
    assert isinstance(problem, OverLimit)
    return problem


def held(db: sqlite3.Connection) -> Mapping[str, int]:
    return {text: sum(sums) for (text, _), sums in balances(db).items()}


def team(db: sqlite3.Connection, *people: int, name: str = "Blue") -> str:
    pool = pools.create(db, NOON, STUDIO, name, BEN)
    for who in people:
        pools.join(db, NOON, STUDIO, pool, who, BEN)
    return pool


def test_the_most_generous_role_counts_for_each_member_alone(db: sqlite3.Connection) -> None:
    rule(db, role(PAINTERS), DAY, Money(50_000))
    rule(db, role(GUESTS), DAY, Money(20_000))
    both = (GUESTS, PAINTERS)
    assert refused(db, admission(roles=both, unit=Money(50_000))) is None
    assert refused(db, admission(who=BEN, roles=both, unit=Money(50_000))) is None
    problem = over(db, admission(roles=both, unit=Money(1)))
    assert (problem.scope, problem.limit) == (person_scope(STUDIO, ann(db)), Money(50_000))
    assert over(db, admission(who=73, roles=(GUESTS,), unit=Money(20_001))).limit == Money(20_000)


def test_an_unlimited_role_is_above_every_amount(db: sqlite3.Connection) -> None:
    rule(db, role(PAINTERS), DAY, Money(50_000))
    rule(db, role(GUESTS), DAY, Rule.UNLIMITED)
    assert refused(db, admission(roles=(PAINTERS, GUESTS), unit=Money(9_000_000))) is None


def test_the_first_that_exists_counts_for_each_kind_of_period_alone(
    db: sqlite3.Connection,
) -> None:
    rule(db, person_scope(STUDIO, ann(db)), WEEK, Money(90_000))
    rule(db, role(PAINTERS), WEEK, Money(10_000))
    rule(db, role(PAINTERS), DAY, Money(80_000))
    rule(db, members_scope(STUDIO), DAY, Money(10_000))
    rule(db, members_scope(STUDIO), MONTH, Money(85_000))
    order = admission(roles=(PAINTERS,), unit=Money(80_001))
    assert (over(db, order).period, over(db, order).limit) == (DAY, Money(80_000))
    assert refused(db, admission(roles=(PAINTERS,), unit=Money(80_000))) is None
    tomorrow = NOON + timedelta(days=1)
    problem = over(db, admission(roles=(PAINTERS,), unit=Money(6_000)), tomorrow)
    assert (problem.period, problem.limit) == (MONTH, Money(85_000))
    rule(db, members_scope(STUDIO), MONTH, None)
    problem = over(db, admission(roles=(PAINTERS,), unit=Money(10_001)), tomorrow)
    assert (problem.period, problem.limit) == (WEEK, Money(90_000))


@pytest.mark.parametrize("own", [Money(10**9), Rule.UNLIMITED])
def test_a_blocked_role_wins_over_all(db: sqlite3.Connection, own: Limit) -> None:
    rule(db, person_scope(STUDIO, ann(db)), DAY, own)
    rule(db, role(PAINTERS), DAY, Rule.UNLIMITED)
    rule(db, role(MUTED), DAY, Rule.BLOCKED)
    assert refused(db, admission(roles=(PAINTERS, MUTED))) == Blocked(role(MUTED))
    assert refused(db, admission(roles=(PAINTERS,))) is None


def test_a_role_blocked_in_another_kind_of_period_blocks_too(db: sqlite3.Connection) -> None:
    rule(db, person_scope(STUDIO, ann(db)), DAY, Rule.UNLIMITED)
    rule(db, role(MUTED), MONTH, Rule.BLOCKED)
    assert refused(db, admission(roles=(MUTED,))) == Blocked(role(MUTED))


def test_roles_of_another_server_do_not_count(db: sqlite3.Connection) -> None:
    rule(db, scope(ScopeKind.ROLE, 501, PAINTERS), DAY, Rule.BLOCKED)
    assert refused(db, admission(roles=(PAINTERS,))) is None


def test_a_team_pays_in_place_of_its_members(db: sqlite3.Connection) -> None:
    pool = team(db, ANN, BEN)
    rule(db, scope(ScopeKind.POOL, STUDIO, pool), MONTH, Money(100_000))
    rule(db, members_scope(STUDIO), DAY, CENT)
    assert refused(db, admission(unit=Money(60_000))) is None
    problem = over(db, admission(who=BEN, unit=Money(60_000)))
    assert (problem.scope, problem.name, problem.held) == (
        scope(ScopeKind.POOL, STUDIO, pool),
        "Blue",
        Money(60_000),
    )
    assert refused(db, admission(who=BEN, unit=Money(40_000))) is None
    assert held(db)[f"pool/{STUDIO}/{pool}"] == 100_000
    assert str(person_scope(STUDIO, ann(db))) not in held(db)


def test_a_team_bounds_each_members_part(db: sqlite3.Connection) -> None:
    pool = team(db, ANN, BEN)
    rule(db, scope(ScopeKind.POOL, STUDIO, pool), MONTH, Money(100_000))
    rule(db, scope(ScopeKind.CAP, STUDIO, pool), WEEK, Money(30_000))
    problem = over(db, admission(unit=Money(30_001)))
    assert (problem.scope, problem.name, problem.period) == (
        member_scope(STUDIO, pool, ann(db)),
        "Blue",
        WEEK,
    )
    assert refused(db, admission(unit=Money(30_000))) is None
    assert refused(db, admission(who=BEN, unit=Money(30_000))) is None
    assert over(db, admission(unit=Money(1))).scope.kind is ScopeKind.MEMBER


def test_who_leaves_a_team_is_on_their_own_limit_again(db: sqlite3.Connection) -> None:
    pool = team(db, ANN)
    rule(db, members_scope(STUDIO), DAY, CENT)
    assert refused(db, admission(unit=Money(500_000))) is None
    assert pools.join(db, NOON, STUDIO, None, ANN, BEN) == pool
    assert over(db, admission(unit=Money(10_001))).scope.kind is ScopeKind.PERSON
    assert refused(db, admission(unit=CENT)) is None


def test_a_closed_team_pays_no_more(db: sqlite3.Connection) -> None:
    pool = team(db, ANN)
    assert pools.close(db, NOON, pool, BEN)
    rule(db, members_scope(STUDIO), DAY, CENT)
    assert over(db, admission(unit=Money(10_001))).scope.kind is ScopeKind.PERSON


@pytest.mark.parametrize("subject", ["person", "role"])
def test_a_team_does_not_unblock_its_members(db: sqlite3.Connection, subject: str) -> None:
    team(db, ANN)
    blocked = person_scope(STUDIO, ann(db)) if subject == "person" else role(MUTED)
    rule(db, blocked, WEEK, Rule.BLOCKED)
    assert refused(db, admission(roles=(MUTED,))) == Blocked(blocked)


def test_a_team_lets_in_whom_the_server_shuts_out(db: sqlite3.Connection) -> None:
    rule(db, members_scope(STUDIO), DAY, Rule.BLOCKED)
    assert refused(db, admission()) == Blocked(members_scope(STUDIO))
    team(db, ANN)
    assert refused(db, admission()) is None


@pytest.mark.parametrize("kind", [ScopeKind.POOL, ScopeKind.CAP])
def test_a_team_can_be_blocked_itself(db: sqlite3.Connection, kind: ScopeKind) -> None:
    subject = scope(kind, STUDIO, team(db, ANN))
    rule(db, subject, DAY, Rule.BLOCKED)
    assert refused(db, admission()) == Blocked(subject, "Blue")


def test_an_event_pays_for_everybody_in_its_channel_until_it_ends(db: sqlite3.Connection) -> None:
    ends_at = NOON + timedelta(hours=2)
    event = pools.create(db, NOON, STUDIO, "Party", BEN, (600, ends_at))
    rule(db, scope(ScopeKind.POOL, STUDIO, event), TOTAL, Money(100_000))
    rule(db, scope(ScopeKind.CAP, STUDIO, event), TOTAL, Money(60_000))
    rule(db, members_scope(STUDIO), DAY, CENT)
    assert refused(db, admission(unit=Money(60_000))) is None
    assert over(db, admission(unit=Money(1))).scope == member_scope(STUDIO, event, ann(db))
    assert over(db, admission(who=BEN, unit=Money(40_001))).scope.kind is ScopeKind.POOL
    assert over(db, admission(who=BEN, channel=601, unit=Money(40_000))).limit == CENT
    assert refused(db, admission(who=BEN, thread=650, unit=Money(40_000))) is None
    last = ends_at - timedelta(microseconds=1)
    assert over(db, admission(unit=Money(1)), last).name == "Party"
    assert refused(db, admission(unit=CENT), ends_at) is None


def test_of_two_events_the_one_that_ends_last_pays(db: sqlite3.Connection) -> None:
    for name, hours in (("short", 1), ("long", 3), ("other", 2)):
        pools.create(db, NOON, STUDIO, name, BEN, (600, NOON + timedelta(hours=hours)))
    hold(db, NOON, TERMS, admission())
    (pool,) = (text for text in held(db) if text.startswith("pool/"))
    ((name,),) = db.execute("SELECT name FROM pool WHERE id = ?", (pool.split("/")[2],))
    assert name == "long"


def test_a_channel_has_a_limit_of_its_own_and_threads_count_for_it(
    db: sqlite3.Connection,
) -> None:
    rule(db, scope(ScopeKind.CHANNEL, STUDIO, 600), DAY, Money(50_000))
    assert refused(db, admission(thread=650)) is None
    problem = over(db, admission(who=BEN))
    assert (problem.scope, problem.held) == (scope(ScopeKind.CHANNEL, STUDIO, 600), Money(40_000))
    assert refused(db, admission(channel=601)) is None


def test_a_grant_raises_the_own_limit_in_every_kind_until_it_expires(
    db: sqlite3.Connection,
) -> None:
    rule(db, members_scope(STUDIO), WEEK, Money(50_000))
    expires_at = NOON + timedelta(hours=6)
    grant(db, NOON, STUDIO, ANN, Money(30_000), expires_at, BEN, "for the poster")
    rule(db, members_scope(STUDIO), DAY, CENT)
    problem = over(db, admission(unit=Money(40_001)))
    assert (problem.period, problem.limit) == (DAY, Money(40_000))
    rule(db, members_scope(STUDIO), DAY, Rule.UNLIMITED)
    assert over(db, admission(unit=Money(80_001))).limit == Money(80_000)
    assert refused(db, admission(unit=Money(80_000))) is None
    assert over(db, admission(unit=Money(1)), expires_at).limit == Money(50_000)
    assert over(db, admission(who=BEN, unit=Money(50_001))).limit == Money(50_000)


def test_a_grant_raises_a_members_part_and_nothing_that_is_shared(db: sqlite3.Connection) -> None:
    pool = team(db, ANN)
    rule(db, scope(ScopeKind.CAP, STUDIO, pool), DAY, CENT)
    rule(db, scope(ScopeKind.POOL, STUDIO, pool), DAY, Money(30_000))
    rule(db, scope(ScopeKind.CHANNEL, STUDIO, 600), DAY, Money(28_000))
    rule(db, server_scope(STUDIO), DAY, Money(26_000))
    rule(db, OPERATOR, DAY, Money(24_000))
    assert over(db, admission(unit=Money(10_001))).scope.kind is ScopeKind.MEMBER
    grant(db, NOON, STUDIO, ANN, Money(90_000), NOON + timedelta(days=1), BEN, "")
    for kind in (ScopeKind.OPERATOR, ScopeKind.SERVER, ScopeKind.CHANNEL, ScopeKind.POOL):
        problem = over(db, admission(unit=Money(30_001)))
        assert problem.scope.kind is kind
        rule(db, problem.scope, DAY, Rule.UNLIMITED)
    assert over(db, admission(unit=Money(100_001))).limit == Money(100_000)


def test_a_grant_unblocks_nobody(db: sqlite3.Connection) -> None:
    grant(db, NOON, STUDIO, ANN, Money(90_000), NOON + timedelta(days=1), BEN, "")
    rule(db, members_scope(STUDIO), DAY, Rule.BLOCKED)
    assert refused(db, admission()) == Blocked(members_scope(STUDIO))


def test_grants_are_taken_back_together(db: sqlite3.Connection) -> None:
    rule(db, members_scope(STUDIO), DAY, CENT)
    for days in (1, 2):
        grant(db, NOON, STUDIO, ANN, Money(30_000), NOON + timedelta(days=days), BEN, "")
    assert over(db, admission(unit=Money(70_001))).limit == Money(70_000)
    assert revoke(db, NOON, STUDIO, ANN, BEN, "a mistake") == Money(60_000)
    assert over(db, admission(unit=Money(10_001))).limit == CENT
    assert revoke(db, NOON, STUDIO, ANN, BEN, "again") == Money(0)
    reasons = [row[0] for row in db.execute("SELECT reason FROM change WHERE what LIKE 'grant%'")]
    assert reasons == ["", "", "a mistake"]


def test_outside_servers_no_channel_and_no_pool_counts(db: sqlite3.Connection) -> None:
    rule(db, server_scope(None), DAY, Rule.UNLIMITED)
    hold(db, NOON, TERMS, admission(server=None))
    own = str(person_scope(None, ann(db)))
    assert set(held(db)) == {own, f"server/{DIRECT}", "operator"}


def test_a_changed_time_zone_keeps_counting_the_day(db: sqlite3.Connection) -> None:
    rule(db, members_scope(STUDIO), DAY, Money(40_000))
    assert refused(db, admission()) is None
    for zone in ("Asia/Tokyo", "America/New_York", "UTC"):
        set_server(db, NOON, STUDIO, BEN, time_zone=zone)
        assert over(db, admission(unit=Money(1))).used + over(db, admission()).held == Money(40_000)
    set_server(db, NOON, STUDIO, BEN, time_zone="Pacific/Kiritimati")
    now = datetime(2026, 6, 15, 9, tzinfo=UTC)  # 23:00 of the same day there
    assert over(db, admission(unit=Money(1)), now).held == Money(40_000)


def test_a_rule_changed_within_a_batch_counts_for_what_follows(db: sqlite3.Connection) -> None:
    subject = members_scope(STUDIO)

    def change(limit: Limit) -> None:
        set_limit(db, NOON, subject, DAY, limit, BEN, "")

    outcomes = run_batch(
        db,
        [
            lambda db: hold(db, NOON, TERMS, admission()),
            lambda _: change(Rule.BLOCKED),
            lambda db: hold(db, NOON, TERMS, admission()),
            lambda _: change(Rule.UNLIMITED),
            lambda db: hold(db, NOON, TERMS, admission(unit=Money(9_000_000))),
        ],
    )
    assert [outcome.error is None for outcome in outcomes] == [True, True, False, True, True]


def test_a_rule_whose_change_was_undone_does_not_count(db: sqlite3.Connection) -> None:
    def change_and_look(db: sqlite3.Connection) -> None:
        set_limit(db, NOON, members_scope(STUDIO), DAY, Rule.BLOCKED, BEN, "")
        with pytest.raises(Refused):
            hold(db, NOON, TERMS, admission())
        raise RuntimeError

    (outcome,) = run_batch(db, [change_and_look])
    assert isinstance(outcome.error, RuntimeError)
    assert refused(db, admission()) is None


def test_a_later_limit_counts_what_a_team_and_a_channel_used_before(
    db: sqlite3.Connection,
) -> None:
    pool = team(db, ANN)
    (call,) = hold(db, NOON, TERMS, admission()).calls
    ledger.begin(db, NOON, call)
    ledger.settle(db, NOON, call, painted(39_000), looks())
    for subject in (scope(ScopeKind.POOL, STUDIO, pool), scope(ScopeKind.CHANNEL, STUDIO, 600)):
        rule(db, subject, MONTH, Money(40_000))
        problem = over(db, admission())
        assert (problem.scope, problem.used) == (subject, Money(39_000))
        rule(db, subject, MONTH, None)


def test_running_orders_of_a_team_finish_when_it_is_closed(db: sqlite3.Connection) -> None:
    pool = team(db, ANN)
    call = call_in(db, CallState.SENT)
    pools.close(db, NOON, pool, BEN)
    assert ledger.settle(db, NOON, call, painted(39_000), looks()).charged == Money(39_000)
    assert balances(db)[f"pool/{STUDIO}/{pool}", "2026-06-15"] == (0, 39_000)


def test_rules_of_many_servers_are_kept_in_bounds(db: sqlite3.Connection) -> None:
    rule(db, members_scope(STUDIO), DAY, CENT)
    for server in range(rules._KNOWN_MAX + STUDIO):
        read(db, rules.server_rules(server))
        assert len(rules._known) <= rules._KNOWN_MAX
    assert over(db, admission(unit=Money(10_001))).limit == CENT
