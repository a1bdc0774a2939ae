"""Looking at pictures and making them fit, with one child process behind it."""

import asyncio
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from bot.core.job import Look
from bot.imaging.child import Child, Fault

SMALL_SIDE = 2048
JPEG = (".jpg", 92, None), (".jpg", 85, None), (".jpg", 75, None), (".jpg", 85, SMALL_SIDE)
WEBP = (".webp", 92, None), (".webp", 85, None), (".webp", 75, None), (".webp", 85, SMALL_SIDE)
# WebP is whole in memory, so a large one may fail on every rung: better flat than lost.
SEE_THROUGH = (*WEBP, (".jpg", 85, SMALL_SIDE))
FORMATS = {".jpg": "jpeg", ".webp": "webp"}


class CannotFit(Exception):
    """No rung of the ladder gave a picture small enough; the message tells the last one's."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fitted:
    """A smaller copy. `note` is what was done, in words that need no translation."""

    path: Path
    size_bytes: int
    look: Look
    note: str


class Imaging:
    """Leaving its `async with` ends the child; the first job starts it.

    Args:
        wall_s: how long one job may take.
        jobs_max: after how many jobs the child is replaced.
        turn: shared by all who work in children: a small machine's memory holds one at work.
    """

    def __init__(
        self, *, wall_s: float = 30, jobs_max: int = 100, turn: asyncio.Lock | None = None
    ) -> None:
        self._child = Child(wall_s=wall_s, jobs_max=jobs_max, turn=turn or asyncio.Lock())

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self._child.close()

    async def look(self, path: Path) -> Look | None:
        """Read what a picture is from its own header; None when it is none we accept.

        Raises:
            Unavailable: when no child can be started, which says nothing about the picture.
            Fault: when two children died of it, or of what else goes on in the machine.
        """
        answer = await self._study(path)
        return None if answer is None else _look(answer)

    async def fit(self, source: Path, target: Path, limit_bytes: int) -> Fitted:
        """Encode `source` again until it is within `limit_bytes`; the source is untouched.

        Args:
            source: a picture file.
            target: the new file's name without its ending, which depends on the picture.
            limit_bytes: the size at most.

        Raises:
            CannotFit: when no rung was small enough, or nothing could be read.
            Unavailable: when no child can be started.
        """
        try:
            seen = await self._study(source)
        except Fault as fault:
            raise CannotFit(str(fault)) from fault
        if seen is None:
            raise CannotFit("not a picture")
        see_through = seen["alpha"] and await self._is_see_through(source)
        last = ""
        for ending, quality, side in SEE_THROUGH if see_through else JPEG:
            path = target.with_name(target.name + ending)
            job = {"source": str(source), "target": str(path), "quality": quality, "side": side}
            answer = await self._tried({"do": "encode", **job})
            if answer.get("size_bytes", limit_bytes + 1) <= limit_bytes:
                note = f"{FORMATS[ending].upper()} {quality}" + (f", {side} px" if side else "")
                look = _look(answer | {"format": FORMATS[ending]})
                return Fitted(path=path, size_bytes=answer["size_bytes"], look=look, note=note)
            await asyncio.to_thread(_remove, path)
            last = answer.get("unusable", f"{answer.get('size_bytes')} bytes")
        raise CannotFit(last)

    async def _study(self, path: Path) -> dict[str, Any] | None:
        job = {"do": "look", "path": str(path)}
        try:
            answer = await self._child.ask(job)
        except Fault:  # once more: what killed the child may not have been this picture
            answer = await self._child.ask(job)
        return answer if "format" in answer else None

    async def _is_see_through(self, path: Path) -> bool:
        answer = await self._tried({"do": "see_through", "path": str(path)})
        return bool(answer.get("see_through", True))

    async def _tried(self, job: dict[str, Any]) -> dict[str, Any]:
        try:
            return await self._child.ask(job)
        except Fault as fault:
            return {"unusable": str(fault)}


def _remove(path: Path) -> None:
    path.unlink(missing_ok=True)
    path.with_name(f"{path.name}.part").unlink(missing_ok=True)


def _look(answer: dict[str, Any]) -> Look:
    return Look(format=answer["format"], width=answer["width"], height=answer["height"])
