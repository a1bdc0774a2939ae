"""Names of things, typed so that one cannot be passed for another."""

import secrets
from itertools import product
from typing import NewType

PersonId = NewType("PersonId", str)  # random: an entry must not tell who it was
JobId = NewType("JobId", str)  # short, because people read it on receipts and file names
CallId = NewType("CallId", str)  # "<job>.<number>"; also the gateway's Idempotency-Key

_LETTERS = "0123456789abcdefghjkmnpqrstvwxyz"  # Crockford's base 32: nothing looks like another
_PAIRS = ["".join(pair) for pair in product(_LETTERS, repeat=2)]


def new_person_id() -> PersonId:
    """Draw a reference of 128 bits."""
    return PersonId(secrets.token_hex(16))


def new_job_id() -> JobId:
    """Draw eight letters: 40 bits, checked for uniqueness by the store."""
    number = secrets.randbits(40)
    return JobId("".join(_PAIRS[number >> shift & 1023] for shift in (30, 20, 10, 0)))


def call_id(job: JobId, number: int) -> CallId:
    """Name a job's call; numbers start at 1."""
    return CallId(f"{job}.{number}")


def job_of(call: CallId) -> JobId:
    """Tell which job a call belongs to."""
    return JobId(call.partition(".")[0])


def number_of(call: CallId) -> int:
    """Tell which of its job's calls one is."""
    return int(call.partition(".")[2])


def named(text: str) -> tuple[JobId, str]:
    """Read how people name a result, and a picture of it, or "" for all: "k7f2", "`K7F2-2`"."""
    job, _, number = text.strip(" `").lower().partition("-")
    return JobId(job), number
