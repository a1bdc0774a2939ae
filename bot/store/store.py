"""The store's front: one method for each thing the house remembers or asks.

Most are functions of this room, which say what they do: an operation is carried out by the
writer, a question answered by a reader, and those that depend on the moment are told it.
"""

import asyncio
import inspect
from collections.abc import AsyncGenerator, Callable, Coroutine, Sequence
from contextlib import asynccontextmanager
from datetime import datetime
from functools import wraps
from pathlib import Path
from sqlite3 import Connection
from typing import Any, Concatenate, ParamSpec, TypeAlias, TypeVar
from zoneinfo import ZoneInfo

from bot.core.clock import Clock
from bot.core.ids import JobId
from bot.core.job import Admission, Job, Ticket
from bot.core.problems import Problem, Refused
from bot.core.report import Report, Span
from bot.store import (
    adoption,
    alerts,
    asks,
    database,
    grants,
    history,
    jobs,
    ledger,
    limits,
    lineage,
    offers,
    pools,
    preferences,
    presets,
    prices,
    reconciling,
    reports,
    servers,
    stars,
    trays,
    views,
)
from bot.store.admission import hold_all
from bot.store.reading import Reader, Reading, reader
from bot.store.rules import Terms
from bot.store.writer import Together, Writer

P = ParamSpec("P")
T = TypeVar("T")
Method: TypeAlias = Callable[Concatenate["Store", P], Coroutine[Any, Any, T]]

_GIVEN = frozenset({"db", "now", "terms"})  # what the store has, and nobody hands to it


def writes(operation: Callable[Concatenate[Connection, P], T]) -> Method[P, T]:
    """Make a method of what is to be written."""

    async def method(self: "Store", /, *args: P.args, **named: P.kwargs) -> T:
        return await self._write(lambda db: operation(db, *args, **named))

    return _described(method, operation)


def writes_now(operation: Callable[Concatenate[Connection, datetime, P], T]) -> Method[P, T]:
    """Make a method of what is to be written with the moment it was asked for."""

    async def method(self: "Store", /, *args: P.args, **named: P.kwargs) -> T:
        now = self._clock.now()
        return await self._write(lambda db: operation(db, now, *args, **named))

    return _described(method, operation)


def reads(question: Callable[P, Reading[T]]) -> Method[P, T]:
    """Make a method of a question."""

    async def method(self: "Store", /, *args: P.args, **named: P.kwargs) -> T:
        return await self._read(question(*args, **named))

    return _described(method, question)


def reads_now(question: Callable[Concatenate[datetime, P], Reading[T]]) -> Method[P, T]:
    """Make a method of a question whose answer depends on the moment."""

    async def method(self: "Store", /, *args: P.args, **named: P.kwargs) -> T:
        return await self._read(question(self._clock.now(), *args, **named))

    return _described(method, question)


def reads_by_terms(question: Callable[Concatenate[datetime, Terms, P], Reading[T]]) -> Method[P, T]:
    """Make a method of a question about what orders are admitted on at the moment."""

    async def method(self: "Store", /, *args: P.args, **named: P.kwargs) -> T:
        return await self._read(question(self._clock.now(), self._terms, *args, **named))

    return _described(method, question)


def _described(method: Method[P, T], behind: Callable[..., Any]) -> Method[P, T]:
    """Let help() tell of a method what the function behind it says, less what it is given."""
    own, *_ = inspect.signature(method).parameters.values()
    signature = inspect.signature(behind)
    taken = [each for name, each in signature.parameters.items() if name not in _GIVEN]
    method = wraps(behind)(method)
    vars(method)["__signature__"] = signature.replace(parameters=[own, *taken])
    return method


