"""Stories: rare orders of events and every crash point, acted out instead of waited for."""

import asyncio
import sqlite3
from collections.abc import Callable, Coroutine
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, TypeAlias

from bot.core.ids import CallId, JobId
from bot.core.job import Failure, Payer, Place
from bot.core.limits import OPERATOR, Limit, PeriodKind, Rule, ScopeKind, scope
from bot.core.money import Money
from bot.core.order import Order
from bot.core.problems import Refused
from bot.store import copies
from bot.store.errors import StoreError
from bot.store.pools import NoSuchPool
from bot.studio.desk import Visit
from tests.storm import simulator
from tests.storm.cells import Cells
from tests.storm.comparison import Violation, demand
from tests.storm.crash import Fuse
from tests.storm.disk import empty, room
from tests.storm.house import seeded_ids
from tests.storm.life import Life
from tests.storm.oracle import Call
from tests.storm.world import Trace, World

PRICE = 33_333
HOLD_ENDS, SPOOL_ENDS = 25, 73  # hours after which a doubt and a picture are given up

Act: TypeAlias = Callable[[Life], Coroutine[Any, Any, object]]


class Stage:
    """One world in which nothing happens but what a story says."""

    def __init__(self, folder: Path) -> None:
        self.world = World(0, folder, empty(), Trace())
        self.world.discord.trouble = 0
        self.world.gateway.lists = "nothing"

    def live(self, *acts: Act, dies: str | None = None) -> None:
        """Start a process and let it do this; it dies at the boundary of that name."""
        deaths = self.world.deaths.total()
        fuse = Fuse(None, self.world.chance, dies)
        with simulator.process(self.world, fuse) as life:
            life.loop.live(life.act(*acts))
        demand(self.world.deaths.total() - deaths == (dies is not None), f"nobody died {dies}")

    @property
    def call(self) -> Call:
        """Give the story's call."""
        (call,) = self.world.oracle.calls.values()
        return call

    def is_now(self, state: str) -> None:
        """See where the call stands."""
        demand(self.call.state == state, f"it is {self.call.state}, not {state}")

    def ends(
        self,
        state: str,
        charged: int = 0,
        billed: int = 0,
        pictures: int = 0,
        refunded: int = 0,
    ) -> None:
        """Let all come to rest and see how the call ended."""
        simulator.rest(self.world)
        call, posted = self.call, len(self.world.discord.messages)
        found = call.state, call.charged, call.billed, len(call.shares), posted
        demand(found == (state, charged, billed, pictures, pictures), f"it ended as {found}")
        back = sum(call.given_back for call in self.world.oracle.calls.values())
        demand(back == refunded, f"{back} was given back")


Story: TypeAlias = Callable[[Stage], None]


# What can happen


PAYER = Payer(71)


def order(kind: str, *, count: int = 1, key: str = "press", payer: Payer = PAYER) -> Act:
    """Order pictures of which the gateway makes this, and wait for the end of it."""

    async def act(life: Life) -> None:
        life.world.gateway.script = [kind] * 4
        wanted = Order(prompt="a fox", model="quad", count=count)
        visit = Visit(key=key, payer=payer, place=Place(server_id=500, channel_id=600))
        await life.house.desk.admit(wanted, visit)
        await until_idle(life)

    return act


async def until_idle(life: Life) -> None:
    """Wait until no worker works."""
    for _ in range(3600):
        if not life.house.worker.active:
            return
        await life.clock.sleep(1)
    raise Violation("a worker works for an hour")


async def recovery(life: Life) -> None:
    """Let a round of the recovery be made."""
    await life.round()


async def late(life: Life) -> None:
    """Let the answer arrive that nobody waited for any more."""
    await life.arrive(_call(life))


async def again(life: Life) -> None:
    """Let the kept answer be booked once more."""
    name = _call(life)
    await life.house.worker.book(name, await life.house.spool.manifest(name))


def told(billed: int) -> Act:
    """Let the operator say what was billed."""
    return lambda life: life.store.reconcile(_call(life), Money(billed), "the invoice", 99)


def passes(hours: float) -> Act:
    """Let time pass."""
    return lambda life: life.wait(life.clock.sleep(hours * 3600))


