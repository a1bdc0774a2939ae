"""What people type comes back as they typed it, and nothing in it acts."""

from datetime import UTC, datetime

import pytest

from bot.chat import phrases, refusals, words
from bot.chat.phrases import inert
from bot.core.job import Failure
from bot.core.limits import OPERATOR, PeriodKind
from bot.core.money import Money
from bot.core.problems import (
    Blocked,
    NoPrice,
    OverLimit,
    Paused,
    PauseReason,
    Problem,
    Shortage,
    TooManyJobs,
    TooManyUnknown,
)
from tests.flow.world import World

ACTING = [
    "@everyone look",
    "@here look",
    "<@1> look",
    "<@!1> look",
    "<@&1> look",
    "<#1> look",
    "[a gift](https://example.com)",
    "https://example.com/x",
    "<https://example.com/x>",
    "**bold** __under__ ~~gone~~ ||hidden||",
    "```\ncode\n```",
    "# Heading\n> quote\n- list",
    "<t:0:R> <:smile:1> </imagine:1> <id:home>",
]


@pytest.mark.parametrize("prompt", ACTING)
async def test_nothing_in_a_prompt_acts(world: World, prompt: str) -> None:
    people = f"{world.ben.mention} <@&{world.server_id}> "
    await world.ended(await world.ann.slash("imagine", prompt=people + prompt))

    (result,) = world.pictures()
    assert result.mentions == [world.ann.user]
    assert result.mention_roles == []
    assert not result.mention_everyone
    shown = result.content.removeprefix(f"{world.ann.mention} ").partition("\n-# ")[0]
    assert shown == f"**{inert(people + prompt)}**"
    assert world.omixa.requests[0].body["prompt"] == (people + prompt).strip()


@pytest.mark.parametrize("text", ACTING)
def test_an_inert_text_has_nothing_that_acts(text: str) -> None:
    shown = inert(text)

    assert "\n" not in shown
    assert "@everyone" not in shown
    assert "@here" not in shown
    assert "://" not in shown
    for start in range(len(shown)):
        if shown[start] in "<*_~|`":
            assert shown[start - 1] == "\\", shown[start:]
    assert "[a gift]" not in shown.replace("\\[", "")


def test_a_quoted_text_ends_no_code_and_no_line() -> None:
    assert phrases.quote("a `b`\n# c") == "`a ˋbˋ # c`"  # noqa: RUF001 - a mark that ends no code
    assert phrases.quote(" ") == "` `"


@pytest.mark.parametrize(
    ("text", "length", "cut"),
    [
        ("short", 5, "short"),
        ("a long text", 7, "a long…"),
        ("ab cdef", 4, "ab…"),
        ("ae\u0301\u0301bc", 4, "a…"),
        ("a\U0001f468\u200d\U0001f469b", 4, "a…"),
        ("a\U0001f44d\U0001f3fdbc", 3, "a…"),
        ("\u0301" * 9, 3, "\u0301\u0301…"),
    ],
)
def test_a_cut_is_never_inside_of_a_letter(text: str, length: int, cut: str) -> None:
    assert phrases.cut(text, length) == cut


async def test_a_prompt_of_marks_and_emoji_is_delivered(world: World) -> None:
    flood = "e" + "\u0301" * 1500 + "\U0001f468\u200d\U0001f469\u200d\U0001f467" * 400
    await world.ended(await world.ann.slash("imagine", prompt=flood))

    (result,) = world.pictures()
    assert len(result.content) < 2000
    assert world.omixa.requests[0].body["prompt"] == flood


def short(shortage: Shortage) -> OverLimit:
    return OverLimit(
        scope=OPERATOR,
        period=PeriodKind.DAY,
        shortage=shortage,
        needed=Money(80_000),
        limit=Money(100_000),
        used=Money(0),
        held=Money(40_000),
        resets_at=datetime(2026, 1, 1, tzinfo=UTC),
    )


@pytest.mark.parametrize(
    ("problem", "sentence"),
    [
        (NoPrice("Imagen 4", "4K"), "I don't know what Imagen 4 costs at `size` 4K"),
        (NoPrice("Imagen 4", None), "I don't know what Imagen 4 costs at `size` unset"),
        (Blocked(OPERATOR), "Pictures are switched off for now."),
        (TooManyJobs(10, 10), "You have 10 orders running."),
        (
            TooManyUnknown(3, everyone=False),
            (
                "At least 3 calls to the image service for your orders got no answer yet, so I "
                "take no new ones: for 24 hours at most, or until the bot's operator clears"
            ),
        ),
        (TooManyUnknown(50, everyone=True), "The image service has left too many orders"),
        (Paused(PauseReason.DISK_FULL), "The bot's disk is full"),
        (Paused(PauseReason.STOPPING), "The bot is about to restart"),
        (
            short(Shortage.TIED_UP),
            (
                "This needs $0.08 and this bot's limit of $0.10 a day has $0.06 left, because "
                "$0.04 is tied up in running orders. Waiting for them may help."
            ),
        ),
        (
            short(Shortage.USED_UP),
            (
                "This needs $0.08 and this bot's limit of $0.10 a day has $0.06 left. It starts "
                "again <t:1767225600:R>."
            ),
        ),
        (
            short(Shortage.TOO_LARGE),
            (
                "This needs $0.08, more than this bot's limit of $0.10 a day, which has $0.06 "
                "left. Waiting does not help; a smaller order may."
            ),
        ),
    ],
)
def test_every_problem_says_what_stands_in_the_way(problem: Problem, sentence: str) -> None:
    assert refusals.explain(problem).startswith(sentence)


@pytest.mark.parametrize("reason", PauseReason)
def test_every_pause_is_told(reason: PauseReason) -> None:
    assert refusals.explain(Paused(reason)).endswith(".")


@pytest.mark.parametrize("failure", Failure)
def test_every_failure_says_what_becomes_of_the_money(failure: Failure) -> None:
    told = words.failed(failure, Money(40_000))

    assert "charged" in told
    assert ("$0.04" in told) == (failure is Failure.UNANSWERED)
    assert "$" not in words.failed(failure, Money(40_000), show_price=False)
