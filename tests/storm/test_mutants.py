"""Every planted bug still fits the code, and a few of them are hunted here."""

import re
from pathlib import Path

import pytest

from tests.storm import mutation
from tests.storm.mutation import Mutant, equivalents, mutants, tried

_README = Path(__file__).with_name("README.md").read_text(encoding="utf-8")
_ROW = r"^\| (I\d+) \|.*\| `([\w/]+\.py)::(\w+)`.*\| `([\w-]+)` \|$"
ROWS = re.findall(_ROW, _README, re.MULTILINE)
SAMPLE = "states-before-evidence", "sent-may-be-sent-again", "limit-ignores-holds"


@pytest.mark.parametrize("mutant", mutants(), ids=lambda mutant: mutant.name)
def test_a_mutant_changes_what_stands_there(mutant: Mutant) -> None:
    source = (mutation.ROOT / mutant.target).read_text(encoding="utf-8")
    changed = mutant.applied(source)
    assert changed != source
    if mutant.target.endswith(".py"):
        compile(changed, mutant.target, "exec")


def test_there_are_enough_of_them() -> None:
    names = {mutant.name for mutant in mutants()}
    assert equivalents() < names
    assert len(names - equivalents()) >= 40


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row[0])
def test_the_readme_names_tests_and_mutants_that_exist(row: tuple[str, str, str, str]) -> None:
    _, file, test, mutant = row
    assert f"def {test}(" in (mutation.ROOT / "tests" / file).read_text(encoding="utf-8")
    assert (mutation.FOLDER / f"{mutant}.patch").exists()


def test_the_readme_has_every_invariant_that_is_kept() -> None:
    assert [row[0] for row in ROWS] == [f"I{number}" for number in range(1, 20)]


def test_a_patch_that_no_longer_fits_is_told() -> None:
    with pytest.raises(ValueError, match="no longer fits"):
        mutants(SAMPLE)[0].applied("another file")


@pytest.mark.parametrize("name", SAMPLE)
def test_a_planted_bug_is_noticed(name: str) -> None:
    (mutant,) = mutants([name])
    assert tried(mutant).startswith("killed by ")


def test_proofs_that_cannot_start_prove_nothing() -> None:
    target = "bot/store/bill.py"
    first = (mutation.ROOT / target).read_text(encoding="utf-8").splitlines()[0]
    with pytest.raises(RuntimeError, match="SyntaxError"):
        tried(Mutant("typo", f"+++ b/{target}\n@@ -1 +1 @@\n-{first}\n+(\n"))
