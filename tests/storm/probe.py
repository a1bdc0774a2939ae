"""All the quick proofs in one go, for a mutant's process: prints what broke first, or `alive`."""

import sys
from collections.abc import Callable
from functools import partial

from tests.storm import differential, simulator, stories

_WRITES, _SEEDS = (1, 2, 3), range(300)


def probe() -> str:
    """Tell stories, compare writes, crash at random, until something breaks."""
    for name in stories.STORIES:
        if broken := _broken(partial(stories.tell, name)):
            return f"killed by the story {name!r}: {broken}"
    for seed in _WRITES:
        if broken := _broken(partial(differential.run, seed, 4_000)):
            return f"killed by the oracle: {broken}"
    for seed in _SEEDS:
        if broken := _broken(partial(simulator.run, seed)):
            return f"killed by seed {seed}: {broken}"
    return "alive"


def _broken(proof: Callable[[], object]) -> str:
    try:
        proof()
    except BaseException as error:  # noqa: BLE001 - whatever breaks, it was noticed
        return f"{type(error).__name__} {error}"[:160].replace("\n", " ")
    return ""


if __name__ == "__main__":
    sys.stdout.write(probe() + "\n")
