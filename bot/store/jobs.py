"""Jobs as they are remembered: read whole, found again after a stop, marked delivered."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from sqlite3 import Connection
from typing import Any

from bot.core.ids import CallId, JobId, PersonId
from bot.core.job import Acknowledgement, Call, Failure, Job, Look, Picture, Place
from bot.core.limits import ScopeKind
from bot.core.money import Money
from bot.core.states import OPEN, CallState, PictureState
from bot.store.lineage import descent_of
from bot.store.reading import Reading
from bot.store.rows import frames_of, moment, order_of, scope_of, ticks

_PICTURE = (
    "SELECT job_id, call_id, number, name, format, width, height, size_bytes, sha256,"
    " state, channel_id, message_id FROM picture"
)

_OPEN = """
SELECT call.id, call.state, call.hold, job.order_json, person.discord_id, job.server_id,
job.channel_id, call.sent_at, coalesce(call.doubted_at, call.sent_at, job.created_at) AS since,
call.detail FROM call JOIN job ON job.id = call.job_id JOIN person ON person.id = job.person_id
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenCall:
    """A call whose hold still counts, and whose it is; `since` is when it came into its state."""

    call: CallId
    state: CallState
    hold: Money
    model: str
    discord_id: int | None  # None once the person was erased
    place: Place
    sent_at: datetime | None
    since: datetime
    detail: str  # why no answer is relied on; outside text


def job(job_id: JobId) -> Reading[Job | None]:
    """Read a job with its calls and pictures."""
    rows = yield (
        """
        SELECT job.key, job.person_id, person.discord_id, job.server_id, job.channel_id,
        job.order_json, job.unit_price, job.created_at, job.application_id, job.token,
        job.token_expires_at, job.frames, job.message_id, job.status_id,
        job.deleted_at IS NOT NULL, lineage.root_id,
        lineage.version, lineage.parent_id, lineage.parent_number
        FROM job JOIN person ON person.id = job.person_id
        LEFT JOIN lineage ON lineage.job_id = job.id WHERE job.id = ?
        """,
        (job_id,),
    )
    if not rows:
        return None
    key, person, discord_id, server, channel, order, price, created_at, *rest = rows[0]
    answer, (frames, message_id, status_id, deleted), descent = rest[:3], rest[3:7], rest[7:]
    calls = yield (
        """
        SELECT id, state, images, hold, charged - refunded, failure, detail FROM call
        WHERE job_id = ? ORDER BY number
        """,
        (job_id,),
    )
    pictures = yield f"{_PICTURE} WHERE job_id = ? ORDER BY number", (job_id,)
    return Job(
        id=job_id,
        key=key,
        person=PersonId(person),
        discord_id=discord_id,
        place=Place(server_id=server, channel_id=channel, message_id=message_id),
        order=order_of(order),
        unit_price=Money(price),
        created_at=moment(created_at),
        acknowledgement=_acknowledgement(*answer),
        calls=tuple(_call(row) for row in calls),
        pictures=tuple(_picture(row) for row in pictures),
        paid_by=(yield from _pool_of(frames)),
        lineage=(yield from descent_of(job_id, *descent)),
        status_id=status_id,
        deleted=bool(deleted),
    )


def _pool_of(frames: str) -> Reading[str]:
    """Name the pool that a job counts in, if it does and a restored backup knows it."""
    scopes = (scope_of(text) for text, _ in frames_of(frames))
    for pool in (each.subject for each in scopes if each.kind is ScopeKind.POOL):
        rows = yield "SELECT name FROM pool WHERE id = ?", (pool,)
        return "".join(name for (name,) in rows)
    return ""


def job_by_key(key: str) -> Reading[Job | None]:
    """Find the job an interaction or message caused."""
    return (yield from _found("SELECT id FROM job WHERE key = ?", key))


def job_by_status(message_id: int) -> Reading[Job | None]:
    """Find the unfinished job whose stage a message of ours tells."""
    return (yield from _found("SELECT id FROM job WHERE told = 0 AND status_id = ?", message_id))


def _found(sql: str, by: str | int) -> Reading[Job | None]:
    rows = yield sql, (by,)
    return (yield from job(JobId(rows[0][0]))) if rows else None


def unfinished() -> Reading[list[JobId]]:
    """Find jobs whose end nobody was told of, or with a picture to deliver, the oldest first."""
    rows = yield _UNFINISHED, ()
    return [JobId(row[0]) for row in rows]


# Each half by its own index; with OR between them every job there ever was would be read.
_UNFINISHED = """
SELECT id, created_at FROM job WHERE told = 0
UNION SELECT id, created_at FROM job
WHERE id IN (SELECT job_id FROM picture WHERE state = 'spooled') ORDER BY created_at, id
"""


def open_calls() -> Reading[list[OpenCall]]:
    """Find every call whose hold still counts, the oldest first."""
    rows = yield f"{_OPEN} WHERE call.resolved_at IS NULL ORDER BY since, call.id", ()
    return [_open_call(row) for row in rows]


def doubts() -> Reading[list[OpenCall]]:
    """Find every call without an answer, the oldest first."""
    rows = yield f"{_OPEN} WHERE call.state = 'unknown' ORDER BY since, call.id", ()
    return [_open_call(row) for row in rows]


