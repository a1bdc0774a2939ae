"""The courier: takes a job's pictures to the channel, or wherever else they can still be seen."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Sequence
from contextlib import suppress
from http import HTTPStatus
from typing import Any

import discord
import structlog
from discord import ui

from bot.chat import presenter, words
from bot.chat.answers import TROUBLE
from bot.chat.boards import (
    UNKNOWN_MESSAGE,
    AcknowledgementBoard,
    Board,
    ChannelBoard,
    only,
    reply_to,
)
from bot.chat.parcels import FILES_MAX, Packer, standing
from bot.chat.result_buttons import cancel, under
from bot.core.clock import Clock
from bot.core.ids import JobId
from bot.core.job import Job, Picture
from bot.core.states import OPEN, PictureState
from bot.store.errors import StoreError
from bot.store.store import Store
from bot.studio.courier import Posted, Stage, Undeliverable
from bot.studio.shelf import Shelf

log = structlog.get_logger(__name__)

_UPLOAD_S = 180.0
_NEWS_S = 10.0
_TOO_LARGE = 40005
_BLOCKED_BY_AUTOMOD = 200000
_SHRINK_MAX = 4  # divides the size limits by this at last, when Discord finds too much
_CLOSED = frozenset({HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN, HTTPStatus.NOT_FOUND})
_CLOSED_CODES = frozenset({50083, 160005, _BLOCKED_BY_AUTOMOD})  # archived, locked, still blocked


class Courier:
    """Implements `bot.studio.courier.Courier` for whichever connection to Discord stands."""

    def __init__(self, *, packer: Packer, store: Store, shelf: Shelf, clock: Clock) -> None:
        self._packer = packer
        self._store = store
        self._shelf = shelf
        self._clock = clock
        self._client: discord.Client | None = None
        self._changed = asyncio.Condition()
        self._statuses: dict[JobId, int] = {}  # of those that run; the store has them too

    async def serve(self, client: discord.Client | None) -> None:
        """Deliver through this client from now on; None makes everything wait for the next."""
        async with self._changed:
            self._client = client
            self._changed.notify_all()

    async def connected(self) -> discord.Client:
        """Wait for a connection to deliver through."""
        async with self._changed:
            while self._client is None:
                await self._changed.wait()
            return self._client

    async def reached(self) -> discord.Client:
        """Give the connection; where none stands for a while, this is trouble like any other.

        Raises:
            TimeoutError: then.
        """
        async with asyncio.timeout(_NEWS_S):
            return await self.connected()

    async def tell(self, job: Job, stage: Stage) -> None:
        """Show a stage on the acknowledgement; news may be lost."""
        with suppress(TimeoutError, StoreError):  # nobody to tell it through, or nothing known
            catalogue, show_price = self._shelf.catalogue, await self._shows_price(job)
            text = presenter.accepted(job, stage, catalogue, show_price=show_price)
            await self._say(job, text, cancel(job))

    async def deliver(self, job: Job, *, again: bool) -> AsyncGenerator[Posted]:
        """Post the spooled pictures on the first board that takes them."""
        left = {p.number: p for p in job.pictures if p.state is PictureState.SPOOLED}
        if not left:
            return
        for board in await self._open_boards(job):
            try:
                async for posted in self._post_patiently(board, job, left, again=again):
                    yield posted
            except TROUBLE as error:
                if not _is_closed(error):
                    raise Undeliverable(f"{type(error).__name__}: {error}") from error
                log.warning("this board takes no pictures", job=job.id, error=str(error))
            else:
                return
            again = True  # some may stand there already
        raise Undeliverable("no place left that takes pictures")

    async def conclude(self, job: Job) -> bool:
        """Renew the result's text where pictures are missing, and turn news into a receipt."""
        told = False
        with suppress(TimeoutError):  # nobody to tell it through
            told = await self._conclude(job)
        if told:
            self._statuses.pop(job.id, None)
        return told

    async def _conclude(self, job: Job) -> bool:
        delivered = [p for p in job.pictures if p.state is PictureState.DELIVERED]
        if delivered and await self._stands_in_answer(job):
            told = await self._say(
                job, presenter.own_result(job, await self._text(job)), under(job)
            )
        else:
            url = await self._finish(job, delivered[-1]) if delivered else None
            if len(delivered) == job.order.count and (status := self._status(job)) is not None:
                return await _tried(self._clear_status(job, status), job)
            show_price = await self._shows_price(job)
            told = await self._say(job, presenter.receipt(job, url, show_price=show_price))
        if told:
            return True
        if not job.pictures and not job.order.private:
            return await self._tell_in_channel(job)
        return job.acknowledgement is None  # the pictures, if any, tell it themselves

    async def _post_patiently(
        self, board: Board, job: Job, left: dict[int, Picture], *, again: bool
    ) -> AsyncGenerator[Posted]:
        """Post, and once more after a failure that may hide a success; `left` gets fewer."""
        try:
            async for posted in self._post_all(board, job, left, again=again):
                yield posted
        except TROUBLE as error:
            if _is_closed(error) and getattr(error, "code", None) != UNKNOWN_MESSAGE:
                raise
            log.info("posting again", job=job.id, error=str(error))
            async for posted in self._post_all(board, job, left, again=True):
                yield posted

    async def _post_all(
        self, board: Board, job: Job, left: dict[int, Picture], *, again: bool
    ) -> AsyncGenerator[Posted]:
        message = await board.find(again=again)
        while left:
            seen = [] if message is None else [n for n in standing(message, job) if n in left]
            if message is not None and seen:
                for number in seen:
                    del left[number]
                yield Posted(tuple(seen), message.channel.id, message.id)
            elif message is None or len(message.attachments) < FILES_MAX:
                message = await self._post(board, job, message, list(left.values()))
                if not any(number in left for number in standing(message, job)):
                    raise Undeliverable("the message does not carry the pictures")
            else:
                message = None

    async def _post(
        self, board: Board, job: Job, message: discord.Message | None, pictures: Sequence[Picture]
    ) -> discord.Message:
        room = FILES_MAX - (len(message.attachments) if message else 0)
        shrink, echo = 1, True
        while shrink <= _SHRINK_MAX:
            parcels = await self._packer.pack(
                pictures, file_max=board.file_max, room=room, shrink=shrink
            )
            content = await self._text(job, echo=echo)
            files = [parcel.file(job, echo=echo) for parcel in parcels]
            try:
                async with asyncio.timeout(_UPLOAD_S):
                    if message is not None:
                        return await board.extend(message, content, files)
                    return await board.post(content, files)
            except discord.HTTPException as error:
                if echo and error.code == _BLOCKED_BY_AUTOMOD:
                    echo = False
                elif _is_too_large(error):
                    shrink *= 2
                else:
                    raise
        raise Undeliverable("Discord finds every size too large")

    async def _open_boards(self, job: Job) -> list[Board]:
        try:
            return await self._boards(job)
        except TROUBLE as error:
            raise Undeliverable(f"{type(error).__name__}: {error}") from error

    async def _boards(self, job: Job) -> list[Board]:
        client = await self.reached()
        answer = await self._answer(job)
        by_token: list[Board] = [answer] if answer else []
        if job.order.private:
            return by_token
        try:
            where = job.place.channel_id
            channel = client.get_channel(where) or await client.fetch_channel(where)
        except discord.HTTPException as error:
            if not _is_closed(error):
                raise
            return by_token
        in_channel: list[Board] = []
        if client.user is not None and isinstance(channel, discord.abc.Messageable):
            in_channel.append(ChannelBoard(job, channel, client.user.id))
        # Outside servers the bot can't count on posting by itself, so the answer goes first.
        return in_channel + by_token if job.place.server_id else by_token + in_channel

    async def _finish(self, job: Job, last: Picture) -> str | None:
        if last.channel_id is None or last.message_id is None:
            return None
        client = await self.reached()
        channel = client.get_partial_messageable(last.channel_id, guild_id=job.place.server_id)
        message = channel.get_partial_message(last.message_id)
        if len(job.pictures) < job.order.count:
            for echo in (True, False):  # the server's AutoMod may not let the prompt through
                text = await self._text(job, echo=echo)
                edit = message.edit(content=text, allowed_mentions=only(job.discord_id))
                if await _tried(edit, job):
                    break
        return message.jump_url

    async def _answer(self, job: Job) -> AcknowledgementBoard | None:
        answer = job.acknowledgement
        if answer is None or answer.expires_at <= self._clock.now():
            return None
        return AcknowledgementBoard(job, await self.reached(), answer)

    async def _stands_in_answer(self, job: Job) -> bool:
        board = await self._answer(job)
        try:
            async with asyncio.timeout(_NEWS_S):
                return board is not None and await board.find(again=True) is not None
        except TROUBLE:
            return False

    async def _say(self, job: Job, text: str, view: ui.View | None = None) -> bool:
        if job.place.message_id is not None:
            return await _tried(self._say_below(job, text, view), job)
        board = await self._answer(job)
        return board is not None and await _tried(board.say(text, view), job)

    async def _say_below(self, job: Job, text: str, view: ui.View | None) -> None:
        """Reply to the message that asked, once, and renew that reply from then on."""
        channel = await self._channel_of(job)
        only_them = only(job.discord_id)
        if (status := self._status(job)) is not None:
            message = channel.get_partial_message(status)
            await message.edit(content=text, view=view, allowed_mentions=only_them)
            return
        more: dict[str, Any] = {"view": view, "reference": reply_to(job)}
        nonce = f"{job.id}-status"
        sent = await channel.send(text, nonce=nonce, allowed_mentions=only_them, **more)
        self._statuses[job.id] = sent.id
        await self._store.shows_status(job.id, sent.id)

    async def _clear_status(self, job: Job, status: int) -> None:
        """Take the stage away once the pictures tell it all."""
        channel = await self._channel_of(job)
        with suppress(discord.NotFound, discord.Forbidden):  # it is gone, or we are
            await channel.get_partial_message(status).delete()
        await self._store.shows_status(job.id, None)

    def _status(self, job: Job) -> int | None:
        return self._statuses.get(job.id) or job.status_id

    async def _channel_of(self, job: Job) -> discord.PartialMessageable:
        client = await self.reached()
        where = job.place.channel_id
        return client.get_partial_messageable(where, guild_id=job.place.server_id)

    async def _tell_in_channel(self, job: Job) -> bool:
        client = await self.reached()
        channel = client.get_partial_messageable(job.place.channel_id)
        receipt = presenter.receipt(job, None, show_price=await self._is_price_public(job))
        text = f"<@{job.discord_id}> {words.about(job.created_at)}\n{receipt}"
        only_them = only(job.discord_id)
        ends = sum(call.state not in OPEN for call in job.calls)  # another end is other news
        send = channel.send(text, nonce=f"{job.id}-end{ends}", allowed_mentions=only_them)
        return await _tried(send, job)

    async def _text(self, job: Job, *, echo: bool = True) -> str:
        # A private order's price stands in the receipt below it.
        show_price = not job.order.private and await self._is_price_public(job)
        return presenter.result(job, self._shelf.catalogue, show_price=show_price, echo=echo)

    async def _shows_price(self, job: Job) -> bool:
        """Tell whether news of a job name amounts: others read along only below a reply."""
        return job.place.message_id is None or await self._is_price_public(job)

    async def _is_price_public(self, job: Job) -> bool:
        server = job.place.server_id
        return server is None or (await self._store.server(server)).show_price


async def _tried(news: Awaitable[object], job: Job) -> bool:
    """Try to bring news; money and pictures do not depend on it."""
    try:
        async with asyncio.timeout(_NEWS_S):
            await news
    except TROUBLE as error:
        log.info("news was lost", job=job.id, error=str(error))
        return False
    return True


def _is_closed(error: BaseException) -> bool:
    if not isinstance(error, discord.HTTPException):
        return False
    return error.status in _CLOSED or error.code in _CLOSED_CODES


def _is_too_large(error: discord.HTTPException) -> bool:
    return error.code == _TOO_LARGE or error.status == HTTPStatus.REQUEST_ENTITY_TOO_LARGE
