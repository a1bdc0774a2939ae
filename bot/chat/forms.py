"""Forms: what a person fills in when there is more to say than an option holds."""

import secrets
from dataclasses import replace

import discord
from discord import ui
from typing_extensions import override

from bot.chat.answers import tell_failure
from bot.chat.counter import Counter
from bot.chat.intake import Wish
from bot.core.order import PROMPT_MAX

_OPEN_S = 3600.0  # a form dismissed without a word must not be remembered for ever


class PromptForm(ui.Modal):
    """Asks for the prompt of a wish that came without one; the other options are kept."""

    prompt: ui.Label["PromptForm"] = ui.Label(
        text="Prompt",
        description="What would you like to see? Several lines are fine.",
        component=ui.TextInput(style=discord.TextStyle.paragraph, max_length=PROMPT_MAX),
    )

    def __init__(self, counter: Counter, wish: Wish) -> None:
        # A name of its own: two people's forms with one name would overwrite each other.
        custom_id = f"v1:prompt:{secrets.token_hex(8)}"
        super().__init__(title="New pictures", timeout=_OPEN_S, custom_id=custom_id)
        self._counter = counter
        self._wish = wish

    @override
    async def on_submit(self, interaction: discord.Interaction, /) -> None:
        typed = self.prompt.component
        prompt = typed.value if isinstance(typed, ui.TextInput) else ""
        await self._counter.order(interaction, replace(self._wish, prompt=prompt))

    @override
    async def on_error(  # type: ignore[override]  # the library's own modals have no third part
        self, interaction: discord.Interaction, error: Exception, /
    ) -> None:
        await tell_failure(interaction, error)
