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
    """Give every command a person can send, by its whole name."""
    for command in tree:
        below = [one for one in command["options"] if one["type"] == 1]
        for sub in below:
            yield f"{command['name']} {sub['name']}", sub
        if not below:
            yield command["name"], command


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
    kept = {
        command["name"]: world.discord.commands.named(None, 1, command["name"]) for command in tree
    }

    for command in tree:
        stored = kept[command["name"]]
        assert stored is not None
        assert [one["name"] for one in stored["options"]] == [
            one["name"] for one in command["options"]
        ]


async def test_the_commands_are_within_discords_limits(tree: list[Raw]) -> None:
    assert len(tree) <= 100
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
    (budget,) = (command for command in tree if command["name"] == "budget")
    assert budget["default_member_permissions"] == 1 << 5  # Manage Server
    assert budget["contexts"] == [0]


async def test_every_command_and_option_is_documented(tree: list[Raw]) -> None:
    text = DOCUMENT.read_text(encoding="utf-8")
    sections = dict(
        re.findall(r"^## `/([a-z ]+)`\n(.*?)(?=^## |\Z)", text, re.MULTILINE | re.DOTALL)
    )

    assert set(sections) == {name for name, _ in leaves(tree)}
    for name, leaf in leaves(tree):
        rows = re.findall(r"^\| `([a-z]+)` \| (.*?) \|", sections[name], re.MULTILINE)
        expected = [(option["name"], option["description"]) for option in leaf["options"]]
        assert rows == expected, name
        for option in leaf["options"]:
            for choice in option.get("choices") or []:
                assert str(choice["name"]) in sections[name], (name, choice["name"])
