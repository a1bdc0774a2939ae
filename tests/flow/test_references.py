"""An order's references leave with each of its calls, or nothing is sent."""

import asyncio
import os
from base64 import b64decode
from dataclasses import dataclass, replace
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image

from bot.core.catalogue import Task
from bot.core.ids import JobId
from bot.core.job import Failure, Payer, Place
from bot.core.limits import PeriodKind, server_scope
from bot.core.money import Money
from bot.core.order import Order, Reference
from bot.core.states import CallState
from bot.spool.references import ReferenceShelf
from bot.store.asks import Ask, AskState, Verdict
from bot.studio.desk import Visit
from tests.flow.world import World
from tests.imaging.drawing import noisy, saved


@dataclass
class Gallery:
    """Two references on the bot's shelf, and a file that no order names."""

    world: World
    shelf: ReferenceShelf
    references: tuple[Reference, ...]
    stray: str

    async def ordered(self, count: int = 1) -> JobId:
        rooms = self.world.easel.rooms
        order = Order(
            prompt="a fox",
            model=rooms.shelf.catalogue.default.id,
            task=Task.EDIT,
            references=self.references,
            count=count,
        )
        place = Place(server_id=self.world.server_id, channel_id=int(self.world.discord.home.id))
        visit = Visit(key="1", payer=Payer(int(self.world.ann.id)), place=place)
        ticket = await rooms.desk.admit(order, visit)
        await self.world.idle()
        return ticket.job


@pytest.fixture
async def gallery(world: World, tmp_path: Path) -> Gallery:
    shelf = ReferenceShelf(world.data / "spool", world.clock)
    first = await shelf.keep(saved(noisy("RGB", 300, 200), tmp_path / "1.jpg", "jpeg"))
    second = await shelf.keep(saved(noisy("RGBA", 90, 70), tmp_path / "2.webp", "webp"))
    stray = await shelf.keep(saved(noisy("RGB", 64, 64), tmp_path / "3.jpg", "jpeg"))
    return Gallery(
        world,
        shelf,
        (
            Reference(name=first, label="image", width=300, height=200),
            Reference(name=second, label="image2", width=90, height=70),
        ),
        stray,
    )


async def test_each_call_sends_all_of_them_in_order(gallery: Gallery) -> None:
    world = gallery.world
    job = await world.store.job(await gallery.ordered(count=5))
    assert [call.state for call in job.calls] == [CallState.SETTLED] * 2
    assert len(world.omixa.requests) == 2
    for request in world.omixa.requests:
        urls = [str(one["image_url"]["url"]) for one in request.body["input_images"]]
        heads, bodies = zip(*(url.split(",") for url in urls), strict=True)
        assert heads == ("data:image/jpeg;base64", "data:image/webp;base64")
        images = [Image.open(BytesIO(b64decode(body))) for body in bodies]
        assert [image.size for image in images] == [(300, 200), (90, 70)]


@pytest.mark.parametrize("harm", ["lost", "changed"])
async def test_a_lost_or_changed_reference_sends_nothing_and_costs_nothing(
    gallery: Gallery, harm: str
) -> None:
    world = gallery.world
    file = gallery.shelf.path(gallery.references[1].name)
    if harm == "lost":
        file.unlink()
    else:
        file.write_bytes(file.read_bytes() + b"x")
    job = await world.store.job(await gallery.ordered(count=5))
    assert [(call.state, call.failure) for call in job.calls] == [
        (CallState.RELEASED, Failure.NO_REFERENCE)
    ] * 2
    assert world.omixa.calls == 0
    assert (job.charged, job.held) == (Money(0), Money(0))


async def test_references_stay_while_their_order_is_not_over(gallery: Gallery) -> None:
    world = gallery.world
    closed = [
        world.discord.faults.fail(method, path, status=403, times=1 << 30)
        for method, path in (("POST", "/channels/*/messages"), ("PATCH", "/webhooks/*"))
    ]
    await gallery.ordered()
    named = [one.name for one in gallery.references]
    for name in (*named, gallery.stray):
        os.utime(gallery.shelf.path(name), (0, 0))
    await tended(gallery, gallery.stray)
    assert all(gallery.shelf.path(name).exists() for name in named)

    for fault in closed:
        fault.times = 0
    while await world.store.unfinished():
        world.clock.advance(60)
        await asyncio.sleep(0.02)
    await tended(gallery, named[0])


async def test_references_stay_while_a_wish_or_a_button_waits_for_them(gallery: Gallery) -> None:
    world = gallery.world
    first, second = gallery.references
    order = Order(prompt="a fox", model=world.easel.rooms.shelf.catalogue.default.id)
    wish = Ask(
        id="abcd1234",
        payer=Payer(int(world.ben.id)),
        place=Place(server_id=world.server_id, channel_id=int(world.discord.home.id)),
        order=replace(order, references=(first,)),
        scope=server_scope(world.server_id),
        period=PeriodKind.DAY,
        needed=Money(40_000),
        reason="",
    )
    await world.store.ask(wish)
    await world.store.park(replace(order, references=(second,)))
    for name in (first.name, second.name, gallery.stray):
        os.utime(gallery.shelf.path(name), (0, 0))
    await tended(gallery, gallery.stray)
    assert gallery.shelf.path(first.name).exists()
    assert gallery.shelf.path(second.name).exists()

    await world.store.decide(wish.id, Verdict(state=AskState.DECLINED, actor=int(world.ann.id)))
    await tended(gallery, first.name)


async def tended(gallery: Gallery, gone: str) -> None:
    """Let hours go by until a file is swept."""
    async with asyncio.timeout(60):
        while gallery.shelf.path(gone).exists():
            gallery.world.clock.advance(600)
            await asyncio.sleep(0.02)
