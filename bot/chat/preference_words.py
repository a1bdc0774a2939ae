"""The sentences about defaults and presets; the tone is that of `bot.chat.words`."""

from collections.abc import Callable, Sequence
from typing import Any

from bot.chat import phrases, words
from bot.core.catalogue import Catalogue, Model
from bot.core.order import written
from bot.core.preferences import Whose
from bot.store.presets import PRESETS_MAX, Preset

LABELS = {
    "aspect": "Shape",
    "size": "Size",
    "count": "How many",
    "model": "Model",
    "format": "File format",
    "private": "Who sees them",
    "enhance": "Prompt expansion",
    "thinking": "Thinking",
}
NO_DEFAULT = "No default"
WHOSE_DEFAULTS = "Whose defaults"
WHOSE = {
    Whose.YOU: "My defaults",
    Whose.CHANNEL: "This channel's defaults",
    Whose.SERVER: "This server's defaults",
}
TITLES = {
    Whose.YOU: "Your defaults",
    Whose.CHANNEL: "Defaults of this channel",
    Whose.SERVER: "Defaults of this server",
}
_FROM = {
    Whose.YOU: "you",
    Whose.CHANNEL: "this channel",
    Whose.SERVER: "this server",
    None: "the bot",
}
FIRST_COMES = (
    "-# What you type in a command comes first, then its preset, then your default, this "
    "channel's and this server's."
)
_MANAGERS = "people with the Manage Server permission or the server's budget role"

DOES_NOTHING = "A preset needs a `prompt`, or one of the other options."
PRESETS = "Presets"
USE, EARLIER, LATER = "Use", "Earlier", "More"
YOURS, SHARED = "**Yours**", "**Shared in this server**"
NO_PRESETS = (
    "There are none yet. `/preset save` keeps a style under a name: words for your prompts, and "
    "options."
)
GONE = "This preset is not there any more. `/preset list` shows those there are."
ONLY_IN_SERVERS = "Presets are shared with a server: please use this in one that I am a member of."
TOO_MANY = f"You have {PRESETS_MAX} presets already; `/preset delete` makes room."
TOO_MANY_SHARED = f"This server shares {PRESETS_MAX} presets already; `/preset delete` makes room."


def value(option: str, chosen: Any, catalogue: Catalogue) -> str:
    """Write an option's value; None is what neither people nor the bot choose."""
    if chosen is None:
        return "as the model does it"
    if option == "model":
        row = catalogue.by_id.get(chosen)
        return row.label if row else str(chosen)
    return _WRITTEN.get(option, written)(chosen)


def _seen_by(private: bool) -> str:  # noqa: FBT001 - the value of an option
    return "only you" if private else "everybody here"


_WRITTEN: dict[str, Callable[[Any], str]] = {
    "aspect": words.aspect,
    "count": phrases.pictures,
    "format": str.upper,
    "private": _seen_by,
}


def default(option: str, text: str, whose: Whose | None) -> str:
    """Tell what is ordered of an option, and whose word it is."""
    return f"**{LABELS[option]}** · {text} · from {_FROM[whose]}"


def left_out(whose: Whose, text: str, option: str, model: Model) -> str:
    """Tell of a default that is there and can't be ordered."""
    why = "it is not offered now" if option == "model" else f"{model.label} does not take it"
    return f"-# {text}, from {_FROM[whose]}, is left out: {why}."


def orders(pictures: int, price: object) -> str:
    """Tell what an order without options would be."""
    return (
        f"`/imagine` without options orders {phrases.pictures(pictures)} here, for {price} at most."
    )


def managers_only(role: int | None) -> str:
    """Say who can change what a server shares."""
    named = f" (<@&{role}>)" if role else ""
    return f"That is for {_MANAGERS}{named}; please ask one of them."


def does(preset: Preset, catalogue: Catalogue, length_max: int = 200) -> str:
    """Tell what a preset does, in one line."""
    text = [phrases.quote(preset.text, length_max)] if preset.text else []
    given = preset.options.given().items()
    return " · ".join([*text, *(value(option, each, catalogue) for option, each in given)])


def preset_choice(preset: Preset, catalogue: Catalogue) -> str:
    """Name a preset in a list."""
    return phrases.cut(f"{preset.name}{words.BETWEEN}{does(preset, catalogue)}", 100)


def in_style(name: str) -> str:
    """Name the form that asks for a preset's prompt, in as many letters as a title may have."""
    return phrases.cut(f"New pictures: {name}", 45)


def preset_line(preset: Preset, catalogue: Catalogue) -> str:
    """Show a preset on its panel."""
    return f"**{phrases.inert(preset.name)}**\n{does(preset, catalogue)}"


def saved(preset: Preset, catalogue: Catalogue, *, replaced: bool) -> str:
    """Confirm a preset."""
    verb = "Replaced" if replaced else "Saved"
    return (
        f"{verb} your preset {preset_line(preset, catalogue)}\n"
        "Use it with `/preset use`, or as the option `preset` of `/imagine`."
    )


def shared(name: str) -> str:
    """Confirm that a preset is a server's now."""
    return f"Everybody here can use **{phrases.inert(name)}** now. It is this server's, not yours."


def deleted(name: str, *, shared: bool) -> str:
    """Confirm that a preset is gone."""
    whose = "this server's" if shared else "your"
    return f"Deleted {whose} preset **{phrases.inert(name)}**."


def taken(name: str) -> str:
    """Say that a server shares another one of that name."""
    return (
        f"This server shares a preset **{phrases.inert(name)}** already. `/preset delete` that one "
        "first, or save yours under another name."
    )


def no_preset(wanted: str | int, near: Sequence[str], *, own: bool) -> str:
    """Say that there is none of a name, and what there is."""
    if isinstance(wanted, int):
        return GONE
    whose = " of your own" if own else ""
    named = phrases.listed([phrases.quote(name) for name in near], "or") if near else ""
    meant = f"Did you mean {named}?" if near else "`/preset save` makes one."
    return f"There is no preset {phrases.quote(wanted)}{whose}. {meant}"
