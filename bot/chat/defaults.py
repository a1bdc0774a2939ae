"""Defaults: what a wish leaves out is taken from its preset, then from whoever has a default."""

from dataclasses import replace

from bot.chat.intake import Wish, typed
from bot.core.catalogue import Task
from bot.core.order import clean_prompt
from bot.core.preferences import Preferences
from bot.store.presets import Preset
from bot.studio.desk import Desk

PROMPT_HERE = "{prompt}"  # in a preset's text


def styled(wish: Wish, preset: Preset) -> Wish:
    """Put a preset on a wish; the options that were given stay.

    Raises:
        Refused: for an unusable prompt.
    """
    words = clean_prompt(wish.prompt or "")
    around = preset.text if PROMPT_HERE in preset.text else f"{PROMPT_HERE}, {preset.text}"
    prompt = around.replace(PROMPT_HERE, words) if preset.text else words
    left = {name: value for name, value in preset.options.given().items() if _lacks(wish, name)}
    return replace(wish, prompt=prompt, preset=None, **left)


def filled(wish: Wish, preferences: Preferences, desk: Desk) -> Wish:
    """Fill in the defaults that count here, as far as the model takes them.

    Raises:
        Refused: when the model that was asked for is none.
    """
    model = desk.model(wish.model and typed(wish.model), preferences)
    if wish.sources:
        model = desk.row_for(model, wish.task, len(wish.sources))
    usual = preferences.options(model).given()
    if wish.sources:
        usual.pop("aspect", None)  # an edit keeps the shape of its picture
    if wish.task is Task.CUT_OUT:
        usual.pop("format", None)  # not all of them can be see-through
    if wish.task is Task.UPSCALE:
        usual.pop("size", None)  # the largest there is
    return replace(wish, **{name: value for name, value in usual.items() if _lacks(wish, name)})


def _lacks(wish: Wish, name: str) -> bool:
    return getattr(wish, name) is None
