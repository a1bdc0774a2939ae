"""A short storm in every test run; `make storm` is the long one."""

import os
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from tests.storm import differential, simulator

ROOT = Path(__file__).parents[2]
_DIGEST = "from tests.storm.simulator import run; print(run(7).digest)"


def test_no_crash_loses_or_charges_twice() -> None:
    deaths = sum((simulator.run(seed).deaths for seed in range(30)), Counter())
    assert deaths.total() >= 600


def test_a_seed_is_the_same_story_every_time() -> None:
    digests = {simulator.run(7).digest}
    for hashing in "1", "2":
        done = subprocess.run(  # noqa: S603 - our own interpreter
            [sys.executable, "-c", _DIGEST],
            cwd=ROOT,
            env=os.environ | {"PYTHONHASHSEED": hashing},
            capture_output=True,
            text=True,
            check=True,
        )
        digests.add(done.stdout.strip())
    assert len(digests) == 1
    assert simulator.run(8).digest not in digests


@pytest.mark.parametrize("seed", [1, 2])
def test_the_store_answers_as_the_oracle_does(seed: int) -> None:
    written = differential.run(seed, 3_000)
    assert min(written[verb] for verb in differential.WEIGHTS) > 0
