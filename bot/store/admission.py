"""Admission: check every limit and hold the money, in one transaction."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from itertools import chain
from sqlite3 import Connection

from bot.core.ids import CallId, JobId, PersonId, call_id, new_job_id, new_person_id
from bot.core.job import Admission, Ticket
from bot.core.limits import Allowance, Rule, ScopeKind, tightest
from bot.core.money import Money
from bot.core.order import Order
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
from bot.store import bulk, lineage
from bot.store.limits import Sums, measured
from bot.store.reading import Reading, Rows, read
from bot.store.rows import frames_json, order_json, ticks
from bot.store.rules import Terms
from bot.store.tallies import Buyer, Tally, tallies


def hold(db: Connection, now: datetime, terms: Terms, admission: Admission) -> Ticket:
    """Reserve the whole ceiling of an order; the same key gets the same ticket again.

    Raises:
        Refused: with Blocked, TooManyJobs, TooManyUnknown or OverLimit; nothing was written then.
    """
    (answer,) = hold_all(db, now, terms, [admission])
    if isinstance(answer, Refused):
        raise answer
    return answer


def hold_all(
    db: Connection, now: datetime, terms: Terms, admissions: Sequence[Admission]
) -> list[Ticket | Refused]:
    """Hold orders in the order they came, each as if those before it were written already.

    What they depend on is asked for all at once, and what they hold is written at once: an order
    among many costs a part of what it costs alone. A refused one writes nothing.
    """
    known = read(db, bulk.ask(_KNOWN, [(each.key, each.payer.discord_id) for each in admissions]))
    people = {who: person or new_person_id() for _, _, who, person in known}
    buyers = [Buyer(each.place, each.payer, people[each.payer.discord_id]) for each in admissions]
    of = read(db, tallies(now, terms, buyers))
    batch = _Batch(
        tickets={key: _admitted(db, job) for key, job, _, _ in known if job is not None},
        sums=read(db, measured(chain.from_iterable(of))),
        caps=read(db, _caps(now, terms, list(people.values()))),
        at=ticks(now),
    )
    answers = [batch.decide(*each) for each in zip(admissions, buyers, of, strict=True)]
    batch.write(db, {people[who]: who for _, _, who, person in known if person is None})
    return answers


_KNOWN = """
WITH asked (key, who) AS (VALUES {})
SELECT asked.key, job.id, who, person.id FROM asked
LEFT JOIN job ON job.key = asked.key LEFT JOIN person ON discord_id = who
"""


def _admitted(db: Connection, job: JobId) -> Ticket:
    rows = db.execute(
        "SELECT id, hold FROM call WHERE job_id = ? ORDER BY number", (job,)
    ).fetchall()
    held = Money(sum(amount for _, amount in rows))
    return Ticket(job, tuple(CallId(call) for call, _ in rows), held, fresh=False)


class _Batch:
    """Orders decided one after the other, by what was known before the first of them."""

    def __init__(self, tickets: dict[str, Ticket], sums: Sums, caps: "_Caps", at: int) -> None:
        self._tickets = tickets
        self._sums = sums
        self._caps = caps
        self._at = at
        self._jobs: list[bulk.Row] = []
        self._calls: list[bulk.Row] = []
        self._orders: list[tuple[JobId, Order]] = []
        self._payers: set[PersonId] = set()

    def decide(self, admission: Admission, buyer: Buyer, of: Sequence[Tally]) -> Ticket | Refused:
        """Give a key's ticket again, or hold the order, or say what stands in the way."""
        if (before := self._tickets.get(admission.key)) is not None:
            return replace(before, fresh=False)
        needed = admission.unit_price * sum(admission.calls)
        if (problem := self._problem(buyer.person, of, needed)) is not None:
            return Refused(problem)
        ticket = self._tickets[admission.key] = self._hold(admission, buyer.person, of, needed)
        return ticket

    def _problem(self, payer: PersonId, of: Sequence[Tally], needed: Money) -> Problem | None:
        if self._sums.fit(of, needed):
            return self._caps.problem(payer)
        left = self._sums.seen(of)
        return _block(left) or self._caps.problem(payer) or _shortfall(left, needed)

    def _hold(
        self, admission: Admission, payer: PersonId, of: Sequence[Tally], needed: Money
    ) -> Ticket:
        job = new_job_id()
        calls = [call_id(job, number) for number, _ in enumerate(admission.calls, 1)]
        self._payers.add(payer)
        self._jobs.append(_job(job, payer, admission, of, self._at))
        self._calls += _calls(calls, job, payer, admission)
        self._orders.append((job, admission.order))
        self._sums.hold(of, needed)
        self._caps.count(payer)
        return Ticket(job, tuple(calls), needed, fresh=True)

    def write(self, db: Connection, strangers: Mapping[PersonId, int]) -> None:
        """Write down what is held, and who is new to us."""
        met = [(each, who, self._at) for each, who in strangers.items() if each in self._payers]
        bulk.write(db, _PERSON, met)
        bulk.write(db, _JOB, self._jobs)
        bulk.write(db, _CALL, self._calls)
        lineage.write(db, self._orders)
        bulk.write(db, _BALANCE, [(*frame, held, 0) for frame, held in self._sums.holds.items()])


