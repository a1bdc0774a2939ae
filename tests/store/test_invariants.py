"""Random histories, compared with a simpler account and with the invariants after every step."""

import sqlite3
from collections import Counter
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from zoneinfo import ZoneInfo

from hypothesis import given, settings
from hypothesis import strategies as st

from bot.core.ids import CallId, JobId
from bot.core.job import Failure, Ticket
from bot.core.limits import (
    OPERATOR,
    Limit,
    PeriodKind,
    Rule,
    Scope,
    ScopeKind,
    members_scope,
    period,
    person_scope,
    scope,
    server_scope,
)
from bot.core.money import Money
from bot.core.problems import OverLimit, Refused
from bot.core.states import CallState
from bot.store import database, ledger
from bot.store.admission import hold
from bot.store.limits import set_limit
from bot.store.reconciling import Finding, Reconciled, reconcile
from bot.store.rules import Defaults, Terms
from bot.store.servers import person
from bot.store.writer import Operation, run_batch
from tests.store.model import Model, ModelCall
from tests.store.shop import NOON, admission, balances, dump, looks, painted

TERMS = Terms(
    default_zone=ZoneInfo("Europe/Warsaw"),
    defaults=Defaults(person_day=Money(60), server_day=Money(90), direct=Money(20)),
    unknown_exposure_max=Money(50),
)
SERVERS = (500, 501, None)
BOSS = 99

index = st.integers(0, 30)
bills = st.none() | st.integers(0, 60) | st.just(10**6)
holds = st.tuples(
    st.just("hold"),
    st.integers(1, 3),
    st.sampled_from(SERVERS),
    st.lists(st.integers(1, 3), min_size=1, max_size=3).map(tuple),
    st.integers(1, 12),
    st.none() | st.integers(0, 5),
)
limits = st.tuples(
    st.just("limit"),
    st.sampled_from(["person", "members", "server", "operator"]),
    st.sampled_from(SERVERS),
    st.sampled_from(PeriodKind),
    st.none() | st.sampled_from(Rule) | st.integers(0, 150).map(Money),
)
steps = st.one_of(
    holds,
    holds,
    st.tuples(st.just("begin"), index),
    st.tuples(st.just("begin"), index, st.just("doubt")),
    st.tuples(st.just("settle"), index, bills, st.integers(0, 4), st.integers(0, 4)),
    st.tuples(st.just("settle"), index, bills, st.integers(0, 4), st.integers(0, 4)),
    st.tuples(st.just("release"), index, st.sampled_from(Failure), bills),
    st.tuples(st.just("doubt"), index),
    st.tuples(st.just("reconcile"), index, st.none() | st.integers(0, 60)),
    st.tuples(st.just("refund"), index, st.integers(1, 4), st.booleans()),
    limits,
    st.tuples(st.just("wait"), st.integers(1, 60 * 24 * 9)),
)


