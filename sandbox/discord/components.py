"""The rules of buttons, selects and layout components, and the walk over a tree of them."""

from collections.abc import Callable, Iterator, Sequence
from typing import Final

from sandbox.discord.refusals import Form, Raw

ROW, BUTTON, STRING_SELECT, TEXT_INPUT = 1, 2, 3, 4
SELECTS: Final = range(5, 9)
SECTION, TEXT, THUMBNAIL, GALLERY, FILE, SEPARATOR = 9, 10, 11, 12, 13, 14
CONTAINER, LABEL, FILE_UPLOAD, RADIO, CHECKBOXES, CHECKBOX = 17, 18, 19, 21, 22, 23
LINK_STYLE, PREMIUM_STYLE = 5, 6
IN_LEGACY: Final = {ROW}
IN_CONTAINER: Final = {ROW, SECTION, TEXT, GALLERY, FILE, SEPARATOR}
IN_LAYOUT: Final = IN_CONTAINER | {CONTAINER}
ROWS_MOST, BUTTONS_MOST, LAYOUT_MOST, LAYOUT_TEXT_MOST = 5, 5, 40, 4000
OPTIONS_MOST, GALLERY_MOST, COLOUR_MOST = 25, 10, 0xFFFFFF
USER_SELECT, ROLE_SELECT, MENTIONABLE_SELECT, CHANNEL_SELECT = SELECTS
CHOSEN_FROM: Final = {
    USER_SELECT: {"user"},
    ROLE_SELECT: {"role"},
    MENTIONABLE_SELECT: {"user", "role"},
    CHANNEL_SELECT: {"channel"},
}

ABSENT: Final[dict[int, Raw]] = {
    STRING_SELECT: {"min_values": 1, "max_values": 1},
    **{kind: {"min_values": 1, "max_values": 1} for kind in SELECTS},
    THUMBNAIL: {"description": None, "spoiler": False},
    FILE: {"spoiler": False},
    SEPARATOR: {"spacing": 1, "divider": True},
    CONTAINER: {"accent_color": None, "spoiler": False},
}

Check = Callable[[Form, str, Raw], None]
Found = tuple[str, Raw]


def walk(components: Sequence[Raw], path: str = "components") -> Iterator[Found]:
    """Go over a tree in reading order, with the path of each component."""
    for index, component in enumerate(components):
        yield from _branch(component, f"{path}.{index}")


def _branch(component: Raw, at: str) -> Iterator[Found]:
    yield at, component
    children = component.get("components")
    if isinstance(children, list):
        yield from walk([one for one in children if isinstance(one, dict)], f"{at}.components")
    for name in ("accessory", "component"):
        if isinstance(child := component.get(name), dict):
            yield from _branch(child, f"{at}.{name}")


def media_of(components: Sequence[Raw]) -> Iterator[Found]:
    """Give every media object of a tree with its path, so that files can be matched to it."""
    for path, component in walk(components):
        match component.get("type"):
            case 11 if isinstance(media := component.get("media"), dict):
                yield f"{path}.media", media
            case 12:
                for index, item in enumerate(component.get("items") or []):
                    if isinstance(item, dict) and isinstance(item.get("media"), dict):
                        yield f"{path}.items.{index}.media", item["media"]
            case 13 if isinstance(media := component.get("file"), dict):
                yield f"{path}.file", media
            case _:
                pass


def complete(components: Sequence[Raw]) -> None:
    """Fill in what the app left out, as Discord's answers do."""
    for _, component in walk(components):
        several = component.get("items") if component["type"] == GALLERY else None
        for owner in several or [component]:
            kind = THUMBNAIL if several else component["type"]
            for key, value in ABSENT.get(kind, {}).items():
                owner.setdefault(key, value)


