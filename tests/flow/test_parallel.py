"""Many people at once: exactly as much is bought as there is room for."""

import asyncio
from pathlib import Path

from bot.core.job import Payer, Place, Ticket
from bot.core.limits import PeriodKind, server_scope
from bot.core.money import Money
from bot.core.order import Order
from bot.core.problems import OverLimit, Refused, TooManyJobs
from bot.studio.desk import Visit
from tests.flow.orders import asked, books, held, pictures, until
from tests.flow.world import World, world_of

IMAGEN = "imagen-4.0-generate-001"
PRICE = 40_000


async def finished(world: World, orders: int) -> None:
    """Wait until the gateway served so many orders and nothing is left to do."""
    await until(lambda: world.omixa.wallet.bills == orders)
    await until(lambda: is_quiet(world))


async def is_quiet(world: World) -> bool:
    return not await world.store.unfinished()


async def room_for(world: World, orders: int) -> None:
    await world.store.set_limit(
        server_scope(world.server_id), PeriodKind.DAY, Money(PRICE * orders), actor=1
    )


async def test_of_a_thousand_orders_at_once_exactly_as_many_are_bought_as_there_is_room_for(
    tmp_path: Path,
) -> None:
    async with world_of(tmp_path) as world:
        await room_for(world, 100)
        channel = int(world.discord.home.id)
        place = Place(server_id=world.server_id, channel_id=channel)
        visits = [
            Visit(key=str(number), payer=Payer(1_000 + number % 50), place=place)
            for number in range(1_000)
        ]
        order = Order(prompt="a fox", model=IMAGEN, size="0.5K", format="jpeg")

        answers = await asyncio.gather(
            *(world.easel.rooms.desk.admit(order, visit) for visit in visits),
            return_exceptions=True,
        )
        await finished(world, 100)

        assert sum(isinstance(answer, Ticket) for answer in answers) == 100
        problems = [answer.problem for answer in answers if isinstance(answer, Refused)]
        assert len(problems) == 900
        assert all(isinstance(problem, OverLimit | TooManyJobs) for problem in problems)
        assert world.omixa.calls == len(set(asked(world))) == 100
        assert books(world).person == world.omixa.wallet.captured_micros == 100 * 39_000
        assert await held(world) == Money(0)
        assert len(pictures(world)) == len(set(pictures(world))) == 100


async def test_a_long_order_leaves_room_for_the_next_person(tmp_path: Path) -> None:
    async with world_of(tmp_path, MAX_CALLS="2") as world:
        place = Place(server_id=world.server_id, channel_id=int(world.discord.home.id))
        long = Order(prompt="many", model=IMAGEN, size="0.5K", count=10)
        short = Order(prompt="one", model=IMAGEN, size="0.5K")
        admit = world.easel.rooms.desk.admit
        for number in range(2):
            await admit(long, Visit(key=f"a{number}", payer=Payer(1), place=place))
        await admit(short, Visit(key="b", payer=Payer(2), place=place))

        await finished(world, 7)

        prompts = [record.body["prompt"] for record in world.omixa.requests]
        assert prompts.index("one") <= 1
