"""The house stands as pyproject.toml and docs/architecture.md draw it."""

import ast
import inspect
import pkgutil
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from discord.ext import commands

import bot
import cogs

ROOT = Path(__file__).parents[2]
ARCHITECTURE = (ROOT / "docs/architecture.md").read_text(encoding="utf-8")
CONTRACTS: list[dict[str, Any]] = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"][
    "importlinter"
]["contracts"]
ROOMS = {f"bot.{one.name}" for one in pkgutil.iter_modules(bot.__path__) if one.ispkg}
COGS = [one.name for one in pkgutil.iter_modules(cogs.__path__)]
MAY = {
    "discord": {"bot.chat"},
    "httpx": {"bot.gateway"},
    "sqlite3": {"bot.store"},
    "aiosqlite": {"bot.store"},
    "pyvips": {"bot.imaging"},
}


def contracts(kind: str) -> list[dict[str, Any]]:
    return [one for one in CONTRACTS if one["type"] == kind]


def test_the_import_contracts_are_kept() -> None:
    linter = Path(sys.executable).with_name("lint-imports")
    done = subprocess.run(  # noqa: S603 - our own tool
        [linter, "--no-cache"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout


def test_every_room_stands_in_the_layers() -> None:
    (contract,) = contracts("layers")
    layers = {name for line in contract["layers"] for name in line.split(" | ")}
    assert layers == ROOMS | {"bot.app", "bot.__main__", "cogs", "sandbox"}


@pytest.mark.parametrize("library", MAY)
def test_every_other_room_is_forbidden_a_library_that_one_room_owns(library: str) -> None:
    for contract in contracts("forbidden"):
        if library in contract["forbidden_modules"] and contract["source_modules"] != ["bot.core"]:
            forbidden = set(contract["source_modules"]) - {"cogs"}
            assert forbidden == ROOMS - MAY[library]


@pytest.mark.parametrize("room", sorted(ROOMS | {"bot.app", "bot.__main__", "cogs", "sandbox"}))
def test_every_room_is_described(room: str) -> None:
    assert f"| `{room}` |" in ARCHITECTURE


@pytest.mark.parametrize("name", COGS)
def test_cogs_get_what_they_use_and_not_the_bot(name: str) -> None:
    module = import_module(f"cogs.{name}")
    assert callable(module.setup)
    found = [
        value
        for value in vars(module).values()
        if isinstance(value, commands.CogMeta) and value.__module__ == module.__name__
    ]
    assert found
    for cog in found:
        for parameter in inspect.signature(
            inspect.getattr_static(cog, "__init__")
        ).parameters.values():
            assert parameter.name not in {"bot", "client"}
            assert "Client" not in str(parameter.annotation)


TASKS = {"create_task", "ensure_future", "TaskGroup", "run_coroutine_threadsafe"}
CLOCKS = {
    *("time.time", "time.monotonic", "time.perf_counter", "time.time_ns", "date.today"),
    *("datetime.now", "datetime.utcnow", "datetime.today", "loop.time"),
}


def dotted(path: Path) -> Iterator[str]:
    """Give every `name` and `module.name` a file uses."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        match node:
            case ast.Attribute(value=ast.Name(id=owner), attr=name):
                yield name
                yield f"{owner}.{name}"
            case ast.Attribute(attr=name):
                yield name
            case ast.ImportFrom(names=names):
                yield from (one.name for one in names)
            case _:
                pass


def sources() -> list[Path]:
    return sorted([*(ROOT / "bot").rglob("*.py"), *(ROOT / "cogs").rglob("*.py")])


@pytest.mark.parametrize(("names", "owner"), [(TASKS, "tasks.py"), (CLOCKS, "clock.py")])
def test_tasks_and_time_come_from_one_place_each(names: set[str], owner: str) -> None:
    users = {path.relative_to(ROOT) for path in sources() if names & set(dotted(path))}
    assert users == {Path("bot/core") / owner}


def test_everything_the_image_copies_is_there() -> None:
    text = (ROOT / "Dockerfile").read_text(encoding="utf-8")
    lines = re.findall(r"^COPY (?!--from)(.+) \S+$", text, re.MULTILINE)
    named = [source for line in lines for source in line.split()]
    assert {"bot", "cogs"} <= set(named)
    for source in named:
        assert (ROOT / source).exists(), source
    assert "sandbox" not in named
