"""Lineage: which picture came from which, over as many edits as there were."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from sqlite3 import Connection
from typing import Any

from bot.core.ids import JobId
from bot.core.job import Lineage
from bot.core.order import Order, Origin
from bot.store.reading import Reading
from bot.store.rows import jump_url, order_of


@dataclass(frozen=True, slots=True)
class Relative:
    """A job of a family: what was ordered, and what it came from (None: the first of them)."""

    job: JobId
    order: Order
    discord_id: int | None
    lineage: Lineage | None
    server_id: int | None
    channel_id: int | None  # of its first picture, once it was delivered
    message_id: int | None

    @property
    def jump_url(self) -> str | None:
        """Lead to its first picture."""
        return jump_url(self.server_id, self.channel_id, self.message_id)


def write(db: Connection, orders: Iterable[tuple[JobId, Order]]) -> None:
    """Write down what jobs were made from; nothing for what the store does not know."""
    for job, order in orders:
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
lineage.parent_id, lineage.parent_number, job.server_id, picture.channel_id, picture.message_id
FROM job JOIN person ON person.id = job.person_id
LEFT JOIN lineage ON lineage.job_id = job.id
LEFT JOIN picture ON picture.job_id = job.id AND picture.number = 1
WHERE job.id = ? OR job.id IN (SELECT job_id FROM lineage WHERE root_id = ?)
ORDER BY job.created_at, job.rowid
"""


def _relative(job: str, text: str, discord_id: int | None, *rest: Any) -> Relative:
    came_from, where = rest[:4], rest[4:]
    return Relative(JobId(job), order_of(text), discord_id, lineage_of(*came_from), *where)


def lineage_of(
    root: str | None, version: int | None, parent: str | None, number: int | None
) -> Lineage | None:
    """Read the columns of a lineage; None for a job that came from none."""
    if root is None or version is None or parent is None or number is None:
        return None
    return Lineage(JobId(root), version, Origin(JobId(parent), number))


def descent_of(
    root: str | None, version: int | None, parent: str | None, number: int | None
) -> Reading[Lineage | None]:
    """Read a lineage with its story."""
    lineage = lineage_of(root, version, parent, number)
    if lineage is None:
        return None
    rows = yield _ANCESTORS, (lineage.parent.job,)
    orders = [order_of(text) for (text,) in rows]
    return replace(lineage, story=tuple(each for each in orders if not each.private))


_ANCESTORS = """
WITH RECURSIVE above (id, age) AS (
    VALUES (?, 0)
    UNION ALL SELECT lineage.parent_id, age + 1 FROM above JOIN lineage ON lineage.job_id = above.id
)
SELECT order_json FROM above JOIN job ON job.id = above.id ORDER BY age DESC
"""
