"""What managers do and read, and what is written down of it."""

import sqlite3
from contextlib import closing

from sandbox.discord.interactions import DEFER, Interaction
from sandbox.discord.state import Channel, Message
from sandbox.people import Person
from tests.flow.world import World

MANAGERS_ONLY = (
    "Budgets are for people with the Manage Server permission or the server's budget role. "
    "`/quota` shows your own."
)
GONE = "What you picked is not there any more, or can't be used for this. Please pick again."


async def told(world: World, command: str, /, **options: object) -> str:
    """Let Ann use a command, and read what she alone is told."""
    return (await answered(world, await world.ann.slash(command, options=options))).text


async def told_to(world: World, person: Person, command: str, /, **options: object) -> str:
    """The same for a person whose client checks nothing."""
    return (await answered(world, await person.tampered.slash(command, options=options))).text


async def answered(world: World, answer: Interaction) -> Message:
    """Wait for the answer to something that is acknowledged first, and shown to nobody else."""
    assert answer.calls[0].body == {"type": DEFER, "data": {"flags": 64}}
    message = await world.answered(answer)
    assert message.ephemeral
    return message


async def viewed(world: World) -> str:
    return await told(world, "budget view")


async def paint(person: Person, *, channel: Channel | None = None, count: int = 1) -> str:
    """Order until it is over, and read what came of it: the receipt, or why not."""
    order = await person.slash("imagine", channel=channel, prompt="a fox", count=count)

    def is_over(message: Message) -> bool:
        said = message.text if message is order.original else ""
        return bool(said) and not said.startswith("Ordered")

    return (await person.waits_for(is_over)).text


def dana(world: World) -> Person:
    """A manager who owns neither the server nor the bot."""
    return world.discord.people["dana"]


def changes(world: World) -> list[tuple[str, str, str, str]]:
    """Read the audit: what was changed, from what, to what, and why."""
    with closing(sqlite3.connect(world.data / "easel.db")) as db:
        rows = db.execute("SELECT what, before, after, reason FROM change ORDER BY id")
        return rows.fetchall()
