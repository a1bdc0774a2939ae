"""The front door: one command line, one readable line on a bad start, one exit code."""

import asyncio
import signal
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from bot import __version__
from bot.core.clock import Clock
from bot.ops import logs
from bot.ops.collector import settle
from bot.ops.settings import BadSettings, DataSettings, Settings, load, load_data
from bot.store import audit, copies
from bot.store.backups import take
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


@cli.command()
def backup(
    path: Annotated[
        Path | None, typer.Argument(help="A file that does not exist yet, or a folder.")
    ] = None,
) -> None:
    """Copy the database, also while the bot runs; into DATA_DIR/backups if no PATH is given."""
    _offline(lambda settings: _backup(settings, path))


@cli.command()
def restore(path: Annotated[Path, typer.Argument(help="The backup.")]) -> None:
    """Put a backup in the place of the database, while the bot is stopped."""
    _offline(lambda settings: _restore(settings, path))


@cli.command()
def verify(
    path: Annotated[
        Path | None, typer.Argument(help="A backup to look through instead of the database.")
    ] = None,
) -> None:
    """Check every page, reference and amount of the database, also while the bot runs."""
    _offline(lambda settings: _verify(path or settings.database_path))


def _backup(settings: DataSettings, path: Path | None) -> int:
    if path is None or path.is_dir():
        path = take(settings.database_path, path or settings.backups_dir, Clock().now())
    else:
        copies.backup(settings.database_path, path)
    typer.echo(f"Backed up to {path}.")
    return STOPPED


def _restore(settings: DataSettings, path: Path) -> int:
    aside = copies.restore(path, settings.database_path, Clock().now())
    typer.echo(f"Restored {path} to {settings.database_path}.")
    if aside is not None:
        typer.echo(f"The database that stood there is kept as {aside}.")
    typer.echo(
        "Start the bot next: it books the answers on disk that this backup does not know of yet."
        " `python -m bot verify` checks the books."
    )
    return STOPPED


def _verify(path: Path) -> int:
    found = audit.report(path)
    table = Table(title=str(path), show_header=False)
    table.add_column()
    table.add_column(justify="right")
    for name, number in found.counts.items():
        table.add_row(name, f"{number:,}")
    table.add_section()
    for name in ("people", "operator", "gateway", "exposure", "held"):
        table.add_row(_SUMS[name], str(getattr(found.sums, name)))
    Console().print(table)
    for finding in found.findings:
        typer.echo(finding)
    if found.findings:
        return _fail(NO_DATABASE, f"{len(found.findings)} findings: the books are not sound.")
    typer.echo("Sound: every page, reference and amount was checked.")
    return STOPPED


_SUMS = {
    "people": "charged to people",
    "operator": "paid by the operator",
    "gateway": "taken by the gateway",
    "exposure": "perhaps taken for unanswered calls",
    "held": "held now",
}


def _offline(work: Callable[[DataSettings], int]) -> None:
    try:
        code = work(load_data(dotenv=Path(".env")))
    except BadSettings as error:
        code = _fail(BAD_SETTINGS, *error.lines)
    except StoreError as error:
        code = _fail(NO_DATABASE, f"{error}.")
    sys.exit(code)


def _run() -> int:
    # The other commands know nothing of Discord, and fit beside the bot in its container.
    from bot.app import RefusedByDiscord  # noqa: PLC0415
    from bot.core.catalogue import CatalogueError  # noqa: PLC0415

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
    from bot.app import built  # noqa: PLC0415 - see above

    task = asyncio.current_task()
    assert task is not None  # noqa: S101 - asyncio.run made one
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, task.cancel)
    with suppress(asyncio.CancelledError):  # nobody else cancels the first task
        async with built(settings) as easel:
            settle()
            await easel.over()


def _fail(code: int, *lines: str) -> int:
    for line in lines:
        typer.echo(line, err=True)
    return code


if __name__ == "__main__":
    cli()