def check(left: Sequence[Allowance], needed: Money) -> None:
    """Compare what is needed with what limits leave.

    Raises:
        Refused: with Blocked or OverLimit.
    """
    problem: Problem | None = _block(left)
    if problem is None and any(each.left is not None and each.left < needed for each in left):
        problem = _shortfall(left, needed)
    if problem is not None:
        raise Refused(problem)


def _block(left: Iterable[Allowance]) -> Blocked | None:
    for allowance in left:
        if allowance.limit is Rule.BLOCKED:
            where = allowance.source or allowance.scope
            of_pool = where.kind in {ScopeKind.POOL, ScopeKind.CAP}
            return Blocked(where, allowance.name if of_pool else "")
    return None


_EVERYONE = PersonId("")  # no person's reference


class _Caps:
    """What people have under way, each and all together."""

    def __init__(self, rows: Rows, terms: Terms) -> None:
        self._jobs = {person: jobs for person, jobs, _ in rows}
        self._unknown = {person: unknown for person, _, unknown in rows}
        self._terms = terms

    def count(self, payer: PersonId) -> None:
        """Let a job count for the orders that come after it."""
        self._jobs[payer] = self._jobs.get(payer, 0) + 1

    def problem(self, payer: PersonId) -> Problem | None:
        """Say which cap is reached."""
        terms = self._terms
        jobs, unknown = self._jobs.get(payer, 0), self._unknown.get(payer, 0)
        everyone, exposed = self._jobs[_EVERYONE], self._unknown[_EVERYONE]
        if jobs >= terms.jobs_per_person:
            return TooManyJobs(jobs, terms.jobs_per_person)
        if unknown >= terms.unknown_per_person:
            return TooManyUnknown(terms.unknown_per_person, everyone=False)
        if exposed >= terms.unknown_exposure_max.micros:
            return TooManyUnknown(everyone, everyone=True)
        return None


def _caps(now: datetime, terms: Terms, people: Sequence[PersonId]) -> Reading[_Caps]:
    rows = yield from bulk.ask(
        _UNDER_WAY, [(each,) for each in people], ticks(now - terms.exposure_window)
    )
    return _Caps(rows, terms)


# `resolved_at IS NULL` is what the index of open calls is over. What was given up counts for a
# while as what is unknown does, less what was found out since: else each day could lose as much.
_UNDER_WAY = """
SELECT person_id, count(DISTINCT job_id) FILTER (WHERE state <> 'unknown'),
count(*) FILTER (WHERE state = 'unknown')
FROM call WHERE person_id IN (VALUES {}) AND resolved_at IS NULL GROUP BY person_id
UNION ALL SELECT '', count(*), coalesce(sum(hold), 0) + (
    SELECT coalesce(sum(known.exposure_micros), 0)
    FROM entry JOIN entry AS known ON known.call_id = entry.call_id
    WHERE entry.exposure_micros > 0 AND entry.at > ?)
FROM call WHERE state = 'unknown'
"""


def _shortfall(left: Iterable[Allowance], needed: Money) -> OverLimit:
    least = tightest(left)
    assert least is not None  # noqa: S101 - something did not fit
    assert isinstance(least.limit, Money)  # noqa: S101 - blocks were checked before
    return OverLimit(
        scope=least.scope,
        name=least.name,
        period=least.period.kind,
        shortage=_shortage(needed, least.limit, least.used),
        needed=needed,
        limit=least.limit,
        used=least.used,
        held=least.held,
        resets_at=least.period.ends_at,
    )


def _shortage(needed: Money, limit: Money, used: Money) -> Shortage:
    if needed > limit:
        return Shortage.TOO_LARGE
    return Shortage.TIED_UP if needed <= limit - used else Shortage.USED_UP


def _job(
    job: JobId, payer: PersonId, admission: Admission, of: Sequence[Tally], at: int
) -> bulk.Row:
    answer = admission.acknowledgement
    token: bulk.Row = (None, None, None)
    if answer is not None:
        token = answer.application_id, answer.token, ticks(answer.expires_at)
    return (
        *(job, admission.key, payer, admission.place.server_id, admission.place.channel_id),
        *(order_json(admission.order), frames_json([tally.frame for tally in of])),
        *(admission.unit_price.micros, at, *token, admission.place.message_id),
    )


def _calls(
    calls: Sequence[CallId], job: JobId, payer: PersonId, admission: Admission
) -> Iterator[bulk.Row]:
    unit = admission.unit_price.micros
    for number, (call, images) in enumerate(zip(calls, admission.calls, strict=True), 1):
        yield call, job, payer, number, images, unit * images, CallState.HELD


_PERSON = "INSERT INTO person (id, discord_id, created_at) VALUES {}"
# An id that is taken, as one in 2^40 may be, breaks the key; run again, each order draws anew.
_JOB = """
INSERT INTO job (id, key, person_id, server_id, channel_id, order_json, frames, unit_price,
created_at, application_id, token, token_expires_at, message_id) VALUES {}
"""
_CALL = "INSERT INTO call (id, job_id, person_id, number, images, hold, state) VALUES {}"
_BALANCE = """
INSERT INTO balance (scope, day, held, used) VALUES {}
ON CONFLICT (scope, day) DO UPDATE SET held = held + excluded.held
"""
