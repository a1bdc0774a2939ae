"""The simulator and the differential run on the command line: see `--help`."""

import argparse
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from itertools import count

from tests.storm import differential, mutation, simulator
from tests.storm.cells import Cells
from tests.storm.fleet import FAILURES_MAX, sail

_SEEDS_AT_ONCE = 10


def simulate(crashes: int, seed: int, jobs: int, visits: int) -> bool:
    """Crash so many times and print where, how often, and what came of it."""
    began = time.monotonic()
    seen, deaths, cells, broken = Counter[str](), Counter[str](), Cells(), 0
    for found in sail(simulator.run, _seeds(seed), jobs):
        if found.result is None:
            broken += 1
            _tell(f"seed {found.seed}: {found.broken}")
            _tell(f"  read it with: python -m tests.storm replay {found.seed}")
        else:
            deaths += found.result.deaths
            cells.visits += found.result.cells.visits
            seen += found.result.seen
        if deaths.total() >= crashes or broken >= FAILURES_MAX:
            break
    _tell(f"\n{'died':>8}  where")
    _tell("\n".join(f"{times:>8,}  {place}" for place, times in sorted(deaths.items())))
    _tell(f"\n{cells.table()}\n")
    missing = cells.missing(visits)
    for cell in missing:
        _tell(f"visited less than {visits} times: {cell}")
    told = ", ".join(f"{number:,} {what}" for what, number in seen.items())
    _tell(
        f"simulator: {deaths.total():,} crashes, {told}; {broken} worlds broken, so"
        f" {'nothing' if not broken else 'something'} lost or charged twice"
        f" ({time.monotonic() - began:.0f} s)"
    )
    return not broken and not missing


def differ(writes: int, seed: int, jobs: int) -> bool:
    """Write so many times and compare after each."""
    began = time.monotonic()
    written, broken = Counter[str](), 0
    for found in sail(partial(differential.run, writes=differential.CHUNK), _seeds(seed), jobs):
        if found.result is None:
            broken += 1
            _tell(f"seed {found.seed}: {found.broken}")
        else:
            written += found.result
        if written.total() >= writes or broken >= FAILURES_MAX:
            break
    told = ", ".join(f"{number:,} {verb}" for verb, number in written.most_common())
    _tell(
        f"differential: {written.total():,} writes equal to the oracle's ({told}),"
        f" {broken} seeds broken ({time.monotonic() - began:.0f} s)"
    )
    return not broken


def _seeds(first: int) -> Iterator[Sequence[int]]:
    return (range(at, at + _SEEDS_AT_ONCE) for at in count(first, _SEEDS_AT_ONCE))


def _tell(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def replay(seed: int) -> bool:
    """Tell one seed's story, line by line."""
    digest = simulator.run(seed, aloud=True).digest
    _tell(f"seed {seed} ends well; trace {digest}")
    return True


def main() -> None:
    """Read the command line and leave with 1 when something broke."""
    parser = argparse.ArgumentParser(prog="python -m tests.storm")
    commands = parser.add_subparsers(dest="command", required=True)
    options = commands.add_parser("simulate", help="crash everywhere, lose nothing")
    options.add_argument("--crashes", type=int, default=100_000)
    options.add_argument("--visits", type=int, default=100, help="of each cell of the table")
    _add_common(options)
    options = commands.add_parser("replay", help="tell one seed's story, line by line")
    options.add_argument("seed", type=int)
    options = commands.add_parser("differ", help="compare random writes with the oracle")
    options.add_argument("--writes", type=int, default=1_000_000)
    _add_common(options)
    options = commands.add_parser("mutants", help="break the ledger and see it noticed")
    options.add_argument("names", nargs="*", help="all of them, when none is named")
    options.add_argument("--jobs", type=int, default=2)
    given = vars(parser.parse_args())
    does: dict[str, Callable[..., bool]] = {
        "simulate": simulate,
        "replay": replay,
        "differ": differ,
        "mutants": mutation.hunt,
    }
    sys.exit(not does[given.pop("command")](**given))


def _add_common(options: argparse.ArgumentParser) -> None:
    options.add_argument("--seed", type=int, default=0, help="the first one")
    options.add_argument("--jobs", type=int, default=2, help="processes")


if __name__ == "__main__":
    main()
