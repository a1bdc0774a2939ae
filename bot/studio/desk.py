"""The desk: prices an order, asks whether it may be, holds its money and hands out a ticket."""

from collections.abc import Callable, Container
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import structlog

from bot.core.catalogue import Model, Task
from bot.core.clock import Clock
from bot.core.ids import JobId
from bot.core.job import Acknowledgement, Admission, Payer, Place, Ticket
from bot.core.money import Money
from bot.core.order import Order, Quote, checked, quoted
from bot.core.preferences import NO_PREFERENCES, Preferences
from bot.core.problems import (
    MissingPermissions,
    NotHere,
    OverLimit,
    Paused,
    PauseReason,
    Problem,
    Refused,
    UnknownModel,
    Unsupported,
)
from bot.ops.metrics import Metrics
from bot.spool.spool import Spool
from bot.store.admission import check
from bot.store.asks import Ask, Verdict
from bot.store.errors import StoreError
from bot.store.store import Store
from bot.studio.pauses import Pauses
from bot.studio.shelf import Shelf
from bot.studio.ways_out import WayOut, ways_out

log = structlog.get_logger(__name__)

_BEHIND_MAX, _AHEAD_MAX = timedelta(minutes=5), timedelta(days=1)
_ORDER_BYTES_MAX = 10 * 26 * 2**20  # ten 4K pictures as PNG


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """One coming to the desk: who pays, from where, and what the bot lacks to deliver there.

    `key` is the id of the Discord interaction or message; the same key is the same job. `at` is
    when it happened by Discord's clock.
    """

    key: str
    payer: Payer
    place: Place
    missing_permissions: tuple[str, ...] = ()
    acknowledgement: Acknowledgement | None = None
    at: datetime | None = None


