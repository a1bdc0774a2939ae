"""The drill: the newest backup and the answers on disk give back books that match the gateway's."""

import asyncio
import sqlite3
from collections.abc import AsyncGenerator
from contextlib import AbstractAsyncContextManager, closing
from dataclasses import dataclass
from pathlib import Path

import pytest

from bot.core.clock import Clock
from bot.core.money import Money
from bot.core.states import CallState, PictureState
from bot.store import audit
from bot.store.backups import backups, take
from bot.store.copies import restore
from sandbox.clock import MovableClock
from sandbox.discord.app import Discord
from sandbox.discord.interactions import Interaction
from sandbox.omixa import Omixa, faults
from tests.flow.orders import Books, books, ended, ordered, pictures, started, until
from tests.flow.world import World, easel_running

POSTS = (("POST", "/channels/*/messages"), ("PATCH", "/webhooks/*"))


@dataclass
class Drill:
    """The stand-ins, which keep their own truth while Easel's database comes and goes."""

    discord: Discord
    omixa: Omixa
    clock: MovableClock
    data: Path

    def easel(self, *, places: int = 8) -> AbstractAsyncContextManager[World]:
        return easel_running(self.discord, self.omixa, self.clock, self.data, MAX_CALLS=str(places))

    async def next_backup(self) -> None:
        """Let an hour pass, and wait for the backup of it."""
        before = len(backups(self.data / "backups"))
        self.clock.advance(3601)
        await until(lambda: len(backups(self.data / "backups")) > before)

    async def backup_now(self) -> None:
        """Take one beside the bot, as its operator may."""
        self.clock.advance(60)
        now = self.clock.now()
        await asyncio.to_thread(take, self.data / "easel.db", self.data / "backups", now)

    def restore_newest(self) -> None:
        restore(backups(self.data / "backups")[0].path, self.data / "easel.db", self.clock.now())

    def findings(self) -> list[str]:
        return audit.report(self.data / "easel.db").findings

    def assert_books_match_the_gateway(self, world: World) -> Books:
        assert self.findings() == []
        found = books(world)
        assert found.gateway == self.omixa.wallet.captured_micros
        assert found.person + found.operator == found.gateway
        return found


@pytest.fixture
async def drill(tmp_path: Path) -> AsyncGenerator[Drill]:
    clock = MovableClock()
    async with (
        Discord.running(data=tmp_path / "cdn", clock=clock, rate_limits=False) as discord,
        Omixa.running(clock=Clock()) as omixa,
    ):
        yield Drill(discord, omixa, clock, tmp_path / "data")
        assert omixa.wallet.conserved()


async def nothing_is_left(world: World) -> bool:
    world.clock.advance(60)
    return not await world.store.unfinished()


async def test_what_was_paid_since_the_backup_is_in_the_books_again(drill: Drill) -> None:
    async with drill.easel() as world:
        await ordered(world)
        await drill.next_backup()
        await ordered(world, count=6)  # of two calls
        await ordered(world, world.ben)  # whom the backup does not know
        drill.omixa.next(faults.billed('"0.078000"'))
        await ordered(world, world.ben)
        before = books(world)
        shown = pictures(world)

    drill.restore_newest()
    for _ in range(2):  # a second start changes nothing
        async with drill.easel() as world:
            await until(lambda: nothing_is_left(world))
            assert drill.assert_books_match_the_gateway(world) == before
            assert pictures(world) == shown
            assert await world.store.held() == Money(0)
    assert drill.omixa.calls == 5


async def test_orders_under_way_at_the_backup_are_booked_and_delivered(drill: Drill) -> None:
    drill.omixa.next(faults.slow(headers_s=3))
    async with drill.easel(places=1) as world:
        sent = await started(world)
        await until(lambda: drill.omixa.calls)
        held = await started(world, world.ben)
        await world.ben.waits_for("next")
        await drill.backup_now()
        for order in (sent, held):
            await ended(world, order)
        shown = pictures(world)
    assert states_in_newest(drill) == ["held", "sent"]

    drill.restore_newest()
    async with drill.easel() as world:
        await until(lambda: nothing_is_left(world))
        assert drill.assert_books_match_the_gateway(world) == Books(78_000, 0, 78_000, 0)
        assert pictures(world) == shown


def states_in_newest(drill: Drill) -> list[str]:
    path = backups(drill.data / "backups")[0].path
    with closing(sqlite3.connect(path)) as db:
        return sorted(state for (state,) in db.execute("SELECT state FROM call"))


async def test_pictures_nobody_has_seen_are_delivered_after_the_restore(drill: Drill) -> None:
    async with drill.easel() as world:
        await drill.next_backup()
        closed = [
            drill.discord.faults.fail(method, path, status=403, times=1 << 30)
            for method, path in POSTS
        ]
        order = await started(world, count=2)
        await until(lambda: are_spooled(world, order))
        await world.idle()
    for fault in closed:
        fault.times = 0
    assert not pictures(world)

    drill.restore_newest()
    async with drill.easel() as world:
        await until(lambda: nothing_is_left(world))
        assert drill.assert_books_match_the_gateway(world).person == 78_000
        job = await world.store.job_by_key(order.id)
        assert job is not None
        assert pictures(world) == [f"{job.id}-1.png", f"{job.id}-2.png"]


async def are_spooled(world: World, order: Interaction) -> bool:
    job = await world.store.job_by_key(order.id)
    return (
        job is not None
        and job.is_over
        and [one.state for one in job.pictures] == [PictureState.SPOOLED] * 2
    )


async def test_a_call_whose_answer_is_not_on_disk_counts_as_unanswered(drill: Drill) -> None:
    async with drill.easel() as world:
        await drill.next_backup()
        end = await ordered(world, count=6)
    first, second = sorted((drill.data / "spool" / "kept").iterdir())
    second.rename(drill.data / "lost")

    drill.restore_newest()
    async with drill.easel() as world:
        await until(lambda: nothing_is_left(world))
        job = await world.store.job(end.job.id)
        assert [call.state for call in job.calls] == [CallState.SETTLED, CallState.UNKNOWN]
        assert drill.findings() == []
        (_, held) = (call.hold for call in job.calls)
        assert await world.store.held() == held  # still visible, and more than was billed
        assert books(world).gateway + held.micros >= drill.omixa.wallet.captured_micros
        assert first.exists()


async def test_answers_kept_by_an_older_version_are_left_for_the_operator(drill: Drill) -> None:
    async with drill.easel() as world:
        await drill.next_backup()
        await ordered(world)
    (manifest,) = drill.data.glob("spool/kept/*/manifest.json")
    await asyncio.to_thread(forget_record, manifest)

    drill.restore_newest()
    async with drill.easel() as world:
        await ordered(world, world.ben)
        assert manifest.exists()
        assert books(world).gateway == 39_000
        assert drill.findings() == []


def forget_record(manifest: Path) -> None:
    text = manifest.read_text()
    manifest.write_text(text[: text.index(',\n "record"')] + "}")
