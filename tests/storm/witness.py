"""The witness: hears of every committed write and asks the oracle what to think of it."""

import sqlite3
from collections.abc import Iterable
from dataclasses import replace
from datetime import timedelta
from typing import Any

from bot.core.job import Admission, Ticket
from bot.core.money import Money
from bot.core.problems import Blocked, OverLimit, Problem, Refused, TooManyJobs, TooManyUnknown
from bot.store.ledger import Settled
from bot.store.pools import NoSuchPool
from bot.store.reconciling import Reconciled
from bot.store.writer import Outcome
from tests.storm.cells import Cells
from tests.storm.comparison import Comparison, demand
from tests.storm.events import ORACLE_TERMS, Event, known
from tests.storm.oracle import Call, Oracle, Order, Pool

_WINDOW = timedelta(hours=24)


class Witness:
    """Follows one database from its first write to its last; one method for each verb."""

    def __init__(self) -> None:
        self.cells = Cells()
        self.oracle = Oracle(ORACLE_TERMS)
        self.comparison = Comparison(self.oracle)

    def see(self, db: sqlite3.Connection, seen: Iterable[tuple[Event, Outcome]]) -> None:
        """Take over the writes of a commit and compare what they touched with the file."""
        calls = self.oracle.calls
        before = set(calls)
        touched: dict[str, Call] = {}
        for event, outcome in seen:
            of = self._of(event)
            met = [(call, call.state) for call in of]
            getattr(self, f"_{event.verb}", _nothing)(db, event, outcome)
            self.cells.note(event, outcome, met)
            touched |= {call.id: call for call in of}
        touched |= {name: call for name, call in calls.items() if name not in before}
        self.comparison.some(db, touched.values(), event.now)

    def _of(self, event: Event) -> list[Call]:
        """Find the calls that a write is about, the one that has the picture it names first."""
        given = event.given
        job, call = given.get("job"), given.get("call")
        if "admission" in given:
            job = self.oracle.jobs.get(given["admission"].key)
        found = [each for each in self.oracle.calls.values() if job == each.job or call == each.id]
        return sorted(found, key=lambda each: given.get("number") not in each.shares)

    # Orders and calls

    def _hold(self, db: sqlite3.Connection, event: Event, outcome: Outcome) -> None:
        order = ordered(event.given["admission"])
        if (job := self.oracle.jobs.get(order.key)) is not None:
            demand(outcome.error is None, f"I12: {order.key} again: {outcome}")
            replay: Ticket = outcome.value
            demand((replay.job, replay.fresh) == (job, False), f"I12: {order.key} again: {replay}")
            return
        refusal = self.oracle.refusal(order, event.now)
        if outcome.error is not None:
            demand(isinstance(outcome.error, Refused), f"{outcome.error!r}")
            self._refused(db, event, outcome.error.problem, refusal)  # type: ignore[attr-defined]  # demanded above
            return
        ticket: Ticket = outcome.value
        demand(refusal is None, f"I2: admitted, but {refusal}: {order}")
        demand(ticket.fresh and ticket.held.micros == order.needed, ticket)
        demand(ticket.job not in self.oracle.jobs.values(), f"I12: {ticket.job} twice")
        self.oracle.hold(order, ticket.job, ticket.calls, event.now)

    def _refused(
        self, db: sqlite3.Connection, event: Event, problem: Problem, refusal: object
    ) -> None:
        order = ordered(event.given["admission"])
        said: tuple[object, ...]
        match problem:
            case Blocked():
                said = ("blocked",)
            case TooManyJobs():
                said = ("too many jobs",)
            case TooManyUnknown(everyone=everyone):
                said = ("too many unknown", "everyone's" if everyone else "mine")
            case OverLimit():
                said = ("over", problem.left.micros)
                self._facts(db, event, problem, order)
            case _:
                said = (problem,)
        demand(said == refusal, f"refused with {problem}, not {refusal}: {order}")

    def _facts(self, db: sqlite3.Connection, event: Event, over: OverLimit, order: Order) -> None:
        """What a refusal says of the limit it names is what the oracle knows of it."""
        subject = self.comparison.subject(db, str(over.scope), stranger=order.person)
        facts = [
            (bound.limit, *self.oracle.sums(bound))
            for bound in self.oracle.bounds(order, event.now)
            if (bound.subject, bound.kind) == (subject, over.period.value)
        ]
        limit, used, held = (money.micros for money in (over.limit, over.used, over.held))
        demand((limit, used, held) in facts, f"{over}, not {facts}")
        demand(over.needed.micros == order.needed, over)
        case = "larger than the whole limit"
        if order.needed <= limit:
            tied_up = order.needed <= limit - used
            case = "tied up in running jobs" if tied_up else "used up"
        demand(over.shortage.value == case, f"{over}, not {case}")

    def _begin(self, _: sqlite3.Connection, event: Event, outcome: Outcome) -> None:
        (call,) = self._of(event)
        _same(event, outcome, self.oracle.begin(call))

    def _doubt(self, _: sqlite3.Connection, event: Event, outcome: Outcome) -> None:
        (call,) = self._of(event)
        _same(event, outcome, self.oracle.doubt(call, event.now))

    def _release(self, _: sqlite3.Connection, event: Event, outcome: Outcome) -> None:
        (call,) = self._of(event)
        billed = _micros(event.given["billed"])
        failure = event.given["failure"].value
        if event.cause == "recovery" and failure == "unanswered":
            early = call.doubted is None or event.now - call.doubted < _WINDOW
            demand(not early, f"{call.id} is given up before its window ends")
        _same(event, outcome, self.oracle.release(call, failure, billed, event.now))

    def _settle(self, _: sqlite3.Connection, event: Event, outcome: Outcome) -> None:
        (call,) = self._of(event)
        if call.state == "held":
            demand(isinstance(outcome.error, ValueError), f"{call.id} was never sent: {outcome}")
            return
        demand(outcome.error is None, f"{outcome.error!r}")
        painted, looks = event.given["painted"], event.given["looks"]
        told, sketches = _micros(painted.billed), len(painted.sketches)
        came = sum(sketch.name in looks for sketch in painted.sketches)
        before = replace(call, shares=dict(call.shares))
        self.oracle.settle(call, told, sketches, came)
        settled: Settled = outcome.value
        said = settled.charged.micros, settled.excess.micros, settled.estimated, settled.fresh
        expected = call.charged, call.billed - call.charged, call.estimated, call != before
        demand(said == expected, f"{call.id}: {said}, not {expected}")
        demand([each.number for each in settled.pictures] == list(call.shares), settled)
        if settled.fresh:
            self.oracle.learn(call, told, sketches, event.now)

    def _reconcile(self, _: sqlite3.Connection, event: Event, outcome: Outcome) -> None:
        (call,) = self._of(event)
        before = call.billed, call.exposure
        finding = self.oracle.reconcile(call, _micros(event.given["billed"]) or 0)
        found: Reconciled = outcome.value
        said = found.finding.value, (found.before.micros, found.exposed.micros)
        demand(said == (finding, before), f"{call.id}: {found}, not {finding}, {before}")
        demand(found.after.micros == call.billed, f"{call.id}: {found}, not {call.billed}")

    def _refund(self, _: sqlite3.Connection, event: Event, outcome: Outcome) -> None:
        number = event.given["number"]
        call = next((call for call in self._of(event) if number in call.shares), None)
        back = 0
        if call is not None and (event.given["delivered"] or number not in call.delivered):
            back = self.oracle.refund(call, number)
        _same(event, outcome, Money(back))

    def _delivered(self, _: sqlite3.Connection, event: Event, outcome: Outcome) -> None:
        _same(event, outcome, None)
        for call in self._of(event):
            call.delivered |= set(event.given["numbers"]) & (set(call.shares) - call.refunded)

    # Rules

    def _set_limit(self, db: sqlite3.Connection, event: Event, outcome: Outcome) -> None:
        limit = event.given["limit"]
        subject = self.comparison.subject(db, str(event.given["scope"]))
        before = self.oracle.rules.pop((subject, event.given["kind"].value), None)
        demand(outcome.error is None, f"{outcome.error!r}")
        said = None if outcome.value is None else known(outcome.value)
        demand(said == before, f"{subject} was {before}, not {said}")
        if limit is not None:
            self.oracle.rules[subject, event.given["kind"].value] = known(limit)
        for call in self.oracle.beyond(subject, event.now):
            self.cells.visit("limit lowered below what is used", call.state)

    def _set_server(self, _: sqlite3.Connection, event: Event, outcome: Outcome) -> None:
        demand(outcome.error is None, f"{outcome.error!r}")
        self.oracle.zones[event.given["server_id"]] = event.given["changes"]["time_zone"]

    def _create_pool(self, _: sqlite3.Connection, event: Event, outcome: Outcome) -> None:
        demand(outcome.error is None, f"{outcome.error!r}")
        channel, ends = event.given["event"] or (None, None)
        self.oracle.open(Pool(outcome.value, event.given["server_id"], channel, ends), event.now)

    def _close_pool(self, _: sqlite3.Connection, event: Event, outcome: Outcome) -> None:
        demand(outcome.error is None, f"{outcome.error!r}")
        self.oracle.close(event.given["pool"])

    def _join_pool(self, _: sqlite3.Connection, event: Event, outcome: Outcome) -> None:
        whose, pool = (event.given["server_id"], event.given["discord_id"]), event.given["pool"]
        if pool is not None and self.oracle.pools[pool].closed:
            demand(isinstance(outcome.error, NoSuchPool), f"{pool} has ended: {outcome}")
            return
        _same(event, outcome, self.oracle.teams.pop(whose, None))
        if pool is not None:
            self.oracle.teams[whose] = pool

    def _grant(self, _: sqlite3.Connection, event: Event, outcome: Outcome) -> None:
        demand(outcome.error is None, f"{outcome.error!r}")
        whose = event.given["server_id"], event.given["discord_id"]
        until = event.given["ends_at"]
        self.oracle.grants.append((*whose, event.given["amount"].micros, until))

    def _revoke(self, _: sqlite3.Connection, event: Event, outcome: Outcome) -> None:
        whose = event.given["server_id"], event.given["discord_id"]
        _same(event, outcome, Money(self.oracle.revoke(*whose, event.now)))


def _nothing(_: sqlite3.Connection, event: Event, outcome: Outcome) -> None:
    """Hear of a write that is nobody's money; comparing all at the end shows whether it is."""
    demand(outcome.error is None, f"{event}: {outcome}")


def _micros(money: Money | None) -> int | None:
    return None if money is None else money.micros


def _same(event: Event, outcome: Outcome, expected: Any) -> None:
    demand(outcome == Outcome(expected), f"{event}: {outcome}, not {expected}")


def ordered(admission: Admission) -> Order:
    """Say an admission in the oracle's words."""
    return Order(
        key=admission.key,
        person=admission.payer.discord_id,
        roles=admission.payer.roles,
        server=admission.place.server_id,
        channel=admission.place.channel_id,
        parent=admission.place.parent_id,
        calls=admission.calls,
        unit=admission.unit_price.micros,
        model=admission.order.model,
    )
