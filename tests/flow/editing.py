"""What tests of editing share: results, in the order in which they come, and whose money went."""

from io import BytesIO
from pathlib import Path

from PIL import Image

from bot.core.job import Payer, Place
from bot.core.limits import ScopeKind
from bot.core.money import Money
from sandbox.discord.interactions import Interaction
from sandbox.discord.state import Message
from sandbox.people import Person
from tests.flow.world import World


def picture(
    name: str = "cat.png", color: str = "teal", size: tuple[int, int] = (96, 64)
) -> tuple[str, bytes]:
    """Draw a file to attach."""
    body = BytesIO()
    Image.new("RGB", size, color).save(body, Path(name).suffix[1:].replace("jpg", "jpeg"))
    return name, body.getvalue()


async def painted(world: World, prompt: str = "a lighthouse", **options: object) -> Message:
    """Let Ann order pictures, and give the message they came in."""
    await world.ended(await world.ann.slash("imagine", options={"prompt": prompt, **options}))
    return world.pictures()[-1]


async def follows(world: World, *before: Message) -> Message:
    """Wait for the next result, and for its job's end."""

    def is_new(message: Message) -> bool:
        return message in world.pictures() and message.author.bot and message not in before

    result = await world.ann.waits_for(is_new)
    await world.idle()
    return result


async def told(world: World, interaction: Interaction) -> str:
    """Wait for the words of an answer."""
    return (await world.answered(interaction)).text


async def answer_to(world: World, message: Message) -> Message:
    """Wait for the bot's reply to somebody's message."""

    def is_reply(one: Message) -> bool:
        return one.author.bot and one.reply_to == message.id

    return await world.ann.waits_for(is_reply)


async def spent(world: World, person: Person) -> Money:
    """Tell what a person spent today."""
    place = Place(server_id=world.server_id, channel_id=int(world.discord.home.id))
    allowances = await world.store.allowances(place, Payer(int(person.id)))
    return next(each.used for each in allowances if each.scope.kind is ScopeKind.PERSON)
