"""A prompt keeps what a person sees and loses what only machines do."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.order import PROMPT_MAX, clean_prompt
from bot.core.problems import PromptEmpty, PromptTooLong, Refused

FAMILY = "\U0001f468\u200d\U0001f469\u200d\U0001f467"
RAINBOW_FLAG = "\U0001f3f3\ufe0f\u200d\U0001f308"
ENGLAND = "\U0001f3f4\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f"


@pytest.mark.parametrize(
    "text",
    [
        "",
        " \t\r\n\u00a0\u3000\u2028",
        "\u200b\u200c\u200d\u2060\ufeff\u00ad",  # zero width
        "\x00\x1b\x7f\x85",
        "\ud800\udfff",
        "\u202e\u2066 \u202c",
        "\ufe0f\u034f\u0301",  # marks on nothing
        "\u3164\uffa0\u115f\u1160\u2800",  # letters that are blank
        "\U000e0067",
    ],
)
def test_a_prompt_nobody_can_see_is_empty(text: str) -> None:
    with pytest.raises(Refused) as refusal:
        clean_prompt(text)
    assert refusal.value.problem == PromptEmpty()


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("  a fox \n", "a fox"),
        ("a\x00 f\x1b[31mox\x7f", "a f[31mox"),
        ("a \ud83dfox\udc00", "a fox"),
        ("a \u202exof\u202c \u2066fox\u2069", "a xof fox"),
        ("line\r\nline\ttab", "line\nline\ttab"),
        ("?", "?"),
        ("7", "7"),
    ],
)
def test_control_characters_surrogates_and_overrides_are_dropped(text: str, kept: str) -> None:
    assert clean_prompt(text) == kept


@pytest.mark.parametrize(
    "text",
    [
        FAMILY,
        RAINBOW_FLAG,
        ENGLAND,
        "क्‍ष",  # a joiner inside a Hindi syllable
        "می‌خواهم",  # and a non-joiner inside a Persian word
        "שלום\u200f fox",
        "Z\u0351\u0342\u0310a\u0352\u0321l\u0489go",
        "@everyone <@&1> <@2> [x](https://example.com) ``` # h ||s|| <t:1> <:e:3>",
        '{"prompt": "fox"}',
        "'; DROP TABLE job; --",
        "{format} %s ${HOME} {{x}} \\u0000",
        "\N{MATHEMATICAL DOUBLE-STRUCK SMALL F}\N{FOX FACE}",
    ],
)
def test_what_people_write_is_kept_literally(text: str) -> None:
    assert clean_prompt(text) == text


def test_a_prompt_may_be_as_long_as_the_limit_and_no_longer() -> None:
    assert len(clean_prompt("\x00 " + "🦊" * PROMPT_MAX)) == PROMPT_MAX
    with pytest.raises(Refused) as refusal:
        clean_prompt("x" * (PROMPT_MAX + 1))
    assert refusal.value.problem == PromptTooLong(PROMPT_MAX + 1, PROMPT_MAX)


@given(st.text(st.characters(), max_size=60))
def test_a_clean_prompt_is_valid_everywhere_and_stays_as_it_is(text: str) -> None:
    try:
        prompt = clean_prompt(text)
    except Refused:
        return
    assert json.loads(json.dumps(prompt, ensure_ascii=False).encode()) == prompt
    assert "\x00" not in prompt
    assert clean_prompt(prompt) == prompt