def ran_alone(call: CallId, model: str, first: datetime, last: datetime) -> Reading[bool]:
    """Tell whether no other call of a model was under way between two moments."""
    rows = yield (
        """
        SELECT job.order_json FROM call JOIN job ON job.id = call.job_id
        WHERE call.id <> ? AND call.sent_at <= ?
        AND (call.state = 'sent' OR coalesce(call.doubted_at, call.resolved_at) >= ?)
        """,
        (call, ticks(last), ticks(first)),
    )
    return all(order_of(text).model != model for (text,) in rows)


def call_pictures(call: CallId) -> Reading[list[Picture]]:
    """Read the pictures one call brought."""
    rows = yield f"{_PICTURE} WHERE call_id = ? ORDER BY number", (call,)
    return [_picture(row) for row in rows]


def shown_in(message_id: int) -> Reading[list[Picture]]:
    """Find the pictures that a message shows: those it delivered, or a job's shown once more."""
    rows = yield f"{_PICTURE} WHERE {_SHOWN_IN} ORDER BY number", (message_id, message_id)
    return [_picture(row) for row in rows]


_SHOWN_IN = "message_id = ? OR job_id = (SELECT job_id FROM showing WHERE showing.message_id = ?)"


def shown_again(db: Connection, job: JobId, channel_id: int, message_id: int) -> None:
    """Remember a message that shows a job's pictures beside those that delivered them."""
    db.execute(
        "INSERT INTO showing (message_id, job_id, channel_id) VALUES (?, ?, ?)"
        " ON CONFLICT (message_id) DO NOTHING",
        (message_id, job, channel_id),
    )


def delete(db: Connection, now: datetime, job: JobId) -> list[tuple[int, int]]:
    """Keep a job's pictures to its person; gives what showed them again, as (channel, message)."""
    db.execute(
        "UPDATE job SET deleted_at = ? WHERE id = ? AND deleted_at IS NULL", (ticks(now), job)
    )
    return db.execute(
        "SELECT channel_id, message_id FROM showing WHERE job_id = ? AND channel_id IS NOT NULL"
        " UNION SELECT channel_id, message_id FROM showcase WHERE job_id = ?",
        (job, job),
    ).fetchall()


def shows_status(db: Connection, job: JobId, message_id: int | None) -> None:
    """Remember which message of ours tells a job's stage, or that none does any more."""
    db.execute("UPDATE job SET status_id = ? WHERE id = ?", (message_id, job))


def delivered(
    db: Connection, job: JobId, numbers: Collection[int], channel_id: int, message_id: int
) -> None:
    """Remember where pictures were seen last; a refunded one stays refunded."""
    db.executemany(
        "UPDATE picture SET channel_id = ?, message_id = ?,"
        " state = CASE state WHEN 'spooled' THEN 'delivered' ELSE state END"
        " WHERE job_id = ? AND number = ?",
        [(channel_id, message_id, job, number) for number in numbers],
    )


def told(db: Connection, job: Job) -> None:
    """Remember that the person knows how the job ended, unless it went on since it was read."""
    resolved = sum(call.state not in OPEN for call in job.calls)
    db.execute(
        "UPDATE job SET told = 1 WHERE id = ?"
        " AND ? = (SELECT count(*) FROM call WHERE job_id = ? AND resolved_at IS NOT NULL)",
        (job.id, resolved, job.id),
    )


def forget_tokens(db: Connection, now: datetime) -> int:
    """Drop interaction tokens that died; gives how many."""
    return db.execute(
        "UPDATE job SET token = NULL, token_expires_at = NULL WHERE token_expires_at <= ?",
        (ticks(now),),
    ).rowcount


def _acknowledgement(
    application_id: int | None, token: str | None, expires_at: int | None
) -> Acknowledgement | None:
    if application_id is None or token is None or expires_at is None:
        return None
    return Acknowledgement(
        application_id=application_id, token=token, expires_at=moment(expires_at)
    )


def _open_call(row: tuple[Any, ...]) -> OpenCall:
    call, state, held, order, discord_id, server, channel, sent_at, since, detail = row
    return OpenCall(
        call=CallId(call),
        state=CallState(state),
        hold=Money(held),
        model=order_of(order).model,
        discord_id=discord_id,
        place=Place(server_id=server, channel_id=channel),
        sent_at=None if sent_at is None else moment(sent_at),
        since=moment(since),
        detail=detail,
    )


def _call(row: tuple[Any, ...]) -> Call:
    call, state, images, held, charged, failure, detail = row
    return Call(
        id=CallId(call),
        state=CallState(state),
        images=images,
        hold=Money(held),
        charged=Money(charged),
        failure=None if failure is None else Failure(failure),
        detail=detail,
    )


def _picture(row: tuple[Any, ...]) -> Picture:
    job_id, call, number, name, form, width, height, size_bytes, sha256, *seen = row
    state, channel, message = seen
    return Picture(
        job=JobId(job_id),
        call=CallId(call),
        number=number,
        name=name,
        look=Look(format=form, width=width, height=height),
        size_bytes=size_bytes,
        sha256=sha256,
        state=PictureState(state),
        channel_id=channel,
        message_id=message,
    )
