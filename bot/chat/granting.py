"""Grants: raising what one person may spend for a while, from a command or a form."""

from datetime import datetime, timedelta
from typing import Literal, TypeAlias, get_args
from zoneinfo import ZoneInfo

import discord
from discord import Interaction, ui
from typing_extensions import override

from bot.chat import budget_words, guide, phrases, words
from bot.chat.answers import Refusal
from bot.chat.budget_options import read_dollars, read_person
from bot.chat.forms import Sheet
from bot.chat.intake import payer_of
from bot.chat.rights import as_manager
from bot.core.clock import Clock
from bot.core.job import Place
from bot.core.limits import OWN, PeriodKind, period, tightest
from bot.core.money import ZERO
from bot.store.store import Store

Expiry: TypeAlias = Literal["today", "this week", "this month", "30 days"]
AMOUNT_MAX = 30  # letters
REASON_MAX = 200

_TITLE_MAX = 45
_WITH = {"today": PeriodKind.DAY, "this week": PeriodKind.WEEK, "this month": PeriodKind.MONTH}
_LONG = timedelta(days=30)


def ends_at(expiry: str, now: datetime, zone: ZoneInfo) -> datetime:
    """Find the moment a grant ends: with a period of the server, or in 30 days.

    Raises:
        Refusal: for anything else; the library leaves it to Discord to check choices.
    """
    if expiry not in get_args(Expiry):
        raise Refusal(words.NOT_THERE)
    kind = _WITH.get(expiry)
    ends = period(kind, now, zone).ends_at if kind else None
    return ends or now + _LONG


class Granting:
    """Grants, and tells what the person has left then."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    async def give(
        self,
        interaction: Interaction,
        person: discord.abc.Snowflake,
        amount: str,
        expiry: str,
        reason: str,
    ) -> None:
        """Grant an amount, or take back with 0 what was granted.

        Raises:
            Refusal: for who is no manager, for what is no amount and who is no person.
        """
        server_id = await as_manager(interaction, self._store)
        member, dollars = read_person(person), read_dollars(amount)
        actor, who = interaction.user.id, member.mention
        until = ends_at(expiry, self._clock.now(), await self._store.zone(server_id))
        back = ZERO
        if dollars:
            await self._store.grant(server_id, member.id, dollars, until, actor, reason)
        else:
            back = await self._store.revoke(server_id, member.id, actor, reason)
        place = Place(server_id=server_id, channel_id=0)  # no channel's limit, and no event
        allowances = await self._store.allowances(place, payer_of(member))
        own = [each for each in allowances if each.scope.kind in OWN]
        news = (
            budget_words.granted(who, dollars, own, until)
            if dollars
            else budget_words.revoked(who, back)
        )
        left = budget_words.left_now(who, own, tightest(allowances))
        await interaction.edit_original_response(content=f"{news}\n{left}")


class GrantForm(Sheet):
    """Asks what a person is granted, until when and why."""

    def __init__(self, granting: Granting, person: discord.Member) -> None:
        super().__init__(phrases.cut(f"Grant credit to {person.display_name}", _TITLE_MAX))
        self._granting = granting
        self._person = person
        self._amount: ui.TextInput[Sheet] = ui.TextInput(max_length=AMOUNT_MAX, placeholder="0.50")
        self._expires: ui.Select[Sheet] = ui.Select()
        for name in get_args(Expiry):
            self._expires.add_option(label=name, default=name == "today")
        self._reason: ui.TextInput[Sheet] = ui.TextInput(max_length=REASON_MAX, required=False)
        self.ask("Amount", guide.GRANT_OPTIONS["amount"], self._amount)
        self.ask("How long", None, self._expires)
        self.ask("Reason", guide.GRANT_OPTIONS["reason"], self._reason)

    @override
    async def on_submit(self, interaction: Interaction, /) -> None:
        (expiry,) = self._expires.values
        amount, reason = self._amount.value, self._reason.value
        await self._granting.give(interaction, self._person, amount, expiry, reason)
