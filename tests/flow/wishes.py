"""Wishes for more, as people make and decide them."""

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from bot.core.limits import OWN, Allowance, PeriodKind, Rule, Scope, ScopeKind, scope, server_scope
from bot.core.money import Money
from sandbox.clock import MovableClock
from sandbox.discord.app import Discord
from sandbox.discord.interactions import Interaction
from sandbox.discord.state import Message
from sandbox.omixa import Omixa
from sandbox.people import Person
from tests.flow.buttons import labels
from tests.flow.world import World, easel_running

STEPS = ["Approve once", "Raise to…", "Decline"]
TOKEN_S = 16 * 60  # more than an interaction's token lives


@dataclass
class Street:
    """The stand-ins, which stay while Easel comes and goes."""

    discord: Discord
    omixa: Omixa
    clock: MovableClock
    data: Path

    def easel(self) -> AbstractAsyncContextManager[World]:
        return easel_running(self.discord, self.omixa, self.clock, self.data)


@asynccontextmanager
async def street_of(data: Path) -> AsyncGenerator[Street]:
    clock = MovableClock()
    async with (
        Discord.running(clock=clock, rate_limits=False) as discord,
        Omixa.running(clock=clock) as omixa,
    ):
        yield Street(discord, omixa, clock, data)


async def set_up(world: World) -> None:
    """Give everybody $0.05 a day, and send wishes to #budget; no day ends while a test runs."""
    now = world.clock.now()
    noon = now.replace(hour=12, minute=0) + timedelta(days=1)
    world.clock.advance((noon - now).total_seconds())
    budget = int(world.discord.channel("budget").id)
    await world.store.set_server(world.server_id, 1, budget_channel=budget)
    await limited(world, everybody(world), Money(50_000))


def everybody(world: World) -> Scope:
    return scope(ScopeKind.MEMBERS, world.server_id)


def whole(world: World) -> Scope:
    return server_scope(world.server_id)


async def limited(world: World, subject: Scope, limit: Money | Rule) -> None:
    await world.store.set_limit(subject, PeriodKind.DAY, limit, 1)


async def in_team(world: World, *, cap: Money | None = None) -> str:
    """Put Ben into a team whose members have so much a day."""
    team = await world.store.create_pool(world.server_id, "Team Blue", 1)
    await world.store.join_pool(world.server_id, team, int(world.ben.id), 1)
    await limited(world, scope(ScopeKind.CAP, world.server_id, team), cap or Rule.UNLIMITED)
    await limited(world, scope(ScopeKind.POOL, world.server_id, team), Rule.UNLIMITED)
    return team


async def refusal(world: World, **options: object) -> Message:
    """Refuse Ben an order of four pictures."""
    order = await world.ben.slash("imagine", options={"prompt": "a fox", "count": 4} | options)
    return await world.answered(order)


async def asking(world: World, *, on: Message, reason: str = "") -> Interaction:
    """Let Ben ask for more after a refusal, and wait for what he is told."""
    opened = await world.ben.press("Ask for more", on=on)
    sent = await world.ben.submit(opened, {"Reason": reason})
    await world.answered(sent)
    return sent


async def asked(
    world: World, *, reason: str = "", **options: object
) -> tuple[Interaction, Message]:
    """Let Ben be refused and ask; gives his form and what the managers read."""
    sent = await asking(world, on=await refusal(world, **options), reason=reason)
    return sent, await wish(world)


def told(sent: Interaction) -> str:
    """Read what somebody is told alone."""
    assert sent.original is not None
    assert sent.original.ephemeral
    return sent.original.content


def name_of(sent: Interaction) -> str:
    """Give the wish an asking was for: it stands in the name of the button it began with."""
    assert sent.trigger is not None
    return str(sent.trigger.data["custom_id"]).removeprefix("v1:ask:")


async def wish(world: World, channel: str = "budget") -> Message:
    """Wait for the wish that stands in a channel."""
    where = world.discord.channel(channel)
    return await world.dana.waits_for(
        lambda one: one.channel is where and one.author is world.discord.bot and labels(one)
    )


async def raised(world: World, message: Message, amount: str) -> Interaction:
    """Let Dana raise the limit in a wish's way."""
    opened = await world.dana.press("Raise to…", on=message)
    return await world.dana.submit(opened, {"New limit": amount})


async def declined(world: World, message: Message, reason: str = "") -> Interaction:
    """Let Dana decline a wish."""
    opened = await world.dana.press("Decline", on=message)
    return await world.dana.submit(opened, {"Reason": reason})


async def decided(world: World, message: Message) -> str:
    """Wait until the buttons are gone, and read what stands there instead, but for the time."""
    await world.dana.waits_for(lambda one: one is message and not labels(one))
    return message.content.rpartition("\n")[2].partition(" <t:")[0]


async def heard(world: World, press: Interaction) -> str:
    """Wait for what a manager alone is told after a press, and read it."""
    await until(world, lambda: press.followups or press.response != {"type": 6})
    alone = press.followups[0] if press.followups else press.original
    assert alone is not None
    assert alone.ephemeral
    return alone.content


async def until(world: World, holds: Callable[[], object]) -> None:
    """Wait for something to happen in Discord, though not for ever."""
    async with asyncio.timeout(60):
        while not holds():
            await world.discord.world.change()


def mentions(world: World) -> list[Message]:
    """Give what mentions Ben in #general without pictures."""
    there = world.discord.home.messages.values()
    return [one for one in there if world.ben.user in one.mentions and not one.files]


async def own(world: World, person: Person | None = None) -> Allowance:
    """Read the first of somebody's own limits; Ben's unless told."""
    each, *_ = await world.allowances(person or world.ben)
    assert each.scope.kind in OWN
    return each
