"""One order of ten 4K pictures, through the whole bot in a process of its own."""

import asyncio
import json
import os
import sys
import tempfile
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from typing import Any

import aiohttp

from bench.process import MIB, Stalls, children, peak_bytes, reset_peak, resident_bytes
from bot.app import built
from bot.core.tasks import Tasks
from bot.ops.settings import load

ORDER = {"prompt": "a lighthouse at dawn", "count": 10, "size": "4K", "format": "png"}
ORDER_S = 600
_IDLE_S = 3


async def measured() -> dict[str, Any]:
    """Run the order between two stand-ins in processes of their own."""
    with tempfile.TemporaryDirectory() as folder:
        async with _started("omixa") as gateway, _started("discord") as discord:
            environment = {
                **gateway,
                **discord,
                "DATABASE_URL": f"sqlite:///{folder}/easel.db",
                "DATA_DIR": folder,
                "GUILD_ALLOWLIST": "*",
                "LOG_LEVEL": "ERROR",
            }
            child = await asyncio.create_subprocess_exec(
                sys.executable,
                "-m",
                "bench.order",
                env=os.environ | environment,
                stdout=asyncio.subprocess.PIPE,
            )
            output, _ = await asyncio.wait_for(child.communicate(), ORDER_S)
    return dict(json.loads(output.splitlines()[-1]))


@asynccontextmanager
async def _started(stand_in: str) -> AsyncGenerator[Mapping[str, str]]:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "sandbox", stand_in, stdout=asyncio.subprocess.PIPE
    )
    assert process.stdout is not None
    try:
        lines: list[str] = []
        while len(lines) < 2 or not lines[-1].startswith(("OMIXA_API_KEY", "ATTACHMENT_HOSTS")):
            lines.append((await asyncio.wait_for(process.stdout.readline(), 30)).decode().strip())
        yield dict(line.split("=", 1) for line in lines if not line.startswith("#"))
    finally:
        process.terminate()
        await process.wait()


async def _bot() -> dict[str, Any]:
    """Be the bot: connect, wait until idle, take the order, and tell what it took."""
    settings = load()
    stalls = Stalls()
    async with built(settings, ready_timeout_s=0.1) as easel, Tasks(_report) as tasks:
        await easel.ready()
        await asyncio.sleep(_IDLE_S)
        idle = resident_bytes()
        reset_peak()
        _ = tasks.spawn("stalls", stalls.watch())
        worker_peak = await _ordered(str(settings.discord_api_url))
        return {
            "idle MiB": round(idle / MIB, 1),
            "growth MiB": round((peak_bytes() - idle) / MIB, 1),
            "picture worker MiB": round(worker_peak / MIB, 1),
            "longest loop stall ms": round(stalls.longest_s * 1e3, 1),
        }


async def _ordered(api_url: str) -> int:
    """Order as a person on the page does, until ten pictures stand in the channel."""
    origin = api_url.removesuffix("/api/v10")
    worker_peak = 0
    async with (
        aiohttp.ClientSession() as http,
        http.ws_connect(f"{origin}/client/socket", max_msg_size=0) as page,
    ):
        state = (await page.receive_json())["state"]
        person, channel = state["me"]["id"], state["guilds"][0]["channels"][0]["id"]
        who = {"person": person, "channel_id": channel}
        order = {**who, "name": "imagine", "options": ORDER}
        async with http.post(f"{origin}/client/slash", json=order) as answer:
            answer.raise_for_status()
        async with asyncio.timeout(ORDER_S):
            while True:
                news = await page.receive_json()
                worker_peak = max([worker_peak, *map(peak_bytes, children(os.getpid()))])
                message = news.get("message", {})
                if len(message.get("attachments", ())) == ORDER["count"]:
                    return worker_peak


def _report(name: str, error: BaseException) -> None:
    sys.stderr.write(f"{name}: {error!r}\n")


def table() -> list[dict[str, Any]]:
    """Measure once; the figures are sizes and CPU, which a busy machine does not change much."""
    return [asyncio.run(measured())]


if __name__ == "__main__":
    sys.stdout.write(json.dumps(asyncio.run(_bot())) + "\n")