def release(failure: Failure) -> Act:
    """Let somebody give the hold back, or try to."""
    return lambda life: life.store.release(_call(life), failure)


def refund(number: int = 1) -> Act:
    """Let the operator give a picture's price back."""
    return lambda life: life.store.refund(_job(life), number, "sorry", delivered=True)


def _call(life: Life) -> CallId:
    (name,) = life.world.oracle.calls
    return CallId(name)


def _job(life: Life) -> JobId:
    (job,) = life.world.oracle.jobs.values()
    return JobId(job)


# Crash points, as docs/money.md numbers them


def _dies(
    place: str, *, then: str = "", charged: int = 0, billed: int = 0, pictures: int = 0
) -> Story:
    """An order during which the process dies at a place; how its call ends after the next start."""

    def story(stage: Stage) -> None:
        stage.live(order("exact"), dies=place)
        stage.live(recovery)
        if not then:
            demand(not stage.world.oracle.calls, "there is a call")
            return
        stage.is_now(then)
        if then == "unknown":  # perhaps billed: so the operator bears it when the window ends
            stage.live(passes(HOLD_ENDS), recovery)
            demand(stage.call.exposure == stage.call.hold, "no exposure")
            return
        stage.ends(then, charged, billed, pictures)

    return story


def _settled(place: str) -> Story:
    return _dies(place, then="settled", charged=PRICE, billed=PRICE, pictures=1)


CRASHES: dict[str, Story] = {
    "C1 before the order is admitted": _dies("store, before an operation is queued"),
    "C2 inside the admission": _dies("inside hold"),
    "C2 before its commit": _dies("before commit of hold"),
    "C2 in the middle of its commit": _dies("torn commit of hold"),
    "C3 after the admission": _dies("after commit of hold", then="released"),
    "C3 before sending is written down": _dies("inside begin", then="released"),
    "C3 in the middle of writing it down": _dies("torn commit of begin", then="released"),
    "C4 after sending is written down": _dies("after commit of begin", then="unknown"),
    "C4 before the first byte": _dies("gateway, before the first byte", then="unknown"),
    "C5 with half the request sent": _dies("gateway, half the request sent", then="unknown"),
    "C5 before the answer": _dies("gateway, billed and not answered", then="unknown"),
    "C6 with half the answer read": _dies("create in the spool", then="unknown"),
    "C7 before the answer is kept": _dies("gateway, answered and not kept", then="unknown"),
    "C7 before its manifest is written": _dies("create manifest", then="unknown"),
    "C7 before its folder is moved": _dies("rename in the spool", then="unknown"),
    "C8 inside the settlement": _settled("inside settle"),
    "C8 before its commit": _settled("before commit of settle"),
    "C8 in the middle of its commit": _settled("torn commit of settle"),
    "C9 after the settlement": _settled("after commit of settle"),
    "C9 before the post": _settled("discord, before a post"),
    "C10 after the post": _settled("discord, posted and not told"),
    "C10 inside its booking": _settled("inside delivered"),
    "C10 after its booking": _settled("after commit of delivered"),
}


# Orders of events


def _unknown(stage: Stage, kind: str = "lost") -> None:
    stage.live(order(kind))
    stage.is_now("unknown")


def _given_up(stage: Stage, kind: str = "lost") -> None:
    _unknown(stage, kind)
    stage.live(passes(HOLD_ENDS), recovery)
    stage.is_now("released")
    demand(stage.call.exposure == PRICE, "no exposure")


def answered_in_doubt(stage: Stage) -> None:
    """An answer that nobody waited for any more settles as any other."""
    _unknown(stage)
    stage.live(late)
    stage.ends("settled", PRICE, PRICE, 1)


def answered_in_doubt_and_a_crash(stage: Stage) -> None:
    """Evidence of what was unknown is booked at the next start."""
    _unknown(stage)
    stage.live(late, dies="inside settle")
    stage.ends("settled", PRICE, PRICE, 1)


def answered_after_the_window_and_a_crash(stage: Stage) -> None:
    """The order that the first model got wrong: evidence comes before states."""
    _given_up(stage)
    stage.live(late, dies="inside settle")
    stage.ends("released", 0, PRICE, 1)


