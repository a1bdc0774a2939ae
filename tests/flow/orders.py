"""Ordering, waiting for the end of it, and looking into the books from outside."""

import asyncio
import sqlite3
from collections.abc import Awaitable, Callable
from contextlib import closing
from dataclasses import dataclass

from bot.core.job import Job
from bot.core.money import Money
from sandbox.discord.interactions import Interaction
from sandbox.discord.state import Message
from sandbox.people import Person
from tests.flow.world import World


@dataclass(frozen=True)
class Ended:
    """An order that is over: as the store has it, and as its person was told."""

    job: Job
    told: str


@dataclass(frozen=True)
class Books:
    """What the ledger's entries add up to, in micro-dollars."""

    person: int
    operator: int
    gateway: int
    exposure: int


async def until(holds: Callable[[], object | Awaitable[object]]) -> None:
    """Wait for what rings no bell."""
    while True:
        answer = holds()
        if await answer if isinstance(answer, Awaitable) else answer:
            return
        await asyncio.sleep(0.02)


async def painting(world: World, pictures: int) -> None:
    """Wait until the gateway is at work on so many pictures, from when its clock counts."""
    await until(lambda: world.omixa.wallet.held_micros == pictures * 40_000)


async def started(world: World, person: Person | None = None, **options: object) -> Interaction:
    """Order with /imagine; small and quick unless told otherwise."""
    return await (person or world.ann).slash(
        "imagine", options={"prompt": "a fox", "size": "0.5K"} | options
    )


async def ended(world: World, interaction: Interaction) -> Ended:
    """Wait until the acknowledgement carries the receipt."""

    def is_receipt(message: Message) -> bool:
        return message is interaction.original and "receipt `" in message.text

    person = next(one for one in world.discord.people.values() if one.user is interaction.user)
    told = await person.waits_for(is_receipt)
    job = await world.store.job_by_key(interaction.id)
    assert job is not None
    assert job.is_over
    return Ended(job, told.text)


async def ordered(world: World, person: Person | None = None, **options: object) -> Ended:
    """Order with /imagine and wait for the end."""
    return await ended(world, await started(world, person, **options))


async def refused(world: World, person: Person | None = None, **options: object) -> str:
    """Order what is not accepted, and read why not."""
    who = person or world.ann
    interaction = await started(world, who, **options)
    told = await who.waits_for(lambda one: one is interaction.original and not one.thinking)
    assert await world.store.job_by_key(interaction.id) is None
    return told.text


def books(world: World) -> Books:
    """Add up every entry there is, past the store's own words about them."""
    with closing(sqlite3.connect(world.data / "easel.db")) as db:
        sums = ("person_micros", "operator_micros", "gateway_micros", "exposure_micros")
        columns = ", ".join(f"coalesce(sum({name}), 0)" for name in sums)
        return Books(*db.execute(f"SELECT {columns} FROM entry").fetchone())  # noqa: S608 - fixed names


async def held(world: World) -> Money:
    """Give what is reserved in the whole bot."""
    return await world.store.held()


def pictures(world: World) -> list[str]:
    """Name every file of the bot that stands in a channel, in order."""
    return [
        file.filename
        for message in world.discord.home.messages.values()
        if message.author is world.discord.bot
        for file in message.files
    ]


def asked(world: World) -> list[str | None]:
    """Give the idempotency key of every request the gateway saw."""
    return [record.idempotency_key for record in world.omixa.requests]
