"""What a limit leaves, which one is the tightest, and whose it is."""

from dataclasses import replace
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.limits import (
    OPERATOR,
    Allowance,
    Limit,
    PeriodKind,
    Rule,
    Scope,
    ScopeKind,
    highest,
    member_scope,
    members_scope,
    period,
    person_scope,
    scope,
    server_key,
    server_scope,
    tightest,
)
from bot.core.money import Money
from bot.core.problems import OverLimit, Shortage

NOON = datetime(2026, 6, 15, 12, tzinfo=UTC)
TODAY = period(PeriodKind.DAY, NOON, ZoneInfo("UTC"))
micros = st.integers(0, 100).map(Money)


def allowance(limit: Limit, *, used: int = 0, held: int = 0, name: str = "") -> Allowance:
    subject = Scope(ScopeKind.SERVER, name)
    return Allowance(scope=subject, period=TODAY, limit=limit, used=Money(used), held=Money(held))


@pytest.mark.parametrize(
    ("limit", "used", "held", "left"),
    [
        (Money(100), 0, 0, 100),
        (Money(100), 30, 20, 50),
        (Money(100), 60, 40, 0),
        (Money(100), 200, 0, 0),  # lowered later: never below zero
        (Money(0), 0, 0, 0),
        (Rule.BLOCKED, 0, 0, 0),
    ],
)
def test_what_is_left_is_the_limit_less_used_and_held(
    limit: Limit, used: int, held: int, left: int
) -> None:
    assert allowance(limit, used=used, held=held).left == Money(left)


def test_unlimited_leaves_no_number() -> None:
    assert allowance(Rule.UNLIMITED, used=10**9).left is None


def test_the_tightest_has_the_least_left() -> None:
    wide = allowance(Money(100), used=10, name="wide")
    tight = allowance(Money(500), used=450, name="tight")
    assert tightest([wide, allowance(Rule.UNLIMITED), tight]) is tight
    assert tightest([wide, allowance(Rule.BLOCKED, name="shut"), tight]) != tight


def test_of_two_alike_the_tightest_is_the_one_that_lasts() -> None:
    kinds = (PeriodKind.DAY, PeriodKind.TOTAL, PeriodKind.MONTH)
    zone = ZoneInfo("UTC")
    alike = [
        replace(allowance(Money(5), used=5), period=period(kind, NOON, zone)) for kind in kinds
    ]
    assert tightest(alike) is alike[1]
    assert tightest([alike[0], alike[2]]) is alike[2]


def test_where_everything_is_unlimited_nothing_is_tightest() -> None:
    assert tightest([allowance(Rule.UNLIMITED)]) is None
    assert tightest([]) is None


@given(micros, micros, micros)
def test_a_refusal_and_an_allowance_agree_on_what_is_left(
    limit: Money, used: Money, held: Money
) -> None:
    refusal = OverLimit(
        scope=person_scope(5, "ab"),
        period=PeriodKind.DAY,
        shortage=Shortage.USED_UP,
        needed=Money(1),
        limit=limit,
        used=used,
        held=held,
        resets_at=None,
    )
    assert refusal.left == allowance(limit, used=used.micros, held=held.micros).left


def test_scopes_print_as_they_are_stored() -> None:
    assert str(person_scope(5, "ab")) == "person/5/ab"
    assert str(person_scope(None, "ab")) == "person/direct/ab"
    assert str(member_scope(5, "blue", "ab")) == "member/5/blue/ab"
    assert str(scope(ScopeKind.CHANNEL, 5, 600)) == "channel/5/600"
    assert str(members_scope(5)) == "members/5"
    assert str(server_scope(None)) == "server/direct"
    assert str(OPERATOR) == "operator"
    assert server_key(0) == "0"


def test_the_highest_of_several_rules_is_the_most_generous() -> None:
    assert highest([Money(5), Money(7), Money(6)]) == Money(7)
    assert highest([Money(5), Rule.UNLIMITED, Money(7)]) is Rule.UNLIMITED
    assert highest([Money(0)]) == Money(0)
    assert highest([]) is None
