"""/imagine: new pictures from words."""

from discord import Attachment, Interaction, app_commands
from discord.app_commands import Choice, Range
from discord.ext import commands

from bot.chat import guide
from bot.chat.client import Client
from bot.chat.counter import Counter
from bot.chat.intake import Wish
from bot.chat.models import model_choices, offered
from bot.chat.presets import preset_choices
from bot.chat.sources import of_options
from bot.core.catalogue import Catalogue, Task
from bot.core.order import COUNT_MAX, PROMPT_MAX


class Imagine(commands.Cog):
    """Takes orders for new pictures."""

    def __init__(self, counter: Counter, catalogue: Catalogue) -> None:
        self._counter = counter
        lists = offered(catalogue, "aspect", "size", "format", "thinking")
        app_commands.choices(**lists)(self.imagine)

    @app_commands.command()
    @app_commands.allowed_installs(guilds=True, users=True)
    @app_commands.allowed_contexts(guilds=True, dms=True, private_channels=True)
    @app_commands.describe(**guide.IMAGINE_OPTIONS)
    @app_commands.autocomplete(model=model_choices, preset=preset_choices)
    @app_commands.choices(count=[Choice(name=str(n), value=n) for n in range(1, COUNT_MAX + 1)])
    async def imagine(  # noqa: PLR0917 - the library passes options by name
        self,
        interaction: Interaction,
        prompt: Range[str, 1, PROMPT_MAX] | None = None,
        aspect: str | None = None,
        size: str | None = None,
        count: int | None = None,
        model: str | None = None,
        preset: str | None = None,
        format: str | None = None,  # noqa: A002 - the option's name
        enhance: bool | None = None,  # noqa: FBT001 - an option
        thinking: str | None = None,
        private: bool | None = None,  # noqa: FBT001 - an option
        spoiler: bool | None = None,  # noqa: FBT001 - an option
        image1: Attachment | None = None,
        image2: Attachment | None = None,
        image3: Attachment | None = None,
        image4: Attachment | None = None,
    ) -> None:
        """Paint new pictures from your words."""
        sources = of_options(image1=image1, image2=image2, image3=image3, image4=image4)
        wish = Wish(
            prompt=prompt,
            task=Task.EDIT if sources else Task.PAINT,
            sources=sources,
            preset=preset,
            model=model,
            count=count,
            aspect=aspect,
            size=size,
            format=format,
            enhance=enhance,
            thinking=thinking,
            private=private,
            spoiler=spoiler,
        )
        await self._counter.order(interaction, wish)


async def setup(bot: Client) -> None:
    """Put the cog up."""
    await bot.add_cog(Imagine(bot.rooms.counter, bot.rooms.shelf.catalogue))
