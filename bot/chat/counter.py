"""The counter: where orders are given, acknowledged first and answered in words."""

from dataclasses import replace

import discord

from bot.chat import words
from bot.chat.answers import acknowledge
from bot.chat.buttons import offer_view
from bot.chat.intake import Wish, order_of, place_of, visit_of
from bot.core.ids import JobId
from bot.core.order import Order
from bot.core.problems import Refused, Unsupported
from bot.store.store import Store
from bot.studio.desk import Desk


class Counter:
    """Takes wishes from commands, forms and buttons to the desk."""

    def __init__(self, desk: Desk, store: Store) -> None:
        self._desk = desk
        self._store = store

    async def order(self, interaction: discord.Interaction, wish: Wish) -> None:
        """Order what a command or a form says."""
        await self._acknowledge(interaction, private=wish.private)
        try:
            order = await order_of(wish, self._desk, place_of(interaction).server_id)
        except Refused as refused:
            await self._refuse(interaction, refused)
        else:
            await self._admit(interaction, order)

    async def take_up(self, interaction: discord.Interaction, offer: str, *, private: bool) -> None:
        """Order what a button offers, once; whoever presses pays."""
        await self._acknowledge(interaction, private=private)
        order = await self._store.parked(offer)
        if order is None or not await self._admit(interaction, order, key=f"offer:{offer}"):
            await interaction.edit_original_response(content=words.OFFER_USED)

    async def _acknowledge(self, interaction: discord.Interaction, *, private: bool) -> None:
        # Where the bot is no member the answer itself becomes the result, so all may see it.
        member = place_of(interaction).server_id is not None
        await acknowledge(interaction, alone=private or member)

    async def _admit(
        self, interaction: discord.Interaction, order: Order, *, key: str | None = None
    ) -> bool:
        """Order or say why not; False when another interaction took up the key before."""
        visit = visit_of(interaction, private=order.private)
        try:
            ticket = await self._desk.admit(order, replace(visit, key=key or visit.key))
        except Refused as refused:
            await self._refuse(interaction, refused)
            return True
        return ticket.fresh or await self._is_own(ticket.job, interaction)

    async def _is_own(self, job_id: JobId, interaction: discord.Interaction) -> bool:
        # Discord may deliver one event twice; the order's news must not be written over.
        answer = (await self._store.job(job_id)).acknowledgement
        return answer is not None and answer.token == interaction.token

    async def _refuse(self, interaction: discord.Interaction, refused: Refused) -> None:
        problem = refused.problem
        view = None
        if isinstance(problem, Unsupported):
            offer = await self._store.park(problem.nearest)
            private = problem.nearest.private
            view = offer_view(offer, words.offer(problem), private=private)
        outside = place_of(interaction).server_id is None
        text = words.explain(problem, outside=outside)
        await interaction.edit_original_response(content=text, view=view)
