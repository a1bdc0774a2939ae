"""The worker: buys a job's calls and sees its pictures off, in one order and only forward."""

import asyncio
from collections import defaultdict, deque
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from statistics import median

import structlog

from bot.core.clock import Clock
from bot.core.ids import CallId, JobId, job_of, number_of
from bot.core.job import Call, Failure, Job, Look, Painted
from bot.core.money import ZERO, Money
from bot.core.order import prompt_of
from bot.core.states import CallState
from bot.core.tasks import Tasks
from bot.gateway.client import Gateway
from bot.gateway.errors import Stage, Unknown, Unspent
from bot.gateway.wire import Request
from bot.imaging.child import Fault
from bot.imaging.imaging import Imaging
from bot.ops import logs
from bot.ops.metrics import Metrics
from bot.spool.references import ReferenceLost, ReferenceShelf
from bot.spool.spool import Spool
from bot.store.bill import believable, is_runaway
from bot.store.errors import StoreError
from bot.store.store import Store
from bot.studio.courier import Courier, Late, Painting, Queued
from bot.studio.deliveries import Deliveries
from bot.studio.pauses import Pauses
from bot.studio.references import DataUrls
from bot.studio.shelf import Shelf
from bot.studio.turns import Turn, Turns

log = structlog.get_logger(__name__)

_PATIENCE_S = (1.0, 5.0, 30.0, 120.0)  # for our own disk and database, when an answer is there
_PICTURE_BYTES_MAX = 26 * 2**20  # a 4K picture as PNG
_REMEMBERED = 20  # durations per model and size that an estimate is taken from


