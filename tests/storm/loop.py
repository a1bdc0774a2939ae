"""An event loop without sockets, threads and time: what passes the time is waiting for it.

It is asyncio's own loop, so the house's tasks, locks and time-outs are the real ones; only what
the machine would decide is decided here, the same way every time.
"""

import asyncio
from collections.abc import Callable, Coroutine
from contextlib import suppress
from typing import Any, TypeVar

from typing_extensions import TypeVarTuple, override

T = TypeVar("T")
Ts = TypeVarTuple("Ts")


class Stuck(Exception):
    """Everybody waits, and nothing will ever happen."""


class _Waiter:
    """Stands where a loop asks the machine for news: there is none, but time passes."""

    def __init__(self) -> None:
        self.now_s = 0.0

    def select(self, timeout: float | None) -> list[Any]:
        if timeout is None:
            raise Stuck
        self.now_s += timeout
        return []


class SimulatedLoop(asyncio.BaseEventLoop):
    """Runs one life of the house."""

    def __init__(self) -> None:
        super().__init__()
        self._selector = _Waiter()
        self.set_exception_handler(_hear)

    @override
    def time(self) -> float:
        return self._selector.now_s

    @override
    def run_in_executor(  # type: ignore[override]  # a future of ours, and never another executor
        self, executor: None, func: Callable[[*Ts], T], *args: *Ts
    ) -> asyncio.Future[T]:
        """Do at once what a thread would do beside; the answer comes a turn later."""
        done = self.create_future()
        try:
            answer = func(*args)
        except Exception as error:  # noqa: BLE001 - the future carries it, as a thread's would
            self.call_soon(_tell, done, error, None)
        else:
            self.call_soon(_tell, done, None, answer)
        return done

    def live(self, life: Coroutine[Any, Any, T]) -> T:
        """Run a coroutine to its end, or until the house is ended; nothing of it goes on."""
        try:
            return self.run_until_complete(life)
        finally:
            for task in asyncio.all_tasks(self):
                _bury(task)
            self.close()

    def _process_events(self, events: list[Any]) -> None:
        """Do nothing: there are none."""

    def _write_to_self(self) -> None:
        """Do nothing: nobody sleeps."""


def _hear(_: asyncio.AbstractEventLoop, told: dict[str, Any]) -> None:
    """A callback that breaks ends the run; tasks of the dead do not complain."""
    if "handle" in told:
        raise SystemExit from told["exception"]


def _tell(done: "asyncio.Future[Any]", error: Exception | None, answer: Any) -> None:
    if done.cancelled():
        return
    if error is None:
        done.set_result(answer)
    else:
        done.set_exception(error)


def _bury(task: "asyncio.Task[Any]") -> None:
    """End a task as a killed process would: whatever it tries on its way out reaches nothing."""
    task._log_destroy_pending = False  # type: ignore[attr-defined]  # it is no mistake here
    with suppress(BaseException):
        task.get_coro().close()
