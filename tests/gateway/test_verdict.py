"""What each status means for the money, and which waits are believed."""

from datetime import UTC, datetime

import pytest

from bot.core.job import Failure
from bot.core.money import Money
from bot.gateway.errors import Rejected, Stage, Throttled, Unknown, Unreachable, Unspent
from bot.gateway.verdict import Patience, refusal, retry_after_s

ENVELOPE = b'{"error":{"message":"Said so.","type":"t","code":"c"}}'
BODIES = {
    "envelope": ENVELOPE,
    "laravel": b'{"message":"Said so."}',
    "text": b'{"error":"Said so."}',
    "html": b"<html>Said so.</html>",
    "empty": b"",
    "list": b"[1]",
}
NOW = datetime(2026, 11, 1, 12, tzinfo=UTC)


@pytest.mark.parametrize("shape", BODIES)
@pytest.mark.parametrize(
    ("status", "failure"),
    [
        (301, Failure.KEY_REFUSED),
        (307, Failure.KEY_REFUSED),
        (400, Failure.INVALID),
        (401, Failure.KEY_REFUSED),
        (402, Failure.WALLET_EMPTY),
        (404, Failure.INVALID),
        (405, Failure.INVALID),
        (413, Failure.INVALID),
        (415, Failure.INVALID),
        (422, Failure.INVALID),
    ],
)
def test_a_refusal_is_rejected_whatever_its_shape(
    status: int, failure: Failure, shape: str
) -> None:
    error = refusal(status, BODIES[shape], None)
    assert isinstance(error, Rejected)
    assert (error.status, error.failure) == (status, failure)
    assert error.detail


@pytest.mark.parametrize("shape", BODIES)
def test_only_the_gateway_itself_can_say_that_a_model_is_not_allowed(shape: str) -> None:
    error = refusal(403, BODIES[shape], None)
    assert isinstance(error, Rejected)
    said_itself = shape in {"envelope", "laravel", "text"}
    assert error.failure is (Failure.MODEL_REFUSED if said_itself else Failure.INVALID)


@pytest.mark.parametrize("status", [101, 408, 409, 418, 425, 499, 500, 502, 504, 520, 524, 600])
@pytest.mark.parametrize("shape", BODIES)
def test_a_status_that_promises_nothing_is_unknown(status: int, shape: str) -> None:
    error = refusal(status, BODIES[shape], None)
    assert isinstance(error, Unknown)
    assert (error.stage, error.failure) == (Stage.ANSWERED, Failure.UNANSWERED)


@pytest.mark.parametrize("shape", ["envelope", "laravel", "text"])
@pytest.mark.parametrize("status", [429, 503])
def test_no_room_in_the_gateways_own_words_is_throttled(status: int, shape: str) -> None:
    error = refusal(status, BODIES[shape], 7.0)
    assert isinstance(error, Throttled)
    assert (error.retry_after_s, error.explicit, error.failure) == (7.0, True, Failure.BUSY)
    assert str(error) == "busy: Said so."


@pytest.mark.parametrize("shape", ["html", "empty", "list"])
def test_a_proxys_503_is_unknown_and_its_429_is_not_tried_again(shape: str) -> None:
    assert isinstance(refusal(503, BODIES[shape], None), Unknown)
    error = refusal(429, BODIES[shape], 1.0)
    assert isinstance(error, Throttled)
    assert not error.explicit


@pytest.mark.parametrize(
    "words",
    [
        "This prompt contains sensitive words.",
        "It violates Google's Responsible AI practices.",
        "Blocked by the safety system.",
        'x","code":"content_policy_violation',
    ],
)
def test_a_400_about_safety_is_filtered(words: str) -> None:
    body = f'{{"error":{{"message":"{words}"}}}}'.encode()
    error = refusal(400, body, None)
    assert isinstance(error, Rejected)
    assert error.failure is Failure.FILTERED
    assert refusal(422, body, None).failure is Failure.INVALID


@pytest.mark.parametrize("status", [400, 401, 402, 403, 422, 429, 503])
@pytest.mark.parametrize(
    ("bill", "billed"),
    [('"0.039"', Money(39_000)), ("0.039", Money(39_000)), ('"0"', Money(0)), ('"?"', None)],
)
def test_a_refusal_that_names_a_bill_carries_it(
    status: int, bill: str, billed: Money | None
) -> None:
    body = f'{{"error":{{"message":"No."}},"usage":{{"billed_amount":{bill}}}}}'.encode()
    error = refusal(status, body, None)
    assert isinstance(error, Unspent)
    assert error.billed == billed


def test_what_was_billed_is_not_asked_for_again() -> None:
    error = Throttled(4.0, explicit=True)
    error.billed = Money(39_000)
    assert Patience().wait_s(error, 1) is None
    error.billed = Money(0)
    assert Patience().wait_s(error, 1) == 4.0


@pytest.mark.parametrize(
    ("text", "wait_s"),
    [
        (None, None),
        ("", None),
        ("soon", None),
        ("-3", None),
        ("nan", None),
        ("1e9", None),
        ("0", 0.0),
        (" 7 ", 7.0),
        ("1.5", 1.5),
        ("999999999", 999_999_999.0),
        ("9" * 5000, None),
        ("Sun, 01 Nov 2026 12:00:09 GMT", 9.0),
        ("Sun, 01 Nov 2026 12:00:09 -0000", 9.0),
        ("Sun, 01 Nov 2026 11:00:00 GMT", 0.0),
        ("Sun, 99 Nov 2026 12:00:00 GMT", None),
    ],
)
def test_retry_after_is_read_as_seconds_or_a_date(text: str | None, wait_s: float | None) -> None:
    assert retry_after_s(text, NOW) == wait_s


@pytest.mark.parametrize(
    ("error", "waits"),
    [
        (Unreachable(), [0.5, 1.0, None]),
        (Throttled(explicit=True), [0.5, 1.0, None]),
        (Throttled(4.0, explicit=True), [4.0, 4.0, None]),
        (Throttled(999_999.0, explicit=True), [30.0, 30.0, None]),
        (Throttled(4.0), [None, None, None]),
        (Rejected(402, Failure.WALLET_EMPTY), [None, None, None]),
    ],
)
def test_only_what_is_transient_and_unspent_is_waited_for(
    error: Unspent, waits: list[float | None]
) -> None:
    patience = Patience()
    assert [patience.wait_s(error, tried) for tried in (1, 2, 3)] == waits


def test_an_error_without_words_prints_its_failure() -> None:
    assert str(Unreachable()) == "unreachable"
