"""Which rows of the gateway's list are believed about a call."""

from datetime import UTC, datetime, timedelta

import pytest

from bot.core.ids import CallId
from bot.core.job import Place
from bot.core.money import Money
from bot.core.states import CallState
from bot.gateway.usage import UsageRow
from bot.store.jobs import OpenCall
from bot.studio.doubts import _near, _told

NOON = datetime(2026, 6, 15, 12, tzinfo=UTC)
DOUBT = OpenCall(
    call=CallId("k7f2abcd.1"),
    state=CallState.UNKNOWN,
    hold=Money(40_000),
    model="painter",
    discord_id=1,
    place=Place(server_id=1, channel_id=1),
    sent_at=NOON,
    since=NOON + timedelta(seconds=60),
    detail="",
)
PAID, FREE = Money(39_000), Money(0)


def row(
    billed: Money | None = PAID, *, after_s: float | None = 30, model: str = "painter"
) -> UsageRow:
    at = None if after_s is None else NOON + timedelta(seconds=after_s)
    return UsageRow(keys=frozenset(), model=model, at=at, billed=billed)


@pytest.mark.parametrize(
    ("bills", "told"),
    [
        ([PAID], PAID),
        ([FREE], FREE),
        ([FREE, FREE], FREE),
        ([FREE, PAID], PAID),  # tried elsewhere after a failure
        ([Money(800_000)], Money(800_000)),
        ([Money(800_001)], None),  # absurd
        ([PAID, PAID], None),  # twice billed, or twice listed?
        ([None], None),
        ([FREE, None], None),  # one still runs
        ([PAID, None], None),
        ([], None),
    ],
)
def test_rows_of_one_call_tell_a_bill_only_together(
    bills: list[Money | None], told: Money | None
) -> None:
    assert _told(DOUBT, [row(bill) for bill in bills]) == told


@pytest.mark.parametrize("after_s", [-5, 0, 30, 60, 65])
def test_the_only_row_of_its_time_and_model_is_the_calls(after_s: float) -> None:
    mine = row(after_s=after_s)
    others = [row(after_s=-6), row(after_s=66), row(model="another")]
    assert _near(DOUBT, [mine, *others]) == [mine]


@pytest.mark.parametrize(
    "rows",
    [
        [],
        [row(after_s=-6)],
        [row(after_s=66)],
        [row(model="another")],
        [row(model="")],  # of which model?
        [row(after_s=None)],  # of what time?
        [row(), row()],
        [row(), row(after_s=None)],
        [row(), row(model="")],
    ],
)
def test_where_another_row_may_be_the_calls_none_is(rows: list[UsageRow]) -> None:
    assert _near(DOUBT, rows) == []
