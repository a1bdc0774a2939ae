"""The gallery: looking at pictures, sending them on and taking them away; nothing costs money."""

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from functools import partial
from typing import TypeAlias

import discord
import structlog
from discord import Interaction

from bot.chat import edit_panels, edit_words, presenter
from bot.chat.answers import TROUBLE, Refusal, acknowledge, acknowledge_press
from bot.chat.boards import FILE_MAX_DEFAULT
from bot.chat.choosing import briefly
from bot.chat.forms import REPORT, Form
from bot.chat.intake import DELIVERING, lacking
from bot.chat.notices import CannotPost, post
from bot.chat.parcels import FILES_MAX, REQUEST_MAX, Packer
from bot.chat.result_buttons import Action, under
from bot.chat.sight import may_go_there, may_see, moderates
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
_INVALID_FORM = 50035  # of a layout with new files now and then without a reason: api-docs#7529
_DMS_CLOSED = frozenset({50007, 50278})  # they are off, or there is no server in common


_Chosen: TypeAlias = tuple[Job, Picture]


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
        self._best_turn = asyncio.Lock()

    async def press(self, interaction: Interaction, action: Action, job_id: JobId) -> None:
        """Do what a button under a result stands for."""
        if action is Action.DELETE:
            await self._delete(interaction, job_id)
            return
        await acknowledge(interaction)
        job = await self.job(job_id)
        if not job.pictures and action is not Action.DETAILS:  # as after a restore
            raise Refusal(edit_words.FORGOTTEN)
        if not await may_see(interaction, job):  # they see only this, shown somewhere else
            job = _without_story(job)
        match action:
            case Action.DETAILS:
                await self.details(interaction, job)
            case Action.COMPARE:
                await self._compare(interaction, job)
            case Action.SEND:
                await self._send(interaction, job)
            case Action.STAR:
                await self._star(interaction, job)
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
            Refusal: when the message shows none of ours, or nobody would read it.
        """
        async with briefly():
            if await self._sources.shown_by(message.id) is None:
                raise Refusal(edit_words.NOT_MINE)
            if (await self._store.server(interaction.guild_id or 0)).budget_channel is None:
                raise Refusal(edit_words.NOBODY_TO_REPORT_TO)
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
        if public and job.deleted:
            raise Refusal(edit_words.SHOWN_TO_YOU_ONLY)
        if public and interaction.channel_id != job.place.channel_id:
            job = _without_story(job)
        said, chosen = edit_words.shown(job), _all_of(job, number)
        if not public:
            files = await self._files(chosen)
            await interaction.edit_original_response(
                content=said, attachments=files, view=under(job)
            )
            return
        channel = interaction.channel
        if not isinstance(channel, discord.abc.Messageable) or lacking(
            interaction.app_permissions, channel, DELIVERING
        ):
            raise Refusal(edit_words.CANNOT_SHOW_HERE)
        files, nonce = await self._files(chosen), f"show-{interaction.id}"
        message = await channel.send(said, files=files, view=under(job), nonce=nonce)
        await self._store.shown_again(job.id, channel.id, message.id)
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
        page = partial(edit_panels.history, whose=whose, search=search, first=first, count=count)
        files = [file for _, file in shown if file is not None]
        try:
            await interaction.edit_original_response(view=page(shown), attachments=files)
        except discord.HTTPException as error:
            if error.code != _INVALID_FORM:
                raise
            bare = page([(result, None) for result, _ in shown])
            await interaction.edit_original_response(view=bare, attachments=[])

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
        """Stop what of an order has not been sent, for whoever ordered it or moderates."""
        may = job.discord_id == message.author.id or moderates(message)
        return await self._stopped(job, may=may)

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
        where = await self._best_of(job)
        if where is not None and not _is_for_all(interaction.client, job, where):
            told += f" {edit_words.NOT_AMONG_BEST}" if starred else ""
            where = None
        await interaction.edit_original_response(content=told)
        async with self._best_turn:  # stars that come at the same moment are one message
            await self._keep_among_best(interaction, job, where)

    async def _best_of(self, job: Job) -> int | None:
        server = job.place.server_id
        return (await self._store.server(server)).best_of_channel if server is not None else None

    async def _keep_among_best(
        self, interaction: Interaction, job: Job, channel_id: int | None
    ) -> None:
        """Post a result once, keep its stars up to date there, and take it away with the last."""
        count, before = await self._store.showcase(job.id)
        text = edit_words.among_best(job, count)
        try:
            if before is not None:
                channel = interaction.client.get_partial_messageable(before[0])
                message = channel.get_partial_message(before[1])
                if count:
                    await message.edit(content=text)
                else:
                    await message.delete()
                    await self._store.showcase_gone(job.id)
            elif count and channel_id is not None:
                files = await self._files(_all_of(job))
                channel = interaction.client.get_partial_messageable(channel_id)
                shown = await channel.send(text, files=files, nonce=f"best-{interaction.id}")
                await self._store.showcased(job.id, channel_id, shown.id)
                await self._store.shown_again(job.id, channel_id, shown.id)
        except (*TROUBLE, Refusal) as error:  # one taken away by somebody does not come again
            log.info("a result among the best is not as it should be", error=str(error))

    async def _compare(self, interaction: Interaction, job: Job) -> None:
        """Put what came out beside what it was made from."""
        if job.lineage is None:
            raise Refusal(edit_words.NOTHING_TO_COMPARE)
        before = await self.job(job.lineage.parent.job)
        if not await may_see(interaction, before):
            raise Refusal(edit_words.NOT_YOURS_TO_COMPARE)
        numbered = {each.number: each for each in before.pictures}
        parent = numbered.get(job.lineage.parent.number)
        if parent is None:  # after a restore too
            raise Refusal(edit_words.FORGOTTEN)
        chosen = [(before, parent), *_all_of(job)][:FILES_MAX]
        files = await self._files(chosen)
        view = edit_panels.comparison(before, job, files)
        try:
            await interaction.edit_original_response(view=view, attachments=files)
        except discord.HTTPException as error:
            if error.code != _INVALID_FORM:
                raise
            text = edit_words.before_and_after(before, job)
            files = await self._files(chosen)
            await interaction.edit_original_response(content=text, attachments=files)

    async def _send(self, interaction: Interaction, job: Job) -> None:
        files = await self._files(_all_of(job))
        text = presenter.result(job, self._shelf.catalogue, show_price=False)
        try:
            await interaction.user.send(text, files=files)
        except discord.HTTPException as error:
            if error.code not in _DMS_CLOSED:
                raise
            # The library closed the files when Discord did not take them.
            files = await self._files(_all_of(job))
            await interaction.edit_original_response(
                content=edit_words.DMS_CLOSED, attachments=files
            )
        else:
            await interaction.edit_original_response(content=edit_words.SENT_TO_YOU)

    async def _delete(self, interaction: Interaction, job_id: JobId) -> None:
        await acknowledge_press(interaction)
        job = await self.job(job_id)
        if not _may_end(interaction, job):
            raise Refusal(edit_words.NOT_YOURS_TO_DELETE)
        others = await self._store.delete(job.id) if _is_for_good(interaction, job) else []
        with suppress(discord.NotFound):  # somebody was quicker
            await interaction.delete_original_response()
        await interaction.followup.send(edit_words.DELETED, ephemeral=True)
        for channel_id, message_id in others:
            channel = interaction.client.get_partial_messageable(channel_id)
            with suppress(*TROUBLE):
                await channel.get_partial_message(message_id).delete()

    async def _files(self, chosen: Sequence[_Chosen]) -> list[discord.File]:
        """Open pictures for one message: kept originals, made to fit, else what messages show."""
        file_max = min(FILE_MAX_DEFAULT, REQUEST_MAX // len(chosen))
        files: list[discord.File] = []
        try:
            for job, picture in chosen:
                files.append(await self._file(job, picture, file_max))
        except BaseException:
            for file in files:
                file.close()
            raise
        return files

    async def _file(self, job: Job, picture: Picture, file_max: int) -> discord.File:
        try:
            (parcel,) = await self._packer.pack([picture], file_max=file_max, room=1)
        except Undeliverable:
            shown = await self._sources.attachment(picture)
            if shown is None:
                raise Refusal(edit_words.FORGOTTEN) from None
            if shown.size > file_max:
                raise Refusal(edit_words.TOO_LARGE_TOGETHER) from None
            text = presenter.alt_text(job, picture)
            return await shown.to_file(description=text, spoiler=job.order.spoiler)
        return parcel.file(job, echo=True)


def _all_of(job: Job, number: int | None = None) -> list[_Chosen]:
    chosen = [(job, each) for each in job.pictures if number in {None, each.number}]
    return chosen[:FILES_MAX]


def _without_story(job: Job) -> Job:
    return replace(job, lineage=job.lineage and replace(job.lineage, story=()))


def _is_for_all(client: discord.Client, job: Job, channel_id: int) -> bool:
    """Tell whether a result may be shown to everybody in a channel of its server."""
    guild = client.get_guild(job.place.server_id or 0)
    if job.order.private or job.deleted:
        return False
    return may_go_there(guild, job.place.channel_id, channel_id)


def _is_for_good(interaction: Interaction, job: Job) -> bool:
    """Tell a deletion from that of a copy: one for a single person, or one in another server."""
    if interaction.message is None or interaction.message.flags.ephemeral:
        return False
    return job.discord_id == interaction.user.id or job.place.server_id == interaction.guild_id


def _may_end(interaction: Interaction, job: Job) -> bool:
    return job.discord_id == interaction.user.id or interaction.permissions.manage_messages
