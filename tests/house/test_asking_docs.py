"""docs/money.md tells of asking for more and of alerts what the code does."""

import re
from pathlib import Path

from bot.chat.buttons import Step
from bot.core.problems import Shortage
from bot.store.alerts import MARKS
from bot.store.asks import LASTS, OPEN_MAX

MONEY = (Path(__file__).parents[2] / "docs/money.md").read_text(encoding="utf-8")


def section(title: str) -> str:
    (found,) = re.findall(rf"^## {title}\n(.*?)(?=^## )", MONEY, re.MULTILINE | re.DOTALL)
    return " ".join(str(found).split())


def test_every_button_is_told() -> None:
    told = section("Asking for more")
    assert [step for step in Step if step not in told] == []
    assert told.count("| it is") + told.count("| the order is") == len(Shortage)


def test_the_figures_of_wishes_are_those_of_the_code() -> None:
    told = section("Asking for more")
    assert f"decided for {LASTS.days} days, and a person has at most {OPEN_MAX} of them" in told


def test_the_marks_are_those_of_the_code() -> None:
    *first, last = MARKS
    assert f"{', '.join(map(str, first))} or {last} %" in section("Alerts")
