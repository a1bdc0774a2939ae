"""The app's commands: which are registered, and what Discord asks of them."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Final

from bot.core.clock import Clock
from sandbox.discord.permissions import EVERYTHING, May
from sandbox.discord.refusals import Form, Raw, Refused
from sandbox.discord.snowflake import Snowflakes
from sandbox.discord.state import Server

SLASH, USER_MENU, MESSAGE_MENU = 1, 2, 3
SUBCOMMAND, GROUP, STRING, INTEGER, BOOLEAN = 1, 2, 3, 4, 5
USER, CHANNEL, ROLE, MENTIONABLE, NUMBER, ATTACHMENT = 6, 7, 8, 9, 10, 11
NAME: Final = re.compile(r"^[-_'\w]{1,32}$", re.UNICODE)
MOST: Final = {SLASH: 100, USER_MENU: 15, MESSAGE_MENU: 15}
OPTIONS_MOST, CHOICES_MOST, COMMAND_TEXT_MOST, STRING_MOST = 25, 25, 8000, 6000
CREATES_A_DAY = 200
GLOBAL = None
IN_SERVER, IN_BOT_DM = 0, 1
BY_PERSON = 1  # installed to an account, not to a server


@dataclass(slots=True)
class Registry:
    """What was registered, per scope: everywhere (None) or one server."""

    application_id: str
    clock: Clock
    snowflakes: Snowflakes
    scopes: dict[str | None, dict[tuple[int, str], Raw]] = field(default_factory=dict)
    creates: dict[date, int] = field(default_factory=dict)

    def overwrite(self, scope: str | None, payload: object) -> list[Raw]:
        """Replace a scope's commands; ids of those that stay are kept."""
        commands = _checked(payload)
        before = self.scopes.get(scope, {})
        keys = [(one.get("type") or SLASH, one["name"]) for one in commands]
        self._count(sum(key not in before for key in keys))
        after = {
            key: self._registered(scope, one, before.get(key))
            for key, one in zip(keys, commands, strict=True)
        }
        self.scopes[scope] = after
        return list(after.values())

    def add(self, scope: str | None, payload: object) -> Raw:
        """Register one command, or replace the one of its type and name."""
        (command,) = _checked([payload])
        key = (command.get("type") or SLASH, command["name"])
        known = self.scopes.setdefault(scope, {})
        self._count(int(key not in known))
        known[key] = self._registered(scope, command, known.get(key))
        return known[key]

    def seen_in(self, server_id: str | None) -> list[Raw]:
        """Give what a person meets in a server: its own commands hide global ones."""
        everywhere = self.scopes.get(GLOBAL, {})
        own = self.scopes.get(server_id, {}) if server_id else {}
        return list((everywhere | own).values())

    def named(self, server_id: str | None, kind: int, name: str) -> Raw | None:
        """Find a command as a person's client would."""
        for command in self.seen_in(server_id):
            if (command["type"], command["name"]) == (kind, name):
                return command
        return None

    def _count(self, made: int) -> None:
        today = self.clock.now().date()
        total = self.creates.get(today, 0) + made
        if total > CREATES_A_DAY:
            raise Refused(
                400, 30034, "Max number of daily application command creates has been reached (200)"
            )
        self.creates[today] = total

    def _registered(self, scope: str | None, command: Raw, before: Raw | None) -> Raw:
        base: Raw = {
            "default_member_permissions": None,
            "dm_permission": True,
            "nsfw": False,
            "contexts": None,
            "integration_types": [0],
        }
        base |= {key: value for key, value in command.items() if value is not None}
        base |= {
            "id": before["id"] if before else self.snowflakes.next(),
            "application_id": self.application_id,
            "version": self.snowflakes.next(),
            "type": command.get("type") or SLASH,
            "description": command.get("description") or "",
        }
        if (needed := base["default_member_permissions"]) is not None:
            base["default_member_permissions"] = str(needed)
        return base | {"guild_id": scope} if scope else base


def usable(command: Raw, server: Server | None, allowed: May) -> bool:
    """Say whether a client offers a command to somebody who may do this much in a channel."""
    everywhere = [IN_SERVER, IN_BOT_DM] if command["dm_permission"] else [IN_SERVER]
    contexts = everywhere if command["contexts"] is None else command["contexts"]
    here = IN_SERVER if server else IN_BOT_DM
    if here not in contexts or not May.USE_APPLICATION_COMMANDS & allowed:
        return False
    if server and not server.has_bot and BY_PERSON not in (command["integration_types"] or []):
        return False
    needed = command["default_member_permissions"]
    if needed is None or server is None or allowed == EVERYTHING:
        return True
    return int(needed) != 0 and not int(needed) & ~int(allowed)


