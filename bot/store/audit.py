"""The audit: what must hold of the whole ledger at any moment, asked of the rows themselves."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from bot.core.limits import OPERATOR
from bot.core.money import Money
from bot.store.database import check_ours, check_version, check_whole, looked_at, unusable
from bot.store.errors import Unusable


@dataclass(frozen=True, slots=True)
class Sums:
    """What the entries add up to, and what is reserved; `people + operator = gateway`."""

    people: Money
    operator: Money
    gateway: Money
    exposure: Money
    held: Money


@dataclass(frozen=True, slots=True)
class Report:
    """What a file holds, and what is wrong with it."""

    counts: dict[str, int]
    sums: Sums
    findings: list[str]


def report(path: Path) -> Report:
    """Look through a whole file, which may be in use.

    Raises:
        Unusable: when it cannot be read, is damaged, none of ours, or newer than this program.
    """
    try:
        with closing(looked_at(path)) as db:
            db.execute("BEGIN")  # all of it at one moment
            check_version(db)
            check_whole(db)
            return Report(counts(db), sums(db), findings(db))
    except (OSError, sqlite3.Error, Unusable) as error:
        raise unusable(path, error) from error


def findings(db: sqlite3.Connection) -> list[str]:
    """Check the books and what guards them; each finding is one sentence, none means sound."""
    return [*_guards(db), *_balances(db), *_calls(db), *_entries(db)]


def counts(db: sqlite3.Connection) -> dict[str, int]:
    """Count people, jobs and entries, and calls and pictures by their states."""
    rows = db.execute(
        """
        SELECT 'people', count(*) FROM person UNION ALL SELECT 'jobs', count(*) FROM job
        UNION ALL SELECT * FROM (SELECT 'calls ' || state, count(*) FROM call GROUP BY state)
        UNION ALL SELECT * FROM
        (SELECT 'pictures ' || state, count(*) FROM picture GROUP BY state)
        UNION ALL SELECT 'entries', count(*) FROM entry
        """
    )
    return dict(rows.fetchall())


def sums(db: sqlite3.Connection) -> Sums:
    """Add up every entry, and the holds of open calls."""
    row = db.execute(
        """
        SELECT coalesce(sum(person_micros), 0), coalesce(sum(operator_micros), 0),
        coalesce(sum(gateway_micros), 0), coalesce(sum(exposure_micros), 0),
        (SELECT coalesce(sum(hold), 0) FROM call WHERE resolved_at IS NULL) FROM entry
        """
    ).fetchone()
    return Sums(*map(Money, row))


def _guards(db: sqlite3.Connection) -> Iterator[str]:
    try:
        check_ours(db)
    except Unusable as error:
        yield f"The schema is {error}."


def _balances(db: sqlite3.Connection) -> Iterator[str]:
    """Compute every balance anew, from the calls and entries of the jobs that count in it."""
    for scope, day, held, used in db.execute(_BALANCES, (str(OPERATOR),)):
        yield (
            f"The balance of {scope} on {day} is off by {_signed(held)} held and "
            f"{_signed(used)} used."
        )


_BALANCES = """
WITH moved AS (
    SELECT job_id, sum(hold) FILTER (WHERE resolved_at IS NULL) AS held, 0 AS paid, 0 AS wallet
    FROM call GROUP BY job_id
    UNION ALL
    SELECT job_id, 0, sum(person_micros), sum(gateway_micros + exposure_micros)
    FROM entry JOIN call ON call.id = entry.call_id GROUP BY job_id
), frame AS (
    SELECT job.id AS job_id, json_extract(value, '$[0]') AS scope,
    json_extract(value, '$[1]') AS day
    FROM job, json_each(CASE WHEN json_valid(frames) THEN frames ELSE '[]' END)
)
SELECT scope, day, sum(held), sum(used) FROM (
    SELECT scope, day, held, used FROM balance
    UNION ALL
    SELECT scope, day, -coalesce(held, 0), -CASE scope WHEN ? THEN wallet ELSE paid END
    FROM moved JOIN frame ON frame.job_id = moved.job_id
) GROUP BY scope, day HAVING sum(held) <> 0 OR sum(used) <> 0
"""


def _calls(db: sqlite3.Connection) -> Iterator[str]:
    """Compare each call with its job, its entries and its pictures."""
    cursor = db.execute(_WRONG_CALLS)
    names = [column for column, *_ in cursor.description]
    for values in cursor:
        row = dict(zip(names, values, strict=True))
        told = row | {name: Money(row[name]) for name in _AMOUNTS}
        for number, sentence in enumerate(_WRONG):
            if row[f"wrong_{number}"]:
                yield f"Call {row['id']} {sentence.format_map(told)}."


_WRONG = {
    "was charged {charged} and given back {refunded} of a hold of {hold}": (
        "NOT (0 <= refunded AND refunded <= charged AND charged <= hold)"
    ),
    "holds {hold} for {images} pictures at {unit_price}": "hold <> unit_price * images",
    "was charged {charged} for {pictures} pictures at {unit_price}": (
        "charged > unit_price * pictures"
    ),
    "cost people {people} and the operator {operator}, and the gateway took {gateway}": (
        "people + operator <> gateway"
    ),
    "is {state}, by {settles} entries that settle and {releases} that release": (
        "settles <> (state = 'settled') OR releases <> (state = 'released')"
    ),
    "says charged {charged}, its entries {paid}": (
        "charged <> paid OR charged - refunded <> people"
    ),
    "says refunded {refunded}, its entries {returned}": "refunded <> returned",
    "says billed {billed}, its entries {gateway}": "billed <> gateway",
    "was charged {charged}, its pictures' shares are {shares}": "charged <> shares",
    "was refunded {refunded}, its refunded pictures' shares are {back}": "refunded <> back",
    "is {state} with an exposure of {exposure} for a hold of {hold}": (
        "exposure NOT IN (0, hold) OR (exposure <> 0 AND state <> 'released')"
    ),
    "has a job, entries or pictures of another": "astray",
}
"""What to say of a call, and when, in SQL."""

_AMOUNTS = frozenset(
    {
        *("hold", "charged", "refunded", "billed", "unit_price", "paid", "returned", "people"),
        *("operator", "gateway", "exposure", "shares", "back"),
    }
)

_CALLS = """
WITH booked AS (
    SELECT call_id, sum(kind = 'settled') AS settles, sum(kind = 'released') AS releases,
    sum(person_micros) FILTER (WHERE kind = 'settled') AS paid,
    -sum(person_micros) FILTER (WHERE kind = 'refunded') AS returned,
    sum(person_micros) AS people, sum(operator_micros) AS operator,
    sum(gateway_micros) AS gateway, sum(exposure_micros) AS exposure,
    min(person_id) AS one, max(person_id) AS other FROM entry GROUP BY call_id
), kept AS (
    SELECT call_id, count(*) AS pictures, sum(share) AS shares,
    sum(share) FILTER (WHERE state = 'refunded') AS back,
    min(job_id) AS first_job, max(job_id) AS last_job FROM picture GROUP BY call_id
), whole AS (
    SELECT call.id, state, images, hold, charged, refunded, coalesce(billed, 0) AS billed,
    unit_price, coalesce(settles, 0) AS settles, coalesce(releases, 0) AS releases,
    coalesce(paid, 0) AS paid, coalesce(returned, 0) AS returned, coalesce(people, 0) AS people,
    coalesce(operator, 0) AS operator, coalesce(gateway, 0) AS gateway,
    coalesce(exposure, 0) AS exposure, coalesce(pictures, 0) AS pictures,
    coalesce(shares, 0) AS shares, coalesce(back, 0) AS back,
    call.person_id <> job.person_id OR call.person_id <> one OR call.person_id <> other
    OR call.job_id <> first_job OR call.job_id <> last_job AS astray
    FROM call JOIN job ON job.id = call.job_id
    LEFT JOIN booked ON booked.call_id = call.id LEFT JOIN kept ON kept.call_id = call.id
)
"""

_WRONG_CALLS = (
    f"{_CALLS} SELECT *, "  # noqa: S608 - all of it stands above
    + ", ".join(f"({wrong}) AS wrong_{number}" for number, wrong in enumerate(_WRONG.values()))
    + f" FROM whole WHERE {' OR '.join(f'({wrong})' for wrong in _WRONG.values())}"
)


def _entries(db: sqlite3.Connection) -> Iterator[str]:
    """Look for entries that were taken out: ids are given in order, and none is skipped."""
    number, last = db.execute(
        "SELECT count(*), coalesce((SELECT seq FROM sqlite_sequence WHERE name = 'entry'), 0)"
        " FROM entry"
    ).fetchone()
    if number != last:
        yield f"Of {last} entries {number} are there."


def _signed(micros: int) -> str:
    return f"{'-' if micros < 0 else '+'}{Money(abs(micros))}"
