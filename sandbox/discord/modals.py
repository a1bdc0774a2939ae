"""The rules of modals, and which of their fields a person fills in."""

from collections.abc import Callable, Iterator
from typing import Final

from sandbox.discord.components import (
    CHECKBOX,
    CHECKBOXES,
    FILE_UPLOAD,
    LABEL,
    RADIO,
    ROW,
    SELECTS,
    STRING_SELECT,
    TEXT_INPUT,
    check_bounds,
    check_ids,
    check_options,
    check_select,
    walk,
)
from sandbox.discord.refusals import Form, Raw

FIELDS: Final = {
    TEXT_INPUT,
    STRING_SELECT,
    *SELECTS,
    FILE_UPLOAD,
    RADIO,
    CHECKBOXES,
    CHECKBOX,
}
WITH_OPTIONS: Final = {STRING_SELECT, RADIO, CHECKBOXES}
FIELDS_MOST, TEXT_INPUT_MOST, FILES_MOST, GROUP_MOST = 5, 4000, 10, 10


def check_modal(data: Raw) -> None:
    """Refuse a modal that Discord would refuse."""
    form = Form()
    form.text(data, "data", "title", (1, 45))
    form.text(data, "data", "custom_id", (1, 100))
    top = form.listed(data, "components", FIELDS_MOST, path="data")
    form.need(top, "data.components", "Must be between 1 and 5 in length.")
    for index, component in enumerate(top):
        _check_top(form, f"data.components.{index}", component)
    check_ids(form, list(walk(top, "data.components")))
    form.done()


def _check_top(form: Form, path: str, component: Raw) -> None:
    match component.get("type"):
        case 10:
            form.text(component, path, "content", (1, TEXT_INPUT_MOST))
        case 1:
            rows = form.listed(component, "components", 1, path=path)
            fine = len(rows) == 1 and rows[0].get("type") == TEXT_INPUT
            if form.need(fine, f"{path}.components", "Must be one text input"):
                form.text(rows[0], f"{path}.components.0", "label", (1, 45))
                _check_field(form, f"{path}.components.0", rows[0])
        case 18:
            form.text(component, path, "label", (1, 45))
            form.text(component, path, "description", (0, 100))
            field = component.get("component")
            fine = isinstance(field, dict) and field.get("type") in FIELDS
            if form.need(fine, f"{path}.component", "A field is required"):
                _check_field(form, f"{path}.component", field or {})
        case _:
            form.wrong(f"{path}.type", "UNION_TYPE_CHOICES", "Must be a label, a row or a text")


def _check_field(form: Form, path: str, field: Raw) -> None:
    form.text(field, path, "custom_id", (1, 100))
    kind = field["type"]
    if kind in {STRING_SELECT, *SELECTS}:
        check_select(form, path, field)
        form.need(not field.get("disabled"), f"{path}.disabled", "Can't be used in a modal")
    if kind == RADIO:
        check_options(form, path, field, (2, GROUP_MOST))
    if kind == CHECKBOXES:
        check_options(form, path, field, (1, GROUP_MOST))
        check_bounds(form, path, field, len(field.get("options") or []))
    if kind == TEXT_INPUT:
        form.text(field, path, "placeholder", (0, 100))
        form.text(field, path, "value", (0, TEXT_INPUT_MOST))
        form.need(field.get("style") in {1, 2}, f"{path}.style", "Must be 1 or 2")
        least, most = field.get("min_length") or 0, field.get("max_length") or TEXT_INPUT_MOST
        fine = 0 <= least <= most <= TEXT_INPUT_MOST
        form.need(fine, f"{path}.max_length", "Must be at least min_length and at most 4000")
        length = len(field.get("value") or "")
        within = length == 0 or least <= length <= most
        form.need(within, f"{path}.value", "Must be within min_length and max_length")
    if kind == FILE_UPLOAD:
        check_bounds(form, path, field, FILES_MOST)


def fields_of(modal: Raw) -> Iterator[tuple[str, Raw]]:
    """Give each field of a modal with the label a person reads above it."""
    for component in modal["components"]:
        match component["type"]:
            case 18:
                yield component["label"], component["component"]
            case 1:
                for field in component["components"]:
                    yield field["label"], field
            case _:
                pass


def preset(field: Raw) -> list[str] | str:
    """Give what stands in a field when the modal opens: a text, or the values chosen."""
    if field["type"] == TEXT_INPUT:
        return str(field.get("value") or "")
    chosen = [str(one["value"]) for one in field.get("options") or [] if one.get("default")]
    return chosen + [str(one["id"]) for one in field.get("default_values") or []]


def submitted(modal: Raw, fill: Callable[[Raw], Raw]) -> list[Raw]:
    """Write a modal's components as a submission has them; `fill` gives what was entered."""
    components: list[Raw] = []
    for component in modal["components"]:
        frame: Raw = {"type": component["type"], "id": component["id"]}
        if component["type"] == LABEL:
            frame["component"] = _entered(component["component"], fill)
        elif component["type"] == ROW:
            frame["components"] = [_entered(one, fill) for one in component["components"]]
        components.append(frame)
    return components


def _entered(field: Raw, fill: Callable[[Raw], Raw]) -> Raw:
    named = {key: field[key] for key in ("type", "id", "custom_id")}
    return named | fill(field)
