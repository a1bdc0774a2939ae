"""Start the sandbox: both stand-ins, Easel between them, and the page; or one stand-in alone."""

import asyncio
import os
import signal
import sys
import tempfile
from collections.abc import AsyncGenerator, Coroutine
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Annotated, Any

import typer

from bot.app import Easel, built
from bot.ops import logs
from bot.ops.settings import BadSettings, Settings, load
from bot.store.errors import StoreError
from sandbox.clock import MovableClock
from sandbox.discord.app import Discord
from sandbox.omixa import Omixa
from sandbox.panel import Panel

BAD_SETTINGS = 2
PORT = 8800

cli = typer.Typer(add_completion=False, help="Easel on this machine, without any account.")

Port = Annotated[int, typer.Option(min=0, max=65535, help="Loopback port; 0 takes a free one.")]


@cli.callback(invoke_without_command=True)
def main(
    context: typer.Context,
    port: Port = PORT,
    data: Annotated[Path | None, typer.Option(help="Keep everything in this folder.")] = None,
    speed: Annotated[float, typer.Option(min=0.01, help="How much faster than real.")] = 1.0,
) -> None:
    """Start everything and open the page at the printed address."""
    if context.invoked_subcommand is None:
        _refuse_live_keys()
        _run(_everything(port, data, 1 / speed))


@cli.command()
def omixa(
    port: Port = 0, seed: Annotated[int, typer.Option(help="Changes every picture.")] = 1
) -> None:
    """Start the stand-in image gateway alone."""
    _run(_omixa(port, seed))


@cli.command()
def discord(port: Port = 0) -> None:
    """Start the stand-in Discord and its page alone."""
    _run(_discord(port))


async def _omixa(port: int, seed: int) -> None:
    async with Omixa.running(port=port, seed=seed, pace=1.0) as omixa:
        _say(f"OMIXA_BASE_URL={omixa.base_url}", f"OMIXA_API_KEY={omixa.key}")
        await asyncio.Event().wait()


async def _discord(port: int) -> None:
    async with Discord.running(port=port) as discord:
        _say(
            f"DISCORD_API_URL={discord.api_url}",
            f"DISCORD_GATEWAY_URL={discord.gateway_url}",
            f"DISCORD_TOKEN={discord.token}",
            f"ATTACHMENT_HOSTS={discord.cdn_host}",
            f"# The page: {discord.base_url}",
        )
        await asyncio.Event().wait()


async def _everything(port: int, data: Path | None, pace: float) -> None:
    with tempfile.TemporaryDirectory(prefix="easel-") as spare:
        async with _easel(port, data or Path(spare), pace) as (discord, easel):
            await easel.ready()
            _say(f"Sandbox ready at {discord.base_url}")
            await easel.over()


@asynccontextmanager
async def _easel(port: int, data: Path, pace: float) -> AsyncGenerator[tuple[Discord, Easel]]:
    clock = MovableClock()  # one for all three: the page pushes it forward
    async with (
        Omixa.running(pace=pace, clock=clock) as omixa,
        Discord.running(port=port, data=data / "discord", clock=clock) as discord,
        # A call that a fault lets hang must not keep who is done from leaving.
        built(
            _settings(discord, omixa, data / "easel"), clock=clock, grace_s=1, ready_timeout_s=0.1
        ) as easel,
    ):
        panel = Panel(omixa, easel.rooms.store, easel.settings.database_path)
        discord.client.panel = panel.show
        discord.client.fault = panel.arm
        yield discord, easel


def _settings(discord: Discord, omixa: Omixa, data: Path) -> Settings:
    settings = load(
        {
            "DISCORD_TOKEN": discord.token,
            "DISCORD_API_URL": discord.api_url,
            "DISCORD_GATEWAY_URL": discord.gateway_url,
            "OMIXA_API_KEY": omixa.key,
            "OMIXA_BASE_URL": omixa.base_url,
            "DATABASE_URL": f"sqlite:///{data / 'easel.db'}",
            "DATA_DIR": str(data),
            "GUILD_ALLOWLIST": "*",
            "ATTACHMENT_HOSTS": discord.cdn_host,
            "LOG_LEVEL": "ERROR",
        }
    )
    logs.set_up(level=settings.log_level, form=settings.log_format, secrets=settings.secrets)
    return settings


def _refuse_live_keys() -> None:
    for name in ("DISCORD_TOKEN", "OMIXA_API_KEY"):
        if os.environ.get(name):
            typer.echo(f"{name} is set: the sandbox needs no key; unset it first.", err=True)
            raise typer.Exit(BAD_SETTINGS)


def _run(work: Coroutine[Any, Any, None]) -> None:
    async def until_stopped() -> None:
        task = asyncio.current_task()
        assert task is not None  # noqa: S101 - asyncio.run made one
        for number in (signal.SIGINT, signal.SIGTERM):
            asyncio.get_running_loop().add_signal_handler(number, task.cancel)
        await work

    try:
        asyncio.run(until_stopped())
    except asyncio.CancelledError:
        sys.exit(0)
    except (BadSettings, StoreError) as error:
        typer.echo(f"The sandbox cannot start: {error}.", err=True)
        sys.exit(BAD_SETTINGS)
    except OSError as error:
        typer.echo(f"The sandbox cannot start: {error.strerror or error}.", err=True)
        sys.exit(BAD_SETTINGS)


def _say(*lines: str) -> None:
    for line in lines:
        typer.echo(line)
    sys.stdout.flush()


if __name__ == "__main__":
    cli()
