"""Measure everything, print the tables, and write bench/results.json."""

import json
import platform
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from bench import admission, decode, order, references

RESULTS = Path(__file__).with_name("results.json")
TABLES = {
    "Decoding the gateway's answer: ours beside httpx + json + base64": decode.table,
    "One order of ten 4K pictures through the whole bot": order.table,
    "Pictures to work from: ours beside Pillow, base64 and json on the loop": references.table,
    "Admissions, synchronous=FULL: group commit beside a commit per operation": admission.table,
}


def main() -> None:
    """Run every table; ratios within one run are what to compare between machines."""
    console = Console(width=140)
    results: dict[str, Any] = {"python": platform.python_version(), "machine": platform.machine()}
    for title, table in TABLES.items():
        results[title] = table()
        console.print(_drawn(title, results[title]))
    RESULTS.write_text(json.dumps(results, indent=1) + "\n", encoding="utf-8")


def _drawn(title: str, rows: list[dict[str, Any]]) -> Table:
    drawn = Table(title=title, title_justify="left")
    for name in rows[0]:
        drawn.add_column(name, justify="right")
    for row in rows:
        drawn.add_row(*map(str, row.values()))
    return drawn


if __name__ == "__main__":
    main()
