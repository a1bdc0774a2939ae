"""The fleet: seeds spread over processes until enough was seen, failures and all."""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from dataclasses import dataclass
from multiprocessing import get_context
from typing import Generic, TypeVar

from tests.storm.comparison import Violation

T = TypeVar("T")
FAILURES_MAX = 5


@dataclass(frozen=True)
class Found(Generic[T]):
    """What one seed gave: a result, or what broke."""

    seed: int
    result: T | None
    broken: str = ""


def sail(work: Callable[[int], T], seeds: Iterator[Sequence[int]], jobs: int) -> Iterator[Found[T]]:
    """Work seeds off, some at a time in each of the processes, until nobody asks for more."""
    with ProcessPoolExecutor(jobs, mp_context=get_context("spawn")) as pool:
        under_way: set[Future[list[Found[T]]]] = set()
        try:
            while True:
                while len(under_way) < 2 * jobs and (some := next(seeds, None)) is not None:
                    under_way.add(pool.submit(_work_off, work, some))
                if not under_way:
                    return
                done, under_way = wait(under_way, return_when=FIRST_COMPLETED)
                for future in done:
                    yield from future.result()
        finally:
            for future in under_way:
                future.cancel()


def _work_off(work: Callable[[int], T], seeds: Sequence[int]) -> list[Found[T]]:
    return [_tried(work, seed) for seed in seeds]


def _tried(work: Callable[[int], T], seed: int) -> Found[T]:
    try:
        return Found(seed, work(seed))
    except Violation as violation:
        return Found(seed, None, str(violation))
    except BaseException as error:  # noqa: BLE001 - whatever breaks is a finding
        return Found(seed, None, f"{type(error).__name__}: {error}")
