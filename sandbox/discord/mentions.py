"""Who a message pings."""

import re
from typing import Final

from sandbox.discord.refusals import Raw
from sandbox.discord.state import Message, World

PERSON: Final = re.compile(r"<@!?(\d+)>")
ROLE: Final = re.compile(r"<@&(\d+)>")
EVERYONE: Final = re.compile(r"@(everyone|here)")


def ping(message: Message, world: World, allowed: Raw | None, replied: Message | None) -> None:
    """Set the mentions of a message from its text, under what its author allows.

    A reply pings the author of what it answers, but never when that is the answer to an
    interaction: the rule that keeps the text of such replies from the app.
    """
    everyone_allowed = allowed is None or "everyone" in (allowed.get("parse") or [])
    people = [world.users[one] for one in PERSON.findall(message.text) if one in world.users]
    mentioned = {user.id: user for user in people if _may(allowed, "users", user.id)}
    if replied and replied.interaction is None and _pings_reply(allowed):
        mentioned[replied.author.id] = replied.author
    message.mentions = list(mentioned.values())
    roles = dict.fromkeys(ROLE.findall(message.text))
    message.mention_roles = [one for one in roles if _may(allowed, "roles", one)]
    message.mention_everyone = everyone_allowed and bool(EVERYONE.search(message.text))


def _may(allowed: Raw | None, kind: str, target: str) -> bool:
    if allowed is None or kind in (allowed.get("parse") or []):
        return True
    return target in {str(one) for one in allowed.get(kind) or []}


def _pings_reply(allowed: Raw | None) -> bool:
    return allowed is None or bool(allowed.get("replied_user", False))
