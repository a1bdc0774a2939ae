"""Names nearest to what somebody typed."""

from collections.abc import Iterable
from difflib import get_close_matches

CHOICES_MAX = 25  # of an autocomplete list


def closest(typed: str, names: Iterable[str], most: int = CHOICES_MAX) -> list[str]:
    """Give the names that begin with it, then those that contain it, then those much like it.

    The last part of a path counts like the whole: "tokyo" begins "Asia/Tokyo".
    """
    wanted = _folded(typed)
    whole = {_folded(name): name for name in names}
    known = {key.rpartition("/")[2]: name for key, name in whole.items()} | whole
    within = sorted(
        (key for key in known if wanted in key),
        key=lambda key: (not key.startswith(wanted), known[key]),
    )
    found = [*within, *get_close_matches(wanted, known, n=most)]
    return list(dict.fromkeys(known[key] for key in found))[:most]


def _folded(text: str) -> str:
    return "_".join(text.casefold().split())
