"""Tasks with an owner: named, held, their errors told, and waited for at the end."""

import asyncio
from collections.abc import Callable, Coroutine
from contextlib import suppress
from types import TracebackType
from typing import Any, Self

Report = Callable[[str, BaseException], None]


class Tasks:
    """An owner of background tasks; leaving its `async with` waits, then cancels.

    Args:
        report: called with a task's name and its error when one fails.
        grace_s: how long leaving waits for running tasks before it cancels them.
    """

    def __init__(self, report: Report, *, grace_s: float = 0) -> None:
        self._report = report
        self._grace_s = grace_s
        self._running: set[asyncio.Task[None]] = set()

    def spawn(self, name: str, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        """Start `work` as a task that is held until it ends."""
        task = asyncio.create_task(work, name=name)  # noqa: TID251 - this is their owner
        self._running.add(task)
        task.add_done_callback(self._ended)
        return task

    def __len__(self) -> int:
        return len(self._running)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        try:
            if self._grace_s:
                await self._finish()
        finally:
            while self._running:  # a cancelled task may have started another one
                left = set(self._running)
                for task in left:
                    task.cancel()
                await asyncio.wait(left)

    async def _finish(self) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(self._grace_s):
                while self._running:  # a task may hand over to another one
                    await asyncio.wait(self._running)

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._running.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            self._report(task.get_name(), error)
