"""Adoption: an order that a restored backup does not know, made again from beside its answer."""

from collections.abc import Mapping
from sqlite3 import Connection
from typing import Any, TypeAlias

from bot.core.ids import JobId
from bot.core.states import CallState
from bot.store import lineage
from bot.store.reading import Reading
from bot.store.rows import frames_of, order_of

Record: TypeAlias = Mapping[str, Any]
"""The rows of a job, by the names of their columns: whatever those are when it is written."""

_MADE_ANEW = frozenset({"id", "job_id", "person_id", "number", "images", "hold"})


def record(job: JobId) -> Reading[dict[str, Any]]:
    """Write down what `adopt` needs, as JSON could say it; the token is not in it."""
    (row,) = yield from _rows("job", "id", job)
    (person,) = yield from _rows("person", "id", row["person_id"])
    calls = yield from _rows("call", "job_id", job)
    return {
        "person": person,
        "job": row | {"token": None, "token_expires_at": None},
        "calls": calls,
    }


def adopt(db: Connection, record: Record) -> bool:
    """Make a job again, its price held and all of its calls sent; False when it is known.

    Limits are not asked: the money is spent. Which calls besides the answered one were sent is
    not known, so all count as if they were.
    """
    job = dict(record["job"])
    if db.execute("SELECT 1 FROM job WHERE id = ?", (job["id"],)).fetchone():
        return False
    payer = _person(db, record["person"])
    job["frames"] = job["frames"].replace(job["person_id"], payer)
    job["person_id"] = payer
    _insert(db, "job", job | {"status_id": None})
    lineage.write(db, [(JobId(job["id"]), order_of(job["order_json"]))])
    for call in record["calls"]:
        planned = {name: call[name] for name in _MADE_ANEW}
        sent = {"state": CallState.SENT, "sent_at": job["created_at"], "person_id": payer}
        _insert(db, "call", planned | sent)
    held = sum(call["hold"] for call in record["calls"])
    db.executemany(
        "INSERT INTO balance (scope, day, held, used) VALUES (?, ?, ?, 0)"
        " ON CONFLICT (scope, day) DO UPDATE SET held = held + excluded.held",
        [(scope, day, held) for scope, day in frames_of(job["frames"])],
    )
    return True


def _person(db: Connection, row: Mapping[str, Any]) -> str:
    """Find the person under their reference, else under their Discord id, else make them again."""
    found = db.execute(
        "SELECT id FROM person WHERE id = ? OR discord_id = ? ORDER BY id = ? DESC",
        (row["id"], row["discord_id"], row["id"]),
    ).fetchone()
    if found is None:
        _insert(db, "person", row)
    return str(found[0] if found else row["id"])


def _rows(table: str, key: str, value: str) -> Reading[list[dict[str, Any]]]:
    columns = yield "SELECT name FROM pragma_table_info(?)", (table,)
    rows = yield f"SELECT * FROM {table} WHERE {key} = ?", (value,)  # noqa: S608 - named above
    return [dict(zip((name for (name,) in columns), row, strict=True)) for row in rows]


def _insert(db: Connection, table: str, row: Mapping[str, Any]) -> None:
    known = [name for (name,) in db.execute("SELECT name FROM pragma_table_info(?)", (table,))]
    given = [name for name in known if name in row]  # an older version's record may lack some
    marks = ", ".join("?" * len(given))
    db.execute(
        f"INSERT INTO {table} ({', '.join(given)}) VALUES ({marks})",  # noqa: S608 - its own columns
        [row[name] for name in given],
    )
