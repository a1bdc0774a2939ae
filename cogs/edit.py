"""/edit, /blend, /upscale and /cutout: pictures that come from pictures."""

from discord import Attachment, Interaction, app_commands
from discord.app_commands import Choice, Range
from discord.ext import commands

from bot.chat import edit_words, guide
from bot.chat.answers import Refusal
from bot.chat.client import Client
from bot.chat.counter import Counter
from bot.chat.customers import Caller
from bot.chat.gallery import Gallery
from bot.chat.intake import Wish
from bot.chat.models import model_choices, offered
from bot.chat.remix import Remix
from bot.chat.sources import Shown, of_options
from bot.core.catalogue import Catalogue, Task
from bot.core.ids import named
from bot.core.order import COUNT_MAX, PROMPT_MAX

_COUNTS = [Choice(name=str(n), value=n) for n in range(1, COUNT_MAX + 1)]


class Edit(commands.Cog):
    """Takes orders for pictures that come from pictures."""

    def __init__(
        self, counter: Counter, remix: Remix, gallery: Gallery, catalogue: Catalogue
    ) -> None:
        self._counter = counter
        self._remix = remix
        self._gallery = gallery
        lists = offered(catalogue, "aspect", "size")
        for command in (self.edit, self.blend):
            app_commands.choices(**lists)(command)
            app_commands.choices(count=_COUNTS)(command)
        app_commands.choices(to=lists["size"])(self.upscale)

    @app_commands.command()
    @app_commands.allowed_installs(guilds=True, users=True)
    @app_commands.allowed_contexts(guilds=True, dms=True, private_channels=True)
    @app_commands.describe(**guide.EDIT_OPTIONS)
    @app_commands.autocomplete(model=model_choices)
    async def edit(  # noqa: PLR0917 - the library passes options by name
        self,
        interaction: Interaction,
        image: Attachment,
        prompt: Range[str, 1, PROMPT_MAX] | None = None,
        image2: Attachment | None = None,
        image3: Attachment | None = None,
        image4: Attachment | None = None,
        aspect: str | None = None,
        size: str | None = None,
        count: int | None = None,
        model: str | None = None,
        private: bool | None = None,  # noqa: FBT001 - an option
    ) -> None:
        """Change a picture by saying what should be different."""
        wish = Wish(
            prompt=prompt,
            task=Task.EDIT,
            sources=of_options(image=image, image2=image2, image3=image3, image4=image4),
            aspect=aspect,
            size=size,
            count=count,
            model=model,
            private=private,
        )
        await self._counter.order(interaction, wish)

    @app_commands.command()
    @app_commands.allowed_installs(guilds=True, users=True)
    @app_commands.allowed_contexts(guilds=True, dms=True, private_channels=True)
    @app_commands.describe(**guide.BLEND_OPTIONS)
    async def blend(  # noqa: PLR0917 - as above
        self,
        interaction: Interaction,
        image1: Attachment | None = None,
        image2: Attachment | None = None,
        image3: Attachment | None = None,
        image4: Attachment | None = None,
        image5: Attachment | None = None,
        prompt: Range[str, 1, PROMPT_MAX] | None = None,
        aspect: str | None = None,
        size: str | None = None,
        count: int | None = None,
        private: bool | None = None,  # noqa: FBT001 - an option
    ) -> None:
        """Make one picture of several: those you attach, or those in your tray."""
        wish = Wish(
            prompt=prompt,
            task=Task.BLEND,
            sources=of_options(
                image1=image1, image2=image2, image3=image3, image4=image4, image5=image5
            ),
            aspect=aspect,
            size=size,
            count=count,
            private=private,
        )
        await self._remix.blend(interaction, wish)

    @app_commands.command()
    @app_commands.allowed_installs(guilds=True, users=True)
    @app_commands.allowed_contexts(guilds=True, dms=True, private_channels=True)
    @app_commands.rename(receipt_id="id")
    @app_commands.describe(**guide.UPSCALE_OPTIONS)
    async def upscale(
        self,
        interaction: Interaction,
        image: Attachment | None = None,
        receipt_id: Range[str, 1, 40] | None = None,
        to: str | None = None,
        private: bool | None = None,  # noqa: FBT001 - an option
    ) -> None:
        """Make a picture larger and sharper."""
        wish = Wish(task=Task.UPSCALE, count=1, size=to, private=private)
        await self._one(interaction, wish, image, receipt_id)

    @app_commands.command()
    @app_commands.allowed_installs(guilds=True, users=True)
    @app_commands.allowed_contexts(guilds=True, dms=True, private_channels=True)
    @app_commands.rename(receipt_id="id")
    @app_commands.describe(**guide.CUTOUT_OPTIONS)
    async def cutout(
        self,
        interaction: Interaction,
        image: Attachment | None = None,
        receipt_id: Range[str, 1, 40] | None = None,
        private: bool | None = None,  # noqa: FBT001 - an option
    ) -> None:
        """Cut the subject of a picture out of its background."""
        await self._one(
            interaction, Wish(task=Task.CUT_OUT, count=1, private=private), image, receipt_id
        )

    async def _one(
        self,
        interaction: Interaction,
        wish: Wish,
        image: Attachment | None,
        receipt_id: str | None,
    ) -> None:
        """Work on one picture: an attached one, or one that is named by its receipt."""
        job_id = named(receipt_id)[0] if receipt_id else None
        wish = await self._counter.acknowledge(interaction, wish, job_id)
        if (image is None) == (receipt_id is None):
            raise Refusal(edit_words.IMAGE_OR_ID)
        if receipt_id is None:
            shown = Shown(others=of_options(image=image))
            await self._remix.edit(Caller(interaction), shown, (), wish)
        else:
            job, number = await self._gallery.find(interaction, receipt_id)
            await self._remix.one_of(interaction, job, number, wish)


async def setup(bot: Client) -> None:
    """Put the cog up."""
    rooms = bot.rooms
    catalogue = rooms.shelf.catalogue
    await bot.add_cog(Edit(rooms.counter, rooms.remix, rooms.gallery, catalogue))
