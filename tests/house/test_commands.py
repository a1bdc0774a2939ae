"""The commands as Discord gets them: kept in a file, within its limits, and documented."""

import json
import re
from collections.abc import AsyncGenerator, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.flow.world import World, world_of

HERE = Path(__file__).parent
SNAPSHOT = HERE / "commands.json"
DOCUMENT = HERE.parents[1] / "docs" / "commands.md"
BY_DISCORD = {"application_id", "guild_id", "id", "version"}

SLASH, USER_MENU, MESSAGE_MENU = 1, 2, 3
SUBCOMMAND, GROUP = 1, 2

Raw = dict[str, Any]


@pytest.fixture
async def world(tmp_path: Path) -> AsyncGenerator[World]:
    async with world_of(tmp_path) as world:
        yield world


@pytest.fixture
def tree(world: World) -> list[Raw]:
    """The payloads of all commands, made from the shipped catalogue."""
    assert world.easel.client is not None
    commands = world.easel.client.tree
    return sorted(
        (json.loads(json.dumps(one.to_dict(commands))) for one in commands.get_commands()),
        key=lambda one: str(one["name"]),
    )


def leaves(tree: list[Raw]) -> Iterator[tuple[str, Raw]]:
    """Give every slash command a person can send, by its whole name."""
    for command in tree:
        if command["type"] == SLASH:
            yield from below(command["name"], command)


def below(name: str, node: Raw) -> Iterator[tuple[str, Raw]]:
    nested = [one for one in node["options"] if one["type"] in {SUBCOMMAND, GROUP}]
    for one in nested:
        yield from below(f"{name} {one['name']}", one)
    if not nested:
        yield name, node


def letters(command: Raw) -> int:
    """Count what Discord counts: names, descriptions and values, all the way down."""
    own = len(command.get("name", "")) + len(command.get("description", ""))
    value = command.get("value")
    own += len(value) if isinstance(value, str) else 0
    below = [*(command.get("options") or []), *(command.get("choices") or [])]
    return own + sum(map(letters, below))


async def test_the_commands_are_those_in_the_file(tree: list[Raw]) -> None:
    written = json.dumps(tree, indent=2, ensure_ascii=False) + "\n"

    assert SNAPSHOT.read_text(encoding="utf-8") == written, (
        f"the commands changed; if you meant that, write this to {SNAPSHOT.name}:\n{written}"
    )


async def test_what_discord_keeps_is_what_was_sent(world: World, tree: list[Raw]) -> None:
    for command in tree:
        stored = world.discord.commands.named(None, command["type"], command["name"])
        assert stored is not None
        assert [one["name"] for one in stored.get("options") or []] == [
            one["name"] for one in command.get("options") or []
        ]


async def test_the_commands_are_within_discords_limits(tree: list[Raw]) -> None:
    for kind, most in ((SLASH, 100), (USER_MENU, 5), (MESSAGE_MENU, 5)):  # 5: the library's
        assert sum(command["type"] == kind for command in tree) <= most
    for command in tree:
        assert letters(command) <= 8000
    for name, leaf in leaves(tree):
        assert len(leaf["options"]) <= 25, name
        required = [bool(option.get("required")) for option in leaf["options"]]
        assert required == sorted(required, reverse=True), name
        for option in leaf["options"]:
            assert re.fullmatch(r"[a-z0-9_-]{1,32}", option["name"])
            assert 1 <= len(option["description"]) <= 100
            choices = option.get("choices") or []
            assert len(choices) <= 25
            assert not (choices and option.get("autocomplete"))
            assert all(1 <= len(choice["name"]) <= 100 for choice in choices)


async def test_every_command_says_where_it_may_be_used(tree: list[Raw]) -> None:
    for command in tree:
        assert command["contexts"], command["name"]
        assert command["integration_types"], command["name"]
    named = {command["name"]: command for command in tree}
    for name in ("budget", "Grant credit"):
        assert named[name]["default_member_permissions"] == 1 << 5, name  # Manage Server
    for name in ("budget", "Grant credit", "View usage"):
        assert named[name]["contexts"] == [0], name


async def test_every_command_and_option_is_documented(tree: list[Raw]) -> None:
    text = DOCUMENT.read_text(encoding="utf-8")
    sections = dict(
        re.findall(r"^## `/?([A-Za-z ]+)`\n(.*?)(?=^## |\Z)", text, re.MULTILINE | re.DOTALL)
    )

    menus = {command["name"] for command in tree if command["type"] != SLASH}
    assert set(sections) == {name for name, _ in leaves(tree)} | menus
    for name, leaf in leaves(tree):
        rows = re.findall(r"^\| `([a-z0-9_]+)` \| (.*?) \|", sections[name], re.MULTILINE)
        expected = [(option["name"], option["description"]) for option in leaf["options"]]
        assert rows == expected, name
        for option in leaf["options"]:
            for choice in option.get("choices") or []:
                assert str(choice["name"]) in sections[name], (name, choice["name"])