@dataclass
class World:
    """The store and the model side by side."""

    db: sqlite3.Connection
    model: Model = field(default_factory=Model)
    now: datetime = NOON
    fresh: int = 0
    entries: list[Any] = field(default_factory=list)
    frames: list[Any] = field(default_factory=list)

    def run(self, operation: Operation[Any]) -> Any:
        (outcome,) = run_batch(self.db, [operation])
        if outcome.error is not None:
            raise outcome.error
        return outcome.value

    def call(self, number: int) -> ModelCall | None:
        return self.model.calls[number % len(self.model.calls)] if self.model.calls else None

    def hold(
        self, who: int, server: int | None, calls: tuple[int, ...], unit: int, key: int | None
    ) -> None:
        self.fresh += 1
        name = f"again {key}" if key is not None else f"fresh {self.fresh}"
        order = admission(key=name, who=who, server=server, calls=calls, unit=Money(unit))
        before = dump(self.db)
        try:
            ticket: Ticket = self.run(lambda db: hold(db, self.now, TERMS, order))
        except Refused as refusal:
            assert dump(self.db) == before  # I19
            if isinstance(refusal.problem, OverLimit):
                over = refusal.problem
                assert over.used + over.held + over.needed > over.limit
            return
        assert self.model.jobs.setdefault(name, ticket.job) == ticket.job  # I12
        if not ticket.fresh:
            assert dump(self.db) == before
            return
        frames = self._frames(who, server)
        self.model.calls += [
            ModelCall(id=call, job=ticket.job, person=who, frames=frames, images=images, unit=unit)
            for call, images in zip(ticket.calls, calls, strict=True)
        ]
        self._within_limits(frames)

    def _frames(self, who: int, server: int | None) -> frozenset[tuple[str, str]]:
        own = person_scope(server, person(self.db, self.now, who))
        channel = () if server is None else (scope(ScopeKind.CHANNEL, server, 600),)
        return frozenset(
            (str(each), period(PeriodKind.DAY, self.now, TERMS.default_zone).first)
            for each in (own, *channel, server_scope(server), OPERATOR)
        )

    def _within_limits(self, frames: frozenset[tuple[str, str]]) -> None:
        """I2, against the plain rule of each scope itself."""
        found = balances(self.db)
        rules = self.db.execute("SELECT scope, period, rule, amount FROM limit_rule").fetchall()
        for text, kind, rule, amount in rules:
            now = period(PeriodKind(kind), self.now, TERMS.default_zone)
            if text in {frame for frame, _ in frames}:
                assert rule != "blocked"
                days = (day for of, day in found if of == text and now.first <= day < now.after)
                assert amount is None or sum(sum(found[text, day]) for day in days) <= amount

    def begin(self, number: int, then: str = "") -> None:
        if (call := self.call(number)) is not None:
            begun = self.run(lambda db: ledger.begin(db, self.now, CallId(call.id)))
            assert begun is (call.state is CallState.HELD)
            call.state = CallState.SENT if begun else call.state
            call.was_sent = call.was_sent or begun
        if then:
            self.doubt(number)

    def settle(self, number: int, billed: int | None, came: int, usable: int) -> None:
        call = self.call(number)
        if call is None or call.state is CallState.HELD:
            return
        usable = min(usable, came)
        answer = painted(billed, came)
        call.answer(billed, came, usable, self.model.last_picture(call.job))
        settled = self.run(
            lambda db: ledger.settle(db, self.now, CallId(call.id), answer, looks(usable))
        )
        assert settled.charged == Money(call.charged)
        assert settled.excess == Money(call.gateway - call.charged)
        assert [each.number for each in settled.pictures] == [p.number for p in call.pictures]

    def release(self, number: int, failure: Failure, billed: int | None) -> None:
        if (call := self.call(number)) is None:
            return
        left = call.state is not CallState.HELD
        early = failure in {"cancelled", "interrupted", "no room", "no reference"}
        bill = None if billed is None else Money(billed)
        moved = self.run(
            lambda db: ledger.release(db, self.now, CallId(call.id), failure, "", bill)
        )
        assert moved is (call.is_open and not (left and early))
        if moved:
            call.state = CallState.RELEASED
            call.exposure = call.hold if left and failure is Failure.UNANSWERED else 0
            if left and billed:
                absurd = billed > 20 * call.hold
                call.gateway, call.exposure = call.hold if absurd else billed, 0

    def doubt(self, number: int) -> None:
        if (call := self.call(number)) is not None:
            moved = self.run(lambda db: ledger.doubt(db, self.now, CallId(call.id), ""))
            assert moved is (call.state is CallState.SENT)
            call.state = CallState.UNKNOWN if moved else call.state

    def reconcile(self, number: int, billed: int | None) -> None:
        if (call := self.call(number)) is None:
            return
        before = dump(self.db)
        bill = None if billed is None else Money(billed)
        told: Reconciled = self.run(
            lambda db: reconcile(db, self.now, CallId(call.id), bill, "", None)
        )
        assert (told.before, told.exposed) == (Money(call.gateway), Money(call.exposure))
        quiet = told.finding in {Finding.AGREED, Finding.NOT_OVER}
        assert (dump(self.db) == before) is quiet
        call.reconcile(billed or 0)
        assert told.after == Money(call.gateway)

    def refund(self, number: int, picture: int, delivered: bool) -> None:  # noqa: FBT001 - a step's own column
        if (call := self.call(number)) is None:
            return
        back = self.run(
            lambda db: ledger.refund(
                db, self.now, JobId(call.job), picture, "", delivered=delivered
            )
        )
        expected = 0
        for each in self.model.calls:
            for own in each.pictures:
                if (each.job, own.number, own.refunded) == (call.job, picture, False):
                    expected, own.refunded = own.share, True
        assert back == Money(expected)

    def limit(self, whose: str, server: int | None, kind: PeriodKind, limit: Limit | None) -> None:
        subject: Scope = {
            "person": person_scope(server, person(self.db, self.now, 1)),
            "members": members_scope(server),
            "server": server_scope(server),
            "operator": OPERATOR,
        }[whose]
        self.run(lambda db: set_limit(db, self.now, subject, kind, limit, BOSS, ""))

    def wait(self, minutes: int) -> None:
        self.now += timedelta(minutes=minutes)

    def check(self) -> None:
        self._balances_add_up()
        self._calls_are_as_modelled()
        self._history_only_grows()
        self._everything_is_whole()

    def _balances_add_up(self) -> None:  # I1, twice
        found = balances(self.db)
        assert found == self.model.balances()
        recomputed = self.db.execute("""
            WITH job_day (job_id, scope, day) AS (
            SELECT job.id, json_extract(value, '$[0]'), json_extract(value, '$[1]')
            FROM job, json_each(job.frames))
            SELECT scope, day,
            sum((SELECT coalesce(sum(hold), 0) FROM call WHERE call.job_id = job_day.job_id
            AND state IN ('held', 'sent', 'unknown'))),
            sum((SELECT coalesce(sum(CASE scope WHEN 'operator'
            THEN gateway_micros + exposure_micros ELSE person_micros END), 0)
            FROM entry JOIN call ON call.id = call_id WHERE call.job_id = job_day.job_id))
            FROM job_day GROUP BY scope, day
        """).fetchall()
        assert found == {(scope, key): (held, used) for scope, key, held, used in recomputed}

    def _calls_are_as_modelled(self) -> None:  # I3, I4, I5, I7, I8
        rows = self.db.execute("""
            SELECT call.id, state, hold, charged, refunded, coalesce(sum(person_micros), 0),
            coalesce(sum(operator_micros), 0), coalesce(sum(gateway_micros), 0),
            coalesce(sum(exposure_micros), 0),
            coalesce(sum(kind IN ('settled', 'released')), 0),
            (SELECT count(*) FROM picture WHERE picture.call_id = call.id)
            FROM call LEFT JOIN entry ON entry.call_id = call.id GROUP BY call.id
        """).fetchall()
        modelled = {call.id: call for call in self.model.calls}
        assert len(rows) == len(modelled)
        for name, state, held, charged, refunded, paid, operator, gateway, *rest in rows:
            exposure, resolutions, pictures = rest
            call = modelled[name]
            assert (state, charged, refunded) == (call.state, call.charged, call.refunded)
            assert 0 <= refunded <= charged <= held
            assert paid == charged - refunded
            assert paid + operator == gateway == call.gateway
            assert exposure == call.exposure
            assert resolutions == (state in {"settled", "released"})
            assert paid == 0 or pictures > 0
            assert charged <= call.unit * pictures
            assert pictures == len(call.pictures)

    def _history_only_grows(self) -> None:  # I13, I15
        entries = self.db.execute("SELECT * FROM entry ORDER BY id").fetchall()
        assert entries[: len(self.entries)] == self.entries
        self.entries = entries
        frames = self.db.execute("SELECT id, frames FROM job").fetchall()
        assert set(self.frames) <= set(frames)
        self.frames = frames

    def _everything_is_whole(self) -> None:  # I16
        for table, columns in (
            ("call", "hold charged refunded"),
            ("entry", "person_micros operator_micros gateway_micros exposure_micros"),
            ("balance", "held used"),
            ("picture", "share"),
        ):
            for column in columns.split():
                kinds = self.db.execute(
                    f"SELECT DISTINCT typeof({column}) FROM {table}"  # noqa: S608 - names above
                ).fetchall()
                assert kinds in ([], [("integer",)])


