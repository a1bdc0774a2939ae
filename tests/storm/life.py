"""One life: a process starts, recovers, serves whatever the seed brings, and dies or stops."""

import asyncio
from collections.abc import Awaitable, Callable

from bot.core.ids import CallId, JobId, job_of
from bot.core.job import Failure
from bot.core.money import Money
from bot.core.order import Order
from bot.core.problems import Refused
from bot.spool.references import ReferenceShelf
from bot.spool.spool import Spool
from bot.store.errors import StoreError
from bot.store.pools import NoSuchPool
from bot.studio.desk import Visit
from tests.storm import invariants
from tests.storm.comparison import Violation
from tests.storm.crash import BrittleDb, Fuse, is_fault
from tests.storm.house import House, SimulatedClock
from tests.storm.loop import SimulatedLoop
from tests.storm.oracle import Call
from tests.storm.truth import Courier, Gateway
from tests.storm.witness import ordered
from tests.storm.world import World
from tests.storm.writing import Seen, SimulatedReader, SimulatedWriter, WatchedStore, causing

ROUNDS = 60  # of two hours: every window and retention ends within them
_STEPS = {
    "order": 30,
    "burst": 4,
    "rule": 8,
    "cancel": 4,
    "repeat": 10,
    "late": 12,
    "told": 4,
    "refund": 3,
    "recovery": 14,
    "look": 2,
    "clock": 1,
}
_RULES = {
    "set_limit": 8,
    "set_server": 1,
    "create_pool": 2,
    "close_pool": 1,
    "join_pool": 3,
    "grant": 2,
    "revoke": 1,
}


