"""Buttons under messages, as a test reads and presses them."""

from sandbox.discord import components
from sandbox.discord.answers import Act
from sandbox.discord.interactions import COMPONENT, Interaction
from sandbox.discord.state import Message
from sandbox.people import Person


def labels(message: Message) -> list[str]:
    """Read the buttons of a message, in order."""
    return [
        one["label"]
        for _, one in components.walk(message.components)
        if one["type"] == components.BUTTON
    ]


def custom_id(message: Message, label: str) -> str:
    """Give what stands behind a button."""
    found = [one for _, one in components.walk(message.components) if one.get("label") == label]
    return str(found[0]["custom_id"])


async def forged(person: Person, on: Message, name: str, *values: str) -> Interaction:
    """Press, or choose values, as a client would that shows what nobody sent it."""
    data: dict[str, object] = {"custom_id": name, "component_type": 2, "id": 1}
    if values:
        data |= {"component_type": 3, "values": list(values)}
    act = Act(kind=COMPONENT, user=person.user, channel=on.channel, data=data, source=on)
    interaction = person.discord.answers.start(act)
    await interaction.settled.wait()
    return interaction