def answered_without_a_bill_after_the_window(stage: Stage) -> None:
    """A gift of which the price is assumed."""
    _given_up(stage, "lost, no bill")
    stage.live(late)
    stage.ends("released", 0, PRICE, 1)


def billed_for_nothing_after_the_window(stage: Stage) -> None:
    """A bill alone ends the exposure too."""
    _given_up(stage, "lost, empty and billed")
    stage.live(late)
    stage.ends("released", 0, PRICE)


def billed_for_nothing_in_doubt(stage: Stage) -> None:
    """A bill without a picture is the operator's."""
    _unknown(stage, "lost, empty and billed")
    stage.live(late)
    stage.ends("settled", 0, PRICE)


def nothing_billed_in_doubt(stage: Stage) -> None:
    """An answer may say that there was nothing."""
    _unknown(stage, "lost, free")
    stage.live(late)
    stage.ends("released")


def unusable_without_a_believable_bill(stage: Stage) -> None:
    """What came was paid for, whatever it is worth: the operator bears its quote."""
    stage.live(order("broken, garbled"))
    stage.ends("settled", 0, PRICE)


def nothing_for_an_absurd_bill(stage: Stage) -> None:
    """A garbled sum for nothing is no proof that nothing was taken."""
    stage.live(order("empty, garbled"))
    stage.ends("settled", 0, PRICE)


def unusable_in_doubt_without_a_believable_bill(stage: Stage) -> None:
    """So it is when the answer was waited for in vain."""
    _unknown(stage, "lost, broken, garbled")
    stage.live(late)
    stage.ends("settled", 0, PRICE)


def unusable_after_the_window_without_a_believable_bill(stage: Stage) -> None:
    """The guess takes the place of the fear."""
    _given_up(stage, "lost, broken, garbled")
    stage.live(late)
    stage.ends("released", 0, PRICE)
    demand(not stage.call.exposure, "still feared")


def refused_in_doubt(stage: Stage) -> None:
    """A refusal may come late, and again, and still after the end."""
    _unknown(stage, "lost, refused")
    stage.live(late, late)
    stage.ends("released")


def refused_after_the_window(stage: Stage) -> None:
    """What was given up stays given up until somebody says what it cost."""
    _given_up(stage, "lost, refused")
    stage.live(late)
    demand(stage.call.exposure == PRICE, "a refusal alone is no bill of zero")
    stage.live(told(0))
    stage.ends("released")


def told_and_then_answered(stage: Stage) -> None:
    """Pictures after a reconciled bill are free, even across a crash."""
    _unknown(stage)
    stage.live(told(PRICE))
    stage.is_now("settled")
    stage.live(late, dies="before commit of settle")
    stage.ends("settled", 0, PRICE, 1)


def told_and_then_answered_without_a_bill(stage: Stage) -> None:
    """What is known is not replaced by a guess."""
    _unknown(stage, "lost, no bill")
    stage.live(told(PRICE - 1), late)
    stage.ends("settled", 0, PRICE - 1, 1)


def told_wrongly_and_then_answered(stage: Stage) -> None:
    """An answer's own bill is believed above somebody's word."""
    _unknown(stage)
    stage.live(told(0))
    stage.is_now("released")
    stage.live(late)
    stage.ends("released", 0, PRICE, 1)


def told_after_the_window(stage: Stage) -> None:
    """The exposure becomes what it cost, and what it cost may be nothing."""
    _given_up(stage)
    stage.live(told(PRICE), told(PRICE))
    stage.ends("released", 0, PRICE)


def told_of_a_settled_call(stage: Stage) -> None:
    """The person's part stays; the operator has the difference."""
    stage.live(order("exact"))
    stage.live(told(PRICE), told(PRICE + 5), told(PRICE - 5), told(PRICE))
    stage.ends("settled", PRICE, PRICE, 1)


def overbilled(stage: Stage) -> None:
    """Nobody pays above the quote."""
    stage.live(order("dear"))
    demand(stage.call.billed > PRICE, "it was not dear")
    stage.ends("settled", PRICE, stage.call.billed, 1)


def refused_and_billed(stage: Stage) -> None:
    """A refusal that names a bill is the operator's."""
    stage.live(order("refused, billed"))
    stage.ends("released", 0, PRICE)


