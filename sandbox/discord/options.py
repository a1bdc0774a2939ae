"""From what a person typed to what Discord sends: options, checked as its client checks them."""

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from sandbox.discord.cdn import Cdn
from sandbox.discord.commands import (
    ATTACHMENT,
    BOOLEAN,
    CHANNEL,
    GROUP,
    INTEGER,
    MENTIONABLE,
    NUMBER,
    ROLE,
    STRING,
    SUBCOMMAND,
    USER,
)
from sandbox.discord.files import StoredFile
from sandbox.discord.permissions import May, in_channel
from sandbox.discord.refusals import Raw
from sandbox.discord.state import Channel, Member, Message, Role, User, World

STRING_MOST: Final = 6000
KINDS: Final[dict[type, int]] = {str: STRING, int: INTEGER, bool: BOOLEAN, float: NUMBER}


class CannotSend(ValueError):
    """Something Discord's client would not let a person send."""


@dataclass(slots=True)
class Resolved:
    """What the ids in an interaction stand for, as one person sees it in one channel."""

    world: World
    cdn: Cdn
    channel: Channel
    viewer: User
    found: dict[str, Raw] = field(default_factory=dict)

    def add(self, kind: str, key: str, raw: Raw) -> str:
        """Note one object and give its id."""
        self.found.setdefault(kind, {})[key] = raw
        return key

    def user(self, value: object) -> str:
        """Note a person, given as such or as an id, a mention or a name."""
        user = value if isinstance(value, User) else getattr(value, "user", None)
        name = str(value).strip("<@!>")
        user = user or self.world.users.get(name) or self._user_called(name)
        if not isinstance(user, User):
            raise CannotSend(f"There is nobody like {value!r} here.")
        if (member := self._member(user)) is not None:
            allowed = str(int(in_channel(member, self.channel)))
            self.add("members", user.id, member.raw(with_user=False) | {"permissions": allowed})
        return self.add("users", user.id, user.raw())

    def role(self, value: object) -> str:
        """Note a role of this server, given as such or as an id, a mention or a name."""
        name = value.id if isinstance(value, Role) else str(value).strip("<@&>")
        for role in self.channel.server.roles.values() if self.channel.server else ():
            if name in {role.id, role.name.strip("@")}:
                return self.add("roles", role.id, role.raw())
        raise CannotSend(f"There is no role {value!r} here.")

    def place(self, value: object, kinds: Collection[int] | None = None) -> str:
        """Note a channel of this server that the person sees, as such or by id, mention or name."""
        name = value.id if isinstance(value, Channel) else str(value).strip("<#>")
        for channel, allowed in self._seen():
            if name in {channel.id, channel.name} and (not kinds or channel.type in kinds):
                written = channel.raw() | {"permissions": str(int(allowed))}
                return self.add("channels", channel.id, written)
        raise CannotSend(f"There is no channel {value!r} to choose here.")

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
        link = self.cdn.lend(value, self.channel.id)
        return self.add("attachments", value.id, value.raw(link))

    def message(self, message: Message, raw: Raw) -> str:
        """Note a message."""
        return self.add("messages", message.id, raw)

    def noting(self, option: Raw) -> Callable[[object], str] | None:
        """Give what notes the values of an option; None when they are no objects."""
        return {
            USER: self.user,
            CHANNEL: lambda value: self.place(value, option.get("channel_types")),
            ROLE: self.role,
            MENTIONABLE: self.mentionable,
            ATTACHMENT: self.file,
        }.get(option["type"])

    def _user_called(self, name: str) -> User | None:
        users = self.world.users.values()
        return next((one for one in users if name in {one.username, one.global_name}), None)

    def _seen(self) -> Iterator[tuple[Channel, May]]:
        member = self._member(self.viewer)
        for channel in member.server.channels.values() if member else ():
            if member and May.VIEW_CHANNEL & (allowed := in_channel(member, channel)):
                yield channel, allowed

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


def unchecked(node: Raw, given: Mapping[str, object], resolved: Resolved) -> list[Raw]:
    """Write the options that were given as they are; objects that don't exist stay mere ids."""
    known = {option["name"]: option for option in node.get("options") or []}
    options = []
    for name, value in given.items():
        option = known.get(name) or {"name": name, "type": KINDS[value.__class__]}
        options.append(_written(option, _loosely(option, value, resolved)))
    return options


def _loosely(option: Raw, value: object, resolved: Resolved) -> object:
    if (note := resolved.noting(option | {"channel_types": None})) is None:
        return value
    try:
        return note(value)
    except CannotSend:
        return str(value)


def typed_so_far(
    node: Raw, given: Mapping[str, object], focused: str, resolved: Resolved
) -> list[Raw]:
    """Write what an autocomplete carries: what stands there, unchecked, and where the cursor is."""
    options = []
    for option in node.get("options") or []:
        if option["name"] == focused:
            if not option.get("autocomplete"):
                raise CannotSend(f"{focused} has no autocomplete.")
            typed = {"value": str(given.get(focused, "")), "focused": True}
            options.append({"name": focused, "type": option["type"]} | typed)
        elif given.get(option["name"]) is not None and option["type"] != ATTACHMENT:
            options.append(_written(option, _loosely(option, given[option["name"]], resolved)))
    if not any(option.get("focused") for option in options):
        raise CannotSend(f"/{node['name']} has no option {focused}.")
    return options


def _written(option: Raw, value: object) -> Raw:
    return {"name": option["name"], "type": option["type"], "value": value}


def _value(option: Raw, value: object, resolved: Resolved) -> object:
    kind, name = option["type"], option["name"]
    if (note := resolved.noting(option)) is not None:
        return note(value)
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
