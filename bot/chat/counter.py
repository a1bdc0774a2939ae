"""The counter: where orders are given, acknowledged first and answered in words."""

import discord

from bot.chat import words
from bot.chat.answers import acknowledge
from bot.chat.buttons import offer_view
from bot.chat.intake import Wish, order_of, place_of, visit_of
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
        order = await self._store.take_offer(offer)
        if order is None:
            await interaction.edit_original_response(content=words.OFFER_USED)
        else:
            await self._admit(interaction, order)

    async def _acknowledge(self, interaction: discord.Interaction, *, private: bool) -> None:
        # Where the bot is no member the answer itself becomes the result, so all may see it.
        member = place_of(interaction).server_id is not None
        await acknowledge(interaction, alone=private or member)

    async def _admit(self, interaction: discord.Interaction, order: Order) -> None:
        try:
            await self._desk.admit(order, visit_of(interaction, private=order.private))
        except Refused as refused:
            await self._refuse(interaction, refused)

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
