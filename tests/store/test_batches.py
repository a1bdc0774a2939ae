"""Orders held together: each as if those before it in the batch were written already."""

import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import Any

from hypothesis import example, given, settings
from hypothesis import strategies as st

from bot.core.job import Admission
from bot.core.limits import (
    OPERATOR,
    Limit,
    PeriodKind,
    Rule,
    ScopeKind,
    members_scope,
    person_scope,
    scope,
    server_scope,
)
from bot.core.money import Money
from bot.core.problems import Blocked, OverLimit, Refused, TooManyJobs, TooManyUnknown
from bot.store import database, ledger, pools
from bot.store.admission import hold
from bot.store.grants import grant
from bot.store.limits import set_limit
from bot.store.rules import Defaults
from bot.store.servers import person
from bot.store.writer import Outcome, run_batch
from tests.store.shop import NOON, STUDIO, TERMS, admission, together

BOSS = 99
PEOPLE = range(71, 75)
STRANGERS = range(75, 77)
SERVERS = (STUDIO, STUDIO, STUDIO, 501, None)
PAINTERS, MUTED = 31, 33
PARTY = 601  # the channel of an event
LIMITS: list[Limit] = [Rule.BLOCKED, Rule.UNLIMITED, *map(Money, (5, 9, 20, 40, 60, 80))]
LATER = NOON + timedelta(hours=1)
ROOMY = replace(TERMS, unknown_per_person=99)
STRICT = replace(
    TERMS,
    defaults=Defaults(person_day=Money(9), server_day=Money(150), direct=Money(30)),
    jobs_per_person=5,
    unknown_per_person=2,
    unknown_exposure_max=Money(20),
)


def furnish(db: sqlite3.Connection, chance: Random) -> None:
    """Make a world in which every kind of limit may be in the way."""
    known = [person(db, NOON, who) for who in PEOPLE]
    for number in range(chance.randrange(9)):
        order = admission(
            key=f"before {number}",
            who=chance.choice(PEOPLE[:2]),
            unit=Money(chance.randrange(1, 6)),
        )
        (call,) = hold(db, NOON, ROOMY, order).calls
        if chance.random() < 0.5:
            ledger.begin(db, NOON, call)
            ledger.doubt(db, NOON, call, "")
    team = pools.create(db, NOON, STUDIO, "Blue", BOSS)
    event = pools.create(db, NOON, STUDIO, "Party", BOSS, (PARTY, LATER))
    for who in chance.sample(PEOPLE, 2):
        pools.join(db, NOON, STUDIO, team, who, BOSS)
    for who in chance.choices(PEOPLE, k=4):
        amount, ends_at = Money(chance.randrange(1, 9)), chance.choice([NOON, LATER, LATER])
        grant(db, NOON, STUDIO, who, amount, ends_at, BOSS, "")
    subjects = [
        *(person_scope(chance.choice(SERVERS), chance.choice(known)) for _ in range(3)),
        *(scope(ScopeKind.ROLE, STUDIO, role) for role in (PAINTERS, MUTED)),
        *(scope(kind, STUDIO, team) for kind in (ScopeKind.POOL, ScopeKind.CAP)),
        *(scope(kind, STUDIO, event) for kind in (ScopeKind.POOL, ScopeKind.CAP)),
        *(each(server) for each in (members_scope, server_scope) for server in SERVERS[2:]),
        *(scope(ScopeKind.CHANNEL, STUDIO, 600), OPERATOR),
    ]
    for subject in chance.choices(subjects, k=8):
        limit = chance.choice(LIMITS)
        set_limit(db, NOON, subject, chance.choice(list(PeriodKind)), limit, BOSS, "")


def ordered(chance: Random, keys: int) -> Admission:
    key = chance.choice(["before", "now", "now"])
    return admission(
        key=f"{key} {chance.randrange(keys)}",
        who=chance.choice([*PEOPLE, *STRANGERS]),
        server=chance.choice(SERVERS),
        channel=chance.choice([600, 600, PARTY]),
        thread=chance.choice([None, None, 650]),
        roles=tuple(chance.sample([PAINTERS, MUTED], chance.choice([0, 0, 1, 1, 2]))),
        calls=tuple(chance.choices([1, 2], k=chance.choice([1, 1, 2]))),
        unit=Money(chance.randrange(1, 6)),
    )


@contextmanager
def world(seed: int) -> Iterator[tuple[Path, Random]]:
    with TemporaryDirectory() as folder:
        file, chance = Path(folder) / "easel.db", Random(seed)  # noqa: S311 - replays, no secrets
        with closing(database.opened(file)) as db:
            db.execute("BEGIN")
            furnish(db, chance)
            db.execute("COMMIT")
        yield file, chance


def told(outcome: Outcome, asked: Admission) -> Any:
    """Say an outcome without drawn ids: an order's scopes name nobody but its payer."""
    if outcome.error is None:
        ticket = outcome.value
        return len(ticket.calls), ticket.held, ticket.fresh
    assert isinstance(outcome.error, Refused)
    problem = outcome.error.problem
    return re.sub(r"[0-9a-f]{32}", str(asked.payer.discord_id), repr(problem))


def written(db: sqlite3.Connection) -> list[str]:
    """Say all that is in the file without drawn ids."""
    text = "\n".join(db.iterdump())
    for name, meant in [
        *db.execute("SELECT id, key FROM job").fetchall(),
        *db.execute("SELECT id, discord_id FROM person").fetchall(),
    ]:
        text = text.replace(name, str(meant))
    return sorted(text.splitlines())


def decided(file: Path, orders: list[Admission], size: int) -> tuple[list[Any], list[str]]:
    """Hold orders, so many of them in a batch, on a copy of a file."""
    copy = file.with_name(f"{size}.db")
    copy.write_bytes(file.read_bytes())
    said = []
    with closing(database.opened(copy)) as db:
        db.execute("PRAGMA synchronous = OFF")  # which is quicker, and not what is tested here
        for at in range(0, len(orders), size):
            batch = orders[at : at + size]
            outcomes = run_batch(db, together(batch, STRICT))
            said += [told(*each) for each in zip(outcomes, batch, strict=True)]
        return said, written(db)


@settings(max_examples=100, deadline=None)
@given(seed=st.integers(0, 2**32), number=st.integers(2, 40), keys=st.integers(3, 60))
@example(seed=1, number=300, keys=500)  # more than one statement takes
def test_a_batch_decides_as_its_orders_would_one_by_one(seed: int, number: int, keys: int) -> None:
    with world(seed) as (file, chance):
        orders = [ordered(chance, keys) for _ in range(number)]
        assert decided(file, orders, number) == decided(file, orders, 1)


def test_the_worlds_of_that_test_refuse_for_every_reason_and_admit_many() -> None:
    seen: list[Any] = []
    for seed in range(60):
        with world(seed) as (file, chance):
            seen += decided(file, [ordered(chance, 40) for _ in range(30)], 30)[0]
    text = repr(seen)
    for name in (Blocked, TooManyJobs, TooManyUnknown, OverLimit):
        assert name.__name__ in text
    for kind in set(ScopeKind) - {ScopeKind.ROLE, ScopeKind.MEMBERS, ScopeKind.CAP}:
        assert re.search(rf"OverLimit\(scope=Scope\(kind=<ScopeKind.{kind.name}", text), kind
    for everyone in (True, False):
        assert f"everyone={everyone}" in text
    assert sum(isinstance(each, tuple) and each[2] for each in seen) > 100
    assert sum(isinstance(each, tuple) and not each[2] for each in seen) > 10
