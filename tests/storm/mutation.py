"""Mutants: each patch plants one bug in a copy of the house, and the proofs must notice it."""

import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.storm.disk import room

ROOT = Path(__file__).parents[2]
FOLDER = Path(__file__).with_name("mutants")
_COPIED = "bot", "tests/storm"
_HEAD = re.compile(r"^\+\+\+ b/(\S+)$", re.MULTILINE)
_HUNK = re.compile(r"^@@ .* @@.*\n", re.MULTILINE)


@dataclass(frozen=True)
class Mutant:
    """One planted bug: its file's name says which, its first line why it matters."""

    name: str
    patch: str

    @property
    def target(self) -> str:
        """Name the file that it changes."""
        (found,) = _HEAD.findall(self.patch)
        return str(found)

    def applied(self, source: str) -> str:
        """Change a file's text.

        Raises:
            ValueError: when what is to be replaced does not stand there exactly once.
        """
        for hunk in _HUNK.split(self.patch)[1:]:
            lines = hunk.splitlines(keepends=True)
            before = "".join(line[1:] for line in lines if line[0] in " -")
            after = "".join(line[1:] for line in lines if line[0] in " +")
            if source.count(before) != 1:
                raise ValueError(f"{self.name} no longer fits {self.target}")
            source = source.replace(before, after)
        return source


HEALTHY = Mutant("no bug at all", "+++ b/bot/store/ledger.py\n")
"""Planted first: proofs that notice what is not there prove nothing."""


def mutants(names: Iterable[str] = ()) -> list[Mutant]:
    """Read the patches of these names, or all of them."""
    wanted = set(names)
    files = [file for file in sorted(FOLDER.glob("*.patch")) if not wanted or file.stem in wanted]
    return [Mutant(file.stem, file.read_text(encoding="utf-8")) for file in files]


def equivalents() -> set[str]:
    """Name the mutants that change nothing, by the list that says why."""
    text = (FOLDER / "EQUIVALENT.md").read_text(encoding="utf-8")
    return set(re.findall(r"^- `([\w-]+)`: ", text, re.MULTILINE))


def tried(mutant: Mutant) -> str:
    """Plant a bug and give what noticed it; nothing when it lives.

    Raises:
        RuntimeError: when the mutant does not even start, which proves nothing.
    """
    with TemporaryDirectory(dir=room()) as name:
        copy = Path(name)
        for folder in _COPIED:
            shutil.copytree(ROOT / folder, copy / folder, symlinks=True)
        file = copy / mutant.target
        file.write_text(mutant.applied(file.read_text(encoding="utf-8")), encoding="utf-8")
        done = subprocess.run(
            [sys.executable, "-m", "tests.storm.probe"],
            cwd=copy,
            env={name: value for name, value in os.environ.items() if "COV" not in name},
            capture_output=True,
            text=True,
            check=False,
        )
    if not done.stdout.startswith(("killed by ", "alive")):
        raise RuntimeError(f"{mutant.name}: {done.stdout}{done.stderr}")
    return done.stdout.strip().removeprefix("alive")


def hunt(names: list[str], jobs: int) -> bool:
    """Try mutants, some at a time, and print what became of each."""
    began, survivors = time.monotonic(), []
    harmless = equivalents() | {HEALTHY.name}
    found = [HEALTHY, *mutants(names)]
    with ThreadPoolExecutor(jobs) as pool:
        for mutant, killer in zip(found, pool.map(tried, found), strict=True):
            is_equivalent = mutant.name in harmless
            if bool(killer) == is_equivalent:
                survivors.append(mutant.name)
            verdict = killer or ("lives, as it may" if is_equivalent else "SURVIVES")
            sys.stdout.write(f"{mutant.name:44} {verdict}\n")
            sys.stdout.flush()
    planted = {mutant.name for mutant in found} - {HEALTHY.name}
    sys.stdout.write(
        f"mutants: {len(planted - harmless)} bugs planted, {len(planted & harmless)} changes of no"
        f" effect, {len(survivors)} not as they should be {survivors or ''}"
        f" ({time.monotonic() - began:.0f} s)\n"
    )
    return not survivors