class Worker:
    """Works jobs off. Each accepted job is one task that outlives whoever asked for it."""

    def __init__(
        self,
        *,
        store: Store,
        gateway: Gateway,
        spool: Spool,
        references: ReferenceShelf,
        imaging: Imaging,
        courier: Courier,
        shelf: Shelf,
        pauses: Pauses,
        turns: Turns,
        tasks: Tasks,
        metrics: Metrics,
        clock: Clock,
    ) -> None:
        self._store = store
        self._gateway = gateway
        self._spool = spool
        self._urls = DataUrls(references)
        self._imaging = imaging
        self._courier = courier
        self._shelf = shelf
        self._pauses = pauses
        self._turns = turns
        self._tasks = tasks
        self._metrics = metrics
        self._clock = clock
        self._pace: defaultdict[tuple[str, str | None], deque[float]] = defaultdict(
            lambda: deque(maxlen=_REMEMBERED)
        )
        self.deliveries = Deliveries(store, courier)
        self.active: set[JobId] = set()
        self._late: set[JobId] = set()  # those whose people know
        self._coming_bytes = 0
        metrics.queued.set_function(lambda: turns.waiting)

    def take(self, job_id: JobId) -> None:
        """Start on a held job."""
        self.active.add(job_id)
        _ = self._tasks.spawn(f"job {job_id}", self._work(job_id))

    async def cancel(self, job: Job) -> int:
        """Stop what of a job has not been sent yet; gives how many calls that were."""
        waiting = [call.id for call in job.calls if call.state is CallState.HELD]
        return sum([await self._store.release(each, Failure.CANCELLED) for each in waiting])

    async def _work(self, job_id: JobId) -> None:
        with logs.about(job_id):
            try:
                job = await self._store.job(job_id)
                # A call that breaks must not take its sisters' paid answers with it.
                ends = await asyncio.gather(
                    *(self._fulfil(job, call) for call in job.calls), return_exceptions=True
                )
                for error in filter(None, ends):
                    log.error("a call broke", exc_info=error)
                await self.deliveries.conclude(job_id)
            finally:
                self.active.discard(job_id)
                self._late.discard(job_id)

    async def _fulfil(self, job: Job, call: Call) -> None:
        first = call is job.calls[0]
        if first and (ahead := self._turns.ahead(job.person)) is not None:
            await self._courier.tell(job, Queued(ahead))
        async with self._turns.turn(job.person) as turn:
            news = self._courier.tell(job, self._painting(job)) if first else _nothing()
            buying = self._buy(job, call, turn)
            bought, _ = await asyncio.gather(buying, news, return_exceptions=True)
        if bought is not None:
            await self._store.release(call.id, Failure.INTERRUPTED)  # unless it was sent
            raise bought
        arrived = self._clock.monotonic()
        if await self.deliveries.deliver(job.id):
            self._metrics.delivery_s.observe(self._clock.monotonic() - arrived)

    async def _buy(self, job: Job, call: Call, turn: Turn) -> None:
        """Send, keep, settle: evidence is on disk before the books say so."""
        if self._pauses.is_stopped(job.order.model):
            await self._store.release(call.id, Failure.INTERRUPTED)
            return
        async with self._room(call) as into:
            if into is None:
                await self._store.release(call.id, Failure.NO_ROOM)
            else:
                await self._bought(job, call, turn, into)

    @asynccontextmanager
    async def _room(self, call: Call) -> AsyncGenerator[Path | None]:
        """Give a folder for an answer, gone afterwards unless it was kept; None when it is full."""
        most = call.images * _PICTURE_BYTES_MAX
        self._coming_bytes += most
        try:
            fits = self._spool.has_room(self._coming_bytes)
            yield await self._spool.open(call.id) if fits else None
        finally:
            self._coming_bytes -= most
            await self._spool.abandon(call.id)

    async def _bought(self, job: Job, call: Call, turn: Turn, into: Path) -> None:
        try:
            request = await self._request(job, call)
        except ReferenceLost as error:
            log.warning("a reference is lost", call=call.id, error=str(error))
            await self._store.release(call.id, Failure.NO_REFERENCE)
            return
        record = await self._store.record(job.id)
        if not await self._store.begin(call.id):
            return
        started = self._clock.monotonic()
        try:
            async with self._watched(job, turn):
                painted = await self._gateway.paint(request, call.id, into)
        except Unspent as error:
            await self._refused(job, call, error)
        except Exception as error:  # once sent, whatever else happens is unknown
            ours = Unknown(Stage.SENT, type(error).__name__)
            known = error if isinstance(error, Unknown) else ours
            log.warning("outcome unknown", call=call.id, stage=known.stage.value, exc_info=error)
            await self._store.doubt(call.id, known.detail)
            self._metrics.calls.labels("unknown").inc()
        else:
            self._pace[_pace_key(job)].append(self._clock.monotonic() - started)
            keep = partial(self._spool.keep, call.id, painted, record)
            if await self._patiently(keep, OSError):
                await self.book(call.id, painted)
            else:
                await self._patiently(
                    partial(self._settle, call.id, painted, {}, kept=False), StoreError
                )

    @asynccontextmanager
    async def _watched(self, job: Job, turn: Turn) -> AsyncGenerator[None]:
        watch = self._tasks.spawn(f"watch {job.id}", self._grow_late(job, turn))
        try:
            yield
        finally:
            watch.cancel()
            await asyncio.wait({watch})  # no news after the end

    async def _grow_late(self, job: Job, turn: Turn) -> None:
        """After the soft deadline lend the place to others, and say once that we keep waiting."""
        since = self._clock.now()
        await self._clock.sleep(self._gateway.soft_s)
        turn.grow_late()
        if job.id not in self._late:
            self._late.add(job.id)
            await self._courier.tell(await self._store.job(job.id), Late(since))

    async def _patiently(
        self, write: Callable[[], Awaitable[object]], trouble: type[Exception]
    ) -> bool:
        """Write an outcome: a disk of ours that is full for a while must not make it unknown."""
        for wait_s in _PATIENCE_S:
            try:
                await write()
            except trouble:
                log.exception("an outcome could not be written")
                await self._clock.sleep(wait_s)
            else:
                return True
        return False

    async def book(self, call: CallId, painted: Painted, *, at_last: bool = False) -> bool:
        """Settle a kept answer; False when it was booked before, which changes nothing.

        Args:
            call: whose answer it is.
            painted: the answer.
            at_last: a picture that children die of is none.

        Raises:
            Fault: when they do, which may be the machine's fault: try again later.
            Unavailable: when there is no child to look at pictures.
        """
        looks = {}
        for sketch in painted.sketches:
            try:
                look = await self._imaging.look(self._spool.path(call, sketch.name))
            except Fault:
                if not at_last:
                    raise
            else:
                if look is not None:
                    looks[sketch.name] = look
        return await self._settle(call, painted, looks)

    async def _settle(
        self, call: CallId, painted: Painted, looks: Mapping[str, Look], *, kept: bool = True
    ) -> bool:
        settled = await self._store.settle(call, painted, looks, kept=kept)
        if not settled.fresh:
            return False
        self._metrics.calls.labels("settled" if settled.pictures else "empty").inc()
        self._metrics.settled_micros.inc(settled.charged.micros)
        self._metrics.absorbed_micros.inc(max(0, settled.excess.micros))
        if settled.excess or settled.estimated:
            log.warning(
                "the bill differs from the quote",
                job=job_of(call),
                excess=str(settled.excess),
                estimated=settled.estimated,
            )
        if settled.runaway:
            self._stop((await self._store.job(job_of(call))).order.model, painted.billed)
        return True

    async def _refused(self, job: Job, call: Call, error: Unspent) -> None:
        self._metrics.calls.labels(error.failure.value).inc()
        billed = believable(error.billed, call.hold) or (call.hold if error.billed else ZERO)
        self._metrics.absorbed_micros.inc(billed.micros)
        self._pauses.note(error.failure)
        if error.failure is Failure.MODEL_REFUSED:
            self._shelf.withdraw(job.order.model)
        log.warning(
            "the gateway refused", call=call.id, failure=error.failure.value, billed=str(billed)
        )
        if is_runaway(error.billed, call.hold):
            self._stop(job.order.model, error.billed)
        await self._patiently(
            partial(self._store.release, call.id, error.failure, error.detail, error.billed),
            StoreError,
        )

    def _stop(self, model: str, bill: Money | None) -> None:
        self._pauses.stop_model(model)
        log.error("a model is paused: its bill runs away", model=model, bill=str(bill))

    async def _request(self, job: Job, call: Call) -> Request:
        order = job.order
        server = job.place.server_id
        row = await self._store.server(server) if server is not None else None
        return Request(
            model=self._shelf.catalogue.by_id[order.model],
            prompt=prompt_of(order, number_of(call.id), len(job.calls)),
            images=call.images,
            format=order.format,
            aspect=order.aspect,
            size=order.size,
            enhance=order.enhance,
            thinking=order.thinking,
            references=await self._urls.read(order.references),
            person_generation=row.person_generation if row else None,
            add_watermark=row.add_watermark if row else None,
        )

    def _painting(self, job: Job) -> Painting:
        known = self._pace[_pace_key(job)]
        return Painting(self._clock.now(), median(known) if known else None)


def _pace_key(job: Job) -> tuple[str, str | None]:
    return job.order.model, job.order.size


async def _nothing() -> None:
    """Stand in where there is no news."""
