"""Deliveries: hands a job's pictures to the courier and books each message as it stands."""

import asyncio
from contextlib import aclosing
from weakref import WeakValueDictionary

import structlog

from bot.core.ids import JobId
from bot.core.states import PictureState
from bot.store.store import Store
from bot.studio.courier import Courier, Undeliverable

log = structlog.get_logger(__name__)


class Deliveries:
    """One delivery of a job at a time, so that its calls do not post past each other."""

    def __init__(self, store: Store, courier: Courier) -> None:
        self._store = store
        self._courier = courier
        self._unsure: set[JobId] = set()  # a try of theirs did not end well, perhaps after a post
        self._locks: WeakValueDictionary[JobId, asyncio.Lock] = WeakValueDictionary()

    async def deliver(self, job_id: JobId, *, again: bool = False) -> int:
        """Post what is spooled, give how many; what can't be posted now waits for a later round."""
        delivered = 0
        async with self._locks.setdefault(job_id, asyncio.Lock()):
            job = await self._store.job(job_id)
            again = again or job_id in self._unsure
            self._unsure.add(job_id)
            try:
                async with aclosing(self._courier.deliver(job, again=again)) as posts:
                    async for posted in posts:
                        await self._store.delivered(
                            job_id, posted.numbers, posted.channel_id, posted.message_id
                        )
                        delivered += len(posted.numbers)
                self._unsure.discard(job_id)
            except Undeliverable as error:
                log.warning("pictures wait in the spool", job=job_id, reason=str(error))
        return delivered

    async def conclude(self, job_id: JobId, *, at_last: bool = False) -> bool:
        """Tell the person how the job ended; False when they, or all of it, wait for a later round.

        `at_last` gives up on somebody who can't be reached.
        """
        async with self._locks.setdefault(job_id, asyncio.Lock()):
            job = await self._store.job(job_id)
            told = await self._courier.conclude(job)
            if job.is_over and (told or at_last):
                await self._store.told(job)
            waiting = any(picture.state is PictureState.SPOOLED for picture in job.pictures)
            return told and not waiting
