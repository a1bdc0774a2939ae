"""What a process uses, read from the kernel: peak memory and a thread's own CPU."""

import asyncio
import time
from pathlib import Path

MIB = 2**20


def resident_bytes(pid: int | str = "self") -> int:
    """Give the memory a process holds now."""
    return _status(pid, "VmRSS")


def peak_bytes(pid: int | str = "self") -> int:
    """Give the most a process held since its start, or since `reset_peak`."""
    return _status(pid, "VmHWM")


def reset_peak() -> None:
    """Start a new peak at what is held now."""
    Path("/proc/self/clear_refs").write_text("5", encoding="ascii")


def children(pid: int) -> list[int]:
    """List a process's children."""
    text = Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii")
    return [int(child) for child in text.split()]


class Stalls:
    """The longest stretch of its own CPU that the event loop spent between two looks.

    Wall time would also count what other processes took of the machine.
    """

    def __init__(self) -> None:
        self.longest_s = 0.0

    async def watch(self) -> None:
        """Look every millisecond until cancelled."""
        last = time.thread_time()
        while True:
            await asyncio.sleep(0.001)
            now = time.thread_time()
            self.longest_s = max(self.longest_s, now - last)
            last = now


def _status(pid: int | str, name: str) -> int:
    for line in Path(f"/proc/{pid}/status").read_text(encoding="ascii").splitlines():
        if line.startswith(f"{name}:"):
            return int(line.split()[1]) * 1024
    raise LookupError(name)
