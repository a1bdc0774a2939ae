"""The menus of messages with pictures: edit, collect, upscale, look up, report."""

import discord
from discord import Interaction, app_commands
from discord.ext import commands

from bot.chat.client import Client
from bot.chat.gallery import Gallery
from bot.chat.remix import Remix
from bot.core.catalogue import Task


class Pictures(commands.Cog):
    """What a message's menu offers for its pictures, whosever they are."""

    def __init__(self, remix: Remix, gallery: Gallery) -> None:
        self._remix = remix
        self._gallery = gallery

    @app_commands.allowed_installs(guilds=True, users=True)
    @app_commands.allowed_contexts(guilds=True, dms=True, private_channels=True)
    async def edit(self, interaction: Interaction, message: discord.Message) -> None:
        """Ask what should change."""
        await self._remix.menu(interaction, Task.EDIT, message)

    @app_commands.allowed_installs(guilds=True, users=True)
    @app_commands.allowed_contexts(guilds=True, dms=True, private_channels=True)
    async def collect(self, interaction: Interaction, message: discord.Message) -> None:
        """Put them aside, to blend."""
        await self._remix.collect(interaction, message)

    @app_commands.allowed_installs(guilds=True, users=True)
    @app_commands.allowed_contexts(guilds=True, dms=True, private_channels=True)
    async def upscale(self, interaction: Interaction, message: discord.Message) -> None:
        """Ask how large."""
        await self._remix.menu(interaction, Task.UPSCALE, message)

    @app_commands.allowed_installs(guilds=True, users=True)
    @app_commands.allowed_contexts(guilds=True, dms=True, private_channels=True)
    async def details(self, interaction: Interaction, message: discord.Message) -> None:
        """Show how they were made."""
        await self._gallery.look_up(interaction, message)

    @app_commands.guild_only()
    @app_commands.guild_install()
    async def report(self, interaction: Interaction, message: discord.Message) -> None:
        """Tell the people who look after this server."""
        await self._gallery.report(interaction, message)


async def setup(bot: Client) -> None:
    """Put the cog up."""
    cog = Pictures(bot.rooms.remix, bot.rooms.gallery)
    menus = {
        "Edit image": cog.edit,
        "Add to tray": cog.collect,
        "Upscale image": cog.upscale,
        "Image details": cog.details,
        "Report image": cog.report,
    }
    for name, callback in menus.items():
        bot.tree.add_command(app_commands.ContextMenu(name=name, callback=callback))
