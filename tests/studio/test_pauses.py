"""Pauses end by themselves."""

from bot.core.job import Failure
from bot.core.problems import PauseReason
from bot.studio.pauses import Pauses
from sandbox.clock import MovableClock


def test_a_refused_key_pauses_for_a_minute() -> None:
    clock = MovableClock()
    pauses = Pauses(clock)
    assert pauses.reason() is None

    pauses.note(Failure.KEY_REFUSED)

    clock.advance(59)
    assert pauses.reason() is PauseReason.KEY_REFUSED
    clock.advance(1)
    assert pauses.reason() is None


def test_a_second_refusal_makes_the_pause_longer() -> None:
    clock = MovableClock()
    pauses = Pauses(clock)
    pauses.note(Failure.WALLET_EMPTY)
    clock.advance(20)
    pauses.note(Failure.WALLET_EMPTY)
    clock.advance(20)

    assert pauses.reason() is PauseReason.WALLET_EMPTY


def test_a_failure_that_is_one_orders_own_does_not_pause() -> None:
    pauses = Pauses(MovableClock())
    for failure in set(Failure) - {Failure.KEY_REFUSED, Failure.WALLET_EMPTY}:
        pauses.note(failure)

    assert pauses.reason() is None


def test_stopping_goes_before_every_other_reason() -> None:
    pauses = Pauses(MovableClock())
    pauses.note(Failure.WALLET_EMPTY)
    pauses.stopping = True

    assert pauses.reason() is PauseReason.STOPPING


def test_a_model_whose_bill_ran_away_is_not_bought_for_an_hour() -> None:
    clock = MovableClock()
    pauses = Pauses(clock)
    pauses.stop_model("painter")

    assert pauses.reason() is None
    assert pauses.reason("another") is None
    assert not pauses.is_stopped("another")
    clock.advance(3599)
    assert pauses.reason("painter") is PauseReason.OVERBILLED
    assert pauses.is_stopped("painter")
    clock.advance(1)
    assert pauses.reason("painter") is None


def test_what_closes_the_whole_desk_is_told_first() -> None:
    pauses = Pauses(MovableClock())
    pauses.stop_model("painter")
    pauses.note(Failure.WALLET_EMPTY)
    assert pauses.reason("painter") is PauseReason.WALLET_EMPTY
    pauses.stopping = True
    assert pauses.reason("painter") is PauseReason.STOPPING
    assert pauses.is_stopped("another")
