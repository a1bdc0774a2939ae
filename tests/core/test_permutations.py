"""Lists in prompts."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.permutations import count, variants


@pytest.mark.parametrize(
    ("prompt", "found"),
    [
        ("a fox", ()),
        ("a [red] fox", ()),
        ("a [red, blue] fox", ("a red fox", "a blue fox")),
        (
            "[red,blue] car at [dawn,dusk]",
            ("red car at dawn", "red car at dusk", "blue car at dawn", "blue car at dusk"),
        ),
        ("a fox[, at night]", ("a fox", "a foxat night")),
        ("[a, a] fox", ()),
        ("[[a, b]] fox", ("[a] fox", "[b] fox")),
        ("[a, b", ()),
    ],
)
def test_lists_are_combined(prompt: str, found: tuple[str, ...]) -> None:
    assert variants(prompt) == found


words = st.lists(st.text("abc", min_size=1, max_size=2), min_size=2, max_size=3, unique=True)


@given(st.lists(words, max_size=4))
def test_there_are_as_many_as_are_counted(lists: list[list[str]]) -> None:
    prompt = " ".join(f"[{','.join(each)}]" for each in lists)
    assert len(variants(prompt)) == (count(prompt) if lists else 0)


@given(st.text())
def test_any_prompt_can_be_counted(prompt: str) -> None:
    assert count(prompt) >= 1
