"""The counter: where orders are given, acknowledged first and answered in words."""

from dataclasses import replace
from datetime import datetime
from functools import partial
from typing import TypeAlias, TypeGuard

from discord import Interaction

from bot.chat import words
from bot.chat.answers import acknowledge
from bot.chat.buttons import AskButton, OfferButton, Step, view_of
from bot.chat.forms import PROMPT, Form
from bot.chat.intake import Wish, order_of, place_of, visit_of
from bot.core.ids import JobId
from bot.core.limits import DIRECT, OPERATOR, ScopeKind
from bot.core.order import Order
from bot.core.problems import OverLimit, Problem, Refused, Unsupported
from bot.store.store import Store
from bot.studio.desk import Desk

_Buttons: TypeAlias = list[OfferButton | AskButton]


class Counter:
    """Takes wishes from commands, forms and buttons to the desk."""

    def __init__(self, desk: Desk, store: Store) -> None:
        self._desk = desk
        self._store = store

    async def order(self, interaction: Interaction, wish: Wish) -> None:
        """Order what a command says; a form asks for a prompt that was left out."""
        if wish.prompt is None:
            await interaction.response.send_modal(Form(PROMPT, partial(self._prompted, wish)))
            return
        await acknowledge(interaction, alone=not _is_public(interaction, private=wish.private))
        order = None
        try:
            order = await order_of(wish, self._desk, place_of(interaction).server_id)
            await self.admit(interaction, order)
        except Refused as refused:
            await self.refuse(interaction, refused.problem, order)

    async def take_up(self, interaction: Interaction, offer: str, *, private: bool) -> None:
        """Order what a button offers, once; whoever presses pays."""
        await acknowledge(interaction, alone=not _is_public(interaction, private=private))
        order = await self._store.parked(offer)
        if order is None:
            await interaction.edit_original_response(content=words.OFFER_USED)
            return
        try:
            await self.admit(interaction, order, key=f"offer:{offer}")
        except Refused as refused:
            await self.refuse(interaction, refused.problem, order)

    async def admit(
        self, interaction: Interaction, order: Order, *, key: str | None = None
    ) -> None:
        """Take an acknowledged order to the desk, once for each key.

        Raises:
            Refused: when the desk says no.
        """
        visit = visit_of(interaction, private=order.private)
        ticket = await self._desk.admit(order, replace(visit, key=key or visit.key))
        if not ticket.fresh and not await self._is_own(ticket.job, interaction):
            await interaction.edit_original_response(content=words.OFFER_USED)

    async def refuse(self, interaction: Interaction, problem: Problem, order: Order | None) -> None:
        """Say why not, with a button for whatever would help; without amounts in public."""
        public = order is not None and _is_public(interaction, private=order.private)
        buttons: _Buttons = []
        if isinstance(problem, Unsupported):
            buttons = [await self._offer(problem.nearest, words.offer(problem))]
        elif isinstance(problem, OverLimit) and order is not None and not public:
            buttons = await self._ways_out(problem, order)
        await interaction.edit_original_response(
            content=await self.explained(problem, order, outside=public),
            view=view_of(buttons) if buttons else None,
        )

    async def explained(
        self, problem: Problem, order: Order | None, *, outside: bool = False
    ) -> str:
        """Say why an order is refused, and for an event's limit, when it is over."""
        return words.explain(
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

    async def _is_own(self, job_id: JobId, interaction: Interaction) -> bool:
        # Discord may deliver one event twice; the order's news must not be written over.
        answer = (await self._store.job(job_id)).acknowledgement
        return answer is not None and answer.token == interaction.token

    async def _prompted(self, wish: Wish, interaction: Interaction, prompt: str) -> None:
        await self.order(interaction, replace(wish, prompt=prompt))


def can_be_raised(problem: Problem) -> TypeGuard[OverLimit]:
    """Tell whether the managers of a server set the limit that stands in the way."""
    return isinstance(problem, OverLimit) and problem.scope.server not in {OPERATOR.server, DIRECT}


def _is_public(interaction: Interaction, *, private: bool) -> bool:
    # Where the bot is no member the answer itself becomes the result, so all may see it.
    return place_of(interaction).server_id is None and not private
