"""Stopped or killed anywhere, Easel brings every order to an end: nothing lost, nothing twice."""

import asyncio
import sqlite3
from collections.abc import AsyncGenerator
from contextlib import AbstractAsyncContextManager, asynccontextmanager, closing
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import pytest

from bot.chat import words
from bot.core.clock import Clock
from bot.core.ids import JobId
from bot.core.job import Failure
from bot.core.money import Money
from bot.core.states import CallState
from bot.studio.recovery import RETENTION
from sandbox.clock import MovableClock
from sandbox.discord.app import Discord
from sandbox.discord.interactions import Interaction
from sandbox.omixa import Omixa, faults
from sandbox.people import Person
from tests.flow.orders import Books, Ended, books, ended, held, ordered, pictures, started, until
from tests.flow.process import Process, running
from tests.flow.world import World, easel_running, environment

PRICE = Money(40_000)
POSTS = "/channels/*/messages"


@dataclass
class Street:
    """The stand-ins, which stay while Easel comes and goes."""

    discord: Discord
    omixa: Omixa
    clock: MovableClock
    data: Path

    def easel(self, *, grace_s: float = 25.0, **more: str) -> AbstractAsyncContextManager[World]:
        return easel_running(
            self.discord,
            self.omixa,
            self.clock,
            self.data,
            timeouts=None,
            grace_s=grace_s,
            **more,
        )

    @asynccontextmanager
    async def process(self, **more: str) -> AsyncGenerator[Process]:
        """Run Easel as a process of its own, connected."""
        env = environment(self.discord, self.omixa, self.data, **more)
        async with running("bot", "run", cwd=self.data, env=env) as process:
            await process.says("ready")
            yield process

    async def orders(self, name: str) -> Interaction:
        options = {"prompt": "a fox", "size": "0.5K"}
        return await self.discord.people[name].slash("imagine", options=options)

    async def until_asked(self) -> None:
        await until(lambda: self.omixa.calls)

    async def until_kept(self) -> None:
        await until(lambda: list(self.data.glob("spool/kept/*/manifest.json")))


@pytest.fixture
async def street(tmp_path: Path) -> AsyncGenerator[Street]:
    clock = MovableClock()
    data = tmp_path / "data"
    data.mkdir()
    async with (
        Discord.running(data=tmp_path / "cdn", clock=clock, rate_limits=False) as discord,
        Omixa.running(clock=Clock()) as omixa,
    ):
        yield Street(discord, omixa, clock, data)
        assert omixa.wallet.conserved()


async def test_killed_before_and_after_sending(street: Street) -> None:
    street.omixa.next(faults.hang(taken=True))
    async with street.process(MAX_CALLS="1") as process:
        sent = await street.orders("ann")
        await street.until_asked()
        waiting = await street.orders("ben")
        await street.discord.people["ben"].waits_for("Waiting")
        await process.kill()

    async with street.easel() as world:
        end = await ended(world, sent)
        assert [call.state for call in end.job.calls] == [CallState.UNKNOWN]
        assert words.failed(Failure.UNANSWERED, PRICE) in end.told
        end = await ended(world, waiting)
        assert [call.state for call in end.job.calls] == [CallState.RELEASED]
        assert words.failed(Failure.INTERRUPTED, PRICE) in end.told
        assert await held(world) == PRICE
        assert books(world) == Books(0, 0, 0, 0)
    assert street.omixa.calls == 1


async def killed_before_booking(street: Street) -> Interaction:
    street.omixa.next(faults.slow(headers_s=0.5))
    async with street.process() as process:
        order = await street.orders("ann")
        await street.until_asked()
        with closing(sqlite3.connect(street.data / "easel.db", isolation_level=None)) as db:
            db.execute("BEGIN IMMEDIATE")  # from here on nothing can be booked
            await street.until_kept()
            await process.kill()
    return order


async def test_killed_between_answer_and_books(street: Street) -> None:
    order = await killed_before_booking(street)

    await assert_delivered_once(street, order)


async def test_a_kept_answer_that_cannot_be_read_leaves_its_call_unknown(street: Street) -> None:
    order = await killed_before_booking(street)
    (manifest,) = street.data.glob("spool/kept/*/manifest.json")
    manifest.write_text("{")

    async with street.easel() as world:
        end = await ended(world, order)
        assert [call.state for call in end.job.calls] == [CallState.UNKNOWN]
        assert await held(world) == PRICE
    assert manifest.exists()
    assert street.omixa.calls == 1


async def test_killed_between_books_and_delivery(street: Street) -> None:
    refusing = street.discord.faults.fail("POST", POSTS, status=502, times=1 << 30)
    async with street.process() as process:
        order = await street.orders("ann")
        await until(lambda: refusing.times < 1 << 30)
        await process.kill()
    refusing.times = 0

    await assert_delivered_once(street, order)