def refused_with_an_absurd_bill(stage: Stage) -> None:
    """A refusal that names a garbled sum is taken to have cost what was held."""
    stage.live(order("refused, garbled"))
    demand(stage.call.estimated, "it is no estimate")
    stage.ends("released", 0, PRICE)


def refused_and_billed_in_secret(stage: Stage) -> None:
    """A bill nobody was told of is found out by the invoice."""
    stage.live(order("refused, billed in secret"))
    stage.live(told(PRICE))
    stage.ends("released", 0, PRICE)


def down_for_days_with_a_kept_answer(stage: Stage) -> None:
    """The window of a call that was answered never ends against its answer."""
    stage.live(order("exact"), dies="inside settle")
    stage.world.wall += timedelta(hours=HOLD_ENDS)
    stage.ends("settled", PRICE, PRICE, 1)


def answered_twice(stage: Stage) -> None:
    """The same answer again changes nothing."""
    stage.live(order("exact"), again)
    stage.live(again, refund(), again)
    stage.ends("settled", PRICE, PRICE, 1, refunded=PRICE)


def a_dear_answer_twice(stage: Stage) -> None:
    """The same answer again does not keep an old price young."""
    stage.live(order("dear"), passes(48), again, order("cheap", key="two days later"))
    stage.live(passes(6 * 24), order("exact", key="when the first is a week old"))
    simulator.rest(stage.world)


def pressed_twice(stage: Stage) -> None:
    """One press is one job, now and after any crash."""
    stage.live(order("exact"), order("exact"))
    stage.live(order("exact"), dies="before commit of hold")
    stage.live(order("exact"))
    stage.ends("settled", PRICE, PRICE, 1)


def cancelled_too_late(stage: Stage) -> None:
    """What has left can't be taken back."""
    stage.live(order("lost"), release(Failure.CANCELLED), release(Failure.INTERRUPTED))
    stage.is_now("unknown")
    stage.live(late, release(Failure.CANCELLED))
    stage.ends("settled", PRICE, PRICE, 1)


def cancelled_in_time(stage: Stage) -> None:
    """What was cancelled before it was sent is not sent any more."""

    async def act(life: Life) -> None:
        ordered = asyncio.get_running_loop().create_task(order("exact")(life))
        while not life.world.oracle.calls:  # noqa: ASYNC110 - the loop's turns are all there is
            await asyncio.sleep(0)
        await release(Failure.CANCELLED)(life)
        await ordered

    stage.live(act)
    demand(not stage.world.gateway.deeds, "it was sent all the same")
    stage.ends("released")


def refunded_across_a_crash(stage: Stage) -> None:
    """C11: all or nothing, and once."""
    stage.live(order("exact"))
    for place in ("inside refund", "before commit of refund", "torn commit of refund"):
        stage.live(refund(), dies=place)
        demand(not stage.call.refunded, "half a refund")
    stage.live(refund(), dies="after commit of refund")
    stage.live(refund())
    stage.ends("settled", PRICE, PRICE, 1, refunded=PRICE)


def undelivered_for_too_long(stage: Stage) -> None:
    """A picture that can't be delivered is paid back in the end, and its bytes go."""
    stage.world.discord.trouble = 1
    stage.live(order("exact"))
    stage.live(passes(SPOOL_ENDS), *[recovery] * 5)
    demand(stage.call.given_back == PRICE, "not paid back")
    stage.live(passes(2), recovery)
    demand(not list(stage.world.kept()), "the bytes are still there")


def delivered_after_a_long_sleep(stage: Stage) -> None:
    """A picture is not paid back before a process that slept through has tried in earnest."""

    async def discord_is_back(life: Life) -> None:
        life.world.discord.trouble = 0

    stage.live(order("exact"), dies="discord, before a post")
    stage.world.discord.trouble = 1
    stage.live(passes(SPOOL_ENDS), recovery, discord_is_back, *[recovery] * 2)
    demand(stage.call.given_back == 0, "paid back at once")
    stage.ends("settled", PRICE, PRICE, 1)


def delivered_once_though_the_books_failed(stage: Stage) -> None:
    """A post that could not be booked is looked for before the next one."""

    async def act(life: Life) -> None:
        life.writer.fails = "delivered"
        await order("exact", count=8)(life)

    stage.world.gateway.takes_s = 1
    stage.live(act)
    simulator.rest(stage.world)
    demand(len(stage.world.discord.messages) == 8, "not all of them stand there")


