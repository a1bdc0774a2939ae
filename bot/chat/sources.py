"""Sources: the pictures a message shows, wherever Discord puts them."""

from collections.abc import Awaitable, Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import discord
import structlog
from discord import components

from bot.chat.answers import TROUBLE
from bot.chat.parcels import picture_in
from bot.core.ids import JobId
from bot.core.job import Job, Picture
from bot.core.order import Origin, Reference
from bot.core.problems import NoSuchPicture, PictureGone, PictureNotFetched, Refused
from bot.spool.spool import Spool
from bot.store.store import Store
from bot.studio.references import Source

log = structlog.get_logger(__name__)


def of_attachments(attachments: Iterable[discord.Attachment], label: str) -> tuple[Source, ...]:
    """Take the files of a message or of a form's field, in their order."""
    return tuple(_attached(each, f"{label}{number}") for number, each in enumerate(attachments, 1))


def of_options(**attachments: discord.Attachment | None) -> tuple[Source, ...]:
    """Take the files of a command's options, by the options' names."""
    given = ((name, each) for name, each in attachments.items() if each is not None)
    return tuple(_attached(each, name) for name, each in given)


def foreign(message: discord.Message) -> list[Source]:
    """Find every picture in somebody's message: files, embeds, layouts and what was forwarded."""
    shown = [*_shown_in(message)]
    for snapshot in message.message_snapshots:
        shown += _shown_in(snapshot)
    unique = list({each.url.partition("?")[0]: each for each in shown}.values())
    if len(unique) == 1:
        return [replace(unique[0], label="the picture")]
    return [replace(each, label=f"picture {number}") for number, each in enumerate(unique, 1)]


@dataclass(frozen=True, slots=True)
class Shown:
    """The pictures that somebody points at: some of a job of ours, or anybody's."""

    job: Job | None = None
    numbers: tuple[int, ...] = ()  # of the job's
    others: tuple[Source, ...] = ()

    def __len__(self) -> int:
        return len(self.all_numbers)

    @property
    def all_numbers(self) -> tuple[int, ...]:
        """Give the numbers that people call the pictures by."""
        return self.numbers or tuple(range(1, len(self.others) + 1))

    def place(self, number: int) -> int | None:
        """Find a picture by its number, as people count: the job's own number comes first."""
        if number in self.numbers:
            return self.numbers.index(number)
        return number - 1 if 1 <= number <= len(self) else None

    def places(self, numbers: Sequence[int]) -> list[int]:
        """Find pictures by their numbers, in that order.

        Raises:
            Refused: with NoSuchPicture.
        """
        found = [self.place(each) for each in numbers]
        if None in found:
            raise Refused(NoSuchPicture(numbers[found.index(None)], len(self)))
        return [each for each in found if each is not None]


class Sources:
    """Finds pictures: ours in the spool, else in the message that shows them."""

    def __init__(
        self, store: Store, spool: Spool, reached: Callable[[], Awaitable[discord.Client]]
    ) -> None:
        self._store = store
        self._spool = spool
        self._reached = reached

    async def shown(self, message: discord.Message) -> Shown:
        """Find what a message shows, from what came with it."""
        return await self.shown_by(message.id) or Shown(others=tuple(foreign(message)))

    async def shown_by(self, message_id: int) -> Shown | None:
        """Find the pictures of ours that a message shows; it need not be there any more."""
        pictures = await self._store.shown_in(message_id)
        if not pictures:
            return None
        job = await self._store.job(pictures[0].job)
        return Shown(job, tuple(each.number for each in pictures))

    async def take(self, shown: Shown, numbers: Sequence[int]) -> tuple[Source, ...]:
        """Take pictures by their numbers, in that order; without any, all there are.

        Raises:
            Refused: with NoSuchPicture, or PictureGone for one that nobody has any more.
        """
        found = shown.places(numbers or shown.all_numbers or (1,))
        if shown.job is None:
            return tuple(shown.others[each] for each in found)
        return tuple([await self._own(shown.job, shown.numbers[each]) for each in found])

    async def again(self, reference: Reference) -> Source:
        """Take one of our own pictures once more that an earlier order worked from.

        Raises:
            Refused: with PictureGone.
        """
        gone = Refused(PictureGone(reference.label))
        if reference.origin is None:
            raise gone
        try:
            job = await self._store.job(reference.origin.job)
        except LookupError:
            raise gone from None
        (source,) = await self.take(Shown(job, (reference.origin.number,)), ())
        return source

    async def _own(self, job: Job, number: int) -> Source:
        label, origin = own_label(job.id, number), Origin(job.id, number)
        picture = next((each for each in job.pictures if each.number == number), None)
        if picture is None:  # an older backup was restored
            raise Refused(PictureGone(label))
        if await self._spool.intact(picture.call, picture.name, picture.sha256):
            local = self._spool.path(picture.call, picture.name)
            return Source(label=label, filename=picture.name, origin=origin, local=local)
        if (attachment := await self.attachment(picture)) is None:
            raise Refused(PictureGone(label))
        return replace(_attached(attachment, label), origin=origin)

    async def attachment(self, picture: Picture) -> discord.Attachment | None:
        """Read the message that shows a picture anew: links to its files die within a day.

        Raises:
            Refused: with PictureNotFetched, when Discord can't be asked just now.
        """
        if picture.channel_id is None or picture.message_id is None:
            return None
        try:
            channel = (await self._reached()).get_partial_messageable(picture.channel_id)
            message = await channel.fetch_message(picture.message_id)
        except (discord.NotFound, discord.Forbidden):
            return None
        except TROUBLE as error:
            label = own_label(picture.job, picture.number)
            log.info("a message could not be read", picture=label, error=str(error))
            raise Refused(PictureNotFetched(label)) from error
        named = {picture_in(each.filename): each for each in message.attachments}
        return named.get((picture.job, picture.number))


def own_label(job: JobId, number: int) -> str:
    """Name one of our own pictures."""
    return f"picture {number} of {job}"


def _attached(attachment: discord.Attachment, label: str) -> Source:
    return Source(
        label=label,
        url=attachment.url,
        size_bytes=attachment.size,
        filename=attachment.filename,
    )


def _shown_in(message: discord.Message | discord.MessageSnapshot) -> Iterator[Source]:
    for attachment in message.attachments:
        kind = attachment.content_type
        if kind.startswith("image/") if kind else attachment.width:  # videos have a width too
            yield _attached(attachment, "")
    for embed in message.embeds:
        for media in (embed.image, embed.thumbnail):
            if media.proxy_url or media.url:
                # Discord's own copy: the original's host may be anybody's.
                yield Source(label="", url=str(media.proxy_url or media.url))
    for component in message.components:
        yield from _in_layout(component)


def _in_layout(component: Any) -> Iterator[Source]:
    """Find the pictures of a layout, however deep it is nested."""
    match component:
        case components.MediaGalleryComponent(items=items):
            yield from (_media(item.media) for item in items)
        case components.ThumbnailComponent(media=media):
            yield _media(media)
        case components.SectionComponent(accessory=accessory):
            yield from _in_layout(accessory)
        case components.Container(children=children):
            for child in children:
                yield from _in_layout(child)
        case _:
            return


def _media(media: discord.UnfurledMediaItem) -> Source:
    # What stands on another site comes from Discord's own copy: the original's host is anybody's.
    own = media.attachment_id is not None or media.proxy_url is None
    return Source(label="", url=media.url if own else str(media.proxy_url))
