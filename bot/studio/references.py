"""The pictures that orders work from: taken in before an order, and read again for each call."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from weakref import WeakValueDictionary

import structlog

from bot.core import problems
from bot.core.catalogue import Model
from bot.core.order import Origin, Reference, check_references
from bot.core.problems import Paused, PauseReason, PictureProblem, Refused
from bot.gateway.downloads import DownloadError, Downloads, Gone, NotAllowed, TooLarge
from bot.gateway.wire import DataUrl
from bot.imaging import imaging
from bot.imaging.child import Unavailable
from bot.imaging.imaging import (
    FORMATS,
    CannotFit,
    Damaged,
    Imaging,
    Prepared,
    WrongMeasures,
)
from bot.spool.references import ReferenceShelf
from bot.spool.spool import Spool

log = structlog.get_logger(__name__)

DOWNLOAD_BYTES_MAX = 20 * 2**20
TOTAL_BYTES_MAX = 11_000_000  # of an order's references; as base64 they are a third more

_ROOM_BYTES = DOWNLOAD_BYTES_MAX + 2 * TOTAL_BYTES_MAX  # what one order may need at once


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """Where a picture to work from lies.

    `label` names it to people ("image2"); `url`, `size_bytes` and `filename` are as Discord tells
    them. `local` is the file of a picture of our own, which `origin` names, while we have it: then
    nothing is downloaded.
    """

    label: str
    url: str = ""
    size_bytes: int | None = None
    filename: str = ""
    origin: Origin | None = None
    local: Path | None = None


class Intake:
    """Turns what people attach into references; their bytes go no further than the child."""

    def __init__(
        self, *, downloads: Downloads, imaging: Imaging, spool: Spool, references: ReferenceShelf
    ) -> None:
        self._downloads = downloads
        self._imaging = imaging
        self._spool = spool
        self._references = references
        self._working = 0

    async def take(self, sources: Sequence[Source], model: Model) -> tuple[Reference, ...]:
        """Prepare pictures for a row, in the order they were given.

        A picture that is given twice is named twice, and is one file. Nothing is downloaded unless
        all of them may be, by what is told about them.

        Raises:
            Refused: with the first picture's problem, NoReferences, TooManyReferences, or Paused
                where the disk has no room.
        """
        check_references(len(sources), model)
        for source in sources:
            self._check(source)
        limit_bytes = min(model.reference_bytes_max, TOTAL_BYTES_MAX // max(1, len(sources)))
        self._working += 1
        try:
            if not self._spool.has_room(self._working * _ROOM_BYTES):
                raise Refused(Paused(PauseReason.DISK_FULL))
            async with self._spool.workplace() as folder:
                return tuple([await self._taken(one, folder, limit_bytes) for one in sources])
        except OSError as error:
            log.exception("a picture could not be kept")
            raise Refused(Paused(PauseReason.DISK_FULL)) from error
        finally:
            self._working -= 1

    def _check(self, source: Source) -> None:
        if source.local is not None:
            return
        if source.size_bytes == 0:
            raise Refused(problems.PictureEmpty(source.label))
        if (source.size_bytes or 0) > DOWNLOAD_BYTES_MAX:
            raise Refused(problems.PictureTooLarge(source.label, DOWNLOAD_BYTES_MAX))
        try:
            self._downloads.check(source.url)
        except NotAllowed as error:
            raise Refused(problems.PictureElsewhere(source.label)) from error

    async def _taken(self, source: Source, folder: Path, limit_bytes: int) -> Reference:
        try:
            prepared = await self._own(source, folder, limit_bytes)
            if prepared is None:
                prepared = await self._fetched(source, folder, limit_bytes)
        except _REFUSED as error:
            log.info("a picture is refused", label=source.label, error=repr(error))
            raise Refused(_problem(source.label, limit_bytes, error)) from error
        name = await self._references.keep(prepared.path)
        return Reference(
            name=name,
            label=source.label,
            width=prepared.look.width,
            height=prepared.look.height,
            origin=source.origin,
            animated=prepared.animated,
        )

    async def _own(self, source: Source, folder: Path, limit_bytes: int) -> Prepared | None:
        """Prepare the file that we still have; None when there is none, or it is broken."""
        if source.local is None:
            return None
        try:
            return await self._imaging.prepare(source.local, folder / "fit", limit_bytes)
        except (imaging.NotAPicture, Damaged) as error:
            if not source.url:
                raise
            log.warning("a kept picture is broken", label=source.label, error=repr(error))
            return None

    async def _fetched(self, source: Source, folder: Path, limit_bytes: int) -> Prepared:
        path = folder / "download"
        path.unlink(missing_ok=True)
        await self._downloads.fetch(source.url, path, DOWNLOAD_BYTES_MAX)
        return await self._imaging.prepare(path, folder / "fit", limit_bytes)


class DataUrls:
    """Reads references for calls; those that send the same one at the same time share its bytes."""

    def __init__(self, references: ReferenceShelf) -> None:
        self._references = references
        self._shared: WeakValueDictionary[str, DataUrl] = WeakValueDictionary()
        self._turn = asyncio.Lock()  # else ten calls of a job would read ten times

    async def read(self, references: Sequence[Reference]) -> tuple[DataUrl, ...]:
        """Give references as they are sent.

        Raises:
            ReferenceLost: when one is gone or changed.
        """
        async with self._turn:
            return tuple([await self._read(each.name) for each in references])

    async def _read(self, name: str) -> DataUrl:
        url = self._shared.get(name)
        if url is None:
            body = await self._references.read(name)
            url = await asyncio.to_thread(DataUrl.of, FORMATS[Path(name).suffix], body)
            self._shared[name] = url
        return url


_REFUSED = (DownloadError, imaging.NotAPicture, WrongMeasures, Damaged, CannotFit, Unavailable)


_NAMED: Mapping[type[Exception], Callable[[str], PictureProblem]] = {
    NotAllowed: problems.PictureElsewhere,
    Gone: problems.PictureGone,
    imaging.NotAPicture: problems.NotAPicture,
    Damaged: problems.PictureDamaged,
}


def _problem(label: str, limit_bytes: int, error: Exception) -> PictureProblem:
    match error:
        case WrongMeasures(width=width, height=height):
            return problems.PictureMeasures(label, width, height)
        case TooLarge():
            return problems.PictureTooLarge(label, DOWNLOAD_BYTES_MAX)
        case CannotFit():
            return problems.PictureTooLarge(label, limit_bytes)
        case _:
            return _NAMED.get(type(error), problems.PictureNotFetched)(label)
