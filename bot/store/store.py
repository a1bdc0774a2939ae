"""The store's front: one method for each thing the house remembers or asks."""

import asyncio
import sqlite3
from collections.abc import AsyncGenerator, Collection, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import datetime
from pathlib import Path
from typing import Any, Unpack
from zoneinfo import ZoneInfo

from bot.core.clock import Clock
from bot.core.ids import CallId, JobId, PersonId
from bot.core.job import Admission, Failure, Job, Look, Painted, Payer, Picture, Place, Ticket
from bot.core.limits import Allowance, Limit, PeriodKind, Scope
from bot.core.money import Money
from bot.core.order import Order
from bot.core.preferences import Preferences, Whose
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
    reports,
    servers,
    stars,
    trays,
    views,
)
from bot.store.ledger import Reconciled, Settled
from bot.store.presets import Preset
from bot.store.reading import Reader, reader
from bot.store.rules import Pool, Terms
from bot.store.servers import ServerChanges, ServerRow
from bot.store.writer import Together, Writer


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

    async def ping(self) -> None:
        """Prove that an order could still be written and committed."""
        await self._write(offers.prove_room)

    async def person(self, discord_id: int) -> PersonId:
        """Find or make a person's reference, for the scope of their own limit."""
        now = self._clock.now()
        return await self._write(lambda db: servers.person(db, now, discord_id))

    async def hold(self, admission: Admission) -> Ticket:
        """Reserve an order's ceiling; see `ledger.hold`."""
        return await self._write(Together(self._hold_all, admission))

    def _hold_all(
        self, db: sqlite3.Connection, admissions: Sequence[Admission]
    ) -> list[Ticket | Refused]:
        return ledger.hold_all(db, self._clock.now(), admissions, self._terms)

    async def begin(self, call: CallId) -> bool:
        """Write down that a call is about to leave; False means that it must not be sent."""
        now = self._clock.now()
        return await self._write(lambda db: ledger.begin(db, now, call))

    async def settle(
        self, call: CallId, painted: Painted, looks: Mapping[str, Look], *, kept: bool = True
    ) -> Settled:
        """Book an answer; see `ledger.settle`."""
        now = self._clock.now()
        return await self._write(lambda db: ledger.settle(db, now, call, painted, looks, kept=kept))

    async def release(
        self, call: CallId, failure: Failure, detail: str = "", billed: Money | None = None
    ) -> bool:
        """Give a hold back; see `ledger.release`."""
        now = self._clock.now()
        return await self._write(lambda db: ledger.release(db, now, call, failure, detail, billed))

    async def doubt(self, call: CallId, detail: str = "") -> bool:
        """Keep the hold of a call without a trustworthy answer; False when it has one."""
        now = self._clock.now()
        return await self._write(lambda db: ledger.doubt(db, now, call, detail))

    async def refund(
        self, job: JobId, number: int, reason: str, *, delivered: bool = False
    ) -> Money:
        """Give a picture's share back; see `ledger.refund`."""
        now = self._clock.now()
        return await self._write(
            lambda db: ledger.refund(db, now, job, number, reason, delivered=delivered)
        )

    async def delivered(
        self, job: JobId, numbers: Collection[int], channel_id: int, message_id: int
    ) -> None:
        """Remember the message that shows these pictures."""
        await self._write(lambda db: jobs.delivered(db, job, numbers, channel_id, message_id))

    async def shows_status(self, job: JobId, message_id: int | None) -> None:
        """Remember which message tells a job's stage, or that none does any more."""
        await self._write(lambda db: jobs.shows_status(db, job, message_id))

    async def told(self, job: Job) -> None:
        """Remember that the person knows how the job ended, as it was read."""
        await self._write(lambda db: jobs.told(db, job))

    async def forget_tokens(self) -> int:
        """Drop interaction tokens that died; gives how many."""
        now = self._clock.now()
        return await self._write(lambda db: jobs.forget_tokens(db, now))

    async def set_limit(
        self, scope: Scope, kind: PeriodKind, limit: Limit | None, actor: int, reason: str = ""
    ) -> Limit | None:
        """Set a rule, or unset it with None; gives the rule that stood before."""
        now = self._clock.now()
        return await self._write(
            lambda db: limits.set_limit(db, now, scope, kind, limit, actor, reason)
        )

    async def create_pool(
        self,
        server_id: int,
        name: str,
        actor: int,
        event: tuple[int, datetime] | None = None,
        limits: pools.PoolLimits = (),
    ) -> str:
        """Make a team, or with a channel and an end an event; see `pools.create`."""
        now = self._clock.now()
        return await self._write(
            lambda db: pools.create(db, now, server_id, name, actor, event, limits)
        )

    async def close_pool(self, pool: str, actor: int) -> bool:
        """End a pool; False when it had ended."""
        now = self._clock.now()
        return await self._write(lambda db: pools.close(db, now, pool, actor))

    async def join_pool(
        self, server_id: int, pool: str | None, discord_id: int, actor: int
    ) -> str | None:
        """Put a person into a team, or with None into none; see `pools.join`."""
        now = self._clock.now()
        return await self._write(lambda db: pools.join(db, now, server_id, pool, discord_id, actor))

    async def grant(
        self,
        server_id: int,
        discord_id: int,
        amount: Money,
        ends_at: datetime,
        actor: int,
        why: str,
    ) -> None:
        """Raise a person's own limit until then; see `grants.grant`."""
        now = self._clock.now()
        await self._write(
            lambda db: grants.grant(db, now, server_id, discord_id, amount, ends_at, actor, why)
        )

    async def revoke(self, server_id: int, discord_id: int, actor: int, why: str) -> Money:
        """Take back every grant of a person that still runs; gives their sum."""
        now = self._clock.now()
        return await self._write(
            lambda db: grants.revoke(db, now, server_id, discord_id, actor, why)
        )

    async def ask(self, wish: asks.Ask) -> bool:
        """Keep a wish for more; see `asks.ask`."""
        now = self._clock.now()
        return await self._write(lambda db: asks.ask(db, now, wish))

    async def asked(self, wish: str) -> asks.Ask | None:
        """Read a wish for more, of the last seven days."""
        return await self._read(asks.asked(self._clock.now(), wish))

    async def ask_posted(self, wish: str, message_id: int) -> None:
        """Remember the message that managers read a wish in."""
        await self._write(lambda db: asks.posted(db, wish, message_id))

    async def decide(self, wish: str, verdict: asks.Verdict) -> bool:
        """Decide a wish; False when somebody was quicker."""
        now = self._clock.now()
        return await self._write(lambda db: asks.decide(db, now, wish, verdict))

    async def fulfil(
        self, wish: asks.Ask, verdict: asks.Verdict, admission: Admission | None
    ) -> Ticket | Problem | None:
        """Decide a wish in its person's favour and hold its order; see `asks.fulfil`."""
        now = self._clock.now()
        return await self._write(
            lambda db: asks.fulfil(db, now, wish, verdict, admission, self._terms)
        )

    async def note_refusal(self, payer: Payer, server_id: int | None, problem: Problem) -> None:
        """Write down who was refused and why."""
        now = self._clock.now()
        await self._write(lambda db: alerts.note_refusal(db, now, payer, server_id, problem))

    async def due_alerts(self) -> list[alerts.Alert]:
        """Find shared limits that were used up to a mark nobody was told of yet."""
        return await self._read(alerts.due_alerts(self._clock.now(), self._terms))

    async def alerted(self, alert: alerts.Alert) -> None:
        """Remember that an alert was told."""
        now = self._clock.now()
        await self._write(lambda db: alerts.alerted(db, now, alert))

    async def set_server(
        self, server_id: int, actor: int, **changes: Unpack[ServerChanges]
    ) -> ServerRow:
        """Change some of a server's choices; see `servers.set_server`."""
        now = self._clock.now()
        return await self._write(lambda db: servers.set_server(db, now, server_id, changes, actor))

    async def preferences(self, discord_id: int, place: Place) -> Preferences:
        """Read every default that counts for a person in a place."""
        return await self._read(preferences.preferences(discord_id, place))

    async def prefer(
        self, discord_id: int, place: Place, whose: Whose, option: str, value: object
    ) -> None:
        """Set one default of a person, or of the place they are in, or unset it with None."""
        now = self._clock.now()
        await self._write(
            lambda db: preferences.prefer(db, now, discord_id, place, whose, option, value)
        )

    async def presets(self, discord_id: int, server_id: int | None) -> list[Preset]:
        """Read the presets that a person can use there, their own first."""
        return await self._read(presets.presets(discord_id, server_id))

    async def save_preset(self, discord_id: int, preset: Preset) -> bool:
        """Keep a person's own preset; tells whether it took another's place."""
        now = self._clock.now()
        return await self._write(lambda db: presets.save(db, now, discord_id, preset))

    async def share_preset(self, preset: Preset, server_id: int, actor: int) -> bool:
        """Make a person's own preset the server's; see `presets.share`."""
        now = self._clock.now()
        return await self._write(lambda db: presets.share(db, now, preset, server_id, actor))

    async def delete_preset(self, preset: Preset, server_id: int | None, actor: int) -> bool:
        """Delete a preset; False when it is gone."""
        now = self._clock.now()
        return await self._write(lambda db: presets.delete(db, now, preset, server_id, actor))

    async def park(self, order: Order) -> str:
        """Keep an order behind a button; gives the id that the button carries."""
        now = self._clock.now()
        return await self._write(lambda db: offers.park(db, now, order))

    async def parked(self, offer: str) -> Order | None:
        """Read an order parked within the last day."""
        return await self._read(offers.parked(offer))

    async def remember(self, name: str, value: str) -> None:
        """Keep a fact, such as the hash of the synced command tree."""
        await self._write(lambda db: offers.remember(db, name, value))

    async def recall(self, name: str) -> str | None:
        """Read a fact back."""
        return await self._read(offers.recall(name))

    async def job(self, job_id: JobId) -> Job:
        """Read a job with its calls and pictures.

        Raises:
            LookupError: when there is no such job, as after an older backup was restored.
        """
        found = await self._read(jobs.job(job_id))
        if found is None:
            raise LookupError(job_id)
        return found

    async def job_by_key(self, key: str) -> Job | None:
        """Find the job an interaction or message caused."""
        return await self._read(jobs.job_by_key(key))

    async def job_by_status(self, message_id: int) -> Job | None:
        """Find the unfinished job whose stage a message of ours tells."""
        return await self._read(jobs.job_by_status(message_id))

    async def shown_in(self, message_id: int) -> list[Picture]:
        """Find the pictures that a message shows."""
        return await self._read(jobs.shown_in(message_id))

    async def shown_again(self, job: JobId, message_id: int) -> None:
        """Remember a message that shows a job's pictures once more."""
        await self._write(lambda db: jobs.shown_again(db, job, message_id))

    async def history(
        self, discord_id: int, server_id: int | None, words: Sequence[str], first: int, count: int
    ) -> tuple[list[history.Result], int]:
        """Read some of a person's results, and how many there are; see `history.results`."""
        return await self._read(history.results(discord_id, server_id, words, first, count))

    async def family(self, root: JobId) -> list[lineage.Relative]:
        """Read all jobs that came from one, itself first."""
        return await self._read(lineage.family(root))

    async def add_to_tray(self, discord_id: int, items: Sequence[trays.Item]) -> int:
        """Put pictures into a person's tray; see `trays.add`."""
        now = self._clock.now()
        return await self._write(lambda db: trays.add(db, now, discord_id, items))

    async def tray(self, discord_id: int) -> list[trays.Item]:
        """Read a person's tray."""
        return await self._read(trays.items(self._clock.now(), discord_id))

    async def clear_tray(self, discord_id: int) -> None:
        """Empty a person's tray."""
        await self._write(lambda db: trays.clear(db, discord_id))

    async def star(self, job: JobId, discord_id: int) -> tuple[bool, int]:
        """Turn a person's star on or off; see `stars.turn`."""
        now = self._clock.now()
        return await self._write(lambda db: stars.turn(db, now, job, discord_id))

    async def showcase(self, job: JobId) -> tuple[int, int] | None:
        """Find the message that shows a result among the best."""
        return await self._read(stars.showcase(job))

    async def showcased(self, job: JobId, channel_id: int, message_id: int) -> None:
        """Remember the message that shows a result among the best."""
        await self._write(lambda db: stars.shown(db, job, channel_id, message_id))

    async def unfinished(self) -> list[JobId]:
        """Find jobs with something to deliver or to tell, the oldest first."""
        return await self._read(jobs.unfinished())

    async def doubts(self) -> list[jobs.OpenCall]:
        """Find every call without an answer, the oldest first."""
        return await self._read(jobs.doubts())

    async def allowances(self, place: Place, payer: Payer) -> list[Allowance]:
        """Give every limit that an order of this person would have to meet right now."""
        now = self._clock.now()
        return await self._read(views.person_allowances(now, place, payer, self._terms))

    async def quota(
        self, place: Place, payer: Payer, last: int = 5
    ) -> tuple[list[Allowance], list[views.Receipt]]:
        """Read what a person has left and their newest jobs there, of one moment."""
        now = self._clock.now()
        return await self._read(views.quota(now, place, payer, last, self._terms))

    async def limits(self, server_id: int) -> views.ServerLimits:
        """Read a server's budget page."""
        return await self._read(views.server_limits(self._clock.now(), server_id, self._terms))

    async def open_pools(self, server_id: int) -> list[Pool]:
        """Read a server's teams, and its events that run."""
        return await self._read(views.open_pools(self._clock.now(), server_id))

    async def zone(self, server_id: int) -> ZoneInfo:
        """Find the time zone that a server's limits count in."""
        return await self._read(views.zone(server_id, self._terms))

    async def report(self, server_id: int, span: Span) -> tuple[Report, bytes | None]:
        """Read a report and its entries as a CSV file; None when they are too many for one."""
        reading = reports.server_report(self._clock.now(), server_id, span, self._terms)
        report, rows = await self._read_at_length(reading)
        sheet = rows if rows is None else await asyncio.to_thread(reports.entries_sheet, rows)
        return report, sheet

    async def held(self) -> Money:
        """Give what is reserved in the whole bot."""
        return await self._read(views.operator_held())

    async def receipts(
        self, discord_id: int, server_id: int | None, last: int = 5
    ) -> list[views.Receipt]:
        """Read a person's newest jobs, of one server or (None) of all places."""
        return await self._read(views.receipts(discord_id, server_id, last))

    async def server(self, server_id: int) -> ServerRow:
        """Read what a server's managers chose."""
        return await self._read(servers.server(server_id))

    async def learned_price(self, model: str, size: str | None) -> Money | None:
        """Give what the gateway takes for one picture, if that was above a quote; `prices`."""
        return await self._read(prices.learned_price(self._clock.now(), model, size))

    async def open_calls(self) -> list[jobs.OpenCall]:
        """Find every call whose hold still counts, the oldest first."""
        return await self._read(jobs.open_calls())

    async def ran_alone(self, call: CallId, model: str, first: datetime, last: datetime) -> bool:
        """Tell whether no other call of a model was under way between two moments."""
        return await self._read(jobs.ran_alone(call, model, first, last))

    async def reconcile(
        self, call: CallId, billed: Money | None, reason: str, actor: int | None = None
    ) -> Reconciled:
        """Book how a call without an answer ended after all; see `ledger.reconcile`."""
        now = self._clock.now()
        return await self._write(lambda db: ledger.reconcile(db, now, call, billed, reason, actor))

    async def record(self, job: JobId) -> dict[str, Any]:
        """Write a job down for `adopt`."""
        return await self._read(adoption.record(job))

    async def adopt(self, record: adoption.Record) -> bool:
        """Make a job again that a restored backup does not know; see `adoption.adopt`."""
        return await self._write(lambda db: adoption.adopt(db, record))


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
