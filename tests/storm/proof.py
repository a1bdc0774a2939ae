"""What must hold once all is quiet, whatever happened: the disk against the stand-ins' truth."""

import re
from collections import Counter
from itertools import pairwise
from typing import Any

from bot.core.money import Money
from tests.storm.town import Rows, Town
from tests.storm.wreck import shows

_ACCOUNT = re.compile(
    r"charged (\$[\d.]+)(?:, .*?)??(?:, (\$[\d.]+) still held)? · receipt `(\w+)`"
)
_BEFORE_PAYING = {429, 503}  # the statuses that may be tried again with the same key


def prove(town: Town) -> None:
    """Raise AssertionError for any fact lost, any call billed twice, any picture shown twice."""
    calls = town.books()
    jobs = _by_job(calls)
    _nothing_is_open(town, calls)
    _everybody_was_told(town, jobs)
    _what_was_told_is_true(town, jobs)
    _pictures_stand_once(town)
    _nothing_was_billed_twice(town)
    _every_bill_is_in_the_books(town, {call["id"]: call for call in calls})
    assert town.audit() == []
    _nothing_broke(town)


def _by_job(calls: Rows) -> dict[str, Rows]:
    jobs: dict[str, Rows] = {}
    for call in calls:
        jobs.setdefault(call["job_id"], []).append(call)
    return jobs


def _nothing_is_open(town: Town, calls: Rows) -> None:
    """I11."""
    assert {call["state"] for call in calls} <= {"settled", "released", "unknown"}
    assert not town.read("SELECT 1 FROM picture WHERE state = 'spooled'")
    resolved = {call["id"] for call in calls if call["gateway"] or call["state"] == "released"}
    assert town.kept() <= resolved


def _everybody_was_told(town: Town, jobs: dict[str, Rows]) -> None:
    """An order that was accepted is in the books, and its person knows how it ended."""
    keys = {calls[0]["key"]: job for job, calls in jobs.items()}
    for key, texts in town.told.items():
        if any(text.startswith("Ordered") or "receipt `" in text for text in texts):
            assert key in keys, texts
    for key, job in keys.items():
        assert _knows(town, key, job), (jobs[job], town.told[key])


def everybody_knows(town: Town) -> bool:
    """Tell whether every job's acknowledgement has become its receipt."""
    return all(_knows(town, row["key"], row["id"]) for row in town.read("SELECT key, id FROM job"))


def _knows(town: Town, key: str, job: str) -> bool:
    message = town.discord.answers.everything[key].original
    return message is not None and f"receipt `{job}`" in message.text


def _what_was_told_is_true(town: Town, jobs: dict[str, Rows]) -> None:
    """The last receipt says what the books say, and no earlier one said less was paid."""
    for texts in town.told.values():
        receipts = [found.groups() for text in texts if (found := _ACCOUNT.search(text))]
        if not receipts:
            continue
        for before, after in pairwise(receipts):
            assert before[1] or before == after, receipts
        charged, held, job = receipts[-1]
        assert Money.parse(charged[1:]).micros == sum(call["paid"] for call in jobs[job])
        unknown = sum(call["hold"] for call in jobs[job] if call["state"] == "unknown")
        assert Money.parse((held or "$0")[1:]).micros == unknown, (receipts, jobs[job])


def _pictures_stand_once(town: Town) -> None:
    posted = town.pictures()
    for repeated in (Counter(name for _, name, _ in posted), Counter(data for *_, data in posted)):
        assert max(repeated.values(), default=0) <= 1, [(where, name) for where, name, _ in posted]
    for picture in town.read("SELECT * FROM picture"):
        (message,) = (where for where, name, _ in posted if shows(name, picture))
        assert (picture["state"], picture["message_id"]) == ("delivered", int(message.id))
    assert len(posted) == len(town.read("SELECT 1 FROM picture"))


def _nothing_was_billed_twice(town: Town) -> None:
    """I6: by the stand-in's own records, whatever the books say."""
    seen: dict[str | None, list[Any]] = {}
    for record in town.omixa.requests:
        assert record.idempotency_key
        seen.setdefault(record.idempotency_key, []).append(record)
    for records in seen.values():
        assert sum(record.billed_micros > 0 for record in records) <= 1
        assert all(record.status in _BEFORE_PAYING for record in records[:-1])


def _every_bill_is_in_the_books(town: Town, calls: dict[str, dict[str, Any]]) -> None:
    """I9, call by call and in sum."""
    for record in town.omixa.requests:
        call = calls[record.idempotency_key or ""]
        unknown = call["hold"] if call["state"] == "unknown" else 0
        assert record.billed_micros <= call["gateway"] + call["exposure"] + unknown, call
    covered = sum(
        call["gateway"] + call["exposure"] + (call["hold"] if call["state"] == "unknown" else 0)
        for call in calls.values()
    )
    assert town.omixa.wallet.captured_micros <= covered
    assert town.omixa.wallet.conserved()


def _nothing_broke(town: Town) -> None:
    broken = [line for line in town.logs if '"level": "error"' in line or "critical" in line]
    assert not broken, "".join(broken)