async def test_killed_between_delivery_and_its_mark(street: Street) -> None:
    async with (
        street.process() as process,
        street.discord.faults.held("POST", POSTS, applied=True) as posted,
    ):
        order = await street.orders("ann")
        await posted.wait()
        await process.kill()
    street.clock.advance(600)  # Discord has forgotten the message's nonce by now

    await assert_delivered_once(street, order)


async def assert_delivered_once(street: Street, order: Interaction) -> None:
    """Start again, twice: one picture in one message, paid once, asked for once."""
    async with street.easel() as world:
        end = await ended(world, order)
        assert end.job.charged == Money(39_000)
    async with street.easel() as world:
        await world.easel.rooms.store.ping()
        assert await world.store.unfinished() == []
        assert pictures(world) == [f"{end.job.id}-1.png"]
        assert books(world) == Books(39_000, 0, 39_000, 0)
        assert await held(world) == Money(0)
    assert street.omixa.calls == 1
    assert street.omixa.wallet.captured_micros == 39_000


async def test_stopping_waits_for_paid_work_and_delivers_it(street: Street) -> None:
    street.omixa.next(faults.slow(headers_s=0.5))
    async with street.easel() as world:
        order = await started(world)
        await street.until_asked()

    assert order.original is not None
    assert "receipt `" in order.original.text
    assert len([one for one in street.discord.home.messages.values() if one.files]) == 1


async def test_stopping_gives_back_at_once_what_was_not_sent(street: Street) -> None:
    street.omixa.next(faults.slow(headers_s=0.5))
    async with street.easel(MAX_CALLS="1") as world:
        sent = await started(world)
        await street.until_asked()
        waiting = await started(world, world.ben)
        await world.ben.waits_for("next")

    assert sent.original is not None
    assert "charged $0.039" in sent.original.text
    assert waiting.original is not None
    assert words.failed(Failure.INTERRUPTED, PRICE) in waiting.original.text
    assert street.omixa.calls == 1


async def test_stopping_leaves_what_takes_too_long_to_the_next_start(street: Street) -> None:
    street.omixa.next(faults.hang())
    async with street.easel(grace_s=0.1, MAX_CALLS="1") as world:
        sent = await started(world)
        await street.until_asked()
        waiting = await started(world, world.ben)
        await world.ben.waits_for("Waiting")

    async with street.easel() as world:
        assert [call.state for call in (await ended(world, sent)).job.calls] == ["unknown"]
        assert [call.state for call in (await ended(world, waiting)).job.calls] == ["released"]
    assert street.omixa.calls == 1


async def is_booked(world: World, person: Person) -> bool:
    receipts = await world.store.receipts(int(person.id), None)
    return bool(receipts) and not receipts[0].held


async def has_no_token(world: World, end: Ended) -> bool:
    return (await world.store.job(end.job.id)).acknowledgement is None


async def test_a_call_given_up_while_it_waits_is_not_sent(street: Street) -> None:
    street.omixa.next(faults.slow(headers_s=0.5))
    async with street.easel(MAX_CALLS="1") as world:
        await started(world)
        await street.until_asked()
        waiting = await started(world, world.ben)
        await world.ben.waits_for("next")
        job = await world.store.job_by_key(waiting.id)
        assert job is not None
        assert await world.store.release(job.calls[0].id, Failure.CANCELLED)
        await ended(world, waiting)
    assert street.omixa.calls == 1


async def test_nothing_is_accepted_while_stopping(street: Street) -> None:
    street.omixa.next(faults.slow(headers_s=1))
    async with street.easel() as world:
        await started(world)
        await street.until_asked()
        world.easel.pauses.stopping = True
        late = await started(world, world.ben)
        await world.ben.waits_for("restart")

        assert await world.store.job_by_key(late.id) is None


async def test_pictures_discord_does_not_take_are_tried_again_in_later_rounds(
    street: Street,
) -> None:
    closed = [
        street.discord.faults.fail("POST", POSTS, status=403, times=1 << 30),
        street.discord.faults.fail("PATCH", "/webhooks/*", status=403, times=1 << 30),
    ]
    async with street.easel() as world:
        order = await started(world)
        await until(lambda: closed[0].times < 1 << 30)
        for fault in closed:
            fault.times = 0

        while await world.store.unfinished():
            world.clock.advance(30)
            await asyncio.sleep(0.02)

        assert len(pictures(world)) == 1
        job = await world.store.job_by_key(order.id)
        assert job is not None
        assert job.charged == Money(39_000)
    assert street.omixa.calls == 1


