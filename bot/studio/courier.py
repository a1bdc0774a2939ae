"""What the workshop asks of whoever takes pictures to people: the one inverted arrow."""

from collections.abc import AsyncGenerator
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol, TypeAlias

from bot.core.job import Job


@dataclass(frozen=True, slots=True)
class Queued:
    """Not started; `ahead` calls go first."""

    ahead: int


@dataclass(frozen=True, slots=True)
class Painting:
    """The gateway works; `usual_s` is learned from earlier calls, None before the first."""

    since: datetime
    usual_s: float | None


@dataclass(frozen=True, slots=True)
class Late:
    """The gateway takes unusually long; its answer is still waited for."""

    since: datetime


Stage: TypeAlias = Queued | Painting | Late


@dataclass(frozen=True, slots=True)
class Posted:
    """Pictures of a job that now stand in a message."""

    numbers: tuple[int, ...]
    channel_id: int
    message_id: int


class Undeliverable(Exception):
    """Pictures stay in the spool; delivery is tried again later."""


class Courier(Protocol):
    """Takes pictures and news of a job to the person who ordered it."""

    async def tell(self, job: Job, stage: Stage) -> None:
        """Show a stage on the acknowledgement; never fails, news may be lost."""

    def deliver(self, job: Job, *, again: bool) -> AsyncGenerator[Posted]:
        """Post the job's spooled pictures, message by message.

        Args:
            job: as the store has it now.
            again: an earlier try may have succeeded unseen: look before posting.

        Raises:
            Undeliverable: when some could not be posted now.
        """

    async def conclude(self, job: Job) -> bool:
        """Tell how the job ended, once no more pictures will come by themselves.

        False when nobody could be reached and another try may.
        """
