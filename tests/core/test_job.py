"""A job's sums, and when it is over."""

from datetime import UTC, datetime

import pytest

from bot.core.ids import JobId, PersonId, call_id
from bot.core.job import Acknowledgement, Call, Job, Place
from bot.core.money import Money
from bot.core.order import Order
from bot.core.states import CallState

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
