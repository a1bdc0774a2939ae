"""The child process: reads one job a line, does it, answers in one line."""

import json
import os
import resource
import sys
import time
from typing import IO, Any

DATA_BYTES_MAX = 140 * 2**20


def wall_in() -> None:
    """Limit this process; must run before libvips is loaded."""
    resource.setrlimit(resource.RLIMIT_DATA, (DATA_BYTES_MAX, DATA_BYTES_MAX))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))  # a core would hold people's pictures
    os.umask(0o077)


def allow(cpu_s: int) -> None:
    """Let this process use so much more of a processor, and no more: the kernel ends it then.

    The bot's own clock does not help where the bot died and left the child at work.
    """
    hard = resource.getrlimit(resource.RLIMIT_CPU)[1]
    until = int(time.process_time()) + 1 + cpu_s
    soft = until if hard == resource.RLIM_INFINITY else min(until, hard)
    resource.setrlimit(resource.RLIMIT_CPU, (soft, hard))


def serve(jobs: IO[bytes], answers: IO[bytes]) -> None:
    """Answer jobs until there are no more."""
    from bot.imaging import pictures  # noqa: PLC0415 - the limits stand before libvips is loaded

    pictures.restrict()
    _tell(answers, {"ready": True})
    for line in jobs:
        try:
            answer = _do(json.loads(line))
        except pictures.Unusable as error:
            answer = {"unusable": str(error)}
        _tell(answers, answer)


def _do(job: dict[str, Any]) -> dict[str, Any]:
    from bot.imaging import pictures  # noqa: PLC0415 - as above

    if cpu_s := job.pop("cpu_s", None):
        allow(cpu_s)
    match job.pop("do"):
        case "look":
            return pictures.look(**job)
        case "examine":
            return _examined(**job)
        case "see_through":
            return {"see_through": pictures.see_through(**job)}
        case _:
            return pictures.encode(**job)


def _examined(path: str) -> dict[str, Any]:
    from bot.imaging import pictures  # noqa: PLC0415 - as above

    try:
        return pictures.examine(path)
    except pictures.Unusable as error:
        return {"damaged": str(error)}  # nothing was decoded: this child may go on


def _tell(answers: IO[bytes], answer: dict[str, Any]) -> None:
    answers.write(json.dumps(answer).encode() + b"\n")
    answers.flush()


if __name__ == "__main__":
    wall_in()
    serve(sys.stdin.buffer, sys.stdout.buffer)
