"""Connections break in many ways; Easel comes back, and says how it is."""

import asyncio
import json
import socket
from pathlib import Path
from typing import Any, cast

import aiohttp
import pytest

from bot.app import RefusedByDiscord, built
from bot.core.clock import Clock
from bot.core.limits import PeriodKind, Rule, ScopeKind, scope
from bot.ops.settings import load
from sandbox.discord.app import Discord
from sandbox.omixa import Omixa, faults
from tests.flow.orders import ordered, painting, refused
from tests.flow.world import World, environment, world_of


async def break_connection(world: World) -> None:
    """Send an event that discord.py's parser breaks on, and wait for the next connection."""
    (session,) = world.discord.gateway.sessions.values()
    session.dispatch("MESSAGE_CREATE", {"id": "nothing else"})
    while session.line is not None or not world.discord.gateway.online:
        world.clock.advance(0.5)
        await asyncio.sleep(0.05)
    await world.easel.ready()


async def test_an_event_the_library_cannot_read_costs_one_connection(world: World) -> None:
    first = world.easel.client

    await break_connection(world)

    assert world.easel.client is not first
    end = await ordered(world)
    assert len(end.job.pictures) == 1


async def test_a_dropped_connection_is_resumed(world: World) -> None:
    first = world.easel.client
    await world.discord.gateway.close(code=4000)
    while not world.discord.gateway.online:
        await world.discord.world.change()

    assert world.easel.client is first
    end = await ordered(world)
    assert len(end.job.pictures) == 1


async def test_an_order_that_runs_while_the_connection_is_made_anew_is_delivered(
    world: World,
) -> None:
    world.omixa.next(faults.slow(headers_s=30))
    order = await world.ann.slash("imagine", prompt="a fox", size="0.5K")
    await painting(world, 1)
    await break_connection(world)

    world.clock.advance(30)
    await world.ann.waits_for(lambda one: one is order.original and "receipt `" in one.text)

    assert len([one for one in world.discord.home.messages.values() if one.files]) == 1


@pytest.mark.parametrize("refusal", ["token", "gateway"])
async def test_a_refused_token_ends_it(tmp_path: Path, refusal: str) -> None:
    async with Discord.running(data=tmp_path) as discord, Omixa.running() as omixa:
        wrong = {"DISCORD_TOKEN": "wrong.token"} if refusal == "token" else {}
        settings = load({**environment(discord, omixa, tmp_path / "data"), **wrong})
        if refusal == "gateway":
            discord.gateway.token = "another"
        with pytest.raises(RefusedByDiscord):
            async with built(settings, clock=Clock()) as easel:
                await easel.over()


async def read(port: int, path: str) -> tuple[int, str]:
    async with aiohttp.ClientSession() as http, http.get(f"http://127.0.0.1:{port}{path}") as said:
        return said.status, await said.text()


def free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])


async def test_health_and_figures_of_a_running_bot(tmp_path: Path) -> None:
    port = free_port()
    async with world_of(tmp_path, HTTP_PORT=str(port)) as world:
        status, health = await read(port, "/health")
        assert (status, '"well": true' in health) == (200, True)

        await ordered(world)
        world.omixa.script([faults.billed('"0.060000"'), faults.reset_after_success()])
        await ordered(world)
        await ordered(world)
        world.omixa.next(faults.status(402))
        await ordered(world)
        await refused(world)
        text = ""
        while "easel_held_micros 60000.0" not in text:
            world.clock.advance(60)
            _, text = await read(port, "/metrics")

        figures = _figures(text)
        assert figures['easel_calls_total{outcome="settled"}'] == 2
        assert figures['easel_calls_total{outcome="unknown"}'] == 1
        assert figures['easel_calls_total{outcome="wallet empty"}'] == 1
        assert figures['easel_refusals_total{reason="Paused"}'] == 1
        assert figures["easel_settled_micros_total"] == 39_000 + 40_000
        assert figures["easel_absorbed_micros_total"] == 20_000
        assert figures["easel_queued_calls"] == 0
        assert figures["easel_delivery_seconds_count"] == 2

        world.discord.gateway.token = "another"
        await world.discord.gateway.close(code=1001)
        with pytest.raises(RefusedByDiscord):
            await world.easel.over()
        assert await read(port, "/health") == (503, json.dumps(_UNWELL))


_UNWELL = {
    "well": False,
    "probes": {"discord": False, "store": True},
    "why": {"discord": "not well"},
}


def _figures(text: str) -> dict[str, Any]:
    lines = (line.rpartition(" ") for line in text.splitlines() if not line.startswith("#"))
    return {name: float(value) for name, _, value in lines}


async def test_a_block_of_a_role_holds_while_its_server_has_not_arrived(world: World) -> None:
    assert world.easel.client is not None
    (server,) = world.easel.client.guilds
    blue = next(role for role in server.roles if role.name == "Team Blue")
    block = scope(ScopeKind.ROLE, world.server_id, blue.id)
    await world.store.set_limit(block, PeriodKind.DAY, Rule.BLOCKED, 1)
    state = world.easel.client._connection
    state._guilds.pop(server.id)
    state._add_guild_from_data(cast(Any, {"id": str(server.id), "unavailable": True}))

    assert blue.mention in await refused(world, world.ben)
    assert world.omixa.calls == 0
