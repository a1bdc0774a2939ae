"""What a person enters into selects and modals, checked as Discord's client checks it."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from sandbox.discord.components import (
    CHANNEL_SELECT,
    CHECKBOX,
    FILE_UPLOAD,
    MENTIONABLE_SELECT,
    RADIO,
    ROLE_SELECT,
    TEXT_INPUT,
    USER_SELECT,
    bounds,
)
from sandbox.discord.modals import TEXT_INPUT_MOST, WITH_OPTIONS, fields_of, preset
from sandbox.discord.options import CannotSend, Resolved
from sandbox.discord.refusals import Raw

Store = Callable[[Iterable[object]], list[object]]


@dataclass(slots=True)
class Entries:
    """Turns what was entered into the values Discord sends."""

    resolved: Resolved
    store: Store = list

    def filler(self, modal: Raw, given: Mapping[str, object]) -> Callable[[Raw], Raw]:
        """Give the function that fills in one field of a modal."""
        entered: dict[str, object] = {}
        left = dict(given)
        for label, field in fields_of(modal):
            for name in (field["custom_id"], label):
                if name in left:
                    entered[field["custom_id"]] = left.pop(name)
        if left:
            raise CannotSend(f"The modal has no field {', '.join(left)}.")
        return lambda field: self._entered(field, entered.get(field["custom_id"]))

    def chosen(self, field: Raw, values: Iterable[object]) -> Raw:
        """Choose values in a select or a group of checkboxes."""
        chosen = [self._one(field, value) for value in values]
        least, most = bounds(field)
        left_out = not chosen and field.get("required") is False
        if not least <= len(chosen) <= most and not left_out:
            raise CannotSend(f"Choose {least} to {most} values, not {len(chosen)}.")
        return {"values": chosen}

    def _entered(self, field: Raw, value: object) -> Raw:
        kind = field["type"]
        if kind == TEXT_INPUT:
            return {"value": _text(field, value)}
        if kind == CHECKBOX:
            return {"value": bool(field.get("default") if value is None else value)}
        if kind == RADIO:
            return self._picked(field, value)
        return self.chosen(field, self._listed(field, value))

    def _picked(self, field: Raw, value: object) -> Raw:
        value = next(iter(preset(field)), None) if value is None else value
        if value is None and field.get("required", True):
            raise CannotSend("This field is required.")
        return {"value": None if value is None else self._one(field, value)}

    def _listed(self, field: Raw, value: object) -> list[object]:
        if value is None:
            return list(preset(field))
        several = list(value) if isinstance(value, list | set) else [value]
        return self.store(several) if field["type"] == FILE_UPLOAD else several

    def _one(self, field: Raw, value: object) -> str:
        if field["type"] in WITH_OPTIONS:
            for option in field["options"]:
                if value in (option["value"], option["label"]):
                    return str(option["value"])
            raise CannotSend(f"{value!r} is not one of the options.")
        notes: dict[int, Callable[[object], str]] = {
            USER_SELECT: self.resolved.user,
            ROLE_SELECT: self.resolved.role,
            MENTIONABLE_SELECT: self.resolved.mentionable,
            CHANNEL_SELECT: lambda one: self.resolved.place(one, field.get("channel_types")),
            FILE_UPLOAD: self.resolved.file,
        }
        return notes[field["type"]](value)


def _text(field: Raw, value: object) -> str:
    text = str(field.get("value") or "" if value is None else value)
    least, most = field.get("min_length") or 0, field.get("max_length") or TEXT_INPUT_MOST
    required = field.get("required", True)
    if required and not text:
        raise CannotSend("This field is required.")
    if text and not least <= len(text) <= most:
        raise CannotSend(f"Must be {least} to {most} characters.")
    return text
