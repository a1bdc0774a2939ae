"""Lineage: which picture came from which, over as many edits as there were."""

from collections import deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from sqlite3 import Connection
from typing import Any

from bot.core.ids import JobId
from bot.core.job import Lineage, Place, jump_url
from bot.core.order import Order, Origin
from bot.store.reading import Reading
from bot.store.rows import order_of


@dataclass(frozen=True, slots=True)
class Relative:
    """A job of a family: what was ordered, and what it came from (None: the first of them)."""

    job: JobId
    order: Order
    discord_id: int | None
    lineage: Lineage | None
    place: Place
    deleted: bool
    channel_id: int | None  # of its first picture, once it was delivered
    message_id: int | None

    @property
    def jump_url(self) -> str | None:
        """Lead to its first picture."""
        return jump_url(self.place.server_id, self.channel_id, self.message_id)


@dataclass(frozen=True, slots=True)
class Family:
    """Some jobs that have their first in common: one, what is near it, and how many there are."""

    near: tuple[Relative, ...]
    count: int


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


def family(job: JobId, most: int) -> Reading[Family]:
    """Read who is near a job in its family: what led to it first, then what came of these."""
    rows: Sequence[tuple[JobId, JobId | None]] = yield _FAMILY, (job,)
    chosen = _nearest(rows, job)[:most]
    marks = ", ".join("?" * len(chosen))
    found = yield f"{_RELATIVES} WHERE job.id IN ({marks})", chosen
    by_id = {row[0]: _relative(*row) for row in found}
    return Family(tuple(by_id[each] for each in chosen), len(rows))


def _nearest(rows: Sequence[tuple[JobId, JobId | None]], job: JobId) -> list[JobId]:
    """Sort a family: a job, its ancestors upwards, then what came of all of these, and so on."""
    parents = dict(rows)
    below: dict[JobId | None, list[JobId]] = {}
    for each, parent in rows:
        below.setdefault(parent, []).append(each)
    line = [job]
    while (parent := parents[line[-1]]) is not None:
        line.append(parent)
    found = dict.fromkeys(line)
    queue = deque(line)
    while queue:
        children = [each for each in below.get(queue.popleft(), ()) if each not in found]
        found |= dict.fromkeys(children)
        queue += children
    return list(found)


_FAMILY = """
WITH root (id) AS (
    SELECT coalesce(root_id, job.id)
    FROM job LEFT JOIN lineage ON lineage.job_id = job.id WHERE job.id = ?
)
SELECT root.id, NULL FROM root UNION ALL SELECT * FROM (
    SELECT lineage.job_id, lineage.parent_id FROM root JOIN lineage ON lineage.root_id = root.id
    JOIN job ON job.id = lineage.job_id ORDER BY job.created_at, job.id
)
"""


_RELATIVES = """
SELECT job.id, job.order_json, person.discord_id, lineage.root_id, lineage.version,
lineage.parent_id, lineage.parent_number, job.server_id, job.channel_id,
job.deleted_at IS NOT NULL, picture.channel_id, picture.message_id
FROM job JOIN person ON person.id = job.person_id
LEFT JOIN lineage ON lineage.job_id = job.id
LEFT JOIN picture ON picture.job_id = job.id AND picture.number = 1
"""


def _relative(job: str, text: str, discord_id: int | None, *rest: Any) -> Relative:
    came_from, (server, channel, deleted, *where) = lineage_of(*rest[:4]), rest[4:]
    place = Place(server_id=server, channel_id=channel)
    order = order_of(text)
    return Relative(JobId(job), order, discord_id, came_from, place, bool(deleted), *where)


def lineage_of(
    root: str | None, version: int | None, parent: str | None, number: int | None
) -> Lineage | None:
    """Read the columns of a lineage; None for a job that came from none."""
    if root is None or version is None or parent is None or number is None:
        return None
    return Lineage(JobId(root), version, Origin(JobId(parent), number))


def descent_of(
    job: JobId, root: str | None, version: int | None, parent: str | None, number: int | None
) -> Reading[Lineage | None]:
    """Read a lineage with its story: only what stood openly in the same channel is told."""
    lineage = lineage_of(root, version, parent, number)
    if lineage is None:
        return None
    rows = yield _ANCESTORS, (job, job)
    orders = [order_of(text) for (text,) in rows]
    return replace(lineage, story=tuple(each for each in orders if not each.private))


_ANCESTORS = """
WITH RECURSIVE above (id, age) AS (
    VALUES (?, 0)
    UNION ALL SELECT lineage.parent_id, age + 1 FROM above JOIN lineage ON lineage.job_id = above.id
)
SELECT job.order_json
FROM above JOIN job ON job.id = above.id JOIN job AS last ON last.id = ?
WHERE age > 0 AND job.channel_id = last.channel_id AND job.deleted_at IS NULL ORDER BY age DESC
"""
