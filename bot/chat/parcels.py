"""Parcels: which pictures travel in one message, in which shape, under which name."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import structlog
from discord import Attachment, File, Message

from bot.chat.presenter import alt_text
from bot.core.ids import JobId
from bot.core.job import Job, Picture
from bot.imaging.imaging import CannotFit, Imaging
from bot.spool.spool import Spool
from bot.studio.courier import Undeliverable

log = structlog.get_logger(__name__)

REQUEST_MAX = 24 * 2**20  # Discord takes 25 MiB a request, its other parts included
FILES_MAX = 10
_NAME = re.compile(r"(?:SPOILER_)?([0-9a-z]+)-(\d+)\.[a-z]+")


@dataclass(frozen=True, slots=True)
class Parcel:
    """One picture, ready to be uploaded."""

    picture: Picture
    path: Path
    size_bytes: int

    def file(self, job: Job, *, echo: bool) -> File:
        """Open it under a name that tells job and number; without `echo`, not its prompt."""
        return File(
            self.path,
            filename=f"{job.id}-{self.picture.number}{self.path.suffix}",
            spoiler=job.order.spoiler,
            description=alt_text(job, self.picture, echo=echo),
        )


class Packer:
    """Makes pictures fit; the original bytes stay in the spool as they are."""

    def __init__(self, spool: Spool, imaging: Imaging) -> None:
        self._spool = spool
        self._imaging = imaging

    async def pack(
        self, pictures: Iterable[Picture], *, file_max: int, room: int, shrink: int = 1
    ) -> list[Parcel]:
        """Pack as many pictures as one request carries, in their order; at least one.

        Args:
            pictures: those still to be posted.
            file_max: bytes a single file may have.
            room: how many more files the message takes.
            shrink: divides both limits, when Discord found more than it takes.

        Raises:
            Undeliverable: when there is none that can be sent.
        """
        parcels: list[Parcel] = []
        left = REQUEST_MAX // shrink
        largest = min(file_max // shrink, left)
        for picture in pictures:
            parcel = await self._parcel(picture, largest)
            if parcel is None:
                continue  # one that can't be sent must not keep the others back
            if parcels and (parcel.size_bytes > left or len(parcels) == room):
                break
            parcels.append(parcel)
            left -= parcel.size_bytes
        if not parcels:
            raise Undeliverable("no picture is whole and small enough")
        return parcels

    async def _parcel(self, picture: Picture, file_max: int) -> Parcel | None:
        original = self._spool.path(picture.call, picture.name)
        if not await self._spool.intact(picture.call, picture.name, picture.sha256):
            log.error("a kept picture is missing or damaged", job=picture.job, name=picture.name)
            return None
        if picture.size_bytes <= file_max:
            return Parcel(picture, original, picture.size_bytes)
        target = original.with_name(f"fit-{file_max}-{original.stem}")
        for ending in (".jpg", ".webp"):  # by an earlier try; one cut short ends in .part
            if (made := target.with_name(target.name + ending)).exists():
                return Parcel(picture, made, made.stat().st_size)
        try:
            fitted = await self._imaging.fit(original, target, file_max)
        except CannotFit as error:
            log.warning("a picture can't be made to fit", job=picture.job, reason=str(error))
            return None
        return Parcel(picture, fitted.path, fitted.size_bytes)


def picture_in(filename: str) -> tuple[JobId, int] | None:
    """Read from a file's name which picture of ours it is; None when it is none."""
    name = _NAME.fullmatch(filename)
    return (JobId(name.group(1)), int(name.group(2))) if name else None


def in_order(files: Iterable[Attachment | File]) -> list[Attachment | File]:
    """Sort a job's files by the pictures' numbers, which their names tell."""

    def number(file: Attachment | File) -> int:
        found = picture_in(file.filename)
        return found[1] if found else 0

    return sorted(files, key=number)


def standing(message: Message, job: Job) -> tuple[int, ...]:
    """Read from the file names which pictures of a job a message carries."""
    found = (picture_in(attachment.filename) for attachment in message.attachments)
    return tuple(number for each in found if each for of, number in [each] if of == job.id)
