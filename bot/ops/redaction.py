"""Taking out of a line of text what nobody may read there."""

import json
import re
from collections.abc import Iterable

GONE = "***"

_PATTERNS = (
    (re.compile(r"\b(Bearer\s+)[^\s\"',]+", re.IGNORECASE), rf"\1{GONE}"),
    (re.compile(r"[\w-]{23,28}\.[\w-]{6,7}\.[\w-]{27,}"), GONE),  # Discord's bot tokens
    (re.compile(r"\bomx_[a-z]+_\w+"), GONE),
    (re.compile(r"(/(?:webhooks|interactions)/\d+/)[^/\s?\"']+"), rf"\1{GONE}"),
    (re.compile(r"([?&](?:ex|is|hm)=)[^&\s\"']+"), rf"\1{GONE}"),
    (re.compile(r"([\"']token[\"']\s*:\s*[\"'])[^\"']+"), rf"\1{GONE}"),
)


class Redaction:
    """Replaces known secrets wherever they stand, and whatever looks like one."""

    def __init__(self, secrets: Iterable[str]) -> None:
        shapes = {shape for secret in secrets for shape in _shapes(secret)}
        longest_first = sorted(shapes, key=len, reverse=True)
        self._known = re.compile("|".join(map(re.escape, longest_first)) or r"(?!)")

    def __call__(self, text: str) -> str:
        """Give the text without them."""
        text = self._known.sub(GONE, text)
        for pattern, replacement in _PATTERNS:
            text = pattern.sub(replacement, text)
        return text


def _shapes(secret: str) -> set[str]:
    """Give a secret as it is, and as `repr` and JSON write it, one within the other too."""
    shapes = {secret}
    for write in (repr, json.dumps, repr):
        shapes |= {write(shape)[1:-1] for shape in shapes}
    return shapes
