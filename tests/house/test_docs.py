"""docs/architecture.md and docs/money.md say what the code does, no more and no less."""

import asyncio
import inspect
import re
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from types import CodeType, FrameType
from typing import Any

import pytest

from bot.app import GRACE_S
from bot.core.job import Failure
from bot.core.limits import PeriodKind, Rule
from bot.core.states import MOVES, OPEN, CallState, PictureState
from bot.gateway import errors
from bot.gateway.client import Timeouts
from bot.ops.settings import Settings
from bot.store.bill import _ABSURD
from bot.store.prices import HIGHEST_FOR
from bot.store.rules import Defaults, Terms
from bot.studio import doubts, pauses, recovery
from tests.flow.orders import ordered
from tests.flow.world import world_of

DOCS = Path(__file__).parents[2] / "docs"
ARCHITECTURE = (DOCS / "architecture.md").read_text(encoding="utf-8")
MONEY = (DOCS / "money.md").read_text(encoding="utf-8")
WALK = re.findall(r"^\d+\. `([\w.]+)`", ARCHITECTURE, re.MULTILINE)


def code_of(dotted: str) -> CodeType:
    """Find the code of a function, of a method, or of a command's callback."""
    owner, name = dotted.rsplit(".", 1)
    try:
        holder: Any = import_module(owner)
    except ModuleNotFoundError:
        module, kind = owner.rsplit(".", 1)
        holder = getattr(import_module(module), kind)
    found = inspect.unwrap(inspect.getattr_static(holder, name))
    code: CodeType = getattr(found, "callback", found).__code__
    return code


@contextmanager
def walked(names: list[str]) -> Iterator[list[str]]:
    """Record which of these functions are entered, each the first time, on every thread."""
    known = {code_of(name): name for name in names}
    seen: list[str] = []

    def note(frame: FrameType, event: str, _: object) -> None:
        name = known.get(frame.f_code) if event == "call" else None
        if name is not None and name not in seen:
            seen.append(name)

    threading.setprofile(note)
    sys.setprofile(note)
    try:
        yield seen
    finally:
        sys.setprofile(None)
        threading.setprofile(None)


def test_an_order_walks_as_the_document_says(tmp_path: Path) -> None:
    async def one_order() -> None:
        async with world_of(tmp_path) as world:
            seen.clear()  # starting walks through some of them too
            await ordered(world)

    with walked(WALK) as seen:
        asyncio.run(one_order())

    assert seen == WALK


def test_the_walk_is_numbered_without_gaps() -> None:
    numbers = re.findall(r"^(\d+)\. `", ARCHITECTURE, re.MULTILINE)
    assert numbers == [str(number) for number in range(1, len(WALK) + 1)]


@pytest.mark.parametrize("state", CallState)
def test_every_state_of_a_call_is_told_with_its_moves(state: CallState) -> None:
    (row,) = re.findall(rf"^\| `{state}` \|(.*)\|(.*)\|$", MONEY, re.MULTILINE)
    assert ("yes" in row[0]) == (state in OPEN)
    assert set(re.findall(r"`(\w+)`", row[1])) == {to.value for to in MOVES[state]}


@pytest.mark.parametrize("state", PictureState)
def test_every_state_of_a_picture_is_told(state: PictureState) -> None:
    assert f"`{state}`" in MONEY


@pytest.mark.parametrize("failure", Failure)
def test_every_failure_is_told(failure: Failure) -> None:
    assert f"| `{failure}` |" in ARCHITECTURE


def test_every_error_of_the_gateway_is_told() -> None:
    own = {
        name
        for name, value in vars(errors).items()
        if isinstance(value, type) and value.__module__ == errors.__name__
    }
    assert {name for name in own if f"`{name}`" not in ARCHITECTURE} == set()


def test_figures_are_those_of_the_code() -> None:
    terms = Terms(default_zone=Settings.model_fields["time_zone"].default)
    assert (terms.unknown_per_person, terms.jobs_per_person) == (3, 10)
    assert f"hold\n{terms.unknown_exposure_max}".replace(".00", "") in MONEY
    defaults = Defaults()
    for amount in (defaults.person_day, defaults.server_day, defaults.operator_day):
        assert f"{str(amount).removesuffix('.00')} a day" in MONEY
    assert defaults.direct is Rule.BLOCKED
    assert _ABSURD == 20
    assert recovery.RETENTION.total_seconds() == 72 * 3600
    assert doubts.DOUBT.total_seconds() == 24 * 3600
    assert GRACE_S == 25
    assert [length for _, length in pauses._LENGTH_S.values()] == [60, 30]
    assert pauses._RUNAWAY_S == 3600
    assert HIGHEST_FOR.days == 7
    patience = Timeouts()
    assert (patience.soft_s, patience.read_s, patience.whole_s) == (120, 600, 900)
    assert terms.exposure_window == doubts.DOUBT
    believed = (doubts._ASKED_AFTER, doubts._SURE_AFTER, doubts._OFTEN, doubts._SLACK)
    assert [each.total_seconds() for each in believed] == [60, 600, 900, 5]
    assert (recovery.ROUND_S, doubts._SELDOM_S) == (60, 900)
    assert [kind.value for kind in PeriodKind] == ["day", "week", "month", "total"]
