"""The desk says no before it prices, and finds the model that was meant."""

from collections.abc import AsyncGenerator
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from bot.core import catalogue
from bot.core.ids import JobId
from bot.core.job import Place
from bot.core.order import Order
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
    return Visit(key="1", discord_id=5, place=place, missing_permissions=missing)


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


async def test_an_unknown_model_is_refused_with_those_there_are(room: Room) -> None:
    problem = await room.refusal(visit(), Order(prompt="a fox", model="dall-e"))
    assert problem == UnknownModel("dall-e", ("Imagen 4", "Imagen 4 Fast"))


async def test_a_model_is_the_servers_choice_unless_named(room: Room) -> None:
    assert (await room.desk.model("Imagen 4 Fast", HERE)).id == FAST
    assert (await room.desk.model(None, HERE)).id == IMAGEN
    assert (await room.desk.model(None, None)).id == IMAGEN

    await room.store.set_server(HERE, 5, default_model=FAST)
    assert (await room.desk.model(None, HERE)).id == FAST
    room.shelf.withdraw(FAST)
    assert (await room.desk.model(None, HERE)).id == IMAGEN
