"""Recovery's rounds go on beside the desk, and take nothing out of its hands."""

import asyncio
from datetime import timedelta

from bot.core.ids import JobId
from bot.core.job import Acknowledgement, Admission, Failure, Payer, Place
from bot.core.money import Money
from bot.core.order import Order
from bot.core.states import CallState
from tests.flow.orders import until
from tests.flow.world import World


async def held_only(world: World) -> JobId:
    """Hold an order as the desk does, and never hand it over; its token dies in ten seconds."""
    ticket = await world.store.hold(
        Admission(
            key="1",
            payer=Payer(int(world.ann.id)),
            place=Place(server_id=world.server_id, channel_id=int(world.discord.home.id)),
            order=Order(prompt="a fox", model="imagen-4.0-generate-001", size="1K"),
            calls=(1,),
            unit_price=Money(40_000),
            acknowledgement=Acknowledgement(
                application_id=1, token="t", expires_at=world.clock.now() + timedelta(seconds=10)
            ),
        )
    )
    return ticket.job


async def a_round_passes(world: World, job: JobId) -> None:
    async def is_forgotten() -> bool:
        return (await world.store.job(job)).acknowledgement is None

    await until(is_forgotten)  # a round's first act
    await asyncio.sleep(0.2)


async def test_an_order_just_written_is_left_to_the_desk(world: World) -> None:
    await asyncio.sleep(0.2)  # the first round is over
    world.clock.advance(35)
    job = await held_only(world)

    world.clock.advance(30)
    await a_round_passes(world, job)
    (call,) = (await world.store.job(job)).calls
    assert call.state is CallState.HELD

    async def is_over() -> bool:
        return (await world.store.job(job)).is_over

    world.clock.advance(60)  # nobody came for it
    await until(is_over)
    (call,) = (await world.store.job(job)).calls
    assert (call.state, call.failure) == (CallState.RELEASED, Failure.INTERRUPTED)
