"""The front door: one command line, one readable line on a bad start, one exit code."""

import asyncio
import signal
import sys
from contextlib import suppress
from pathlib import Path

import typer

from bot import __version__
from bot.app import RefusedByDiscord, built
from bot.core.catalogue import CatalogueError
from bot.ops import logs
from bot.ops.settings import BadSettings, Settings, load
from bot.store.errors import StoreError

STOPPED, BAD_SETTINGS, NO_DATABASE, REFUSED = 0, 2, 3, 4

cli = typer.Typer(add_completion=False, no_args_is_help=False)


@cli.callback(invoke_without_command=True)
def main(context: typer.Context) -> None:
    """Easel: pictures in Discord from one shared wallet."""
    if context.invoked_subcommand is None:
        run()


@cli.command()
def run() -> None:
    """Connect to Discord and take orders until stopped (SIGTERM or Ctrl+C)."""
    sys.exit(_run())


@cli.command()
def version() -> None:
    """Print the version."""
    typer.echo(__version__)


def _run() -> int:
    try:
        settings = load(dotenv=Path(".env"))
        logs.set_up(level=settings.log_level, form=settings.log_format, secrets=settings.secrets)
        asyncio.run(_until_stopped(settings))
    except BadSettings as error:
        return _fail(BAD_SETTINGS, *error.lines)
    except CatalogueError as error:
        return _fail(BAD_SETTINGS, f"MODELS_FILE cannot be used: {error}.")
    except StoreError as error:
        return _fail(NO_DATABASE, f"The database cannot be used: {error}.")
    except RefusedByDiscord as error:
        return _fail(REFUSED, f"Discord refused the bot: {error}")
    return STOPPED


async def _until_stopped(settings: Settings) -> None:
    task = asyncio.current_task()
    assert task is not None  # noqa: S101 - asyncio.run made one
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, task.cancel)
    with suppress(asyncio.CancelledError):  # nobody else cancels the first task
        async with built(settings) as easel:
            await easel.over()


def _fail(code: int, *lines: str) -> int:
    for line in lines:
        typer.echo(line, err=True)
    return code


if __name__ == "__main__":
    cli()
