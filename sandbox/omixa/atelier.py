"""Where pictures are painted: off the event loop, two at a time, the last few kept."""

import asyncio

from sandbox.omixa.paint import Subject, paint
from sandbox.omixa.picture import Picture

KEPT_BYTES_MAX = 256 * 1024 * 1024  # on disk


class Atelier:
    """A painter with a memory."""

    def __init__(self, painted: dict[Subject, Picture] | None = None) -> None:
        self._kept = {} if painted is None else painted
        self._hands = asyncio.Semaphore(2)

    async def paint(self, subject: Subject) -> Picture:
        """Paint `subject`, or take out the picture painted before."""
        async with self._hands:
            picture = self._kept.pop(subject, None)
            if picture is None:
                picture = await asyncio.to_thread(paint, subject)
            self._kept[subject] = picture
            while sum(kept.length for kept in self._kept.values()) > KEPT_BYTES_MAX:
                del self._kept[next(iter(self._kept))]
            return picture
