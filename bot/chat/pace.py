"""Pace: how fast one person is listened to."""

from discord.ext import commands

from bot.chat import refusals
from bot.chat.answers import Refusal
from bot.core.clock import Clock

TIMES, PER_S = 20, 10  # nobody types or presses faster


class Pace:
    """Counts what each person sends, by commands, buttons and replies together."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._sent = commands.CooldownMapping[int].from_cooldown(TIMES, PER_S, int)

    def check(self, discord_id: int) -> None:
        """Count one more.

        Raises:
            Refusal: when it comes too fast, with the wait.
        """
        if wait_s := self._sent.update_rate_limit(discord_id, self._clock.now().timestamp()):
            raise Refusal(refusals.too_fast(TIMES, PER_S, wait_s))
