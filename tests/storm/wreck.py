"""What a kill left behind: which of the crash points it hit, read from the disk and stand-ins."""

from collections import defaultdict
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from bot.store.rows import ticks
from sandbox.omixa.log import Record
from tests.storm.town import Town

WINDOWS = {
    "C1": "acknowledged, not admitted",
    "C3": "held, not sent",
    "C4": "written as sent, nothing left",
    "C5": "asked, no answer yet",
    "C6": "inside an answer",
    "C7": "answered, not kept",
    "C8": "kept, not booked",
    "C9": "booked, not delivered",
    "C10": "at Discord, not marked",
    "told": "over, receipt not shown",
    "C12": "inside recovery",
    "C13": "inside the first start, or a backup",
}


def windows(town: Town, since: datetime, *, ready: bool, left_over: bool) -> set[str]:
    """Name the windows that the kill hit.

    Args:
        town: with its bot dead.
        since: when that bot was started.
        ready: whether it had come up.
        left_over: whether it came up to finish what an earlier one left.
    """
    found = set(_orders(town, since)) | set(_calls(town, since))
    if not ready and left_over:
        found.add("C12")
    if town.half_done() or not (ready or left_over or town.told):
        found.add("C13")
    return found


def unfinished(town: Town) -> bool:
    """Tell whether something waits to be sent, heard of, delivered or told."""
    return bool(
        town.read("SELECT 1 FROM call WHERE state IN ('held', 'sent')")
        or town.read("SELECT 1 FROM picture WHERE state = 'spooled'")
        or town.read("SELECT 1 FROM job WHERE told = 0")
    )


def _orders(town: Town, since: datetime) -> Iterator[str]:
    admitted = {row["key"]: row["id"] for row in town.read("SELECT key, id FROM job")}
    states = defaultdict(set)
    for call in town.books():
        states[call["job_id"]].add(call["state"])
    for order in town.discord.answers.everything.values():
        job, told = admitted.get(order.id), town.told[order.id]
        if order.made < since or not order.acked:
            continue
        if job is None and not told:
            yield "C1"
        if (
            job
            and not states[job] & {"held", "sent"}
            and not any("receipt `" in text for text in told)
        ):
            yield "told"


def _calls(town: Town, since: datetime) -> Iterator[str]:
    records = {record.idempotency_key: record for record in town.omixa.requests}
    kept = town.kept()
    for call in town.books():
        if call["created_at"] >= ticks(since):
            match call["state"]:
                case "held":
                    yield "C3"
                case "sent" if call["id"] in kept:
                    yield "C8"
                case "sent":
                    yield _sent(records.get(call["id"]))
                case _:
                    pass
    posted = [name for _, name, _ in town.pictures()]
    for row in town.read(
        "SELECT * FROM picture JOIN job ON job.id = job_id WHERE state = 'spooled'"
    ):
        if row["created_at"] >= ticks(since):
            yield "C10" if any(shows(name, row) for name in posted) else "C9"


def _sent(record: Record | None) -> str:
    if record is None:
        return "C4"
    if not record.status:
        return "C5"
    return "C7" if record.complete else "C6"


def shows(name: str, picture: dict[str, Any]) -> bool:
    return name.removeprefix("SPOILER_").startswith(f"{picture['job_id']}-{picture['number']}.")
