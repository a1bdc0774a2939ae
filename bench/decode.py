"""What it costs to take the gateway's answer: ours beside httpx + json + base64.

    python -m bench.decode [--runs N] [--read-bytes N]

The server is a process of its own with its answers built beforehand; every client is a fresh
process, warmed by two small calls. Three figures of one large call:

- cpu: of the whole client process;
- memory: the peak above what was resident before the call (VmHWM, reset through clear_refs). Where
  /proc doesn't offer that the figure is left out: tracemalloc would not see what C code allocates;
- stall: the most CPU that the loop's thread used between two ticks of 1 ms, which is how long every
  other person's command had to wait. Wall time is printed, but is at the mercy of the machine.
"""

import argparse
import asyncio
import base64
import io
import json
import os
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from pathlib import Path

import httpcore
import httpx

from bench.process import MIB, Stalls, peak_bytes, reset_peak, resident_bytes
from bot.core.catalogue import SHIPPED, load
from bot.core.clock import Clock
from bot.gateway.client import Access, opened
from bot.gateway.wire import Request

PICTURE_BYTES = {"1K": 1_510_000, "2K": 5_910_000, "4K": 18_700_000}  # noisy PNGs
CASES = (("1K", 1), ("2K", 4), ("4K", 10))
CLIENTS = ("ours", "naive")
WARM_BYTES = 30_000
RUNS = 3

_FIGURES = ("cpu ms", "peak MiB", "stall ms", "wall ms")

Row = dict[str, float | str | None]


def table(runs: int = RUNS, read_bytes: int | None = None) -> list[Row]:
    """Measure every case with both clients in turn; figures are medians."""
    return [_row(size, count, runs, read_bytes) for size, count in CASES]


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(prog="python -m bench.decode")
    parser.add_argument("--runs", type=int, default=RUNS)
    parser.add_argument("--read-bytes", type=int, help="ours only: the size of httpcore's reads")
    chosen = parser.parse_args()
    rows = table(chosen.runs, chosen.read_bytes)
    print("  ".join(rows[0]))
    for row in rows:
        print("  ".join(str(value).rjust(len(name)) for name, value in row.items()))


def _row(size: str, count: int, runs: int, read_bytes: int | None) -> Row:
    server = _spawn("serve", size)
    assert server.stdout is not None
    try:
        port = server.stdout.readline().strip()
        found: dict[str, list[dict[str, float | None]]] = {client: [] for client in CLIENTS}
        for _ in range(runs):
            for client in CLIENTS:
                worker = _spawn(client, port, str(count), str(read_bytes or ""))
                told, _ = worker.communicate(timeout=300)
                found[client].append(json.loads(told))
    finally:
        server.kill()
        server.communicate()
    row: Row = {"pictures": f"{size} x{count}"}
    for name in _FIGURES:
        row |= _compared(name, found)
    return row


def _compared(name: str, found: dict[str, list[dict[str, float | None]]]) -> Row:
    medians: dict[str, float | None] = {}
    for client, figures in found.items():
        values = [value for figure in figures if (value := figure[name]) is not None]
        medians[client] = round(statistics.median(values), 1) if values else None
    ours, naive = medians["ours"], medians["naive"]
    # Below 0.1 a page or a tick more decides; no ratio is claimed from that.
    ratio = None if ours is None or naive is None else round(naive / max(ours, 0.1), 1)
    return {f"{name}, ours": ours, f"{name}, naive": naive, f"{name}, ratio": ratio}


def _spawn(*arguments: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "bench.decode", *arguments]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True)  # noqa: S603 - our own module


def serve(size: str) -> None:
    """Answer with random pictures as PHP prints them, from blocks built once; never returns."""
    _pin(0)
    large, small = _entry(PICTURE_BYTES[size]), _entry(WARM_BYTES)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        print(listener.getsockname()[1], flush=True)
        while True:
            connection, _ = listener.accept()
            threading.Thread(target=_answer, args=(connection, large, small)).start()


def _entry(size: int) -> bytes:
    content = b"\x89PNG\r\n\x1a\n" + os.urandom(size - 8)
    encoded = base64.b64encode(content).replace(b"/", b"\\/")
    return b'{"b64_json":"' + encoded + b'","url":null}'


