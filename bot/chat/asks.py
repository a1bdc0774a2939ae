"""Asks: who is short asks for more, and what a manager says to it is carried out at once."""

from dataclasses import replace
from datetime import timedelta
from functools import partial

import discord
import structlog
from discord import Interaction

from bot.chat import bulletin, refusals, words
from bot.chat.answers import TROUBLE, Refusal, acknowledge, acknowledge_press
from bot.chat.buttons import AskButton, Step, view_of
from bot.chat.choosing import briefly
from bot.chat.counter import Counter, can_be_raised
from bot.chat.customers import Caller
from bot.chat.forms import MORE, MORE_HERE, NO, RAISE, Form, Question
from bot.chat.intake import place_of, visit_of
from bot.chat.notices import CannotPost, post
from bot.chat.rights import manages
from bot.core.job import Ticket
from bot.core.limits import OWN
from bot.core.money import Money
from bot.core.problems import OverLimit, Refused
from bot.store.asks import Ask, AskState, Decided, NoLonger, TooManyAsks, Verdict, key_of
from bot.store.store import Store
from bot.studio.desk import Desk, Visit

log = structlog.get_logger(__name__)

_TO_START = timedelta(minutes=2)  # pictures that only a dying token can bring are not ordered
_CENT = Money(10_000)


