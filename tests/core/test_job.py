"""A job's sums, and when it is over."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from bot.core.ids import JobId, PersonId, call_id
from bot.core.job import Acknowledgement, Call, Job, Look, Picture, Place, once_more
from bot.core.money import Money
from bot.core.order import Order
from bot.core.states import CallState, PictureState

JOB = JobId("k7f2k7f2")
NOW = datetime(2026, 6, 15, tzinfo=UTC)


def job(*states: CallState) -> Job:
    calls = (
        Call(
            id=call_id(JOB, number),
            state=state,
            images=1,
            hold=Money(40),
            charged=Money(39 if state is CallState.SETTLED else 0),
            failure=None,
            detail="",
        )
        for number, state in enumerate(states, 1)
    )
    return Job(
        id=JOB,
        key="1",
        person=PersonId("p"),
        discord_id=None,
        place=Place(server_id=None, channel_id=2),
        order=Order(prompt="a fox", model="m"),
        unit_price=Money(40),
        created_at=NOW,
        acknowledgement=None,
        calls=tuple(calls),
        pictures=(),
    )


def test_a_job_holds_for_open_calls_and_charges_for_settled_ones() -> None:
    every = job(*CallState)
    assert every.held == Money(3 * 40)
    assert every.charged == Money(39)
    assert job().held == Money(0)


@pytest.mark.parametrize(
    ("state", "over"),
    [
        (CallState.HELD, False),
        (CallState.SENT, False),
        (CallState.UNKNOWN, True),
        (CallState.SETTLED, True),
        (CallState.RELEASED, True),
    ],
)
def test_a_job_is_over_when_no_call_can_bring_pictures(state: CallState, *, over: bool) -> None:
    assert job(CallState.SETTLED, state).is_over is over


def test_a_token_is_not_printed() -> None:
    acknowledgement = Acknowledgement(application_id=1, token="quiet", expires_at=NOW)
    assert "quiet" not in repr(acknowledgement)


def of_lists(*prompts: str, each: int = 1) -> Job:
    """Make a job of written-out lists, each prompt with a call of its own."""
    plain = job(*[CallState.SETTLED] * len(prompts))
    pictures = [
        Picture(
            job=JOB,
            call=call.id,
            number=number,
            name=f"{number}.png",
            look=Look(format="png", width=1, height=1),
            size_bytes=1,
            sha256="",
            state=PictureState.DELIVERED,
        )
        for number, call in enumerate(plain.calls, 1)
    ]
    order = replace(plain.order, variants=prompts, count=each * len(prompts))
    return replace(plain, order=order, pictures=tuple(pictures))


@pytest.mark.parametrize(
    ("numbers", "count", "prompts", "ordered"),
    [
        ((), None, ("a", "b", "c"), 3),
        ((), 2, ("a", "b", "c"), 3),
        ((), 7, ("a", "b", "c"), 6),
        ((1, 3), None, ("a", "c"), 2),
        ((1, 3), 4, ("a", "c"), 4),
    ],
)
def test_lists_are_ordered_again_by_equal_shares(
    numbers: tuple[int, ...], count: int | None, prompts: tuple[str, ...], ordered: int
) -> None:
    again = once_more(of_lists("a", "b", "c"), numbers, count)
    assert (again.variants, again.count) == (prompts, ordered)


def test_one_of_a_list_is_an_order_without_one() -> None:
    again = once_more(of_lists("a", "b", "c"), (2,))
    assert (again.prompt, again.variants, again.count) == ("b", (), 1)


def test_what_had_no_lists_is_ordered_again_as_often_as_is_said() -> None:
    plain = of_lists("a", "b")
    plain = replace(plain, order=replace(plain.order, variants=(), count=2))
    assert once_more(plain).count == 2
    assert once_more(plain, (1,)).count == 1
    assert once_more(plain, (1,), 3).count == 3