class Store:
    """Everything remembered. Each write is one operation; each read sees one moment."""

    def __init__(
        self,
        writer: Writer,
        reader: Reader,
        terms: Terms,
        clock: Clock,
        reporter: Reader | None = None,
    ) -> None:
        self._write = writer.run
        self._read = reader.read
        # Of its own where there is one, so that nobody's quick question waits for a report.
        self._read_at_length = (reporter or reader).read
        self._terms = terms
        self._clock = clock

    ping = writes(offers.prove_room)

    # Money.
    begin = writes_now(ledger.begin)
    settle = writes_now(ledger.settle)
    release = writes_now(ledger.release)
    doubt = writes_now(ledger.doubt)
    refund = writes_now(ledger.refund)
    reconcile = writes_now(reconciling.reconcile)
    learned_price = reads_now(prices.learned_price)
    held = reads(views.operator_held)

    async def hold(self, admission: Admission) -> Ticket:
        """Reserve an order's ceiling; see `admission.hold`."""
        return await self._write(Together(self._hold_all, admission))

    def _hold_all(self, db: Connection, admissions: Sequence[Admission]) -> list[Ticket | Refused]:
        return hold_all(db, self._clock.now(), self._terms, admissions)

    # Jobs and their pictures.
    job_by_key = reads(jobs.job_by_key)
    job_by_status = reads(jobs.job_by_status)
    unfinished = reads(jobs.unfinished)
    open_calls = reads(jobs.open_calls)
    doubts = reads(jobs.doubts)
    ran_alone = reads(jobs.ran_alone)
    shown_in = reads(jobs.shown_in)
    shown_again = writes(jobs.shown_again)
    delete = writes_now(jobs.delete)
    shows_status = writes(jobs.shows_status)
    delivered = writes(jobs.delivered)
    told = writes(jobs.told)
    forget_tokens = writes_now(jobs.forget_tokens)
    record = reads(adoption.record)
    adopt = writes(adoption.adopt)

    async def job(self, job_id: JobId) -> Job:
        """Read a job with its calls and pictures.

        Raises:
            LookupError: when there is no such job, as after an older backup was restored.
        """
        found = await self._read(jobs.job(job_id))
        if found is None:
            raise LookupError(job_id)
        return found

    # What people look through and come back to.
    history = reads(history.results)
    family = reads(lineage.family)
    receipts = reads(views.receipts)
    add_to_tray = writes_now(trays.add)
    tray = reads_now(trays.items)
    clear_tray = writes(trays.clear)
    star = writes_now(stars.turn)
    showcase = reads(stars.showcase)
    showcased = writes(stars.shown)
    showcase_gone = writes(stars.gone)
    park = writes_now(offers.park)
    parked = reads(offers.parked)
    remember = writes(offers.remember)
    recall = reads(offers.recall)

    # What they chose. A method hides the module of its name from the lines below it.
    person = writes_now(servers.person)
    server = reads(servers.server)
    set_server = writes_now(servers.set_server)
    prefer = writes_now(preferences.prefer)
    preferences = reads(preferences.preferences)
    save_preset = writes_now(presets.save)
    share_preset = writes_now(presets.share)
    delete_preset = writes_now(presets.delete)
    presets = reads(presets.presets)

    # Limits.
    allowances = reads_by_terms(views.person_allowances)
    quota = reads_by_terms(views.quota)
    set_limit = writes_now(limits.set_limit)
    limits = reads_by_terms(views.server_limits)
    create_pool = writes_now(pools.create)
    close_pool = writes_now(pools.close)
    join_pool = writes_now(pools.join)
    open_pools = reads_now(views.open_pools)
    grant = writes_now(grants.grant)
    revoke = writes_now(grants.revoke)
    note_refusal = writes_now(alerts.note_refusal)
    due_alerts = reads_by_terms(alerts.due_alerts)
    alerted = writes_now(alerts.alerted)
    ask = writes_now(asks.ask)
    asked = reads_now(asks.asked)
    ask_posted = writes(asks.posted)
    waiting = reads_now(asks.waiting)
    decide = writes_now(asks.decide)

    async def fulfil(
        self, wish: asks.Ask, verdict: asks.Verdict, admission: Admission | None
    ) -> Ticket | Problem | None:
        """Decide a wish in its person's favour and hold its order; see `asks.fulfil`."""
        now = self._clock.now()
        return await self._write(
            lambda db: asks.fulfil(db, now, self._terms, wish, verdict, admission)
        )

    async def zone(self, server_id: int) -> ZoneInfo:
        """Find the time zone that a server's limits count in."""
        return await self._read(views.zone(server_id, self._terms))

    async def report(self, server_id: int, span: Span) -> tuple[Report, bytes | None]:
        """Read a report and its entries as a CSV file; None when they are too many for one."""
        question = reports.server_report(self._clock.now(), self._terms, server_id, span)
        report, rows = await self._read_at_length(question)
        sheet = rows if rows is None else await asyncio.to_thread(reports.entries_sheet, rows)
        return report, sheet


@asynccontextmanager
async def opened(path: Path, *, terms: Terms, clock: Clock) -> AsyncGenerator[Store]:
    """Open the store; leaving carries out what is queued.

    Raises:
        InUse: when another process has it open.
        Unusable: when the file is damaged, newer than this program, or cannot be written.
    """
    with database.locked(path):
        writer = Writer(await asyncio.to_thread(database.opened, path))
        try:
            async with reader(path) as reading, reader(path) as reporting:
                yield Store(writer, reading, terms, clock, reporting)
        finally:
            await writer.close()