def a_full_disk_undoes_a_whole_batch(stage: Stage) -> None:
    """Nobody is told of a write that went with somebody else's."""

    async def act(life: Life) -> None:
        life.db.fails_in, life.db.fails_wholly = [10, 16], True  # the second try meets it, too
        orders = (order("exact", key=str(number)) for number in range(3))
        failed = await asyncio.gather(*(each(life) for each in orders), return_exceptions=True)
        demand(all(isinstance(error, StoreError) for error in failed), failed)

    stage.live(act)
    demand(not stage.world.oracle.calls, "something is left of it")
    simulator.rest(stage.world)


def dies_while_recovering(stage: Stage) -> None:
    """C12: a recovery that dies is taken up by the next, as often as it takes."""
    stage.live(order("exact"), dies="inside settle")
    for place in ("inside settle", "torn commit of settle", "after commit of settle"):
        stage.live(dies=place)
    stage.live(recovery, dies="discord, posted and not told")
    stage.live(recovery, dies="inside delivered")
    stage.ends("settled", PRICE, PRICE, 1)


def dies_while_doubting(stage: Stage) -> None:
    """C12, for a call without an answer."""
    stage.live(order("exact"), dies="gateway, billed and not answered")
    for place in ("inside doubt", "torn commit of doubt", "after commit of doubt"):
        stage.live(recovery, dies=place)
    stage.is_now("unknown")
    stage.live(passes(HOLD_ENDS), recovery, dies="torn commit of release")
    stage.is_now("unknown")
    stage.live(recovery)
    demand(stage.call.exposure == PRICE, "no exposure")


def stopped_while_the_gateway_works(stage: Stage) -> None:
    """C14: what is still out after the grace stays SENT, and is unknown at the next start."""

    async def act(life: Life) -> None:
        life.world.gateway.takes_s = 600
        ordered = asyncio.get_running_loop().create_task(order("exact")(life))
        await life.clock.sleep(5)
        ordered.cancel()

    stage.live(act)
    stage.is_now("sent")
    stage.live(recovery)
    stage.is_now("unknown")


def stopped_before_it_was_sent(stage: Stage) -> None:
    """C14: what was not sent when the bot was asked to stop is released."""

    async def act(life: Life) -> None:
        ordered = asyncio.get_running_loop().create_task(order("exact")(life))
        while not life.world.oracle.calls:  # noqa: ASYNC110 - the loop's turns are all there is
            await asyncio.sleep(0)
        life.house.pauses.stopping = True
        await ordered

    stage.live(act)
    stage.ends("released")


def given_up_counts_for_a_day(stage: Stage) -> None:
    """What was given up bounds new orders as doubts do, until a day has passed."""
    for count in (4, 4, 2):
        stage.live(order("lost", count=count, key=f"lost {count} {stage.world.lives}"))
    stage.live(passes(HOLD_ENDS), recovery)
    exposed = sum(call.exposure for call in stage.world.oracle.calls.values())
    demand(exposed == 10 * PRICE, f"exposed: {exposed}")

    async def is_refused(life: Life) -> None:
        with suppress(Refused):
            await order("exact", key="too soon")(life)
            raise Violation("nobody minds what was lost")

    stage.live(is_refused)
    stage.live(passes(HOLD_ENDS), order("exact", key="later"))
    simulator.rest(stage.world)


def a_block_wins_over_every_rule(stage: Stage) -> None:
    """A blocked role blocks whoever has it, whatever was set for them."""

    async def act(life: Life) -> None:
        person = scope(ScopeKind.PERSON, 500, await life.store.person(72))
        role = scope(ScopeKind.ROLE, 500, 1)
        await life.store.set_limit(person, PeriodKind.DAY, Rule.UNLIMITED, 99)
        await order("exact", key="before", payer=Payer(72, (1,)))(life)
        await life.store.set_limit(role, PeriodKind.DAY, Rule.BLOCKED, 99)
        with suppress(Refused):
            await order("exact", key="after", payer=Payer(72, (1,)))(life)
            raise Violation("a blocked role orders")

    stage.live(act)
    stage.ends("settled", PRICE, PRICE, 1)


