"""The desk says no before it prices, and finds the model that was meant."""

import sqlite3
from collections.abc import AsyncGenerator
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from bot.core import catalogue
from bot.core.ids import JobId
from bot.core.job import Payer, Place
from bot.core.order import Order
from bot.core.preferences import Options, Preferences, Whose
from bot.core.problems import (
    MissingPermissions,
    NotHere,
    Paused,
    PauseReason,
    Problem,
    Refused,
    UnknownModel,
)
from bot.ops.metrics import Metrics
from bot.spool.spool import Spool
from bot.store.rules import Terms
from bot.store.store import Store, opened
from bot.studio.desk import Desk, Visit
from bot.studio.pauses import Pauses
from bot.studio.shelf import Shelf
from sandbox.clock import MovableClock

IMAGEN, FAST = "imagen-4.0-generate-001", "imagen-4.0-fast-generate-001"
HERE, ELSEWHERE = 7, 8


class Room:
    """A desk on a real store and spool."""

    def __init__(self, store: Store, spool: Spool, clock: MovableClock) -> None:
        self.store = store
        self.clock = clock
        self.pauses = Pauses(clock)
        self.shelf = Shelf(catalogue.load(catalogue.SHIPPED))
        self.accepted: list[JobId] = []
        self.desk = Desk(
            store=store,
            spool=spool,
            shelf=self.shelf,
            pauses=self.pauses,
            metrics=Metrics(),
            servers={HERE},
            clock=clock,
            accept=self.accepted.append,
        )

    async def refusal(self, visit: Visit, order: Order | None = None) -> Problem:
        with pytest.raises(Refused) as refused:
            await self.desk.admit(order or Order(prompt="a fox", model=IMAGEN), visit)
        assert self.accepted == []
        return refused.value.problem


@pytest.fixture
async def room(tmp_path: Path) -> AsyncGenerator[Room]:
    clock = MovableClock()
    terms = Terms(default_zone=ZoneInfo("UTC"))
    async with opened(tmp_path / "easel.db", terms=terms, clock=clock) as store:
        yield Room(store, Spool(tmp_path / "spool"), clock)


def visit(server_id: int | None = HERE, *, missing: tuple[str, ...] = ()) -> Visit:
    place = Place(server_id=server_id, channel_id=1)
    return Visit(key="1", payer=Payer(5), place=place, missing_permissions=missing)


async def test_an_order_is_accepted_once(room: Room) -> None:
    order = Order(prompt="a fox", model=IMAGEN)
    first = await room.desk.admit(order, visit())
    again = await room.desk.admit(order, visit())

    assert (first.job, first.fresh, again.fresh) == (again.job, True, False)
    assert room.accepted == [first.job]


async def test_a_server_off_the_list_is_refused(room: Room) -> None:
    assert await room.refusal(visit(ELSEWHERE)) == NotHere()


async def test_missing_permissions_are_named_before_anything_is_held(room: Room) -> None:
    problem = await room.refusal(visit(missing=("Attach Files",)))
    assert problem == MissingPermissions(("Attach Files",))


async def test_a_pause_goes_before_everything_else(room: Room) -> None:
    room.pauses.stopping = True
    assert await room.refusal(visit(ELSEWHERE)) == Paused(PauseReason.STOPPING)


@pytest.mark.parametrize("ahead", [timedelta(minutes=-5, seconds=-1), timedelta(days=1, seconds=1)])
async def test_no_order_is_taken_by_a_clock_that_is_wrong(room: Room, ahead: timedelta) -> None:
    wrong = replace(visit(), at=room.clock.now() - ahead)
    assert await room.refusal(wrong) == Paused(PauseReason.CLOCK)


@pytest.mark.parametrize("ahead", [timedelta(minutes=-4), timedelta(hours=23)])
async def test_a_clock_may_be_a_little_off(room: Room, ahead: timedelta) -> None:
    order = Order(prompt="a fox", model=IMAGEN)
    assert (await room.desk.admit(order, replace(visit(), at=room.clock.now() - ahead))).fresh


async def test_a_refusal_is_written_down_without_keeping_it_from_the_person(
    room: Room, tmp_path: Path
) -> None:
    await room.refusal(visit(ELSEWHERE))
    with closing(sqlite3.connect(tmp_path / "easel.db")) as db:
        assert db.execute("SELECT problem FROM refusal").fetchall() == [("NotHere",)]
        db.execute("DROP TABLE refusal")
    assert await room.refusal(visit(ELSEWHERE)) == NotHere()


async def test_an_unknown_model_is_refused_with_those_there_are(room: Room) -> None:
    problem = await room.refusal(visit(), Order(prompt="a fox", model="dall-e"))
    assert problem == UnknownModel("dall-e", ("Imagen 4", "Imagen 4 Fast"))


async def test_a_model_is_the_preferred_one_unless_named(room: Room) -> None:
    usual = Preferences({Whose.SERVER: Options(model=FAST)})
    assert room.desk.model("Imagen 4 Fast").id == FAST
    assert room.desk.model("Imagen 4", usual).id == IMAGEN
    assert room.desk.model(None).id == IMAGEN
    assert room.desk.model(None, usual).id == FAST

    room.shelf.withdraw(FAST)
    assert room.desk.model(None, usual).id == IMAGEN
