"""Remixing: what can be done with a picture that is there, by a button, a menu or a form."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from functools import partial

import discord
from discord import Interaction

from bot.chat import edit_words, refusals, words
from bot.chat.answers import Refusal, acknowledge
from bot.chat.buttons import view_of
from bot.chat.choosing import briefly
from bot.chat.counter import Counter
from bot.chat.customers import Caller, Customer
from bot.chat.edit_form import EditForm, Filled
from bot.chat.intake import Wish, visit_of
from bot.chat.result_buttons import Action, ResultButton
from bot.chat.sources import Shown, Sources
from bot.core.catalogue import Task
from bot.core.clock import Clock
from bot.core.ids import JobId
from bot.core.job import Job, once_more
from bot.core.order import Order, Reference
from bot.core.problems import Problem, Refused
from bot.spool.references import ReferenceShelf
from bot.store.store import Store
from bot.store.trays import Item, TrayFull
from bot.studio.desk import Desk
from bot.studio.references import Intake, Source
from bot.studio.shelf import Shelf

_AGAIN_S = 3.0  # a second press so soon is the same press
_PICKS_MAX = 10
_BLEND_MIN = 2

_TASKS = {
    Action.VARY: Task.VARY,
    Action.UPSCALE: Task.UPSCALE,
    Action.CUT_OUT: Task.CUT_OUT,
}


class Remix:
    """Turns a picture and what somebody wants of it into an order of theirs."""

    def __init__(
        self,
        *,
        counter: Counter,
        desk: Desk,
        store: Store,
        sources: Sources,
        intake: Intake,
        kept: ReferenceShelf,
        shelf: Shelf,
        clock: Clock,
    ) -> None:
        self._counter = counter
        self._desk = desk
        self._store = store
        self._sources = sources
        self._intake = intake
        self._kept = kept
        self._shelf = shelf
        self._clock = clock
        self._pressed: dict[tuple[int, str], float] = {}

    async def press(
        self, interaction: Interaction, action: Action, job_id: JobId, number: int | None
    ) -> None:
        """Do what a button under a result stands for; whoever presses pays."""
        if action is Action.EDIT:
            await self._open_form(interaction, Task.EDIT, lambda: self._of_job(job_id, number))
            return
        wish = Wish(task=_TASKS.get(action, Task.PAINT), count=1)
        wish = await self._counter.acknowledge(interaction, wish, job_id)
        shown = await self._of_job(job_id, number)
        if action is not Action.REROLL and len(shown) > 1:
            await _ask_which(interaction, action, shown)
            return
        press = (interaction.user.id, f"{action}:{job_id}:{number}")
        self._check_fresh(press)
        caller = Caller(interaction)
        if action is Action.REROLL:
            ordered = await self.again(caller, shown)
        else:
            ordered = await self.edit(caller, shown, (), wish)
        if not ordered:  # so that it can be pressed again at once
            self._pressed.pop(press, None)

    async def menu(self, interaction: Interaction, task: Task, message: discord.Message) -> None:
        """Open the form for the pictures of any message."""
        await self._open_form(interaction, task, lambda: self._sources.shown(message))

    async def blend(self, interaction: Interaction, wish: Wish) -> None:
        """Make one picture of those that are attached; fewer than two join those in the tray."""
        wish = await self._counter.acknowledge(interaction, wish)
        whose = interaction.user.id
        enough = len(wish.sources) >= _BLEND_MIN
        tray = [] if enough else await self._store.tray(whose)
        sources = (*wish.sources, *map(self._from_tray, tray))
        if len(sources) < _BLEND_MIN:
            raise Refusal(edit_words.too_few_to_blend(len(tray)))
        if await self._counter.serve(Caller(interaction), replace(wish, sources=sources)) and tray:
            await self._store.clear_tray(whose)

    async def collect(self, interaction: Interaction, message: discord.Message) -> None:
        """Put the pictures of a message into the person's tray."""
        await acknowledge(interaction)
        shown = await self._sources.shown(message)
        if not len(shown):
            raise Refusal(words.NO_PICTURE_THERE)
        before = await self._store.tray(interaction.user.id)
        try:
            await self._desk.check_allowed(visit_of(interaction, private=True))
            references, wrong = await self._usable(shown)
        except Refused as refused:
            raise Refusal(refusals.explain(refused.problem)) from None
        items = [Item(each.label, each.name, each.origin) for each in references]
        try:
            count = await self._store.add_to_tray(interaction.user.id, items)
        except TrayFull:
            raise Refusal(edit_words.tray_full(len(before), len(items))) from None
        told = [edit_words.in_tray(count - len(before), count), *map(refusals.explain, wrong)]
        await interaction.edit_original_response(content="\n".join(told))

    async def _usable(self, shown: Shown) -> tuple[list[Reference], list[Problem]]:
        """Take what can be used of several pictures, and say why not of the others.

        Raises:
            Refused: when nothing can be used.
        """
        row = self._shelf.catalogue.for_references(count=len(shown))
        taken: list[Reference] = []
        wrong: list[Problem] = []
        for source in await self._sources.take(shown, ()):
            try:
                taken += await self._intake.take([source], row)
            except Refused as refused:
                wrong.append(refused.problem)
        if not taken:
            raise Refused(wrong[0])
        return taken, wrong

    async def one_of(
        self, interaction: Interaction, job: Job, number: int | None, wish: Wish
    ) -> None:
        """Work on one picture of a job, which must be said if there are several."""
        numbers = tuple(each.number for each in job.pictures)
        if number is None and len(numbers) > 1:
            raise Refusal(edit_words.say_which(job.id, len(numbers)))
        chosen = () if number is None else (number,)
        await self.edit(Caller(interaction), Shown(job, numbers), chosen, wish)

    def _from_tray(self, item: Item) -> Source:
        local = self._kept.path(item.name)
        return Source(label=item.label, filename=item.name, origin=item.origin, local=local)

    async def again(
        self,
        customer: Customer,
        shown: Shown,
        numbers: Sequence[int] = (),
        *,
        count: int | None = None,
        private: bool | None = None,
    ) -> bool:
        """Order a job once more, or its named pictures, from the same pictures; see `edit`."""
        job = shown.job
        if job is None:
            raise ValueError("only what was ordered can be ordered again")
        order = replace(job.order, private=job.order.private if private is None else private)
        try:
            named = [shown.numbers[each] for each in shown.places(numbers)]
            order = once_more(replace(job, order=order), named, count)
            order = replace(order, references=await self._once_more(customer, order))
        except Refused as refused:
            await self._counter.refuse(customer, refused.problem, order)
            return False
        return await self._counter.place(customer, order)

    async def edit(
        self,
        customer: Customer,
        shown: Shown,
        numbers: Sequence[int],
        wish: Wish,
        more: Sequence[Source] = (),
    ) -> bool:
        """Order what comes of pictures that somebody points at, and of `more` behind them.

        What comes of a hidden picture is hidden, and of a private one private unless the wish says
        otherwise. Gives whether it was ordered; if not, they know why.
        """
        order = shown.job.order if shown.job else None
        if order is not None:
            wish = replace(wish, spoiler=order.spoiler)
        if order is not None and order.private and wish.private is None:
            wish = replace(wish, private=True)
        try:
            sources = await self._sources.take(shown, numbers)
        except Refused as refused:
            await self._counter.refuse(customer, refused.problem, None)
            return False
        return await self._counter.serve(customer, replace(wish, sources=(*sources, *more)))

    async def _of_job(self, job_id: JobId, number: int | None = None) -> Shown:
        try:
            job = await self._store.job(job_id)
        except LookupError:
            raise Refusal(edit_words.FORGOTTEN) from None
        numbers = [each.number for each in job.pictures if number in {None, each.number}]
        return Shown(job, tuple(numbers))

    async def _once_more(self, customer: Customer, order: Order) -> tuple[Reference, ...]:
        """Give an order's references; those that are no longer kept are fetched again."""
        if all([await self._kept.renew(each.name) for each in order.references]):
            return order.references
        sources = [await self._sources.again(each) for each in order.references]
        return (await self._counter.with_references(customer, order, sources)).references

    async def _open_form(
        self, interaction: Interaction, task: Task, find: Callable[[], Awaitable[Shown]]
    ) -> None:
        found: list[Shown] = []
        async with briefly():
            found.append(await find())
        if found and not len(found[0]):
            raise Refusal(words.NO_PICTURE_THERE)
        numbers = found[0].all_numbers if found else ()
        job = found[0].job if found else None
        answered = partial(self._filled_in, task, find, job.id if job else None)
        await interaction.response.send_modal(
            EditForm(task, numbers, self._shelf.catalogue, answered)
        )

    async def _filled_in(
        self,
        task: Task,
        find: Callable[[], Awaitable[Shown]],
        job_id: JobId | None,
        interaction: Interaction,
        filled: Filled,
    ) -> None:
        wish = Wish(
            prompt=filled.prompt, task=task, count=1, aspect=filled.aspect, size=filled.size
        )
        wish = await self._counter.acknowledge(interaction, wish, job_id)
        shown = await find()
        await self.edit(Caller(interaction), shown, (filled.number,), wish, filled.more)

    def _check_fresh(self, press: tuple[int, str]) -> None:
        """Let a second press within moments start nothing: it was meant once."""
        now = self._clock.monotonic()
        self._pressed = {key: at for key, at in self._pressed.items() if now - at < _AGAIN_S}
        if press in self._pressed:
            raise Refusal(edit_words.STARTED)
        self._pressed[press] = now


async def _ask_which(interaction: Interaction, action: Action, shown: Shown) -> None:
    assert shown.job is not None  # noqa: S101 - buttons are under our own
    buttons = [ResultButton(action, shown.job.id, each) for each in shown.numbers[:_PICKS_MAX]]
    await interaction.edit_original_response(
        content=edit_words.which(action), view=view_of(buttons)
    )