class Life:
    """The rooms of one process, and the people and operators who come to it."""

    def __init__(self, world: World, fuse: Fuse, loop: SimulatedLoop) -> None:
        self.world = world
        self.loop = loop
        self.chance = world.chance
        self.fuse = fuse
        self.db = BrittleDb(world.file, fuse)
        if self.chance.random() < 0.8:  # as SQLite may at any time; a short log is copied sooner
            self.db.real.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        self.clock = SimulatedClock(loop, world.wall)
        self.writer = SimulatedWriter(self.db, fuse, world.chance, loop, self._see)
        self.store = WatchedStore(self.writer, SimulatedReader(self.db, fuse), self.clock)
        self.gateway = Gateway(world.gateway, fuse, self.clock, self._unit_of)
        self.house = House(
            clock=self.clock,
            store=self.store,
            spool=Spool(world.spool),
            references=ReferenceShelf(world.spool, self.clock),
            gateway=self.gateway,
            courier=Courier(world.discord, fuse),
            report=self._broken,
        )
        self._is_round = False
        self._errands: set[asyncio.Task[None]] = set()

    async def lead(self, steps: int) -> None:
        """Live through so many steps, then stop as asked to."""
        await self.recover()
        async with self.house.tasks:
            while self.world.steps < steps:
                self.world.steps += 1
                self._take(self._drawn(_STEPS))
                await self.wait(self._some_time())
                if self.chance.random() < 0.02:
                    break
            self.house.pauses.stopping = True
            await asyncio.gather(*self._errands)

    async def recover(self) -> None:
        """Start as the app does."""
        before = self.world.states()
        with causing("recovery"):
            await self.house.recovery.start()
        if not self.writer.faults:
            invariants.check_evidence(self.world, self.db.real)
            for name, call in self.world.oracle.calls.items():
                if call.state == before[name]:
                    self.world.witness.cells.visit("process start", call.state)

    async def rest(self) -> None:
        """Do nothing but recover, until nothing is open any more."""
        await self.recover()
        async with self.house.tasks:
            await self.round()
            for _ in range(ROUNDS):
                if not invariants.is_busy(self.world, self.db.real):
                    return
                await self.clock.sleep(2 * 3600)
                await self.round()

    async def act(self, *acts: Callable[["Life"], Awaitable[object]]) -> None:
        """Live through a story instead, and stop as asked to."""
        await self.recover()
        async with self.house.tasks:
            for act in acts:
                await act(self)
            self.house.pauses.stopping = True

    # What comes by

    def _take(self, step: str) -> None:
        errand = asyncio.get_running_loop().create_task(self._errand(getattr(self, f"_{step}")))
        self._errands.add(errand)
        errand.add_done_callback(self._errands.discard)

    async def _errand(self, doing: Callable[[], Awaitable[None]]) -> None:
        try:
            await doing()
        except (Refused, NoSuchPool):
            pass
        except StoreError as error:
            self._broken("errand", error)

    def _drawn(self, weights: dict[str, int]) -> str:
        return self.chance.choices(list(weights), list(weights.values()))[0]

    async def wait(self, waiting: Awaitable[None]) -> None:
        """Let time pass, and see that a new day changes nothing that was there (I13)."""
        today = self.world.oracle.today(None, self.clock.now())
        await waiting
        if today != self.world.oracle.today(None, self.clock.now()):
            self.world.witness.comparison.days(self.db.real)
            for call in self.world.oracle.calls.values():
                self.world.witness.cells.visit("roll-over", call.state)

    async def _some_time(self) -> None:
        for _ in range(self.chance.randrange(8)):
            await asyncio.sleep(0)
        if self.chance.random() < 0.35:
            await self.clock.sleep(self.chance.random() * 60)
        if self.chance.random() < 0.04:
            await self.clock.sleep(self.world.deck.later().total_seconds())

    async def _order(self) -> None:
        key = self.world.deck.key()
        model, most = self.chance.choice([("solo", 4), ("solo", 1), ("quad", 10), ("tiny", 7)])
        order = Order(prompt="a fox", model=model, count=self.chance.randrange(1, most + 1))
        visit = Visit(key=key, payer=self.world.deck.payer(), place=self.world.deck.place())
        with causing("person"):
            await self.house.desk.admit(order, visit)

    async def _burst(self) -> None:
        await asyncio.gather(*(self._order() for _ in range(4)), return_exceptions=True)

    async def _rule(self) -> None:
        verb, deck = self._drawn(_RULES), self.world.deck
        for who in deck.people:
            if who not in self.world.references:
                self.world.references[who] = await self.store.person(who)
        now = self.clock.now()
        given = getattr(deck, verb)(*([now] if verb in {"create_pool", "grant"} else []))
        if given is not None:
            changes = given.pop("changes", {})
            await getattr(self.store, verb)(**given, **changes)

    async def _cancel(self) -> None:
        if (call := self._call()) is not None:
            await self.store.release(CallId(call.id), Failure.CANCELLED)

    async def _repeat(self) -> None:
        """Say something again, or out of turn, that must do no harm."""
        if (call := self._call()) is None:
            return
        name = CallId(call.id)
        what = self.chance.choice(["begin", "doubt", "refused", "manifest"])
        if what == "begin":
            await self.store.begin(name)
        elif what == "doubt":
            await self.store.doubt(name, "said twice")
        elif what == "refused" and call.state in {"settled", "released"}:
            await self.store.release(name, Failure.INVALID, "said twice")
        elif what == "manifest" and call.id in set(self.world.kept()):
            await self.house.worker.book(name, await self.house.spool.manifest(name))

    async def _late(self) -> None:
        """Let an answer arrive that nobody waited for any more."""
        kept, deeds = set(self.world.kept()), self.world.gateway.deeds
        calls = [
            call
            for call in self.world.oracle.calls.values()
            if call.id in deeds and call.id not in kept and self._is_alone(call)
        ]
        if not calls:
            return
        given_up = [call for call in calls if call.exposure]  # rare, and a class of their own
        call = self.chance.choice(self.chance.choice([calls, given_up or calls]))
        await self.arrive(CallId(call.id))

    async def arrive(self, call: CallId) -> None:
        """Let a call's answer arrive after all."""
        deed = self.world.gateway.deeds[call]
        if deed.refused is not None:
            told = None if deed.told is None else Money(deed.told)
            await self.store.release(call, deed.refused, "found out later", told)
            return
        into = await self.house.spool.open(call)
        if not into.exists():  # it came to somebody else meanwhile
            return
        painted = self.gateway.arrive(deed, into)
        await self.house.spool.keep(call, painted)
        await self.house.worker.book(call, painted)

    def _is_alone(self, call: Call) -> bool:
        """Tell whether no worker still waits for this call's answer."""
        return job_of(CallId(call.id)) not in self.house.worker.active

    async def _told(self) -> None:
        """Let the operator say what a call cost, now and then wrongly."""
        calls = [call for call in self.world.oracle.calls.values() if self._is_alone(call)]
        if not calls:
            return
        given_up = [call for call in calls if call.exposure]
        call = self.chance.choice(self.chance.choice([calls, given_up or calls]))
        deed = self.world.gateway.deeds.get(call.id)
        billed = deed.billed if deed is not None and self.chance.random() < 0.9 else 0
        await self.store.reconcile(CallId(call.id), Money(billed), "the invoice", 99)

    async def _refund(self) -> None:
        if (call := self._call()) is not None:
            number = self.chance.choice([*call.shares, 1])
            delivered = self.chance.random() < 0.7
            await self.store.refund(JobId(call.job), number, "sorry", delivered=delivered)

    async def _look(self) -> None:
        """Let somebody look at what they may still spend."""
        place, payer = self.world.deck.place(), self.world.deck.payer()
        shown = await self.store.allowances(place, payer)
        order = ordered(self.world.deck.admission("a look", payer, place))
        compare = self.world.witness.comparison.allowances
        compare(self.db.real, order, shown, self.clock.now())

    async def round(self) -> None:
        """Let the recovery make a round, unless it makes one."""
        if self._is_round:  # the process makes one after the other
            return
        self._is_round = True
        try:
            with causing("recovery"):
                await self.house.recovery.round()
        finally:
            self._is_round = False

    async def _recovery(self) -> None:
        await self.round()

    async def _clock(self) -> None:
        self.clock.wall += self.world.deck.later() * self.chance.choice([1, -0.01])

    # What is seen of it

    def _see(self, seen: Seen) -> None:
        self.world.see(self.db.real, seen)

    def _unit_of(self, call: CallId) -> int:
        return self.world.oracle.calls[call].unit

    def _broken(self, name: str, error: BaseException) -> None:
        """Nothing may break but by a disk that was made to fail."""
        if not is_fault(error):
            raise Violation(f"{name} broke: {error!r}") from error

    def _call(self) -> Call | None:
        calls = list(self.world.oracle.calls.values())[-12:]
        return self.chance.choice(calls) if calls else None
