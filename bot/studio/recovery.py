"""Recovery: after a start, and in rounds, brings every job to an end that somebody hears of."""

from collections import Counter
from collections.abc import Awaitable, Collection
from datetime import timedelta

import structlog

from bot.core.clock import Clock
from bot.core.ids import CallId, JobId, job_of
from bot.core.job import Failure, Job
from bot.core.states import CallState, PictureState
from bot.ops.metrics import Metrics
from bot.spool.manifest import Damaged
from bot.spool.references import ReferenceShelf
from bot.spool.spool import Spool
from bot.store.store import Store
from bot.studio.doubts import Doubts
from bot.studio.worker import Worker

log = structlog.get_logger(__name__)

RETENTION = timedelta(hours=72)  # then undelivered pictures are refunded and all bytes deleted
ROUND_S = 60.0
_TEND_S = 3600.0
_UNHEARD = frozenset({CallState.HELD, CallState.SENT})
_NOTHING_CAME = frozenset({Failure.UNANSWERED, Failure.LOST})
_PATIENCE_MAX = 15  # rounds between two tries of a delivery that keeps failing
_TRIES = 3  # after a long sleep a job is not given up before so many


class Recovery:
    """Walks evidence first: a kept answer is booked whatever its call's state says."""

    def __init__(
        self,
        *,
        store: Store,
        spool: Spool,
        references: ReferenceShelf,
        worker: Worker,
        doubts: Doubts,
        metrics: Metrics,
        clock: Clock,
    ) -> None:
        self._store = store
        self._spool = spool
        self._references = references
        self._worker = worker
        self._doubts = doubts
        self._held = metrics.held_micros
        self._clock = clock
        self._tries: Counter[JobId] = Counter()
        self._round = 0
        self._tended = clock.monotonic()
        self._began = clock.now()

    async def start(self) -> None:
        """Book what an earlier run paid for; call before any job is taken."""
        await self._spool.sweep()
        await self._tend_all()

    async def rounds(self) -> None:
        """Make a round every minute, for ever; one that breaks is made up for by the next."""
        while True:
            try:
                await self.round()
            except Exception:
                log.exception("a round broke")
            await self._clock.sleep(ROUND_S)

    async def round(self) -> None:
        """Let go of what is over, and resume jobs that nobody works on."""
        await self._store.forget_tokens()
        await self._doubts.round()
        await self._measure()
        if self._clock.monotonic() - self._tended >= _TEND_S:
            await self._tend_all()
        kept = frozenset(await self._spool.kept())
        due = [job_id for job_id in await self._store.unfinished() if self._is_due(job_id)]
        # Everybody's money comes before the first word, which Discord may be slow to take.
        resolved = [each for each in due if await self._try(self._resolve(each, kept), each)]
        for job_id in resolved:
            await self._try(self._see_off(job_id), job_id)
        self._round += 1

    async def _try(self, step: Awaitable[None], job_id: JobId) -> bool:
        try:
            await step
        except Exception:
            log.exception("a job could not be resumed", job=job_id)
            return False
        return True

    async def _resolve(self, job_id: JobId, kept: Collection[CallId]) -> None:
        """Bring a job's calls to an end, or to doubt."""
        job = await self._store.job(job_id)
        if not self._is_ours(job):
            return
        self._tries[job_id] += 1
        for call in job.calls:
            if call.state not in _UNHEARD:
                continue
            if call.id in kept and await self._book(call.id) is not None:
                continue
            if call.state is CallState.HELD:
                await self._store.release(call.id, Failure.INTERRUPTED)
            else:
                await self._store.doubt(call.id, "the bot stopped before the answer came")

    async def _see_off(self, job_id: JobId) -> None:
        """Deliver and tell what is left; in the end what could not be delivered is paid back."""
        job = await self._store.job(job_id)
        if not self._is_ours(job):
            return
        await self._worker.deliveries.deliver(job_id, again=True)
        at_last = self._is_past(job) and self._tries[job_id] >= _TRIES
        if at_last:
            await self._pay_back(job)
        if await self._worker.deliveries.conclude(job_id, at_last=at_last):
            del self._tries[job_id]

    def _is_ours(self, job: Job) -> bool:
        return job.id not in self._worker.active and not self._is_new(job)

    def _is_past(self, job: Job) -> bool:
        return self._clock.now() - job.created_at >= RETENTION

    def _is_new(self, job: Job) -> bool:
        """Tell whether the desk may not have handed a job over yet that it has just written."""
        age = self._clock.now() - job.created_at
        return job.created_at >= self._began and age < timedelta(seconds=ROUND_S)

    def _is_due(self, job_id: JobId) -> bool:
        wait: int = min((1 << self._tries[job_id]) - 1, _PATIENCE_MAX)
        return self._round % (wait + 1) == 0

    async def _measure(self) -> None:
        self._held.set((await self._store.held()).micros)

    async def _tend_all(self) -> None:
        self._tended = self._clock.monotonic()
        for call in await self._spool.kept():
            if job_of(call) in self._worker.active:
                continue
            try:
                await self._tend(call)
            except Exception:  # one odd folder must not keep the bot from starting
                log.exception("a kept answer is left as it is", call=call)
        await self._sweep_references()

    async def _sweep_references(self) -> None:
        try:
            jobs = [await self._store.job(job_id) for job_id in await self._store.unfinished()]
            orders = [*(job.order for job in jobs), *await self._store.waiting()]
            keep = {each.name for order in orders for each in order.references}
            await self._references.sweep(keep)
        except Exception:  # old files are no reason not to start
            log.exception("references could not be swept")

    async def _tend(self, call_id: CallId) -> None:
        """Book a kept answer that is not booked; let go of one past its retention."""
        job = await self._known(call_id)
        call = next(call for call in job.calls if call.id == call_id)
        pictures = [picture for picture in job.pictures if picture.call == call_id]
        unheard = call.state in _UNHEARD or call.failure in _NOTHING_CAME
        if unheard and not pictures and await self._book(call_id) is not False:
            return
        if self._is_past(job) and not any(one.state is PictureState.SPOOLED for one in pictures):
            await self._spool.discard(call_id)

    async def _known(self, call: CallId) -> Job:
        """Find a kept answer's job; one that a restored backup has not is made again."""
        try:
            return await self._store.job(job_of(call))
        except LookupError:
            record = await self._spool.record(call)
            if record is None:
                raise
            await self._store.adopt(record)
            log.warning("an order was made again from its answer", call=call)
            return await self._store.job(job_of(call))

    async def _pay_back(self, job: Job) -> None:
        for picture in job.pictures:
            await self._store.refund(job.id, picture.number, "not delivered in time")

    async def _book(self, call: CallId) -> bool | None:
        """Book a kept answer; False when it was booked before, None when it can't be read."""
        try:
            painted = await self._spool.manifest(call)
            await self._store.begin(call)  # an answer proves that it was sent
            at_last = self._tries[job_of(call)] >= _TRIES
            return await self._worker.book(call, painted, at_last=at_last)
        except Damaged:
            log.exception("a kept answer cannot be read", call=call)
            return None
