"""Every zone, each hour and boundary of seven years: one period of each kind, never two."""

import sys
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from zoneinfo import ZoneInfo

from tests.core.zones import COUNTED, FIRST, HOUR_S, LAST, Turns, calendar, clocks, offset_at

HOURS = range(FIRST, LAST, HOUR_S)


def run() -> int:
    """Check them all, print what was seen, and give how many instants that were."""
    every = clocks()
    with ProcessPoolExecutor(mp_context=get_context("spawn")) as pool:
        instants = sum(pool.map(_swept, every.keys(), every.values()))
    zones = sum(map(len, every.values()))
    sys.stdout.write(
        f"zones: {zones} zones ({len(every)} different clocks), {len(HOURS):,} hours of 2024-2030,"
        f" {instants:,} instants, each in one {', one '.join(COUNTED)}\n"
    )
    return instants


def _swept(turns: Turns, names: list[str]) -> int:
    found = calendar(names[0], turns)
    zones = [ZoneInfo(name) for name in names]
    for second in HOURS:
        ahead = offset_at(found.zone, second)
        assert all(offset_at(zone, second) == ahead for zone in zones), names
        found.check_all(second)
    for kind in COUNTED:
        found.check_around(kind)
    return len(HOURS) * len(names)


if __name__ == "__main__":
    run()