def check_components(form: Form, components: Sequence[Raw], *, layout: bool) -> None:
    """Note everything Discord refuses in the components of a message."""
    everything = list(walk(components))
    for index, component in enumerate(components):
        _fits(form, f"components.{index}", component, IN_LAYOUT if layout else IN_LEGACY)
    for path, component in everything:
        if check := CHECKS.get(component.get("type", 0)):
            check(form, path, component)
    most, counted = (LAYOUT_MOST, everything) if layout else (ROWS_MOST, components)
    form.need(len(counted) <= most, "components", f"At most {most} components are allowed")
    words = sum(len(str(one.get("content", ""))) for _, one in everything if one["type"] == TEXT)
    form.need(
        words <= LAYOUT_TEXT_MOST, "components", "At most 4000 characters of text are allowed"
    )
    check_ids(form, everything)


def check_ids(form: Form, everything: Sequence[Found]) -> None:
    """Note custom ids that appear twice, and number the components that have no id."""
    seen: set[str] = set()
    numbers = {one.get("id") for _, one in everything} - {None, 0}
    spare = (number for number in range(1, 1000) if number not in numbers)
    for path, component in everything:
        if not component.get("id"):
            component["id"] = next(spare)
        if (custom_id := component.get("custom_id")) is None:
            continue
        twice = "Component custom id cannot be duplicated"
        form.need(
            custom_id not in seen, f"{path}.custom_id", twice, "COMPONENT_CUSTOM_ID_DUPLICATED"
        )
        seen.add(custom_id)


def _fits(form: Form, path: str, component: Raw, allowed: set[int]) -> None:
    kind = component.get("type")
    names = ", ".join(map(str, sorted(allowed)))
    form.need(kind in allowed, f"{path}.type", f"Value of field 'type' must be one of ({names}).")


def _row(form: Form, path: str, row: Raw) -> None:
    children = form.listed(row, "components", BUTTONS_MOST, path=path)
    kinds = {one.get("type") for one in children}
    buttons = kinds == {BUTTON}
    one_select = len(children) == 1 and kinds <= {STRING_SELECT, TEXT_INPUT, *SELECTS}
    form.need(buttons or one_select, f"{path}.components", "Must be 1 to 5 buttons, or one select")


def _button(form: Form, path: str, button: Raw) -> None:
    style = button.get("style")
    form.need(style in range(1, 7), f"{path}.style", "Must be a button style")
    form.text(button, path, "label", (0, 80))
    if style == LINK_STYLE:
        form.text(button, path, "url", (1, 512))
        form.need("custom_id" not in button, f"{path}.custom_id", "Links can't have a custom id")
    elif style != PREMIUM_STYLE:
        form.text(button, path, "custom_id", (1, 100))
    shown = button.get("label") or button.get("emoji") or style == PREMIUM_STYLE
    form.need(shown, path, "A button must have a label or an emoji", "BUTTON_COMPONENT_EMPTY")


def check_select(form: Form, path: str, select: Raw) -> None:
    """Note everything Discord refuses in a select of any kind, in a message or a modal."""
    form.text(select, path, "custom_id", (1, 100))
    form.text(select, path, "placeholder", (0, 150))
    check_bounds(form, path, select, OPTIONS_MOST)
    most = bounds(select)[1]
    if select["type"] == STRING_SELECT:
        check_options(form, path, select, (max(1, most), OPTIONS_MOST))
        chosen = [one for one in select.get("options") or [] if one.get("default")]
    else:
        chosen = list(form.listed(select, "default_values", OPTIONS_MOST, path=path))
        kinds = {one.get("type") for one in chosen}
        fine = kinds <= CHOSEN_FROM[select["type"]]
        form.need(fine, f"{path}.default_values", "Must be of the select's kind")
        for one in chosen:
            one["id"] = str(one.get("id"))  # libraries send numbers, Discord answers with texts
    form.need(len(chosen) <= most, path, f"At most {most} values can be chosen beforehand")


