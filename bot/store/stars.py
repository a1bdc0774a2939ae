"""Stars: who likes which result, and where the best of them are shown."""

from datetime import datetime
from sqlite3 import Connection

from bot.core.ids import JobId
from bot.store.reading import Reading
from bot.store.rows import ticks, upsert
from bot.store.servers import person


def turn(db: Connection, now: datetime, job: JobId, discord_id: int) -> tuple[bool, int]:
    """Star a result, or take one's star back; gives whether it is starred, and how many do."""
    whose = person(db, now, discord_id)
    gone = db.execute("DELETE FROM star WHERE job_id = ? AND person_id = ?", (job, whose)).rowcount
    if not gone:
        db.execute("INSERT INTO star VALUES (?, ?, ?)", (job, whose, ticks(now)))
    (count,) = db.execute("SELECT count(*) FROM star WHERE job_id = ?", (job,)).fetchone()
    return not gone, int(count)


def showcase(job: JobId) -> Reading[tuple[int, tuple[int, int] | None]]:
    """Count a result's stars, and find the message that shows it among the best.

    The message is (channel, message).
    """
    ((count,),) = yield "SELECT count(*) FROM star WHERE job_id = ?", (job,)
    rows = yield "SELECT channel_id, message_id FROM showcase WHERE job_id = ?", (job,)
    return count, (rows[0][0], rows[0][1]) if rows else None


def shown(db: Connection, job: JobId, channel_id: int, message_id: int) -> None:
    """Remember the message that shows a result among the best."""
    db.execute(
        upsert("showcase", ["job_id"], ["channel_id", "message_id"]), (job, channel_id, message_id)
    )


def gone(db: Connection, job: JobId) -> None:
    """Forget the message that showed a result among the best, so that it may have another."""
    db.execute("DELETE FROM showcase WHERE job_id = ?", (job,))
