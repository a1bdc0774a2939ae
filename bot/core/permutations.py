"""Permutations: "[red, blue] car at [dawn, dusk]" is four prompts."""

import re
from itertools import product

_LIST = re.compile(r"\[([^\[\],]*,[^\[\]]*)\]")


def variants(prompt: str) -> tuple[str, ...]:
    """Write out every combination of a prompt's lists, the last list changing fastest.

    A prompt without a list of two words or more gives none. How many there are is not bounded:
    see `count`.
    """
    parts = _LIST.split(prompt)
    lists = [_words(each) for each in parts[1::2]]
    if not any(len(each) > 1 for each in lists):
        return ()
    texts = parts[::2]
    combined = (
        "".join(text + word for text, word in zip(texts, (*chosen, ""), strict=True))
        for chosen in product(*lists)
    )
    return tuple(dict.fromkeys(combined))


def count(prompt: str) -> int:
    """Tell how many combinations there are, without writing them out."""
    combinations = 1
    for each in _LIST.findall(prompt):
        combinations *= len(_words(each))
    return combinations


def _words(text: str) -> list[str]:
    """Read a list; an empty place means that there may be nothing."""
    return list(dict.fromkeys(word.strip() for word in text.split(",")))
