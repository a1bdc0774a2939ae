"""From what a person typed to what Discord sends: options, checked as its client checks them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from sandbox.discord.cdn import Cdn
from sandbox.discord.commands import (
    ATTACHMENT,
    CHANNEL,
    GROUP,
    INTEGER,
    MENTIONABLE,
    ROLE,
    SUBCOMMAND,
    USER,
)
from sandbox.discord.files import StoredFile
from sandbox.discord.refusals import Raw
from sandbox.discord.state import Channel, Member, Message, Role, User, World

STRING_MOST: Final = 6000


class CannotSend(ValueError):
    """Something Discord's client would not let a person send."""


@dataclass(slots=True)
class Resolved:
    """What the ids in an interaction stand for."""

    world: World
    cdn: Cdn
    channel: Channel
    found: dict[str, Raw] = field(default_factory=dict)

    def add(self, kind: str, key: str, raw: Raw) -> str:
        """Note one object and give its id."""
        self.found.setdefault(kind, {})[key] = raw
        return key

    def user(self, value: object) -> str:
        """Note a person, given as such or as an id or a mention."""
        user = value if isinstance(value, User) else getattr(value, "user", None)
        user = user or self.world.users.get(str(value).strip("<@!>"))
        if not isinstance(user, User):
            raise CannotSend(f"There is nobody like {value!r} here.")
        if (member := self._member(user)) is not None:
            self.add("members", user.id, member.raw(with_user=False) | {"permissions": "0"})
        return self.add("users", user.id, user.raw())

    def role(self, value: object) -> str:
        """Note a role, given as such or as an id or a mention."""
        roles = self.channel.server.roles if self.channel.server else {}
        role = value if isinstance(value, Role) else roles.get(str(value).strip("<@&>"))
        if role is None:
            raise CannotSend(f"There is no role {value!r} here.")
        return self.add("roles", role.id, role.raw())

    def place(self, value: object) -> str:
        """Note a channel, given as such or as an id or a mention."""
        known = self.world.channels.get(str(value).strip("<#>"))
        channel = value if isinstance(value, Channel) else known
        if channel is None:
            raise CannotSend(f"There is no channel {value!r} here.")
        return self.add("channels", channel.id, channel.raw() | {"permissions": "0"})

    def mentionable(self, value: object) -> str:
        """Note a role or a person."""
        try:
            return self.role(value)
        except CannotSend:
            return self.user(value)

    def file(self, value: object) -> str:
        """Note an uploaded file."""
        if not isinstance(value, StoredFile):
            raise CannotSend("This option takes a file.")
        link = self.cdn.link(value, self.channel.id)
        return self.add("attachments", value.id, value.raw(link))

    def message(self, message: Message, raw: Raw) -> str:
        """Note a message."""
        return self.add("messages", message.id, raw)

    def _member(self, user: User) -> Member | None:
        return self.channel.server.members.get(user.id) if self.channel.server else None


def descend(command: Raw, words: list[str]) -> tuple[Raw, list[Raw]]:
    """Follow the words of a subcommand; gives its description and the steps on the way."""
    node, steps = command, []
    for word in words:
        below = [one for one in node.get("options") or [] if one["name"] == word]
        if not below or below[0]["type"] not in {SUBCOMMAND, GROUP}:
            raise CannotSend(f"/{command['name']} has no subcommand {word!r}.")
        node = below[0]
        steps.append(node)
    if any(one["type"] in {SUBCOMMAND, GROUP} for one in node.get("options") or []):
        raise CannotSend(f"/{command['name']} needs a subcommand.")
    return node, steps


def nested(steps: list[Raw], options: list[Raw]) -> list[Raw]:
    """Wrap options in the subcommand they belong to."""
    for step in reversed(steps):
        options = [{"type": step["type"], "name": step["name"], "options": options}]
    return options


def filled(node: Raw, given: Mapping[str, object], resolved: Resolved) -> list[Raw]:
    """Check every option that was given, and that none is missing."""
    known: list[Raw] = node.get("options") or []
    names = {option["name"] for option in known}
    if unknown := set(given) - names:
        raise CannotSend(f"/{node['name']} has no option {', '.join(sorted(unknown))}.")
    options = []
    for option in known:
        value = given.get(option["name"])
        if value is None:
            if option.get("required"):
                raise CannotSend(f"{option['name']}: This option is required.")
            continue
        options.append(_written(option, _value(option, value, resolved)))
    return options


def typed_so_far(node: Raw, given: Mapping[str, object], focused: str) -> list[Raw]:
    """Write what an autocomplete carries: what stands there, unchecked, and where the cursor is."""
    options = []
    for option in node.get("options") or []:
        if option["name"] == focused:
            if not option.get("autocomplete"):
                raise CannotSend(f"{focused} has no autocomplete.")
            typed = {"value": str(given.get(focused, "")), "focused": True}
            options.append({"name": focused, "type": option["type"]} | typed)
        elif given.get(option["name"]) is not None and option["type"] != ATTACHMENT:
            options.append(_written(option, given[option["name"]]))
    if not any(option.get("focused") for option in options):
        raise CannotSend(f"/{node['name']} has no option {focused}.")
    return options


def _written(option: Raw, value: object) -> Raw:
    return {"name": option["name"], "type": option["type"], "value": value}


def _value(option: Raw, value: object, resolved: Resolved) -> object:
    kind, name = option["type"], option["name"]
    notes = {
        USER: resolved.user,
        CHANNEL: resolved.place,
        ROLE: resolved.role,
        MENTIONABLE: resolved.mentionable,
        ATTACHMENT: resolved.file,
    }
    if kind in notes:
        return notes[kind](value)
    if choices := option.get("choices"):
        for choice in choices:
            if value in (choice["value"], choice["name"]):
                return choice["value"]
        raise CannotSend(f"{name}: {value!r} is not one of the choices.")
    return _plain(option, kind, value)


def _plain(option: Raw, kind: int, value: object) -> object:
    name = option["name"]
    match kind:
        case 3 if isinstance(value, str):
            least, most = option.get("min_length") or 0, option.get("max_length") or STRING_MOST
            if not max(least, 1) <= len(value) <= most:
                raise CannotSend(f"{name}: must be {least} to {most} characters.")
            return value
        case 4 | 10:
            return _number(option, kind, value)
        case 5 if isinstance(value, bool):
            return value
        case _:
            raise CannotSend(f"{name}: {value!r} has the wrong type.")


def _number(option: Raw, kind: int, value: Any) -> int | float:
    name = option["name"]
    try:
        number = int(str(value)) if kind == INTEGER else float(str(value))
    except ValueError:
        raise CannotSend(f"{name}: {value!r} is not a number.") from None
    least, most = option.get("min_value"), option.get("max_value")
    if (least is not None and number < least) or (most is not None and number > most):
        raise CannotSend(f"{name}: must be between {least} and {most}.")
    return number