def _answer(connection: socket.socket, large: bytes, small: bytes) -> None:
    with connection, connection.makefile("rb") as asked:
        length = 0
        while (line := asked.readline().strip()) != b"":
            name, _, value = line.partition(b":")
            length = int(value) if name.lower() == b"content-length" else length
        order = json.loads(asked.read(length))
        count = order["n"]
        entry = small if order["prompt"] == "warm" else large
        opening, closing = b'{"created":1,"data":[', b'],"usage":{"billed_amount":"0.039000"}}'
        total = len(opening) + count * len(entry) + count - 1 + len(closing)
        head = (
            f"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {total}\r\n\r\n"
        )
        connection.sendall(head.encode() + opening)
        for number in range(count):
            connection.sendall(b"," if number else b"")
            connection.sendall(entry)
        connection.sendall(closing)


async def ours(port: int, count: int, read_bytes: int | None) -> dict[str, float | None]:
    """Measure the gateway client."""
    model = load(SHIPPED).default
    access = Access(base_url=f"http://127.0.0.1:{port}/api/v1", api_key="bench")
    with tempfile.TemporaryDirectory() as folder:
        async with opened(access, Clock()) as gateway:
            if read_bytes:
                httpcore.AsyncHTTP11Connection.READ_NUM_BYTES = read_bytes

            async def call(prompt: str, images: int) -> int:
                request = Request(model=model, prompt=prompt, images=images)
                painted = await gateway.paint(request, "bench.1", Path(folder))
                return sum(sketch.size_bytes for sketch in painted.sketches)

            return await _measured(call, count)


async def naive(port: int, count: int) -> dict[str, float | None]:
    """Measure the client that everybody writes first."""
    url = f"http://127.0.0.1:{port}/api/v1/images/generations"
    async with httpx.AsyncClient(timeout=300, trust_env=False) as http:

        async def call(prompt: str, images: int) -> int:
            answer = await http.post(url, json={"prompt": prompt, "n": images})
            entries = answer.json()["data"]
            files = [io.BytesIO(base64.b64decode(entry["b64_json"])) for entry in entries]
            return sum(file.getbuffer().nbytes for file in files)

        return await _measured(call, count)


async def _measured(
    call: Callable[[str, int], Awaitable[int]], count: int
) -> dict[str, float | None]:
    for _ in range(2):
        await call("warm", 1)
    stalls = Stalls()
    async with asyncio.TaskGroup() as group:
        watch = group.create_task(stalls.watch())
        await asyncio.sleep(0.05)
        stalls.longest_s = 0.0
        resident = _fresh_peak()
        wall_s, cpu_s = time.perf_counter(), time.process_time()
        size = await call("a fox", count)
        wall_s, cpu_s = time.perf_counter() - wall_s, time.process_time() - cpu_s
        peak = None if resident is None else (peak_bytes() - resident) / MIB
        await asyncio.sleep(0.01)
        watch.cancel()
    assert size in {count * picture for picture in PICTURE_BYTES.values()}
    return {
        "cpu ms": cpu_s * 1000,
        "peak MiB": peak,
        "stall ms": stalls.longest_s * 1000,
        "wall ms": wall_s * 1000,
    }


def _fresh_peak() -> int | None:
    """Start a new peak, and give what is resident now; None where the kernel can't."""
    with suppress(OSError):
        reset_peak()
        return resident_bytes()
    return None


def _pin(core: int) -> None:
    if hasattr(os, "sched_setaffinity"):
        cores = sorted(os.sched_getaffinity(0))
        os.sched_setaffinity(0, {cores[core % len(cores)]})


def _work(arguments: list[str]) -> None:
    match arguments:
        case ["serve", size]:
            serve(size)
        case [client, port, count, read_bytes]:
            _pin(1)
            found = (
                naive(int(port), int(count))
                if client == "naive"
                else ours(int(port), int(count), int(read_bytes or 0) or None)
            )
            print(json.dumps(asyncio.run(found)))
        case _:
            raise ValueError(arguments)


if __name__ == "__main__":
    if sys.argv[1:2] and sys.argv[1] in {"serve", *CLIENTS}:
        _work(sys.argv[1:])
    else:
        main()
