"""What the gateway saw: every call it received, for tests to compare the bot with."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sandbox.omixa.faults import Fault

RECORDS_MAX = 10_000
BYTES_MAX = 64 * 1024 * 1024


@dataclass(slots=True, kw_only=True, eq=False)
class Record:
    """One POST: what came, what was done, what went out."""

    id: str
    at: datetime
    headers: dict[str, str]
    fault: Fault
    port: int = 0  # the client's end of the connection
    body: Any = None
    model: str = ""
    status: int = 0
    images: int = 0
    billed_micros: int = 0
    complete: bool = False
    latency_ms: int = 0
    weight: int = field(default=0, repr=False)

    @property
    def idempotency_key(self) -> str | None:
        """The client's key, which this gateway records and otherwise ignores."""
        return self.headers.get("idempotency-key")


class Log:
    """The records, oldest first; the oldest go when there are too many or they weigh too much."""

    def __init__(self) -> None:
        self.records: list[Record] = []
        self._weight = 0

    def add(self, record: Record) -> None:
        """Keep `record`, and drop what no longer fits."""
        self.records.append(record)
        self._trim()

    def weigh(self, record: Record, weight: int) -> None:
        """Count the bytes of a body that has been read."""
        record.weight = weight
        self._weight += weight
        self._trim()

    def _trim(self) -> None:
        while len(self.records) > RECORDS_MAX or (
            self._weight > BYTES_MAX and len(self.records) > 1
        ):
            self._weight -= self.records.pop(0).weight
