"""Recovery: after a start, and in rounds, brings every job to an end that somebody hears of."""

from collections import Counter
from datetime import timedelta

import structlog

from bot.core.clock import Clock
from bot.core.ids import CallId, JobId, job_of
from bot.core.job import Failure
from bot.core.states import CallState, PictureState
from bot.spool.manifest import Damaged
from bot.spool.spool import Spool
from bot.store.store import Store
from bot.studio.worker import Worker

log = structlog.get_logger(__name__)

RETENTION = timedelta(hours=72)  # then undelivered pictures are refunded and all bytes deleted
ROUND_S = 60.0
_ROUNDS_AN_HOUR = 60
_PATIENCE_MAX = 15  # rounds between two tries of a delivery that keeps failing


class Recovery:
    """Walks evidence first: a kept answer is booked whatever its call's state says."""

    def __init__(self, *, store: Store, spool: Spool, worker: Worker, clock: Clock) -> None:
        self._store = store
        self._spool = spool
        self._worker = worker
        self._clock = clock
        self._tries: Counter[JobId] = Counter()
        self._round = 0

    async def start(self) -> None:
        """Book what an earlier run paid for; call before any job is taken."""
        await self._spool.sweep()
        for call in await self._spool.kept():
            await self._book(call)

    async def rounds(self) -> None:
        """Make a round every minute, for ever; one that breaks is made up for by the next."""
        while True:
            try:
                await self.round()
            except Exception:
                log.exception("a round broke")
            await self._clock.sleep(ROUND_S)

    async def round(self) -> None:
        """Resume jobs nobody works on, and let go of what is past its retention."""
        for job_id in await self._store.unfinished():
            if job_id not in self._worker.active and self._is_due(job_id):
                await self._resume(job_id)
        if self._round % _ROUNDS_AN_HOUR == 0:
            for call in await self._spool.kept():
                await self._retire(call)
        self._round += 1

    async def _book(self, call: CallId) -> None:
        try:
            painted = await self._spool.manifest(call)
        except Damaged:
            log.exception("a kept answer cannot be read", call=call)
            return
        try:
            await self._worker.book(call, painted)
        except LookupError:
            log.exception("a kept answer belongs to no job", call=call)

    async def _resume(self, job_id: JobId) -> None:
        job = await self._store.job(job_id)
        for call in job.calls:
            if call.state is CallState.HELD:
                await self._store.release(call.id, Failure.INTERRUPTED)
            elif call.state is CallState.SENT:
                await self._store.doubt(call.id, "the bot stopped before the answer came")
        await self._worker.deliveries.deliver(job_id, again=True)
        job = await self._worker.deliveries.conclude(job_id)
        if any(picture.state is PictureState.SPOOLED for picture in job.pictures):
            self._tries[job_id] += 1
        else:
            self._tries.pop(job_id, None)

    def _is_due(self, job_id: JobId) -> bool:
        wait: int = min((1 << self._tries[job_id]) - 1, _PATIENCE_MAX)
        return self._round % (wait + 1) == 0

    async def _retire(self, call: CallId) -> None:
        try:
            job = await self._store.job(job_of(call))
        except LookupError:
            return  # kept for the operator: the only trace of what was paid
        if self._clock.now() - job.created_at < RETENTION:
            return
        for picture in job.pictures:
            if picture.call == call and picture.state is PictureState.SPOOLED:
                await self._store.refund(job.id, picture.number, "not delivered in time")
        await self._spool.discard(call)
