"""The counter: where orders are given, acknowledged first and answered in words."""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import datetime
from functools import partial
from typing import TypeAlias, TypeGuard

import discord
from discord import Interaction

from bot.chat import edit_words, phrases, preference_words, refusals, words
from bot.chat.answers import Refusal, acknowledge
from bot.chat.buttons import AskButton, OfferButton, Step, WhyButton, view_of
from bot.chat.choosing import briefly
from bot.chat.customers import Caller, Customer, is_public
from bot.chat.defaults import filled, styled
from bot.chat.forms import CHANGE, PROMPT, Form
from bot.chat.intake import Wish, order_of, place_of
from bot.chat.presets import preset_called
from bot.core import permutations
from bot.core.catalogue import Task
from bot.core.ids import JobId
from bot.core.instructions import PROMPTS
from bot.core.job import Place
from bot.core.limits import DIRECT, OPERATOR, ScopeKind
from bot.core.order import COUNT_MAX, Order
from bot.core.problems import OverLimit, Problem, Refused, TooManyVariants, Unsupported
from bot.store.presets import Preset
from bot.store.store import Store
from bot.studio.desk import Desk
from bot.studio.references import Intake, Source

_Buttons: TypeAlias = list[OfferButton | AskButton | WhyButton]


class Counter:
    """Takes wishes from commands, forms, buttons and replies to the desk."""

    def __init__(self, desk: Desk, store: Store, intake: Intake) -> None:
        self._desk = desk
        self._store = store
        self._intake = intake

    async def order(self, interaction: Interaction, wish: Wish) -> None:
        """Order what a command says; a form asks for a prompt that was left out."""
        who, place = interaction.user.id, place_of(interaction)
        if wish.prompt is None and wish.task not in PROMPTS:
            question = CHANGE if wish.task is Task.EDIT else PROMPT
            async with briefly():  # a preset that is gone is told before anything is typed
                if (preset := await self._preset(who, place, wish)) is not None:
                    question = replace(question, title=preference_words.in_style(preset.name))
            await interaction.response.send_modal(Form(question, partial(self._prompted, wish)))
            return
        wish = await self.acknowledge(interaction, wish)
        await self.serve(Caller(interaction), wish)

    async def acknowledge(
        self, interaction: Interaction, wish: Wish, job: JobId | None = None
    ) -> Wish:
        """Answer in time, and settle who sees the order where the answer becomes the result.

        Args:
            interaction: how it is ordered.
            wish: what is ordered, as far as it is known.
            job: whose picture it comes from; what comes of a private one is private.
        """
        place = place_of(interaction)
        if wish.private is None and place.server_id is None:
            hidden = _is_hidden(interaction.message)  # what is done there stays there
            private = hidden or await self._is_private(interaction.user.id, place, job)
            wish = replace(wish, private=private)
        await acknowledge(interaction, alone=not is_public(interaction, private=wish.private))
        return wish

    async def serve(self, customer: Customer, wish: Wish) -> bool:
        """Order for somebody who was acknowledged, or tell them why not; gives whether it was."""
        order = None
        try:
            order = await self._order_of(customer.discord_id, customer.place, wish)
            if wish.sources:
                order = await self.with_references(customer, order, wish.sources)
            if permutations.count(order.prompt) > 1:
                return await self._ask_for_all(customer, order)
        except Refused as refused:
            await self.refuse(customer, refused.problem, order)
            return False
        return await self.place(customer, order)

    async def place(self, customer: Customer, order: Order) -> bool:
        """Take an order to the desk, or say why not; gives whether it was taken."""
        try:
            await self.admit(customer, order)
        except Refused as refused:
            await self.refuse(customer, refused.problem, order)
            return False
        return True

    async def _ask_for_all(self, customer: Customer, order: Order) -> bool:
        """Ask, with the price, whether every combination of the prompt's lists is wanted.

        Raises:
            Refused: when that is more than one order may have, or can't be ordered at all.
        """
        total = permutations.count(order.prompt) * order.count
        if total > COUNT_MAX:
            raise Refused(TooManyVariants(total, COUNT_MAX))
        prompts = permutations.variants(order.prompt)
        everything = replace(order, variants=prompts, count=len(prompts) * order.count)
        _, quote = await self._desk.quote(everything)
        _, plain = await self._desk.quote(order)
        public, server = customer.is_public(private=order.private), customer.place.server_id
        priced = not public or server is None or (await self._store.server(server)).show_price
        all_cost, plain_cost = (f" for {one.total}" if priced else "" for one in (quote, plain))
        buttons = [
            await self._offer(everything, phrases.pictures(everything.count) + all_cost),
            await self._offer(order, edit_words.as_written(order.count) + plain_cost),
        ]
        asked = edit_words.combinations(prompts, order.count, quote.total if priced else None)
        if public:
            asked += f"\n{edit_words.PRESSER_PAYS}"
        await customer.say(asked, view_of(buttons))
        return False

    async def with_references(
        self, customer: Customer, order: Order, sources: Sequence[Source]
    ) -> Order:
        """Fetch the pictures that an order works from.

        Raises:
            Refused: when nothing could be ordered now, or a picture can't be used.
        """
        visit = customer.visit(private=order.private)
        row = await self._desk.row_for_references(order, len(sources), visit)
        return replace(order, references=await self._intake.take(sources, row))

    async def take_up(self, interaction: Interaction, offer: str, *, private: bool) -> None:
        """Order what a button offers, once; whoever presses pays."""
        await acknowledge(interaction, alone=not is_public(interaction, private=private))
        customer, order = Caller(interaction), await self._parked(offer)
        try:
            await self.admit(customer, order, key=f"offer:{offer}")
        except Refused as refused:
            await self.refuse(customer, refused.problem, order)

    async def why(self, interaction: Interaction, offer: str) -> None:
        """Tell somebody alone, with amounts, what stands in the way of an order for them."""
        await acknowledge(interaction)
        customer, order = Caller(interaction), await self._parked(offer)
        try:
            await self._desk.weigh(order, customer.visit(private=True))
        except Refused as refused:
            await self.refuse(customer, refused.problem, order, alone=True)
        else:
            await customer.say(words.WOULD_FIT, view_of([await self._offer(order, words.ORDER)]))

    async def _parked(self, offer: str) -> Order:
        if (order := await self._store.parked(offer)) is None:
            raise Refusal(words.OFFER_USED)
        return order

    async def admit(self, customer: Customer, order: Order, *, key: str | None = None) -> None:
        """Take somebody's order to the desk, once for each key.

        Raises:
            Refused: when the desk says no.
        """
        visit = customer.visit(private=order.private)
        ticket = await self._desk.admit(order, replace(visit, key=key or visit.key))
        # Discord may deliver one event twice; the order's news must not be written over.
        if not ticket.fresh and not customer.ordered(await self._store.job(ticket.job)):
            await customer.say(words.OFFER_USED)

    async def refuse(
        self, customer: Customer, problem: Problem, order: Order | None, *, alone: bool = False
    ) -> None:
        """Say why not, with a button for whatever would help.

        Where everybody reads it there are no amounts, but a button that tells them to whoever
        presses it; `alone` is where nobody else reads it, whatever the order is.
        """
        private = order is None or order.private
        outside = not alone and customer.is_public(private=private)
        buttons: _Buttons = []
        if isinstance(problem, Unsupported):
            buttons = [await self._offer(problem.nearest, words.offer(problem))]
        elif isinstance(problem, OverLimit) and order is not None:
            helping = self._why if outside else self._ways_out
            buttons = await helping(problem, order)
        text = await self.explained(problem, order, outside=outside)
        await customer.say(text, view_of(buttons) if buttons else None)

    async def explained(
        self, problem: Problem, order: Order | None, *, outside: bool = False
    ) -> str:
        """Say why an order is refused, and for an event's limit, when it is over."""
        return refusals.explain(
            problem,
            outside=outside,
            single=order is not None and order.count == 1,
            event_ends=await self._event_ends(problem),
        )

    async def _event_ends(self, problem: Problem) -> datetime | None:
        if not can_be_raised(problem) or problem.scope.kind not in {
            ScopeKind.POOL,
            ScopeKind.MEMBER,
        }:
            return None
        pool, _, _ = problem.scope.subject.partition("/")
        pools = await self._store.open_pools(int(problem.scope.server))
        return next((each.ends_at for each in pools if each.id == pool), None)

    async def _why(self, _: OverLimit, order: Order) -> _Buttons:
        return [WhyButton(await self._store.park(order))]

    async def _ways_out(self, problem: OverLimit, order: Order) -> _Buttons:
        buttons: _Buttons = [
            await self._offer(way.order, words.way_out(way, order))
            for way in await self._desk.ways_out(order, problem.left)
        ]
        if can_be_raised(problem):
            buttons.append(AskButton(Step.ASK, await self._store.park(order)))
        return buttons

    async def _offer(self, order: Order, label: str) -> OfferButton:
        return OfferButton(await self._store.park(order), label, private=order.private)

    async def _order_of(self, discord_id: int, place: Place, wish: Wish) -> Order:
        """Complete somebody's wish by its preset and the defaults that count there.

        Raises:
            Refused: when it can't be ordered.
            Refusal: when the preset is not there.
        """
        if (preset := await self._preset(discord_id, place, wish)) is not None:
            wish = styled(wish, preset)
        usual = await self._store.preferences(discord_id, place)
        return order_of(filled(wish, usual, self._desk), self._desk)

    async def _preset(self, discord_id: int, place: Place, wish: Wish) -> Preset | None:
        if wish.preset is None:
            return None
        return await preset_called(self._store, discord_id, place, wish.preset)

    async def _is_private(self, discord_id: int, place: Place, job: JobId | None) -> bool:
        """Look up who sees an order whose wish does not say."""
        private = True  # what can't be looked up in time is rather shown to too few
        async with briefly():
            usual = await self._store.preferences(discord_id, place)
            private = next((value for _, value in usual.chosen("private")), False)
            if job is not None and not private:
                with suppress(LookupError):  # of a job that nobody knows nothing is shown
                    private = (await self._store.job(job)).order.private
        return private

    async def _prompted(self, wish: Wish, interaction: Interaction, prompt: str) -> None:
        await self.order(interaction, replace(wish, prompt=prompt))


def _is_hidden(message: discord.Message | None) -> bool:
    return message is not None and message.flags.ephemeral


def can_be_raised(problem: Problem) -> TypeGuard[OverLimit]:
    """Tell whether the managers of a server set the limit that stands in the way."""
    return isinstance(problem, OverLimit) and problem.scope.server not in {OPERATOR.server, DIRECT}
