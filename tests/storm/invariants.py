"""What must hold between our books, our disk and the truth of the outside."""

import sqlite3
from pathlib import Path
from typing import Any

from bot.store.audit import findings
from tests.storm.comparison import demand
from tests.storm.oracle import ABSURD, Call
from tests.storm.truth import GOOD, Deed
from tests.storm.world import World


def check_evidence(world: World, db: sqlite3.Connection) -> None:
    """After a recovery: what we were told and kept is in the books (I10), whatever came between."""
    for name in world.kept():
        call, deed = world.oracle.calls[name], world.gateway.deeds[name]
        demand(call.state in {"settled", "released"}, f"I10: {name} is kept and {call.state}")
        demand(len(call.shares) == sum(deed.pictures), f"I10: {name} lost a picture: {deed}")
        demand(_is_booked(call, deed), f"I10: {name} is not booked as told: {call}, {deed}")
    check_truth(world)
    check_disk(world, db)


def _is_booked(call: Call, deed: Deed) -> bool:
    told = deed.told
    if told is None or told > ABSURD * call.hold:
        told = call.billed if call.estimated else deed.billed
    return call.billed == told or deed.is_hidden


def check_truth(world: World) -> None:
    """Every bill of the stand-in is visible in our books, and none that it never wrote (I9)."""
    for name, call in world.oracle.calls.items():
        deed = world.gateway.deeds.get(name, Deed(kind="never sent"))
        visible = call.state in {"sent", "unknown"} or call.exposure or call.estimated
        demand(
            visible or call.billed == deed.billed or deed.is_hidden,
            f"I9: {name} was billed {deed.billed}: {call}, {deed}",
        )


def check_disk(world: World, db: sqlite3.Connection) -> None:
    """Every picture is in one place: on disk, in a message, or paid back (I14)."""
    rows: list[Any] = db.execute(
        "SELECT job_id, number, call_id, name, state, message_id FROM picture"
    ).fetchall()
    for job, number, call, name, state, message in rows:
        if state == "spooled":
            path: Path = world.spool / "kept" / call / name
            demand(path.exists() and path.read_bytes().startswith(GOOD), f"I14: {path} is gone")
        if state == "delivered":
            stands = world.discord.messages.get((job, number))
            demand(stands == message, f"I14: {job} {number} stands in {stands}, not {message}")


def is_busy(world: World, db: sqlite3.Connection) -> bool:
    """Tell whether a call is open, a picture waits, or somebody was not told of the end."""
    (waiting,) = db.execute(
        "SELECT (SELECT count(*) FROM picture WHERE state = 'spooled')"
        " + (SELECT count(*) FROM job WHERE told = 0)"
    ).fetchone()
    return bool(waiting) or any(call.held for call in world.oracle.calls.values())


def check_quiet(world: World, db: sqlite3.Connection) -> None:
    """With nobody at work nothing is half-done (I11), and all sums agree."""
    demand(not is_busy(world, db), f"I11: not over: {world.states()}")
    incoming = world.spool / "incoming"
    left = list(incoming.iterdir()) if incoming.exists() else []
    demand(not left, f"I14: left on disk: {left}")
    world.witness.comparison.whole(db)
    found = findings(db)
    demand(not found, f"the audit finds: {found}")
    check_evidence(world, db)
