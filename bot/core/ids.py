"""Names of things, typed so that one cannot be passed for another."""

import base64
import secrets
from typing import NewType

PersonId = NewType("PersonId", str)  # random: an entry must not tell who it was
JobId = NewType("JobId", str)  # short, because people read it on receipts and file names
CallId = NewType("CallId", str)  # "<job>.<number>"; also the gateway's Idempotency-Key

# Crockford's base 32, in which nothing looks like another, for the library's letters.
_CROCKFORD = bytes.maketrans(
    b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", b"0123456789abcdefghjkmnpqrstvwxyz"
)


def new_person_id() -> PersonId:
    """Draw a reference of 128 bits."""
    return PersonId(secrets.token_hex(16))


def new_job_id() -> JobId:
    """Draw eight letters: 40 bits, checked for uniqueness by the store."""
    return JobId(base64.b32encode(secrets.token_bytes(5)).translate(_CROCKFORD).decode())


def call_id(job: JobId, number: int) -> CallId:
    """Name a job's call; numbers start at 1."""
    return CallId(f"{job}.{number}")


def job_of(call: CallId) -> JobId:
    """Tell which job a call belongs to."""
    return JobId(call.partition(".")[0])