def whose_limit_holds(stage: Stage) -> None:
    """Own rules before roles', the most generous role, a team instead of both, an event first."""
    payer = Payer(72, (1, 2, 3))

    async def act(life: Life) -> None:
        async def allow(kind: ScopeKind, subject: object, limit: Limit) -> None:
            where = scope(kind, 500, subject)
            await life.store.set_limit(where, PeriodKind.DAY, limit, 99)

        for role, amount in ((1, 1), (2, PRICE), (3, 2)):
            await allow(ScopeKind.ROLE, role, Money(amount))
        await order("exact", key="by the best role", payer=payer)(life)
        own = await life.store.person(72)
        await allow(ScopeKind.PERSON, own, Money(2 * PRICE))
        await order("exact", key="by their own rule", payer=payer)(life)
        await allow(ScopeKind.MEMBERS, "", Rule.BLOCKED)
        team = await life.store.create_pool(500, "team", 99)
        await life.store.join_pool(500, team, 71, 99)
        ended = await life.store.create_pool(500, "ended", 99)
        await life.store.close_pool(ended, 99)
        with suppress(NoSuchPool):
            await life.store.join_pool(500, ended, 71, 99)
        await order("exact", key="by the team, though everybody is blocked")(life)
        await allow(ScopeKind.POOL, team, Rule.BLOCKED)
        until = life.clock.now() + timedelta(hours=1)
        await life.store.create_pool(500, "event", 99, (600, until))
        await order("exact", key="by the event, though the team is blocked")(life)

    stage.live(act)
    states = list(stage.world.states().values())
    demand(states == ["settled"] * 4, states)
    simulator.rest(stage.world)


def listed_beside_a_neighbour(stage: Stage) -> None:
    """The gateway's list is believed only where it can't be about another call."""
    stage.world.gateway.lists = "times"
    _unknown(stage)
    (deed,) = stage.world.gateway.deeds.values()
    deed.has_neighbour = True
    stage.live(passes(1), recovery)
    stage.is_now("unknown")
    deed.has_neighbour = False
    stage.live(passes(1), recovery)
    stage.ends("settled", 0, PRICE)


def _in_every_state(stage: Stage) -> dict[str, Call]:
    """Bring one call into each state."""
    for kind in ("exact", "lost", "refused"):
        stage.live(order(kind, key=kind))
    stage.live(order("exact", key="never sent"), dies="after commit of hold")
    stage.live(order("exact", key="sent"), dies="gateway, billed and not answered")
    calls = {call.state: call for call in stage.world.oracle.calls.values()}
    demand(set(calls) == {"held", "sent", "unknown", "settled", "released"}, list(calls))
    return calls


def waited_when_the_backup_was_taken(stage: Stage) -> None:
    """What a restored backup calls held may have been sent and billed since."""
    backup = stage.world.folder / "backup.db"

    async def act(life: Life) -> None:
        ordered = asyncio.get_running_loop().create_task(order("exact")(life))
        while not life.world.oracle.calls:  # noqa: ASYNC110 - the loop's turns are all there is
            await asyncio.sleep(0)
        stage.is_now("held")
        copies.backup(life.world.file, backup)
        await ordered

    stage.live(act, dies="gateway, billed and not answered")
    copies.restore(backup, stage.world.file, stage.world.wall)
    stage.live(recovery)
    stage.is_now("unknown")
    stage.live(told(PRICE))
    stage.ends("settled", 0, PRICE)


def lowered_and_rolled_over(stage: Stage) -> None:
    """A lowered limit and a new day take nothing back, whatever state a call is in."""
    _in_every_state(stage)
    states = stage.world.states()

    async def lower(life: Life) -> None:
        await life.store.set_limit(OPERATOR, PeriodKind.DAY, Money(1), 99)
        await life.wait(life.clock.sleep(24 * 3600))

    stage.live(lower)
    demand(stage.world.states() == states, "a limit or a day moved a call")
    simulator.rest(stage.world)


