"""README says what is there, no more."""

import json
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
MAKEFILE = (ROOT / "Makefile").read_text(encoding="utf-8")
SLASH = 1
DOCS = sorted((ROOT / "docs").rglob("*.md"))


@pytest.mark.parametrize("page", [ROOT / "README.md", *DOCS], ids=lambda page: page.name)
def test_every_link_and_picture_leads_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\(([^)#]+)[^)]*\)", page.read_text(encoding="utf-8")):
        if not target.startswith("https://"):
            assert (page.parent / target).exists(), target


def test_every_make_target_it_names_is_there() -> None:
    named = set(re.findall(r"make ([a-z]+)", README)) - {"and"}
    assert {"run", "test"} <= named
    for target in named:
        assert re.search(rf"^{target}:", MAKEFILE, re.MULTILINE), target


def test_it_lists_every_top_level_command() -> None:
    commands = json.loads((ROOT / "tests/house/commands.json").read_text(encoding="utf-8"))
    rows = [line for line in README.splitlines() if line.startswith("| `/")]
    listed = set(re.findall(r"`/([a-z]+)", "".join(rows)))
    assert listed == {command["name"] for command in commands if command["type"] == SLASH}
