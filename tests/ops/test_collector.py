"""What is loaded once is not looked through again: in a process of its own, as it is for good."""

import subprocess
import sys

LOADED = """
import gc, bot.app
from bot.ops.collector import settle
before = len(gc.get_objects())
settle()
print(before, gc.get_freeze_count(), len(gc.get_objects()), *gc.get_threshold())
"""


def test_what_was_loaded_is_set_aside() -> None:
    ran = subprocess.run([sys.executable, "-c", LOADED], capture_output=True, check=True)  # noqa: S603 - ours
    before, aside, left, each, *_ = map(int, ran.stdout.split())
    assert before > 50_000
    assert aside > before * 0.9
    assert left < before * 0.01
    assert each == 5_000
