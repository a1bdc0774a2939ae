"""Admission: check every limit and hold the money, in one transaction."""

import sqlite3
from collections.abc import Iterable, Sequence
from datetime import datetime

from bot.core.ids import CallId, JobId, PersonId, call_id, new_job_id
from bot.core.job import Admission, Ticket
from bot.core.limits import Allowance, Rule, ScopeKind, tightest
from bot.core.money import Money
from bot.core.problems import (
    Blocked,
    OverLimit,
    Refused,
    Shortage,
    TooManyJobs,
    TooManyUnknown,
)
from bot.core.states import CallState
from bot.store import lineage
from bot.store.limits import fit, measured, seen
from bot.store.reading import read
from bot.store.rows import frames_json, order_json, ticks
from bot.store.rules import Terms
from bot.store.servers import person
from bot.store.tallies import Tally, tallies


def hold(db: sqlite3.Connection, admission: Admission, terms: Terms, now: datetime) -> Ticket:
    """Reserve the whole ceiling of an order; the same key gets the same ticket again.

    Raises:
        Refused: with Blocked, TooManyJobs, TooManyUnknown or OverLimit; the caller's savepoint
            then undoes everything.
    """
    who = (admission.key, admission.payer.discord_id)
    before, known = db.execute(_KNOWN, who).fetchone()
    if before is not None:
        return _admitted(db, before)
    payer = known or person(db, admission.payer.discord_id, now)
    of = read(db, tallies(admission.place, admission.payer, payer, terms, now))
    needed = admission.unit_price * sum(admission.calls)
    found = read(db, measured(of))
    fits = fit(found, needed)
    if not fits:
        _check_blocks(seen(found))
    _check_caps(db, payer, terms, now)
    if not fits:
        raise Refused(_shortfall(seen(found), needed))
    job = _write_job(db, payer, admission, of, now)
    calls = _write_calls(db, job, payer, admission)
    lineage.write(db, job, admission.order)
    _reserve(db, of, needed)
    return Ticket(job, calls, needed, fresh=True)


_KNOWN = """
SELECT (SELECT id FROM job WHERE key = ?), (SELECT id FROM person WHERE discord_id = ?)
"""


def _admitted(db: sqlite3.Connection, job: JobId) -> Ticket:
    rows = db.execute(
        "SELECT id, hold FROM call WHERE job_id = ? ORDER BY number", (job,)
    ).fetchall()
    held = Money(sum(amount for _, amount in rows))
    return Ticket(job, tuple(CallId(call) for call, _ in rows), held, fresh=False)


def _check_blocks(left: Iterable[Allowance]) -> None:
    for allowance in left:
        if allowance.limit is Rule.BLOCKED:
            where = allowance.source or allowance.scope
            of_pool = where.kind in {ScopeKind.POOL, ScopeKind.CAP}
            raise Refused(Blocked(where, allowance.name if of_pool else ""))


def _check_caps(db: sqlite3.Connection, payer: PersonId, terms: Terms, now: datetime) -> None:
    since = ticks(now - terms.exposure_window)
    jobs, unknown, everyone, exposed = db.execute(_CAPS, (payer, payer, since)).fetchone()
    if jobs >= terms.jobs_per_person:
        raise Refused(TooManyJobs(jobs, terms.jobs_per_person))
    if unknown >= terms.unknown_per_person:
        raise Refused(TooManyUnknown(terms.unknown_per_person, everyone=False))
    if exposed >= terms.unknown_exposure_max.micros:
        raise Refused(TooManyUnknown(everyone, everyone=True))


# `resolved_at IS NULL` is what the index of open calls is over. What was given up counts for a
# while as what is unknown does, less what was found out since: else each day could lose as much.
_CAPS = """
SELECT (SELECT count(*) FROM (SELECT 1 FROM call
    WHERE person_id = ? AND state <> 'unknown' AND resolved_at IS NULL GROUP BY job_id)),
(SELECT count(*) FROM call WHERE person_id = ? AND state = 'unknown' AND resolved_at IS NULL),
count(*), coalesce(sum(hold), 0) + (SELECT coalesce(sum(known.exposure_micros), 0)
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


def _write_job(
    db: sqlite3.Connection,
    payer: PersonId,
    admission: Admission,
    of: Sequence[Tally],
    now: datetime,
) -> JobId:
    answer = admission.acknowledgement
    row = (
        admission.key,
        payer,
        admission.place.server_id,
        admission.place.channel_id,
        order_json(admission.order),
        frames_json([(tally.text, tally.day) for tally in of]),
        admission.unit_price.micros,
        ticks(now),
        answer and answer.application_id,
        answer and answer.token,
        answer and ticks(answer.expires_at),
        admission.place.message_id,
    )
    while True:
        job = new_job_id()
        if db.execute(_JOB, (job, *row)).rowcount:
            return job


_JOB = """
INSERT INTO job (id, key, person_id, server_id, channel_id, order_json, frames, unit_price,
created_at, application_id, token, token_expires_at, message_id)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
ON CONFLICT (id) DO NOTHING
"""


def _write_calls(
    db: sqlite3.Connection, job: JobId, payer: PersonId, admission: Admission
) -> tuple[CallId, ...]:
    calls = []
    for number, images in enumerate(admission.calls, 1):
        call, price = call_id(job, number), admission.unit_price.micros * images
        db.execute(_CALL, (call, job, payer, number, images, price, CallState.HELD))
        calls.append(call)
    return tuple(calls)


_CALL = """
INSERT INTO call (id, job_id, person_id, number, images, hold, state) VALUES (?, ?, ?, ?, ?, ?, ?)
"""


def _reserve(db: sqlite3.Connection, of: Sequence[Tally], needed: Money) -> None:
    # Limited or not: a limit set later counts what was already used.
    rows = ", ".join(["(?, ?, ?, 0)"] * len(of))
    db.execute(
        f"INSERT INTO balance (scope, day, held, used) VALUES {rows}"  # noqa: S608 - only marks
        " ON CONFLICT (scope, day) DO UPDATE SET held = held + excluded.held",
        [value for tally in of for value in (tally.text, tally.day, needed.micros)],
    )
