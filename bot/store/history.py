"""History: a person's results, the newest first, found again by words."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from bot.core.ids import JobId
from bot.core.job import jump_url
from bot.core.order import Order
from bot.store.reading import Reading
from bot.store.rows import moment, order_of


@dataclass(frozen=True, slots=True)
class Result:
    """A job that brought pictures; where its first one stands, once it was delivered.

    `root` is what the first job of its family asked for, unless that is this one or was private.
    """

    job: JobId
    at: datetime
    order: Order
    root: Order | None
    pictures: int
    version: int
    relatives: int  # the jobs of its family, itself included
    server_id: int | None
    channel_id: int | None
    message_id: int | None

    @property
    def jump_url(self) -> str | None:
        """Lead to its first picture."""
        url = jump_url(self.server_id, self.channel_id, self.message_id)
        return None if self.order.private else url


def results(
    discord_id: int, server_id: int | None, words: Sequence[str], first: int, count: int
) -> Reading[tuple[list[Result], int]]:
    """Read some of a person's results, and how many there are.

    Args:
        discord_id: whose they are.
        server_id: of one server, then without private and deleted ones; None for all of them.
        words: what must stand in its prompt or its family's first, in small letters or not.
        first: how many of the newest to leave out.
        count: how many to read.
    """
    theirs = (discord_id, server_id, server_id)
    if words:
        rows = yield f"SELECT job.id, job.order_json, root.order_json {_THEIRS} {_NEWEST}", theirs
        found = [(job,) for job, *texts in rows if _has(words, *texts)]
        chosen, total = found[first : first + count], len(found)
    else:
        ((total,),) = yield f"SELECT count(*) {_THEIRS}", theirs
        page = f"SELECT job.id {_THEIRS} {_NEWEST} LIMIT ? OFFSET ?"
        chosen = yield page, (*theirs, count, first)
    read: list[Result] = []
    for each in chosen:
        ((job, *row),) = yield _RESULT, each
        read.append(_result(job, *row))
    return read, total


def _has(words: Sequence[str], text: str, root: str | None) -> bool:
    prompts = _text(order_of(text), _root(root)).casefold()
    return all(word.casefold() in prompts for word in words)


def _text(order: Order, root: Order | None) -> str:
    return f"{root.prompt if root else ''} {order.prompt}"


def _root(text: str | None) -> Order | None:
    order = order_of(text) if text else None
    return None if order is None or order.private else order


# What a family began with somewhere else is not told here.
_ROOT = """
LEFT JOIN lineage ON lineage.job_id = job.id
LEFT JOIN job AS root ON root.id = lineage.root_id AND root.deleted_at IS NULL
AND root.server_id IS job.server_id
AND (root.person_id = job.person_id OR root.channel_id = job.channel_id)
"""

_THEIRS = f"""
FROM job JOIN person ON person.id = job.person_id {_ROOT}
WHERE person.discord_id = ? AND (? IS NULL OR (job.server_id = ? AND job.deleted_at IS NULL
    AND json_extract(job.order_json, '$.private') IS NULL))
AND EXISTS (SELECT 1 FROM picture WHERE picture.job_id = job.id)
"""  # noqa: S608 - text from above

_NEWEST = "ORDER BY job.created_at DESC, job.id"

_RESULT = f"""
SELECT job.id, job.created_at, job.order_json, root.order_json,
(SELECT count(*) FROM picture WHERE picture.job_id = job.id), coalesce(lineage.version, 1),
1 + (SELECT count(*) FROM lineage AS other
    WHERE other.root_id = coalesce(lineage.root_id, job.id)),
job.server_id, first.channel_id, CASE WHEN job.deleted_at IS NULL THEN first.message_id END
FROM job {_ROOT} LEFT JOIN picture AS first ON first.job_id = job.id AND first.number = 1
WHERE job.id = ?
"""  # noqa: S608 - text from above


def _result(job: str, at: int, text: str, root: str | None, *rest: Any) -> Result:
    return Result(JobId(job), moment(at), order_of(text), _root(root), *rest)
