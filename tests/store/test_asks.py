"""A wish for more is kept once and decided once."""

import asyncio
from dataclasses import replace

from bot.core.job import Payer, Place
from bot.core.limits import PeriodKind, server_scope
from bot.core.money import Money
from bot.core.order import Order
from bot.store.asks import Ask, AskState
from bot.store.store import Store
from tests.store.shop import ANN, BEN, STUDIO

WISH = Ask(
    id="offer 1",
    payer=Payer(ANN, (31, 32)),
    place=Place(server_id=STUDIO, channel_id=650, parent_id=600),
    order=Order(prompt="a fox", model="painter", count=4, private=True),
    scope=server_scope(STUDIO),
    period=PeriodKind.MONTH,
    needed=Money(160_000),
    reason="for the poster",
)


async def test_a_wish_is_read_back_as_it_was_asked(store: Store) -> None:
    assert await store.ask(WISH)
    assert await store.asked("offer 1") == WISH
    assert not await store.ask(replace(WISH, reason="again"))
    assert await store.asked("offer 1") == WISH
    assert await store.asked("offer 2") is None


async def test_of_two_managers_one_decides(store: Store) -> None:
    await store.ask(WISH)
    approved, declined = await asyncio.gather(
        store.decide("offer 1", AskState.APPROVED, BEN),
        store.decide("offer 1", AskState.DECLINED, ANN),
    )
    assert approved
    assert not declined
    assert await store.asked("offer 1") == replace(WISH, state=AskState.APPROVED)
    assert not await store.decide("offer 2", AskState.DECLINED, ANN)