class Desk:
    """Admission. Nothing is held, and no row written, for an order that is refused.

    Args:
        servers: the ids that may spend.
        clock: what orders are dated by.
        accept: called with a fresh job, which is durable from there on.
    """

    def __init__(
        self,
        *,
        store: Store,
        spool: Spool,
        shelf: Shelf,
        pauses: Pauses,
        metrics: Metrics,
        servers: Container[object],
        clock: Clock,
        accept: Callable[[JobId], None],
    ) -> None:
        self._store = store
        self._spool = spool
        self._shelf = shelf
        self._pauses = pauses
        self._refusals = metrics.refusals
        self._servers = servers
        self._clock = clock
        self._accept = accept

    async def admit(self, order: Order, visit: Visit) -> Ticket:
        """Hold the order's price and queue it; the same visit again gives the same ticket.

        Raises:
            Refused: with the problem, before anything is held.
        """
        try:
            ticket = await self._store.hold(await self._admission(order, visit))
        except Refused as refused:
            await self._note(visit, refused.problem)
            raise
        if ticket.fresh:
            self._accept(ticket.job)
        return ticket

    async def fulfil(
        self, wish: Ask, verdict: Verdict, visit: Visit, *, start: bool
    ) -> Ticket | Problem | None:
        """Decide a wish in its person's favour and order what it was for, in one go.

        Gives the ticket, or what stands in the way although more is allowed now.

        Args:
            wish: open, as far as is known.
            verdict: what more is allowed, and by whom.
            visit: the person's, at the time of the verdict.
            start: False only allows more; the person orders again.

        Raises:
            Decided: when another manager was quicker.
            Refused: when no limit is what stands in the way, or it was raised by too little;
                nothing is decided then.
        """
        admission = await self._admission(wish.order, visit)
        wish = replace(wish, needed=admission.unit_price * sum(admission.calls))
        outcome = await self._store.fulfil(wish, verdict, admission if start else None)
        if isinstance(outcome, Ticket):
            if outcome.fresh:
                self._accept(outcome.job)
        elif outcome is not None:
            await self._note(visit, outcome)
        return outcome

    async def row_for_references(self, order: Order, pictures: int, visit: Visit) -> Model:
        """Tell which row would work from so many pictures, before any of them is fetched.

        Raises:
            Refused: with what stands in the way whatever they show. What a smaller or another
                order helps against is left to `admit`: that order works from the pictures too.
        """
        row = self.row_for(self._row(order.model, order.task), order.task, pictures)
        try:
            await self.weigh(replace(order, model=row.id), visit)
        except Refused as refused:
            if not isinstance(refused.problem, OverLimit | Unsupported):
                await self._note(visit, refused.problem)
                raise
        return row

    def row_for(self, model: Model, task: Task, pictures: int) -> Model:
        """Tell which row works from so many pictures where `model` was chosen."""
        return self._shelf.catalogue.for_references(model, task, count=pictures)

    async def check_allowed(self, visit: Visit) -> None:
        """Ask whether somebody may order there at all, whatever is left.

        Raises:
            Refused: when they, or the place, are blocked.
        """
        check(await self._store.allowances(visit.place, visit.payer), Money(0))

    async def weigh(self, order: Order, visit: Visit) -> None:
        """Ask whether somebody could order this now, without ordering it.

        Raises:
            Refused: with what stands in the way.
        """
        self._check_open(visit)
        _, quote = await self.quote(order)
        check(await self._store.allowances(visit.place, visit.payer), quote.total)

    async def ways_out(self, order: Order, left: Money) -> list[WayOut]:
        """Find what could be ordered with what is left, where an order can't.

        Raises:
            Refused: when the order could not be placed with any money.
        """
        order, quote = await self.quote(order)
        catalogue = self._shelf.catalogue
        # References choose their row by themselves.
        rows = (catalogue.by_id[order.model],) if order.references else catalogue.enabled
        prices = {(order.model, order.size): quote.unit_price}
        for row in rows:
            for size in row.sizes or (None,):
                listed = row.price(size)  # the least it can be: what was learned only raises it
                if listed is not None and listed < quote.unit_price:
                    prices[row.id, size] = await self.price(row, size)
        return ways_out(order, left, rows, prices)

    async def _admission(self, order: Order, visit: Visit) -> Admission:
        self._check_open(visit)
        order, quote = await self.quote(order)
        if (reason := self._pauses.reason(order.model)) is not None:
            raise Refused(Paused(reason))
        return Admission(
            key=visit.key,
            payer=visit.payer,
            place=visit.place,
            order=order,
            calls=quote.calls,
            unit_price=quote.unit_price,
            acknowledgement=self._by_own_clock(visit),
        )

    async def _note(self, visit: Visit, problem: Problem) -> None:
        self._refusals.labels(type(problem).__name__).inc()
        try:
            await self._store.note_refusal(visit.payer, visit.place.server_id, problem)
        except StoreError as error:  # the refusal itself stands without its audit
            log.warning("a refusal was not written down", error=str(error))

    def serves(self, server_id: int | None) -> bool:
        """Tell whether a server may spend; places outside servers are a matter of limits."""
        return server_id is None or server_id in self._servers

    async def quote(self, order: Order) -> tuple[Order, Quote]:
        """Complete an order with its row's defaults and price it.

        With references it goes to the row that works from pictures best, whatever was chosen.

        Raises:
            Refused: when the row does not take the order or has no price for it.
        """
        model = self._row(order.model, order.task)
        if order.references:
            model = self.row_for(model, order.task, len(order.references))
        order = checked(replace(order, model=model.id), model)
        quote = quoted(order, model)
        return order, replace(quote, unit_price=await self.price(model, order.size))

    async def price(self, model: Model, size: str | None) -> Money:
        """Tell what a picture is quoted at; what the gateway once took is the least from then on.

        A size without a price of its own gives the row's lowest, for lists.
        """
        learned = await self._store.learned_price(model.id, size)
        return max(model.price(size) or model.price_from, learned or Money(0))

    def model(self, text: str | None, preferences: Preferences = NO_PREFERENCES) -> Model:
        """Find the row a person typed, else the one preferred, else the catalogue's.

        Raises:
            Refused: with UnknownModel, listing the labels there are.
        """
        return preferences.model(self._shelf.catalogue) if text is None else self._row(text)

    def _row(self, text: str, task: Task | None = None) -> Model:
        catalogue = self._shelf.catalogue
        if (model := catalogue.find(text, task)) is None:
            raise Refused(UnknownModel(text, tuple(m.label for m in catalogue.enabled)))
        return model

    def _by_own_clock(self, visit: Visit) -> Acknowledgement | None:
        """Date the token's end by the clock that it is compared with, which may be off a little."""
        answer = visit.acknowledgement
        if answer is None or visit.at is None:
            return answer
        return replace(answer, expires_at=self._clock.now() + (answer.expires_at - visit.at))

    def _check_clock(self, visit: Visit) -> None:
        """Take no order with a clock that would count it in another day or year."""
        ahead = self._clock.now() - visit.at if visit.at else timedelta(0)
        if not -_BEHIND_MAX <= ahead <= _AHEAD_MAX:
            log.error("the clock is wrong", ahead_s=ahead.total_seconds())
            raise Refused(Paused(PauseReason.CLOCK))

    def _check_open(self, visit: Visit) -> None:
        if (reason := self._pauses.reason()) is not None:
            raise Refused(Paused(reason))
        self._check_clock(visit)
        if not self.serves(visit.place.server_id):
            raise Refused(NotHere())
        if not self._spool.has_room(_ORDER_BYTES_MAX):
            raise Refused(Paused(PauseReason.DISK_FULL))
        if visit.missing_permissions:
            raise Refused(MissingPermissions(visit.missing_permissions))
