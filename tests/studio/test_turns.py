"""Turns are bounded, in order for one person and in rotation between people."""

import asyncio

import pytest

from bot.core.ids import PersonId
from bot.core.tasks import Tasks
from bot.studio.turns import Turn, Turns

ANN, BEN, CLEO, DANA = (PersonId(name) for name in ("ann", "ben", "cleo", "dana"))


class Shop:
    """People who take turns and end them when they are told to."""

    def __init__(self, turns: Turns, tasks: Tasks) -> None:
        self.turns = turns
        self.tasks = tasks
        self.served: list[PersonId] = []
        self._ends: list[asyncio.Event] = []
        self._turns: list[Turn] = []

    async def comes(self, person: PersonId, times: int = 1) -> list[asyncio.Task[None]]:
        tasks = [self.tasks.spawn(person, self._turn(person)) for _ in range(times)]
        await self._quiet()
        return tasks

    async def ends(self, times: int = 1) -> None:
        """End the turns that were given first."""
        for _ in range(times):
            self._ends.pop(0).set()
            await self._quiet()

    async def grow_late(self, times: int = 1) -> None:
        """Let the turns grow late that were given first and are not late yet."""
        for turn in [turn for turn in self._turns if not turn.is_late][:times]:
            turn.grow_late()
        await self._quiet()

    async def _turn(self, person: PersonId) -> None:
        async with self.turns.turn(person) as turn:
            self.served.append(person)
            self._turns.append(turn)
            end = asyncio.Event()
            self._ends.append(end)
            await end.wait()

    async def _quiet(self) -> None:
        for _ in range(5):
            await asyncio.sleep(0)


async def test_no_more_turns_are_given_than_there_are_places() -> None:
    async with Tasks(_broke) as tasks:
        shop = Shop(Turns(4), tasks)
        for person in (ANN, BEN, CLEO):
            await shop.comes(person, 2)

        assert len(shop.served) == 4
        assert shop.turns.waiting == 2
        await shop.ends()
        assert len(shop.served) == 5
        assert shop.turns.waiting == 1


async def test_thirty_orders_of_one_person_do_not_keep_another_waiting() -> None:
    async with Tasks(_broke) as tasks:
        shop = Shop(Turns(4), tasks)
        await shop.comes(ANN, 30)
        assert shop.served == [ANN, ANN]  # half of the places

        await shop.comes(BEN)

        assert shop.served == [ANN, ANN, BEN]


async def test_waiting_people_are_served_in_rotation() -> None:
    async with Tasks(_broke) as tasks:
        shop = Shop(Turns(1), tasks)
        await shop.comes(ANN, 3)
        await shop.comes(BEN, 2)
        await shop.comes(CLEO)

        await shop.ends(5)

        assert shop.served == [ANN, ANN, BEN, CLEO, ANN, BEN]


async def test_the_place_in_the_queue_counts_what_is_served_before() -> None:
    async with Tasks(_broke) as tasks:
        shop = Shop(Turns(2), tasks)
        assert shop.turns.ahead(ANN) is None
        await shop.comes(ANN, 4)
        assert shop.turns.ahead(ANN) == 3
        assert shop.turns.ahead(BEN) is None  # one place is kept free of ann
        await shop.comes(BEN)
        assert shop.turns.ahead(BEN) == 1  # ann's next one, of three
        assert shop.turns.ahead(CLEO) == 1


async def test_who_goes_away_leaves_the_queue() -> None:
    async with Tasks(_broke) as tasks:
        shop = Shop(Turns(1), tasks)
        await shop.comes(ANN)
        (bens,) = await shop.comes(BEN)
        await shop.comes(CLEO)

        bens.cancel()
        await shop.ends()

        assert shop.served == [ANN, CLEO]
        assert shop.turns.waiting == 0


async def test_a_turn_given_to_somebody_who_just_left_is_passed_on() -> None:
    async with Tasks(_broke) as tasks:
        shop = Shop(Turns(1), tasks)
        await shop.comes(ANN)
        (bens,) = await shop.comes(BEN)
        await shop.comes(CLEO)

        shop._ends.pop(0).set()
        await asyncio.sleep(0)  # ann's turn ends: ben's has come, though he does not know yet
        bens.cancel()
        await shop._quiet()

        assert shop.served == [ANN, CLEO]


async def test_a_late_turn_lends_its_place_to_the_next() -> None:
    async with Tasks(_broke) as tasks:
        shop = Shop(Turns(2), tasks)
        await shop.comes(ANN)
        await shop.comes(BEN)
        await shop.comes(CLEO)
        await shop.comes(DANA)
        assert shop.served == [ANN, BEN]

        await shop.grow_late()

        assert shop.served == [ANN, BEN, CLEO]
        assert shop.turns.ahead(ANN) == 1  # she is welcome, once there is room
        await shop.ends()  # ann's: she has no place that could be handed on
        assert shop.served == [ANN, BEN, CLEO]
        await shop.ends()
        assert shop.served == [ANN, BEN, CLEO, DANA]


@pytest.mark.parametrize("places", [1, 2, 8])
async def test_no_more_turns_are_late_than_there_are_places(places: int) -> None:
    async with Tasks(_broke) as tasks:
        shop = Shop(Turns(places), tasks)
        for person in (ANN, BEN, CLEO):
            await shop.comes(person, 2 * places)
        for _ in range(5):
            await shop.grow_late(places)

        assert len(shop.served) == 2 * places
        await shop.ends()
        assert len(shop.served) == 2 * places + 1


async def test_nobodys_late_turns_keep_another_waiting() -> None:
    async with Tasks(_broke) as tasks:
        shop = Shop(Turns(4), tasks)
        await shop.comes(ANN, 30)
        await shop.grow_late(2)
        assert shop.served == [ANN] * 4
        await shop.grow_late(2)
        assert shop.served == [ANN] * 4  # hers are all lent

        await shop.comes(BEN, 4)

        assert shop.served == [*[ANN] * 4, BEN, BEN]


async def test_a_turn_that_breaks_is_given_back() -> None:
    turns = Turns(1)
    with pytest.raises(ZeroDivisionError):
        async with turns.turn(ANN):
            raise ZeroDivisionError

    async with asyncio.timeout(1), turns.turn(ANN):
        pass


def _broke(name: str, error: BaseException) -> None:
    raise AssertionError(name) from error
