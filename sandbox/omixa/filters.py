"""The safety filter: words that always meet it, and the reasons it gives."""

import re
from dataclasses import dataclass

from sandbox.omixa.faults import Filter


@dataclass(frozen=True, slots=True)
class Verdict:
    """Which shape the block takes, and the sentence that explains it."""

    kind: Filter
    reason: str


_REFUSED = (
    "The prompt could not be submitted. This prompt contains sensitive words that violate "
    "Google's Responsible AI practices. Try rephrasing the prompt. Support codes: {}"
)
_DROPPED = (
    "Unable to show generated images. All images were filtered out because they violated "
    "Google's Responsible AI practices. Support codes: {}"
)
_SHAPES: dict[Filter, tuple[str, str]] = {
    "prompt": (_REFUSED, "42876398"),
    "empty": (_DROPPED, "29578790"),
    "partial": (_DROPPED, "29578790"),
}
WORDS: dict[str, tuple[Filter, str]] = {
    "gore": ("prompt", "61493863"),
    "slur": ("prompt", "57734940"),
    "celebrity": ("empty", "15236754"),
    "bloodbath": ("partial", "56562880"),
}


def verdict(prompt: str, forced: Filter | None) -> Verdict | None:
    """Judge a prompt by its words, or as a fault demands."""
    if forced is not None:
        sentence, code = _SHAPES[forced]
        return Verdict(forced, sentence.format(code))
    for word in re.findall(r"\w+", prompt.lower()):
        if word in WORDS:
            kind, code = WORDS[word]
            return Verdict(kind, _SHAPES[kind][0].format(code))
    return None
