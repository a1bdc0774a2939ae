"""The gallery: looking at pictures, sending them on and taking them away; nothing costs money."""

from contextlib import suppress
from functools import partial

import discord
import structlog
from discord import Interaction

from bot.chat import edit_panels, edit_words, presenter
from bot.chat.answers import TROUBLE, Refusal, acknowledge, acknowledge_press
from bot.chat.boards import FILE_MAX_DEFAULT
from bot.chat.forms import REPORT, Form
from bot.chat.intake import DELIVERING, lacking
from bot.chat.notices import CannotPost, post
from bot.chat.parcels import FILES_MAX, Packer
from bot.chat.result_buttons import Action, under
from bot.chat.sight import may_see
from bot.chat.sources import Sources
from bot.core.ids import JobId, named
from bot.core.job import Job, Picture
from bot.core.states import OPEN
from bot.store.store import Store
from bot.studio.courier import Undeliverable
from bot.studio.shelf import Shelf
from bot.studio.worker import Worker

log = structlog.get_logger(__name__)

_SMALL_BYTES = 512 * 1024  # of a picture in a list
_DMS_CLOSED = frozenset({50007, 50278})  # they are off, or there is no server in common


class Gallery:
    """Shows what is known of a picture, and hands pictures out once more."""

    def __init__(
        self, *, store: Store, sources: Sources, packer: Packer, shelf: Shelf, worker: Worker
    ) -> None:
        self._store = store
        self._sources = sources
        self._packer = packer
        self._shelf = shelf
        self._worker = worker

    async def press(
        self, interaction: Interaction, action: Action, job_id: JobId, _: int | None
    ) -> None:
        """Do what a button under a result stands for."""
        await acknowledge(interaction)
        job = await self.job(job_id)
        match action:
            case Action.DETAILS:
                await self.details(interaction, job)
            case Action.COMPARE:
                await self._compare(interaction, job)
            case Action.SEND:
                await self._send(interaction, job)
            case Action.STAR:
                await self._star(interaction, job)
            case Action.DELETE:
                await self._delete(interaction, job)
            case _:
                raise ValueError(action)

    async def job(self, job_id: JobId) -> Job:
        """Read a job that a button names.

        Raises:
            Refusal: when a restored backup does not know it.
        """
        try:
            return await self._store.job(job_id)
        except LookupError:
            raise Refusal(edit_words.FORGOTTEN) from None

    async def find(self, interaction: Interaction, text: str) -> tuple[Job, int | None]:
        """Find a result by its receipt's number, or one picture of it: "k7f2", "k7f2-2".

        Raises:
            Refusal: when there is none, or it is not theirs to see: which of both is not told.
        """
        name, number = named(text)
        unseen = Refusal(edit_words.no_such_result(text))
        try:
            job = await self._store.job(name)
        except LookupError:
            raise unseen from None
        numbers = {str(each.number): each.number for each in job.pictures}
        wrong = not numbers or (number and number not in numbers)
        if wrong or not await may_see(interaction, job):
            raise unseen
        return job, numbers.get(number)

    async def look_up(self, interaction: Interaction, message: discord.Message) -> None:
        """Show how the pictures of a message were made, if they are ours."""
        await acknowledge(interaction)
        shown = await self._sources.shown_by(message.id)
        if shown is None or shown.job is None:
            raise Refusal(edit_words.NOT_MINE)
        await self.details(interaction, shown.job)

    async def report(self, interaction: Interaction, message: discord.Message) -> None:
        """Ask why a picture is reported, and tell those who look after the server.

        Raises:
            Refusal: when the message shows none of ours.
        """
        if await self._sources.shown_by(message.id) is None:
            raise Refusal(edit_words.NOT_MINE)
        answered = partial(self._reported, message)
        await interaction.response.send_modal(Form(REPORT, answered))

    async def _reported(
        self, message: discord.Message, interaction: Interaction, reason: str
    ) -> None:
        await acknowledge(interaction)
        server = await self._store.server(interaction.guild_id or 0)
        if server.budget_channel is None:
            raise Refusal(edit_words.NOBODY_TO_REPORT_TO)
        text = edit_words.report(interaction.user.id, message.jump_url, reason)
        nonce = f"report-{interaction.id}"[:25]
        try:
            await post(interaction.client, server.budget_channel, text, nonce=nonce)
        except CannotPost:
            raise Refusal(edit_words.NOBODY_TO_REPORT_TO) from None
        await interaction.edit_original_response(content=edit_words.REPORTED)

    async def show(self, interaction: Interaction, text: str, *, public: bool) -> None:
        """Show a result once more with everything that can be done with it."""
        job, number = await self.find(interaction, text)
        chosen = [each for each in job.pictures if number in {None, each.number}][:FILES_MAX]
        files = [await self._file(job, each) for each in chosen]
        said = edit_words.shown(job)
        if not public:
            await interaction.edit_original_response(
                content=said, attachments=files, view=under(job)
            )
            return
        channel = interaction.channel
        if not isinstance(channel, discord.abc.Messageable) or lacking(
            interaction.app_permissions, channel, DELIVERING
        ):
            raise Refusal(edit_words.CANNOT_SHOW_HERE)
        nonce = f"show-{interaction.id}"
        message = await channel.send(said, files=files, view=under(job), nonce=nonce)
        await self._store.shown_again(job.id, message.id)
        await interaction.edit_original_response(content=message.jump_url)

    async def history(
        self, interaction: Interaction, *, whose: int, search: str, first: int
    ) -> None:
        """Show a page of somebody's results; of others', what they did in this server."""
        own = whose == interaction.user.id
        server_id = None if own else interaction.guild_id or 0
        found, count = await self._store.history(
            whose, server_id, search.split(), first, edit_panels.PAGE
        )
        shown = []
        for result in found:
            job = await self._store.job(result.job)
            shown.append((result, await self._thumbnail(job)))
        view = edit_panels.history(shown, whose=whose, search=search, first=first, count=count)
        files = [file for _, file in shown if file is not None]
        await interaction.edit_original_response(view=view, attachments=files)

    async def _thumbnail(self, job: Job) -> discord.File | None:
        """Open a result's first picture, made small, while we have it."""
        try:
            (parcel,) = await self._packer.pack(job.pictures[:1], file_max=_SMALL_BYTES, room=1)
        except Undeliverable:
            return None
        return parcel.file(job, echo=True)

    async def details(self, interaction: Interaction, job: Job) -> None:
        """Show how pictures were made, and from what."""
        server = job.place.server_id
        row = await self._store.server(server) if server is not None else None
        priced = job.discord_id == interaction.user.id or row is None or row.show_price
        family = await self._store.family(job.id, edit_panels.FAMILY_SHOWN)
        others = family.near[1:]
        seen = {job.id, *[each.job for each in others if await may_see(interaction, each)]}
        view = edit_panels.details(job, self._shelf.catalogue, family, seen, priced=priced)
        await interaction.edit_original_response(view=view)

    async def cancel(self, interaction: Interaction, job_id: JobId) -> None:
        """Stop what of an order has not been sent, for whoever ordered it or moderates."""
        await acknowledge_press(interaction)
        job = await self.job(job_id)
        text = await self._stopped(job, may=_may_end(interaction, job))
        job = await self._store.job(job_id)
        if any(call.state in OPEN for call in job.calls):
            await interaction.followup.send(text, ephemeral=True)
        else:
            receipt = presenter.receipt(job, None)
            await interaction.edit_original_response(content=receipt, view=None)

    async def cancel_by_reply(self, message: discord.Message, job: Job) -> str:
        """Stop what of an order has not been sent, because its person said so."""
        return await self._stopped(job, may=job.discord_id == message.author.id)

    async def _stopped(self, job: Job, *, may: bool) -> str:
        if not job.held:
            raise Refusal(edit_words.NOTHING_TO_CANCEL)
        if not may:
            raise Refusal(edit_words.NOT_YOURS_TO_CANCEL)
        stopped = await self._worker.cancel(job)
        job = await self._store.job(job.id)
        running = sum(call.state in OPEN for call in job.calls)
        return edit_words.cancelled(stopped, running, job.charged)

    async def _star(self, interaction: Interaction, job: Job) -> None:
        """Star a result, or take the star back; what is liked is shown among the best."""
        starred, count = await self._store.star(job.id, interaction.user.id)
        told = edit_words.starred(count) if starred else edit_words.unstarred(count)
        await interaction.edit_original_response(content=told)
        server = job.place.server_id
        if server is None or job.order.private:
            return
        best_of = (await self._store.server(server)).best_of_channel
        if best_of is not None:
            await self._show_among_best(interaction.client, job, best_of, count)

    async def _show_among_best(
        self, client: discord.Client, job: Job, channel_id: int, count: int
    ) -> None:
        """Post a result once, and keep the count of its stars up to date there."""
        text = edit_words.among_best(job, count)
        if (before := await self._store.showcase(job.id)) is not None:
            channel = client.get_partial_messageable(before[0])
            with suppress(*TROUBLE):  # taken away by somebody: not again then
                await channel.get_partial_message(before[1]).edit(content=text)
        elif count:
            files = [await self._file(job, each) for each in job.pictures[:FILES_MAX]]
            channel = client.get_partial_messageable(channel_id)
            try:
                message = await channel.send(text, files=files, nonce=f"best-{job.id}")
                if message.content != text:  # somebody else's star came first, at the same moment
                    await message.edit(content=text)
            except TROUBLE as error:
                log.warning("a result was not shown among the best", error=str(error))
            else:
                await self._store.showcased(job.id, channel_id, message.id)
                await self._store.shown_again(job.id, message.id)

    async def _compare(self, interaction: Interaction, job: Job) -> None:
        """Put what came out beside what it was made from."""
        if job.lineage is None or not job.pictures:
            raise Refusal(edit_words.NOTHING_TO_COMPARE)
        before = await self.job(job.lineage.parent.job)
        if not await may_see(interaction, before):
            raise Refusal(edit_words.NOT_YOURS_TO_COMPARE)
        numbered = {each.number: each for each in before.pictures}
        parent = numbered.get(job.lineage.parent.number)
        if parent is None:  # as after an older backup was restored
            raise Refusal(edit_words.FORGOTTEN)
        files = [
            await self._file(before, parent, "before"),
            *[await self._file(job, each, "after") for each in job.pictures[: FILES_MAX - 1]],
        ]
        view = edit_panels.comparison(before, job, files)
        await interaction.edit_original_response(view=view, attachments=files)

    async def _send(self, interaction: Interaction, job: Job) -> None:
        files = [await self._file(job, each) for each in job.pictures[:FILES_MAX]]
        text = presenter.result(job, self._shelf.catalogue, show_price=False)
        try:
            await interaction.user.send(text, files=files)
        except discord.HTTPException as error:
            if error.code not in _DMS_CLOSED:
                raise
            # The library closed the files when Discord did not take them.
            files = [await self._file(job, each) for each in job.pictures[:FILES_MAX]]
            await interaction.edit_original_response(
                content=edit_words.DMS_CLOSED, attachments=files
            )
        else:
            await interaction.edit_original_response(content=edit_words.SENT_TO_YOU)

    async def _delete(self, interaction: Interaction, job: Job) -> None:
        if not _may_end(interaction, job):
            raise Refusal(edit_words.NOT_YOURS_TO_DELETE)
        assert interaction.message is not None  # noqa: S101 - a button stands under one
        with suppress(discord.NotFound):  # somebody was quicker
            await interaction.message.delete()
        await interaction.edit_original_response(content=edit_words.DELETED)

    async def _file(self, job: Job, picture: Picture, prefix: str = "") -> discord.File:
        """Open a picture: the kept original, made to fit, else what its message shows."""
        try:
            (parcel,) = await self._packer.pack([picture], file_max=FILE_MAX_DEFAULT, room=1)
        except Undeliverable:
            shown = await self._sources.attachment(picture)
            if shown is None or shown.size > FILE_MAX_DEFAULT:
                raise Refusal(edit_words.FORGOTTEN) from None
            file = await shown.to_file(description=presenter.alt_text(job, picture))
        else:
            file = parcel.file(job, echo=True)
        file.filename = f"{prefix}-{file.filename}" if prefix else file.filename
        return file


def _may_end(interaction: Interaction, job: Job) -> bool:
    return job.discord_id == interaction.user.id or interaction.permissions.manage_messages
