"""/budget: what a server and its people may spend."""

from typing import Literal

import discord
from discord import app_commands
from discord.app_commands import Choice, Range
from discord.ext import commands

from bot.chat import guide, panels, words
from bot.chat.answers import acknowledge
from bot.chat.client import Client
from bot.chat.intake import payer_of
from bot.core.job import Place
from bot.core.limits import (
    Limit,
    PeriodKind,
    Rule,
    Scope,
    ScopeKind,
    members_scope,
    person_scope,
    server_scope,
)
from bot.core.money import Money
from bot.store.store import Store

Whose = Literal["each person", "one person", "this server"]


class Unreadable(Exception):
    """An option that can't be understood; the message is the sentence for the person."""


@app_commands.guild_only()
@app_commands.guild_install()
@app_commands.default_permissions(manage_guild=True)
class Budget(commands.GroupCog, name="budget", description="See and set spending limits"):
    """Lets managers see and set limits."""

    def __init__(self, store: Store) -> None:
        self._store = store

    @app_commands.command()
    async def view(self, interaction: discord.Interaction) -> None:
        """See this server's limits and who spent what."""
        await acknowledge(interaction)
        if not _is_manager(interaction):
            await interaction.edit_original_response(content=words.MANAGERS_ONLY)
            return
        limits = await self._store.limits(interaction.guild_id or 0)
        await interaction.edit_original_response(view=panels.budget(limits))

    @app_commands.command()
    @app_commands.describe(**guide.BUDGET_OPTIONS)
    @app_commands.choices(
        period=[Choice(name=words.EVERY[kind], value=kind.value) for kind in PeriodKind]
    )
    async def set(
        self,
        interaction: discord.Interaction,
        scope: Whose,
        amount: Range[str, 1, 30],
        period: str = PeriodKind.DAY,
        person: discord.Member | None = None,
        reason: Range[str, 1, 200] = "",
    ) -> None:
        """Set a limit for each person, one person or the whole server."""
        await acknowledge(interaction)
        if not _is_manager(interaction):
            await interaction.edit_original_response(content=words.MANAGERS_ONLY)
            return
        kind = PeriodKind(period)
        try:
            limit = read_limit(amount)
            whose, subject = await self._subject(interaction, scope, person)
        except Unreadable as error:
            await interaction.edit_original_response(content=str(error))
            return
        actor = interaction.user.id
        before = await self._store.set_limit(subject, kind, limit, actor, reason)
        now = await self._now(interaction.guild_id, scope, person)
        await interaction.edit_original_response(
            content=words.limit_set(whose, before, limit, kind, now)
        )

    async def _now(
        self, server_id: int | None, scope: Whose, person: discord.Member | None
    ) -> list[tuple[PeriodKind, Limit]]:
        """Give every limit the subject has now: a default may hold beside what was set."""
        if person is not None:
            place = Place(server_id=server_id, channel_id=0)
            allowances = await self._store.allowances(place, payer_of(person))
            own = [each for each in allowances if each.scope.kind is ScopeKind.PERSON]
            return [(each.period.kind, each.limit) for each in own]
        limits = await self._store.limits(server_id or 0)
        if scope == "each person":
            return list(limits.members)
        return [
            (each.period.kind, each.limit)
            for each in limits.shared
            if each.scope.kind is ScopeKind.SERVER
        ]

    async def _subject(
        self, interaction: discord.Interaction, scope: Whose, person: discord.Member | None
    ) -> tuple[str, Scope]:
        server_id = interaction.guild_id
        if scope != "one person" and person is not None:
            raise Unreadable(words.PERSON_UNEXPECTED)
        if scope == "each person":
            return "each person", members_scope(server_id)
        if scope == "this server":
            return "this server", server_scope(server_id)
        if person is None:
            raise Unreadable(words.PERSON_MISSING)
        if person.bot:
            raise Unreadable(words.NOT_A_PERSON)
        return person.mention, person_scope(server_id, await self._store.person(person.id))


def read_limit(text: str) -> Limit | None:
    """Read a limit as a manager types it; None unsets it.

    Raises:
        Unreadable: with what is accepted.
    """
    word = text.strip().casefold()
    if word == "unset":
        return None
    try:
        return Rule(word)
    except ValueError:
        pass  # then it must be an amount
    try:
        return Money.parse(word)
    except ValueError:
        raise Unreadable(words.BAD_AMOUNT) from None


def _is_manager(interaction: discord.Interaction) -> bool:
    # Checked on every call: that Discord hides the command from others is only a hint.
    return interaction.guild_id is not None and interaction.permissions.manage_guild


async def setup(bot: Client) -> None:
    """Put the cog up."""
    await bot.add_cog(Budget(bot.rooms.store))