@contextmanager
def fresh_world() -> Iterator[World]:
    with (
        TemporaryDirectory() as folder,
        closing(database.opened(Path(folder) / "easel.db")) as db,
    ):
        yield World(db)


_CELLS = {
    (verb, state)
    for verb in ("begin", "settle", "release", "doubt", "reconcile", "refund")
    for state in CallState
    if (verb, state) != ("settle", CallState.HELD)  # refused, see test_ledger
}


def live(history: list[tuple[Any, ...]], visited: Counter[tuple[str, CallState]]) -> None:
    with fresh_world() as world:
        for verb, *rest in history:
            if verb not in {"hold", "limit", "wait"} and (call := world.call(rest[0])):
                visited[verb, call.state] += 1
            getattr(world, verb)(*rest)
            world.check()


@settings(max_examples=60, deadline=None)
@given(st.lists(steps, min_size=10, max_size=60))
def test_no_history_breaks_an_invariant(history: list[tuple[Any, ...]]) -> None:
    live(history, Counter())


def test_the_same_histories_every_time_visit_every_cell() -> None:
    visited: Counter[tuple[str, CallState]] = Counter()

    @settings(max_examples=100, deadline=None, derandomize=True, database=None)
    @given(st.lists(steps, min_size=30, max_size=60))
    def histories(history: list[tuple[Any, ...]]) -> None:
        live(history, visited)

    histories()
    assert set(visited) >= _CELLS  # a cell that was never visited proves nothing
