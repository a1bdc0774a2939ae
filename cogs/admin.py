"""/admin: what only the bot's operator may do, whoever manages the server."""

from contextlib import suppress
from typing import Literal

from discord import Interaction, app_commands
from discord.app_commands import Choice, Range
from discord.ext import commands

from bot.chat import admin_words, guide, panels
from bot.chat.answers import Refusal
from bot.chat.choosing import CHOICES_MAX, briefly
from bot.chat.client import Client
from bot.chat.rights import as_operator, operates
from bot.core.ids import CallId, JobId
from bot.core.money import Money
from bot.store.bill import believable
from bot.store.store import Store

_REASON_MAX = 200

Outcome = Literal["it was billed", "it was not billed"]


@app_commands.default_permissions(manage_guild=True)
@app_commands.allowed_installs(guilds=True, users=False)
@app_commands.allowed_contexts(guilds=True, dms=True, private_channels=False)
class Admin(commands.GroupCog, name="admin", description="For the bot's operator"):
    """Lets the application's owner, or their team, look after open calls."""

    def __init__(self, store: Store) -> None:
        self._store = store

    @app_commands.command()
    async def jobs(self, interaction: Interaction) -> None:
        """See every call that is running or got no answer, and what is held for it."""
        await as_operator(interaction)
        view = panels.open_calls(await self._store.open_calls())
        await interaction.edit_original_response(view=view)

    @app_commands.command()
    @app_commands.describe(**guide.RESOLVE_OPTIONS)
    async def resolve(
        self,
        interaction: Interaction,
        call: Range[str, 1, 60],
        outcome: Outcome,
        amount: Range[str, 1, 30] | None = None,
        reason: Range[str, 1, _REASON_MAX] = "",
    ) -> None:
        """Say how a call without an answer ended, by the gateway's own list."""
        await as_operator(interaction)
        billed, open_call = _billed(outcome, amount), CallId(call.strip(" `").lower())
        try:
            hold = await self._hold(open_call)
            if billed and not reason.strip() and believable(billed, hold) is None:
                raise Refusal(admin_words.far_above(billed, hold))
            done = await self._store.reconcile(open_call, billed, reason, interaction.user.id)
        except LookupError:
            raise Refusal(admin_words.NO_CALL) from None
        await interaction.edit_original_response(content=admin_words.resolved(call, done))

    async def _hold(self, call: CallId) -> Money:
        """Give what was held for a call.

        Raises:
            LookupError: for what is no call.
        """
        job = await self._store.job(JobId(call.partition(".")[0]))
        return {each.id: each.hold for each in job.calls}[call]

    @resolve.autocomplete("call")
    async def unknown(self, interaction: Interaction, current: str) -> list[Choice[str]]:
        """List the calls without an answer, to the operator alone."""
        async with briefly():
            if await operates(interaction):
                return [
                    Choice(name=admin_words.call_choice(each), value=each.call)
                    for each in await self._store.doubts()
                    if current.strip().casefold() in each.call
                ][:CHOICES_MAX]
        return []


def _billed(outcome: Outcome, amount: str | None) -> Money | None:
    """Read what was billed.

    Raises:
        Refusal: for a sum that is none, or goes with no bill, or is missing.
    """
    if outcome == "it was not billed":
        if amount is not None:
            raise Refusal(admin_words.AMOUNT_UNEXPECTED)
        return None
    with suppress(ValueError):
        if billed := Money.parse(amount or ""):
            return billed
    raise Refusal(admin_words.AMOUNT_MISSING)


async def setup(bot: Client) -> None:
    """Put the cog up."""
    await bot.add_cog(Admin(bot.rooms.store))
