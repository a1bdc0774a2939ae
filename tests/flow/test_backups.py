"""backup, restore and verify as an operator runs them, beside the bot and without it."""

import asyncio
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from bot.core.states import CallState
from bot.store import database
from sandbox.clock import MovableClock
from sandbox.discord.app import Discord
from sandbox.omixa import Omixa
from tests.flow.orders import ordered, until
from tests.flow.process import running
from tests.flow.world import World, environment
from tests.store.shop import call_in

DATABASE = {"DATABASE_URL": "sqlite:///easel.db"}


def bot(cwd: Path, *arguments: str, **env: str) -> tuple[int, str]:
    """Run a command to its end; gives the exit code and all it said."""
    return asyncio.run(beside(cwd, *arguments, **env))


async def beside(cwd: Path, *arguments: str, **env: str) -> tuple[int, str]:
    """Run a command while something else runs."""
    async with running("bot", *arguments, cwd=cwd, env=DATABASE | env) as process:
        code = await process.ends()
    return code, " ".join("".join(process.lines).split())


@pytest.fixture
def easel_db(tmp_path: Path) -> Path:
    path = tmp_path / "easel.db"
    with closing(database.opened(path)) as db:
        call_in(db, CallState.SETTLED)
        call_in(db, CallState.HELD)
    return path


def test_a_backup_is_verified_and_restored(tmp_path: Path, easel_db: Path) -> None:
    code, told = bot(tmp_path, "backup")
    assert code == 0
    (copy,) = (tmp_path / "data" / "backups").iterdir()
    assert told == f"Backed up to data/backups/{copy.name}."

    code, told = bot(tmp_path, "verify", str(copy))
    assert code == 0
    assert "calls settled │ 1" in told
    assert "taken by the gateway │ $0.039" in told
    assert told.endswith("Sound: every page, reference and amount was checked.")

    easel_db.write_bytes(b"garbage" * 1000)
    code, told = bot(tmp_path, "verify")
    assert code == 3
    assert "easel.db: file is not a database; restore a sound backup with `python" in told

    code, told = bot(tmp_path, "restore", str(copy))
    assert code == 0
    assert (
        f"Restored {copy} to easel.db. The database that stood there is kept as easel-rep" in told
    )
    assert "Start the bot next" in told
    assert bot(tmp_path, "verify")[0] == 0


def test_a_backup_goes_where_it_is_told_and_over_nothing(tmp_path: Path, easel_db: Path) -> None:
    assert bot(tmp_path, "backup", ".")[0] == 0
    assert len(list(tmp_path.glob("easel-2*Z.db"))) == 1
    assert bot(tmp_path, "backup", "mine.db")[0] == 0
    code, told = bot(tmp_path, "backup", "mine.db")
    assert (code, told) == (3, "mine.db exists; name a file that does not.")
    (tmp_path / "backups").touch()
    code, told = bot(tmp_path, "backup", DATA_DIR=".")
    assert (code, told.partition(";")[0]) == (3, "backups: File exists")
    assert easel_db.exists()


def test_books_that_do_not_add_up_are_exit_code_3(tmp_path: Path, easel_db: Path) -> None:
    with closing(sqlite3.connect(easel_db)) as db, db:
        db.execute("UPDATE balance SET used = used + 1")
    code, told = bot(tmp_path, "verify")
    assert code == 3
    assert (
        "The balance of operator on 2026-06-15 is off by +$0.00 held and +$0.000001 used." in told
    )
    assert told.endswith("4 findings: the books are not sound.")


@pytest.mark.parametrize("command", [["backup"], ["verify"], ["verify", "x"], ["restore", "x"]])
def test_what_is_not_there_is_told_in_a_line(tmp_path: Path, command: list[str]) -> None:
    code, told = bot(tmp_path, *command)
    assert code == 3
    assert "No such file or directory" in told
    assert "Traceback" not in told


def test_bad_settings_are_told_but_only_those_that_matter(tmp_path: Path, easel_db: Path) -> None:
    assert bot(tmp_path, "verify", TIME_ZONE="Mars/Base", DISCORD_TOKEN="a b")[0] == 0
    code, told = bot(tmp_path, "verify", DATABASE_URL="postgres://x")
    assert code == 2
    assert told.startswith("DATABASE_URL ")
    assert easel_db.exists()


def test_a_database_that_vanished_is_not_begun_anew(tmp_path: Path, easel_db: Path) -> None:
    assert bot(tmp_path, "backup")[0] == 0
    easel_db.unlink()
    code, told = bot(tmp_path, "run", DISCORD_TOKEN="x", OMIXA_API_KEY="y")
    assert code == 3
    assert "easel.db is not there, but backups of it are; put the newest in its place" in told
    assert not easel_db.exists()


async def test_beside_a_running_bot(tmp_path: Path) -> None:
    async with (
        Discord.running(data=tmp_path / "cdn", clock=MovableClock()) as discord,
        Omixa.running() as omixa,
    ):
        env = dict(environment(discord, omixa, tmp_path))
        async with running("bot", "run", cwd=tmp_path, env=env) as process:
            await process.says("ready")
            await until(lambda: list(tmp_path.glob("backups/easel-*.db")))  # its own, at the start
            assert (await beside(tmp_path, "backup", "mine.db", **env))[0] == 0
            assert (await beside(tmp_path, "verify", **env))[0] == 0
            code, told = await beside(tmp_path, "restore", "mine.db", **env)
            assert code == 3
            assert told.endswith("easel.db is in use by another process; stop that one first.")
            process.stop()
            assert await process.ends() == 0
        assert (await beside(tmp_path, "restore", "mine.db", **env))[0] == 0
        async with running("bot", "run", cwd=tmp_path, env=env) as process:
            await process.says("ready")
            process.stop()
            assert await process.ends() == 0


async def test_the_bot_takes_a_backup_an_hour_and_shows_when(world: World) -> None:
    await ordered(world)
    folder = world.data / "backups"
    await until(lambda: list(folder.glob("easel-*.db")))
    (first,) = folder.iterdir()
    world.clock.advance(3600)
    await until(lambda: len(list(folder.glob("easel-*.db"))) == 2)
    (second,) = set(folder.iterdir()) - {first}
    with closing(sqlite3.connect(second)) as db:
        assert db.execute("SELECT count(*) FROM entry").fetchone() == (1,)