async def test_pictures_never_delivered_are_refunded_and_deleted_after_three_days(
    street: Street,
) -> None:
    for method, path in (("POST", POSTS), ("PATCH", "/webhooks/*")):
        street.discord.faults.fail(method, path, status=403, times=1 << 30)
    async with street.easel() as world:
        order = await started(world)
        await street.until_kept()
        await until(lambda: is_booked(world, world.ann))

        world.clock.advance(71 * 3600)
        await asyncio.sleep(0.1)
        assert await world.store.unfinished()
        world.clock.advance(3600)
        while await world.store.unfinished():
            world.clock.advance(60)
            await asyncio.sleep(0.02)

        job = await world.store.job_by_key(order.id)
        assert job is not None
        assert (job.charged, [one.state for one in job.pictures]) == (Money(0), ["refunded"])
        assert books(world) == Books(0, 39_000, 39_000, 0)
        while list(world.data.glob("spool/kept/*")):
            world.clock.advance(3600)
            await asyncio.sleep(0.02)


async def test_pictures_are_delivered_after_a_week_of_sleep(street: Street) -> None:
    closed = [
        street.discord.faults.fail(method, path, status=403, times=1 << 30)
        for method, path in (("POST", POSTS), ("PATCH", "/webhooks/*"))
    ]
    async with street.easel() as world:
        order = await started(world)
        await until(lambda: is_booked(world, world.ann))
    for fault in closed:
        fault.times = 0
    street.clock.advance(7 * 24 * 3600)
    street.discord.faults.fail("POST", POSTS, status=500, times=3)

    async with street.easel() as world:
        await until(lambda: passes(world))
        job = await world.store.job_by_key(order.id)
        assert job is not None
        assert job.charged == Money(39_000)
        assert pictures(world) == [f"{job.id}-1.png"]


async def test_delivered_pictures_are_deleted_after_three_days_and_stay_paid(
    street: Street,
) -> None:
    async with street.easel() as world:
        end = await ordered(world)
        assert list(world.data.glob("spool/kept/*"))

        while list(world.data.glob("spool/kept/*")):
            world.clock.advance(3600)
            await asyncio.sleep(0.02)

        job = await world.store.job(end.job.id)
        assert world.clock.now() - job.created_at >= RETENTION
        assert job.charged == Money(39_000)


async def test_dead_tokens_are_forgotten(street: Street) -> None:
    async with street.easel() as world:
        end = await ordered(world)
        assert (await world.store.job(end.job.id)).acknowledgement is not None

        world.clock.advance(16 * 60)
        await until(lambda: has_no_token(world, end))


async def test_an_answer_the_database_could_not_take_is_booked_in_a_later_round(
    street: Street,
) -> None:
    street.omixa.next(faults.slow(headers_s=0.3))
    async with street.easel() as world:
        order = await started(world)
        await street.until_asked()
        with closing(sqlite3.connect(street.data / "easel.db", isolation_level=None)) as db:
            db.execute("BEGIN IMMEDIATE")
            await street.until_kept()
            await world.ann.waits_for("still held", within_s=60)
        await until(lambda: passes(world))

        end = await ended(world, order)
        assert end.job.charged == Money(39_000)
        assert len(pictures(world)) == 1
    assert street.omixa.calls == 1


async def passes(world: World) -> bool:
    """Let a minute pass; tells whether nothing is left to do."""
    world.clock.advance(60)
    return not await world.store.unfinished()


async def test_a_job_that_cannot_be_read_does_not_keep_others_waiting(street: Street) -> None:
    closed = [
        street.discord.faults.fail(method, path, status=403, times=1 << 30)
        for method, path in (("POST", POSTS), ("PATCH", "/webhooks/*"))
    ]
    async with street.easel() as world:
        for person in (world.ann, world.ben):
            await started(world, person)
            await until(partial(is_booked, world, person))
        first, second = await world.store.unfinished()
    for fault in closed:
        fault.times = 0
    with closing(sqlite3.connect(street.data / "easel.db")) as db, db:
        db.execute("UPDATE job SET order_json = 'no order' WHERE id = ?", (first,))

    async with street.easel() as world:
        await until(partial(only_left, world, first))

        assert pictures(world) == [f"{second}-1.png"]


async def only_left(world: World, job: JobId) -> bool:
    return await world.store.unfinished() == [job]


async def test_a_kept_answer_of_no_known_job_is_left_for_the_operator(street: Street) -> None:
    async with street.easel() as world:
        end = await ordered(world)
    (kept,) = street.data.glob("spool/kept/*")
    stray = kept.rename(kept.with_name("zzzzzzzz.1"))

    async with street.easel() as world:
        world.clock.advance(100 * 3600)
        await ordered(world, world.ben)
        assert stray.exists()
        assert (await world.store.job(end.job.id)).charged == Money(39_000)
