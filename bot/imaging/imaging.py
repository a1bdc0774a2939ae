"""Looking at pictures and making them fit, with one child process behind it."""

import asyncio
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self, TypeAlias

from bot.core.job import Look
from bot.imaging.child import Child, Fault
from bot.imaging.measures import may_be_reference

SMALL_SIDE = 2048
JPEG = (".jpg", 92, None), (".jpg", 85, None), (".jpg", 75, None), (".jpg", 85, SMALL_SIDE)
WEBP = (".webp", 92, None), (".webp", 85, None), (".webp", 75, None), (".webp", 85, SMALL_SIDE)
# WebP is whole in memory, so a large one may fail on every rung: better flat than lost.
SEE_THROUGH = (*WEBP, (".jpg", 85, SMALL_SIDE))
# References may be one of many, and are to come out of a child that has little memory: encoding
# WebP with alpha takes some 30 bytes a pixel.
FLAT = (".jpg", 85, SMALL_SIDE), (".jpg", 75, 1024)
OPAQUE_REFERENCE = (*JPEG[:3], *FLAT)
SEE_THROUGH_REFERENCE = (".webp", 92, 1280), (".webp", 85, 1280), (".webp", 75, 1024), *FLAT
Rung: TypeAlias = tuple[str, int, int | None]  # an ending, a quality and the longest side
FORMATS = {".jpg": "jpeg", ".webp": "webp"}
REFERENCE_WALL_S = 10


class CannotFit(Exception):
    """No rung of the ladder gave a picture small enough; the message tells the last one's."""


class EncoderFailed(CannotFit):
    """The child could not decode or encode it, or died of it; the message is what it said."""


class NotAPicture(Exception):
    """By its first bytes it is no PNG, JPEG or WebP."""


class Damaged(Exception):
    """It begins like a picture, and can't be decoded with what the child may use."""


class WrongMeasures(Exception):
    """It is larger, smaller or narrower than what is worked from; in pixels, by its header."""

    def __init__(self, width: int, height: int) -> None:
        super().__init__(width, height)
        self.width = width
        self.height = height


@dataclass(frozen=True, slots=True, kw_only=True)
class Fitted:
    """A smaller copy. `note` is what was done, in words that need no translation."""

    path: Path
    size_bytes: int
    look: Look
    note: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Prepared:
    """A picture as it may be sent; where the original is `animated` it is the first of many."""

    path: Path
    look: Look
    animated: bool


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
        last = CannotFit()
        for rung in SEE_THROUGH if see_through else JPEG:
            try:
                return await self._encoded(source, target, limit_bytes, rung)
            except CannotFit as failure:
                last = failure
        raise last

    async def prepare(self, source: Path, target: Path, limit_bytes: int) -> Prepared:
        """Make what an order works from of a person's picture, which is always encoded again.

        So it is upright, in sRGB, and carries nothing but its pixels. Each step may take
        `REFERENCE_WALL_S`; after one that failed only the flat and small ones are tried.

        Args:
            source: any file; untouched.
            target: the new file's name without its ending, which depends on the picture.
            limit_bytes: the size at most.

        Raises:
            NotAPicture: by its first bytes.
            WrongMeasures: by its header; nothing was decoded.
            Damaged: when two steps failed or two children died of it; be it for want of memory.
            CannotFit: when no rung was small enough.
            Unavailable: when no child can be started, which says nothing about the picture.
        """
        seen = await self._examined(source)
        see_through = failed = False
        if seen["alpha"]:
            answer = await self._tried({"do": "see_through", "path": str(source)}, REFERENCE_WALL_S)
            failed = "unusable" in answer
            see_through = bool(answer.get("see_through", True))
        last = CannotFit()
        for rung in SEE_THROUGH_REFERENCE if see_through else OPAQUE_REFERENCE:
            if failed and rung not in FLAT:
                continue
            try:
                fitted = await self._encoded(source, target, limit_bytes, rung, REFERENCE_WALL_S)
            except EncoderFailed as failure:
                if failed:
                    raise Damaged(str(failure)) from failure
                failed = True
            except CannotFit as failure:
                last = failure
            else:
                return Prepared(path=fitted.path, look=fitted.look, animated=seen["animated"])
        raise last

    async def _examined(self, path: Path) -> dict[str, Any]:
        try:
            answer = await self._asked({"do": "examine", "path": str(path)}, REFERENCE_WALL_S)
        except Fault as fault:
            raise Damaged(str(fault)) from fault
        if "damaged" in answer:
            raise Damaged(answer["damaged"])
        if not answer:
            raise NotAPicture
        width, height = answer["width"], answer["height"]
        if not may_be_reference(width, height, interlaced=answer["interlaced"]):
            raise WrongMeasures(width, height)
        return answer

    async def _study(self, path: Path) -> dict[str, Any] | None:
        answer = await self._asked({"do": "look", "path": str(path)})
        return answer if "format" in answer else None

    async def _asked(self, job: dict[str, Any], wall_s: float | None = None) -> dict[str, Any]:
        try:
            return await self._child.ask(job, wall_s)
        except Fault:  # once more: what killed the child may not have been this picture
            return await self._child.ask(job, wall_s)

    async def _is_see_through(self, path: Path) -> bool:
        answer = await self._tried({"do": "see_through", "path": str(path)})
        return bool(answer.get("see_through", True))

    async def _encoded(
        self, source: Path, target: Path, limit_bytes: int, rung: Rung, wall_s: float | None = None
    ) -> Fitted:
        ending, quality, side = rung
        path = target.with_name(target.name + ending)
        job = {"source": str(source), "target": str(path), "quality": quality, "side": side}
        answer = await self._tried({"do": "encode", **job}, wall_s)
        if answer.get("size_bytes", limit_bytes + 1) > limit_bytes:
            await asyncio.to_thread(_remove, path)
            if "unusable" in answer:
                raise EncoderFailed(answer["unusable"])
            raise CannotFit(f"{answer['size_bytes']} bytes")
        note = f"{FORMATS[ending].upper()} {quality}" + (f", {side} px" if side else "")
        look = _look(answer | {"format": FORMATS[ending]})
        return Fitted(path=path, size_bytes=answer["size_bytes"], look=look, note=note)

    async def _tried(self, job: dict[str, Any], wall_s: float | None = None) -> dict[str, Any]:
        try:
            return await self._child.ask(job, wall_s)
        except Fault as fault:
            return {"unusable": str(fault)}


def _remove(path: Path) -> None:
    path.unlink(missing_ok=True)
    path.with_name(f"{path.name}.part").unlink(missing_ok=True)


def _look(answer: dict[str, Any]) -> Look:
    return Look(format=answer["format"], width=answer["width"], height=answer["height"])