def check_options(form: Form, path: str, owner: Raw, limits: tuple[int, int]) -> None:
    """Note what is wrong with the options of a select or a group of choices."""
    options = form.listed(owner, "options", limits[1], path=path)
    says = f"Must be between {limits[0]} and {limits[1]} in length."
    form.need(len(options) >= limits[0], f"{path}.options", says, "BASE_TYPE_BAD_LENGTH")
    for index, option in enumerate(options):
        at = f"{path}.options.{index}"
        form.text(option, at, "label", (1, 100))
        form.text(option, at, "value", (1, 100))
        form.text(option, at, "description", (0, 100))
    values = [option.get("value") for option in options]
    form.need(len(values) == len(set(values)), f"{path}.options", "Option values must be unique")


def bounds(owner: Raw) -> tuple[int, int]:
    """Give how few and how many values a field takes; null means one, or all boxes of a group."""
    least, most = owner.get("min_values"), owner.get("max_values")
    usual = len(owner.get("options") or []) if owner["type"] == CHECKBOXES else 1
    return 1 if least is None else least, usual if most is None else most


def check_bounds(form: Form, path: str, owner: Raw, highest: int) -> None:
    """Note bounds that contradict each other or go too far."""
    least, most = bounds(owner)
    fine = 0 <= least <= most <= highest
    says = f"Must be at least min_values and at most {highest}"
    form.need(fine, f"{path}.max_values", says)


def _section(form: Form, path: str, section: Raw) -> None:
    texts = form.listed(section, "components", 3, path=path)
    only_texts = bool(texts) and all(one.get("type") == TEXT for one in texts)
    form.need(only_texts, f"{path}.components", "Must be 1 to 3 texts")
    accessory = section.get("accessory")
    fine = isinstance(accessory, dict) and accessory.get("type") in {BUTTON, THUMBNAIL}
    form.need(fine, f"{path}.accessory", "A button or a thumbnail is required")


def _text(form: Form, path: str, text: Raw) -> None:
    form.text(text, path, "content", (1, LAYOUT_TEXT_MOST))


def _media(form: Form, path: str, owner: Raw, name: str = "media") -> None:
    media = owner.get(name)
    fine = isinstance(media, dict) and isinstance(media.get("url"), str)
    if form.need(fine, f"{path}.{name}", "This field is required", "BASE_TYPE_REQUIRED"):
        form.text(owner[name], f"{path}.{name}", "url", (1, 2048))
    if owner.get("description") is not None:
        form.text(owner, path, "description", (1, 1024))


def _gallery(form: Form, path: str, gallery: Raw) -> None:
    items = form.listed(gallery, "items", GALLERY_MOST, path=path)
    form.need(items, f"{path}.items", "Must be between 1 and 10 in length.")
    for index, item in enumerate(items):
        _media(form, f"{path}.items.{index}", item)


def _file(form: Form, path: str, file: Raw) -> None:
    _media(form, path, file, "file")
    own = str((file.get("file") or {}).get("url")).startswith("attachment://")
    form.need(own, f"{path}.file.url", "Must be an attachment of this message")


def _separator(form: Form, path: str, separator: Raw) -> None:
    form.need(separator.get("spacing") in {None, 1, 2}, f"{path}.spacing", "Must be 1 or 2")


def _container(form: Form, path: str, container: Raw) -> None:
    children = form.listed(container, "components", LAYOUT_MOST, path=path)
    form.need(children, f"{path}.components", "Must be between 1 and 40 in length.")
    accent = container.get("accent_color")
    fine = accent is None or (isinstance(accent, int) and 0 <= accent <= COLOUR_MOST)
    form.need(fine, f"{path}.accent_color", "Must be a colour")
    for index, child in enumerate(children):
        _fits(form, f"{path}.components.{index}", child, IN_CONTAINER)


CHECKS: Final[dict[int, Check]] = {
    ROW: _row,
    BUTTON: _button,
    STRING_SELECT: check_select,
    **dict.fromkeys(SELECTS, check_select),
    SECTION: _section,
    TEXT: _text,
    THUMBNAIL: _media,
    GALLERY: _gallery,
    FILE: _file,
    SEPARATOR: _separator,
    CONTAINER: _container,
}
