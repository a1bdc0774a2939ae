"""Replies to pictures, and mentions: orders that come as ordinary messages."""

import discord
import structlog
from discord.ext import commands

from bot.chat.answers import TROUBLE
from bot.chat.client import Client
from bot.chat.replies import Replies as Answers

log = structlog.get_logger(__name__)


class Replies(commands.Cog):
    """Hands people's messages on; those of bots and webhooks are nobody's orders."""

    def __init__(self, answers: Answers) -> None:
        self._answers = answers

    @commands.Cog.listener()
    async def on_message(self, message: discord.Message) -> None:
        """Answer what is meant for the bot."""
        if message.author.bot or message.webhook_id is not None or message.is_system():
            return
        try:
            await self._answers.hear(message)
        except TROUBLE as error:
            log.warning("a message could not be answered", message=message.id, error=str(error))
        except Exception:
            log.exception("a message broke its handler", message=message.id)


async def setup(bot: Client) -> None:
    """Put the cog up."""
    await bot.add_cog(Replies(bot.rooms.replies))