def _checked(payload: object) -> list[Raw]:
    form = Form()
    commands = form.listed({"commands": payload}, "commands", sum(MOST.values()))
    for index, command in enumerate(commands):
        _check_command(form, str(index), command)
    for kind, most in MOST.items():
        names = [one.get("name") for one in commands if (one.get("type") or SLASH) == kind]
        form.need(len(names) <= most, "_", f"Maximum number of application commands is {most}")
        twice = "Application command names must be unique"
        unique = len(names) == len(set(names))
        form.need(unique, "_", twice, "APPLICATION_COMMANDS_DUPLICATE_NAME")
    form.done()
    return list(commands)


def _check_command(form: Form, path: str, command: Raw) -> None:
    kind = command.get("type") or SLASH
    form.need(kind in MOST, f"{path}.type", "Must be 1, 2 or 3")
    if kind == SLASH:
        _check_name(form, path, command)
        form.text(command, path, "description", (1, 100))
        _check_options(form, path, command)
    else:
        form.text(command, path, "name", (1, 32))
        fine = not command.get("description") and not command.get("options")
        form.need(fine, path, "Context menu commands have no description and no options")
    form.need(_weight(command) <= COMMAND_TEXT_MOST, path, "Command exceeds maximum size (8000)")


def _check_name(form: Form, path: str, owner: Raw) -> None:
    name = owner.get("name")
    fine = isinstance(name, str) and NAME.match(name) and name == name.lower()
    says = "Command name is invalid"
    form.need(fine, f"{path}.name", says, "APPLICATION_COMMAND_INVALID_NAME")


def _check_options(form: Form, path: str, owner: Raw) -> None:
    options = form.listed(owner, "options", OPTIONS_MOST, path=path)
    optional_seen = False
    for index, option in enumerate(options):
        at = f"{path}.options.{index}"
        _check_option(form, at, option)
        late = bool(option.get("required")) and optional_seen
        says = "Required options must be placed before non-required options"
        form.need(not late, at, says, "APPLICATION_COMMAND_OPTIONS_REQUIRED_INVALID")
        optional_seen = optional_seen or not option.get("required")
    names = [option.get("name") for option in options]
    form.need(len(names) == len(set(names)), f"{path}.options", "Option names must be unique")
    kinds = {option.get("type") in {SUBCOMMAND, GROUP} for option in options}
    form.need(len(kinds) < 2, f"{path}.options", "Sub-commands and options can't be mixed")  # noqa: PLR2004 - both kinds


def _check_option(form: Form, path: str, option: Raw) -> None:
    kind = option.get("type")
    form.need(kind in range(SUBCOMMAND, ATTACHMENT + 1), f"{path}.type", "Unknown option type")
    _check_name(form, path, option)
    form.text(option, path, "description", (1, 100))
    if kind in {SUBCOMMAND, GROUP}:
        below = {one.get("type") for one in option.get("options") or []}
        fits = below == {SUBCOMMAND} if kind == GROUP else not below & {SUBCOMMAND, GROUP}
        form.need(fits, f"{path}.options", "Groups hold sub-commands, sub-commands hold options")
        _check_options(form, path, option)
        return
    choices = form.listed(option, "choices", CHOICES_MOST, path=path)
    form.need(
        not (choices and option.get("autocomplete")),
        f"{path}.autocomplete",
        "Autocomplete can't be set together with choices",
        "APPLICATION_COMMAND_AUTOCOMPLETE_WITH_CHOICES",
    )
    check_choices(form, path, choices, kind)
    for limit in ("min_length", "max_length"):
        fine = 0 <= (option.get(limit) or 0) <= STRING_MOST
        form.need(fine, f"{path}.{limit}", f"Must be between 0 and {STRING_MOST}")
    for unit in ("value", "length"):
        least, most = option.get(f"min_{unit}"), option.get(f"max_{unit}")
        fits = least is None or most is None or least <= most
        form.need(fits, f"{path}.max_{unit}", f"Must be at least min_{unit}")
    takes_words = kind in {STRING, INTEGER, NUMBER}
    plain = not choices and not option.get("autocomplete")
    form.need(takes_words or plain, path, "Only texts and numbers have choices or autocomplete")


def check_choices(form: Form, path: str, choices: Sequence[Raw], kind: int | None) -> None:
    """Note what is wrong with choices, registered or answered to an autocomplete."""
    wanted: dict[int | None, type | tuple[type, ...]] = {INTEGER: int, NUMBER: (int, float)}
    for index, choice in enumerate(choices):
        at = f"{path}.choices.{index}"
        form.text(choice, at, "name", (1, 100))
        value = choice.get("value")
        fine = isinstance(value, wanted.get(kind, str))
        if (
            form.need(fine, f"{at}.value", "Must be of the option's type")
            and value.__class__ is str
        ):
            form.text(choice, at, "value", (1, 100))
    names = [choice.get("name") for choice in choices]
    form.need(len(names) == len(set(names)), f"{path}.choices", "Choice names must be unique")


def _weight(owner: Raw) -> int:
    texts = [owner.get("name"), owner.get("description")]
    texts += [choice.get("value") for choice in owner.get("choices") or []]
    own = sum(len(text) for text in texts if isinstance(text, str))
    return own + sum(_weight(option) for option in owner.get("options") or [])