def said_out_of_turn(stage: Stage) -> None:
    """What comes twice, or too late, is answered by name and books nothing."""
    calls = _in_every_state(stage)

    async def act(life: Life) -> None:
        for state, call in calls.items():
            name = CallId(call.id)
            key = next(key for key, job in life.world.oracle.jobs.items() if job == call.job)
            await order("exact", key=key)(life)
            await life.store.refund(JobId(call.job), 9, "not there", delivered=True)
            if state != "held":
                await life.store.begin(name)
                await life.store.release(name, Failure.CANCELLED)
            if state in {"settled", "released"}:
                await life.store.release(name, Failure.INVALID)
            if state == "unknown":
                await life.store.doubt(name, "again")
            demand(call.state == state, f"{state} became {call.state}")
        await life.store.release(CallId(calls["held"].id), Failure.CANCELLED)

    stage.live(act)
    simulator.rest(stage.world)


def history_is_rewritten_by_nobody(stage: Stage) -> None:
    """I15: not even somebody with the file in their hands."""

    async def act(life: Life) -> None:
        for sql in ("UPDATE entry SET reason = 'another'", "DELETE FROM entry"):
            with suppress(sqlite3.IntegrityError):
                life.db.real.execute(sql)
                raise Violation(f"I15: {sql}")

    stage.live(order("exact"), act)
    stage.ends("settled", PRICE, PRICE, 1)


def never_reached_the_gateway(stage: Stage) -> None:
    """Proof that nothing was sent gives the hold back at once."""
    stage.live(order("unreachable"))
    stage.is_now("released")
    stage.ends("released")


def answered_in_every_way(stage: Stage) -> None:
    """Bills and pictures of every kind, at once and to a doubt."""
    bills = "no bill", "absurd", "cheap"
    for kind in (*bills, "empty", "empty, billed", "broken, garbled", "fewer", "more"):
        stage.live(order(kind, key=kind))
    simulator.rest(stage.world)


def answered_in_doubt_without_a_bill(stage: Stage) -> None:
    """A guess is made at the quote."""
    _unknown(stage, "lost, no bill")
    stage.live(late)
    stage.ends("settled", PRICE, PRICE, 1)


ORDERS: tuple[Story, ...] = (
    answered_in_doubt,
    answered_in_doubt_and_a_crash,
    answered_after_the_window_and_a_crash,
    answered_without_a_bill_after_the_window,
    billed_for_nothing_after_the_window,
    billed_for_nothing_in_doubt,
    nothing_billed_in_doubt,
    unusable_without_a_believable_bill,
    nothing_for_an_absurd_bill,
    unusable_in_doubt_without_a_believable_bill,
    unusable_after_the_window_without_a_believable_bill,
    refused_in_doubt,
    refused_after_the_window,
    told_and_then_answered,
    told_and_then_answered_without_a_bill,
    told_wrongly_and_then_answered,
    told_after_the_window,
    told_of_a_settled_call,
    overbilled,
    refused_and_billed,
    refused_with_an_absurd_bill,
    refused_and_billed_in_secret,
    down_for_days_with_a_kept_answer,
    answered_twice,
    a_dear_answer_twice,
    pressed_twice,
    cancelled_in_time,
    cancelled_too_late,
    refunded_across_a_crash,
    undelivered_for_too_long,
    delivered_after_a_long_sleep,
    delivered_once_though_the_books_failed,
    a_full_disk_undoes_a_whole_batch,
    dies_while_recovering,
    dies_while_doubting,
    stopped_while_the_gateway_works,
    stopped_before_it_was_sent,
    given_up_counts_for_a_day,
    a_block_wins_over_every_rule,
    whose_limit_holds,
    listed_beside_a_neighbour,
    waited_when_the_backup_was_taken,
    lowered_and_rolled_over,
    said_out_of_turn,
    history_is_rewritten_by_nobody,
    never_reached_the_gateway,
    answered_in_every_way,
    answered_in_doubt_without_a_bill,
)
STORIES: dict[str, Story] = CRASHES | {story.__name__: story for story in ORDERS}


def tell(name: str) -> Cells:
    """Act a story out; gives the cells of the table that it visited.

    Raises:
        Violation: when it does not end as it should.
    """
    with TemporaryDirectory(dir=room()) as folder, simulator.listening():
        stage = Stage(Path(folder))
        with seeded_ids(stage.world.stream("ids")):
            STORIES[name](stage)
        return stage.world.witness.cells