class Asks:
    """Carries wishes to the managers of a server, and their verdicts back."""

    def __init__(self, counter: Counter, desk: Desk, store: Store) -> None:
        self._counter = counter
        self._desk = desk
        self._store = store
        # The askers' own interactions; those a restart forgets are told in their channel.
        self._askers: dict[str, Interaction] = {}

    async def take(self, interaction: Interaction, step: Step, wish: str) -> None:
        """Take the step that a button stands for."""
        match step:
            case Step.ASK:
                question = MORE
                async with briefly():
                    here = await self._store.server(interaction.guild_id or 0)
                    question = MORE_HERE if here.budget_channel is None else MORE
                await interaction.response.send_modal(Form(question, partial(self._ask, wish)))
            case Step.APPROVE:
                await acknowledge_press(interaction)
                said = Verdict(state=AskState.APPROVED, actor=interaction.user.id)
                await self._fulfil(interaction, wish, said)
            case Step.RAISE:
                question, enough = await self._looked_up(interaction, wish)
                form = Form(question, partial(self._raise, wish), filled_in=enough)
                await interaction.response.send_modal(form)
            case Step.DECLINE:
                await self._looked_up(interaction, wish)
                await interaction.response.send_modal(Form(NO, partial(self._decline, wish)))

    async def _ask(self, wish: str, interaction: Interaction, reason: str) -> None:
        await acknowledge(interaction)
        order = await self._store.parked(wish)
        if order is None:
            raise Refusal(bulletin.ASK_GONE)
        try:
            await self._counter.admit(Caller(interaction), order, key=key_of(wish))
        except Refused as refused:
            problem = refused.problem
            if not can_be_raised(problem):
                await self._counter.refuse(Caller(interaction), problem, order)
                return
            visit = visit_of(interaction, private=order.private)
            ask = Ask(
                id=wish,
                payer=visit.payer,
                place=visit.place,
                order=order,
                scope=problem.scope,
                period=problem.period,
                needed=problem.needed,
                reason=reason.strip(),
            )
            await self._keep(interaction, ask, problem)

    async def _keep(self, interaction: Interaction, ask: Ask, problem: OverLimit) -> None:
        try:
            fresh = await self._store.ask(ask)
        except TooManyAsks:
            raise Refusal(bulletin.TOO_MANY) from None
        if not fresh:
            before = await self._store.asked(ask.id)
            if before is None or before.verdict or before.message_id:
                raise Refusal(bulletin.asked_before(before))
        told = await self._post(interaction.client, ask, problem)
        now = interaction.created_at
        alive = {key: one for key, one in self._askers.items() if one.expires_at > now}
        self._askers = {**alive, ask.id: interaction}
        await interaction.edit_original_response(content=told)

    async def _post(self, client: discord.Client, ask: Ask, problem: OverLimit) -> str:
        """Post a wish where managers read it; gives what the asker is told."""
        budget = await self._budget_channel(ask)
        model = self._desk.model(ask.order.model)
        once = [Step.APPROVE] if ask.scope.kind in OWN else []  # no grant raises the others
        view = view_of(AskButton(step, ask.id) for step in (*once, Step.RAISE, Step.DECLINE))
        closed = None
        for channel_id in dict.fromkeys(filter(None, (budget, ask.place.channel_id))):
            hidden = channel_id == budget
            text = bulletin.wish(ask, model.label, problem, public=not hidden, unread=closed)
            try:
                message = await post(client, channel_id, text, nonce=f"ask-{ask.id}", view=view)
            except CannotPost as error:
                log.warning("a wish was not posted", channel=channel_id, error=str(error))
                closed = channel_id
            else:
                await self._store.ask_posted(ask.id, message.id)
                return bulletin.ASKED if hidden else bulletin.ASKED_HERE
        raise Refusal(bulletin.NOT_ASKED)

    async def _raise(self, wish: str, interaction: Interaction, amount: str) -> None:
        await acknowledge_press(interaction)
        try:
            limit = Money.parse(amount)
        except ValueError:
            raise Refusal(bulletin.BAD_AMOUNT) from None
        said = Verdict(state=AskState.RAISED, actor=interaction.user.id, limit=limit)
        await self._fulfil(interaction, wish, said)

    async def _decline(self, wish: str, interaction: Interaction, reason: str) -> None:
        await acknowledge_press(interaction)
        ask = await self._open_to(interaction, wish)
        said = Verdict(state=AskState.DECLINED, actor=interaction.user.id, reason=reason.strip())
        if not await self._store.decide(wish, said):
            await self._show(interaction, wish)
            raise Refusal(bulletin.DECIDED)
        await self._show(interaction, wish)
        told = bulletin.declined(said.reason)
        await self._tell(interaction, ask, told, in_public=told)

    async def _fulfil(self, interaction: Interaction, wish: str, said: Verdict) -> None:
        ask = await self._open_to(interaction, wish)
        asker = self._asker(wish, interaction)
        visit = Visit(
            key=key_of(wish),
            payer=ask.payer,
            place=ask.place,
            acknowledgement=visit_of(asker, private=True).acknowledgement if asker else None,
            at=interaction.created_at,
        )
        start = asker is not None or not ask.order.private
        try:
            outcome = await self._desk.fulfil(ask, said, visit, start=start)
        except Decided:
            await self._show(interaction, wish)
            raise Refusal(bulletin.DECIDED) from None
        except NoLonger:
            raise Refusal(bulletin.NO_LONGER) from None
        except Refused as refused:
            raise Refusal(bulletin.undecided(ask, refused.problem)) from None
        await self._show(interaction, wish)
        if isinstance(outcome, Ticket):
            return  # the order's own news and pictures tell
        told = bulletin.ORDER_AGAIN
        if outcome:
            told = await self._counter.explained(outcome, ask.order)
        hidden = refusals.explain(outcome, outside=True) if outcome else bulletin.ORDER_AGAIN
        granted, in_public = bulletin.granted(told), bulletin.granted(hidden)
        await self._tell(interaction, ask, granted, in_public=in_public)
        news = bulletin.not_ordered(ask.payer.discord_id, told)
        await interaction.followup.send(news, ephemeral=True)

    async def _show(self, interaction: Interaction, wish: str) -> None:
        """Put the verdict below a wish, instead of the buttons; else a later press does."""
        ask = await self._store.asked(wish)
        if ask is None or ask.verdict is None or interaction.message is None:
            return
        ordered = await self._store.job_by_key(key_of(wish)) is not None
        public = interaction.channel_id != await self._budget_channel(ask)
        line = bulletin.verdict(ask, ask.verdict, ordered=ordered, public=public)
        text = f"{interaction.message.content}\n{line}"
        try:
            await interaction.edit_original_response(content=text, view=None)
        except TROUBLE as error:
            log.warning("a verdict is not shown", ask=wish, error=str(error))

    async def _tell(self, interaction: Interaction, ask: Ask, told: str, *, in_public: str) -> None:
        """Tell the asker alone while that is possible, else in their channel, with one ping."""
        asker = self._asker(ask.id, interaction)
        self._askers.pop(ask.id, None)
        if asker is not None:
            try:
                await asker.edit_original_response(content=told)
            except TROUBLE as error:
                log.info("an asker's form is gone", ask=ask.id, error=str(error))
            else:
                return
        client, channel_id, who = interaction.client, ask.place.channel_id, ask.payer.discord_id
        text = f"<@{who}> {in_public}"
        try:
            await post(client, channel_id, text, nonce=f"told-{ask.id}", mention=who)
        except CannotPost as error:
            log.warning("an asker was not told", ask=ask.id, error=str(error))

    async def _budget_channel(self, ask: Ask) -> int | None:
        server_id = ask.place.server_id
        return (await self._store.server(server_id)).budget_channel if server_id else None

    def _asker(self, wish: str, now: Interaction) -> Interaction | None:
        """Give the asker's interaction if it lives for a while yet, by Discord's own clock."""
        asker = self._askers.get(wish)
        alive = asker is not None and asker.expires_at - _TO_START > now.created_at
        return asker if alive else None

    async def _open_to(self, interaction: Interaction, wish: str) -> Ask:
        """Give a wish that this person may decide.

        Raises:
            Refusal: when they may not, or it is too old.
        """
        if not await manages(interaction, self._store):
            raise Refusal(words.MANAGERS_ONLY)
        ask = await self._store.asked(wish)
        if ask is None or ask.place.server_id != place_of(interaction).server_id:
            raise Refusal(bulletin.ASK_GONE)
        return ask

    async def _looked_up(self, interaction: Interaction, wish: str) -> tuple[Question, str]:
        """Check who asks for a form; find what the limit is and the least that it must be.

        What can't be found in time is left open: all is checked again when the form is sent.

        Raises:
            Refusal: when they may not decide, or the wish is too old.
        """
        question = RAISE
        async with briefly():
            ask = await self._open_to(interaction, wish)
            question = replace(RAISE, title=words.raise_limit(ask.period))
            for each in await self._store.allowances(ask.place, ask.payer):
                if (each.scope, each.period.kind) == (ask.scope, ask.period):
                    least = each.used + each.held + ask.needed - each.granted
                    asker = self._askers.get(wish)
                    now = bulletin.to_raise(each, asker.user.display_name if asker else None)
                    enough = str(_CENT * -(-least.micros // _CENT.micros))
                    return replace(question, description=now), enough
        return question, ""
