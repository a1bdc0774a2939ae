"""Lineage: which picture came from which, over as many edits as there were."""

import sqlite3
from dataclasses import dataclass

from bot.core.ids import JobId
from bot.core.job import Lineage
from bot.core.order import Order, Origin
from bot.store.reading import Reading
from bot.store.rows import order_of


@dataclass(frozen=True, slots=True)
class Relative:
    """A job of a family: what was said, and what it came from (None: the first of them)."""

    job: JobId
    prompt: str
    private: bool
    discord_id: int | None
    lineage: Lineage | None
    channel_id: int | None  # of its first picture, once it was delivered
    message_id: int | None


def write(db: sqlite3.Connection, job: JobId, order: Order) -> None:
    """Write down what a job was made from; nothing for what the store does not know."""
    origins = (each.origin for each in order.references)
    if (origin := next(filter(None, origins), None)) is not None:
        db.execute(_WRITE, (job, origin.number, origin.job))


_WRITE = """
INSERT INTO lineage (job_id, parent_id, parent_number, root_id, version)
SELECT ?, job.id, ?, coalesce(root_id, job.id), coalesce(version, 1) + 1
FROM job LEFT JOIN lineage ON lineage.job_id = job.id WHERE job.id = ?
"""


def family(root: JobId) -> Reading[list[Relative]]:
    """Read all jobs that came from one, itself first, in the order they were accepted."""
    rows = yield _FAMILY, (root, root)
    return [_relative(*row) for row in rows]


_FAMILY = """
SELECT job.id, job.order_json, person.discord_id, lineage.root_id, lineage.version,
lineage.parent_id, lineage.parent_number, picture.channel_id, picture.message_id
FROM job JOIN person ON person.id = job.person_id
LEFT JOIN lineage ON lineage.job_id = job.id
LEFT JOIN picture ON picture.job_id = job.id AND picture.number = 1
WHERE job.id = ? OR job.id IN (SELECT job_id FROM lineage WHERE root_id = ?)
ORDER BY job.created_at, job.rowid
"""


def _relative(  # noqa: PLR0917 - a row, column by column
    job: str,
    text: str,
    discord_id: int | None,
    root: str | None,
    version: int | None,
    parent: str | None,
    number: int | None,
    channel_id: int | None,
    message_id: int | None,
) -> Relative:
    order = order_of(text)
    return Relative(
        JobId(job),
        order.prompt,
        order.private,
        discord_id,
        lineage_of(root, version, parent, number),
        channel_id,
        message_id,
    )


def lineage_of(
    root: str | None, version: int | None, parent: str | None, number: int | None
) -> Lineage | None:
    """Read the columns of a lineage; None for a job that came from none."""
    if root is None or version is None or parent is None or number is None:
        return None
    return Lineage(JobId(root), version, Origin(JobId(parent), number))
