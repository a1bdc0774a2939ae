"""Lists of past calls of every shape that may come: read in doubt as nothing."""

import json
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.money import Money
from bot.gateway.client import Gateway
from bot.gateway.usage import Usage, UsageRow, collected, read
from sandbox.omixa import Omixa, faults
from tests.gateway.ways import Open, Serve

NOON = datetime(2026, 6, 15, 12, tzinfo=UTC)
PAID, FREE = Money(39_000), Money(0)


def row(**fields: Any) -> UsageRow:
    rows = read(json.dumps([fields]).encode())
    assert rows is not None
    return rows[0]


@pytest.mark.parametrize(
    "fields",
    [
        {"idempotency_key": "k7f2.1"},
        {"Idempotency-Key": "k7f2.1"},
        {"idempotencyKey": "k7f2.1"},
        {"client_request_id": "k7f2.1"},
        {"request_id": "k7f2.1"},
        {"id": "k7f2.1"},
        {"metadata": {"reference": "k7f2.1"}},
        {"request": {"headers": {"x-request-id": "k7f2.1"}}},
    ],
)
def test_our_key_is_found_in_every_plausible_field(fields: dict[str, Any]) -> None:
    assert "k7f2.1" in row(**fields).keys


@pytest.mark.parametrize(
    "fields",
    [{"prompt": "k7f2.1"}, {"a": {"b": {"c": {"id": "k7f2.1"}}}}, {"id": ["k7f2.1"]}, {}],
)
def test_a_key_elsewhere_is_none(fields: dict[str, Any]) -> None:
    assert row(**fields).keys == frozenset()


def test_every_id_of_a_row_is_kept() -> None:
    assert row(id=7, request_id="r", reference=None).keys == {"7", "r"}


@pytest.mark.parametrize(
    ("fields", "billed"),
    [
        ({"status": "success", "cost": "0.039000"}, PAID),
        ({"status": "Succeeded ", "cost": 0.039}, PAID),
        ({"status": 200, "billed_amount": "$0.039"}, PAID),
        ({"status": "201", "usage": {"billed_amount": "0.039"}}, PAID),
        ({"status": "ok", "cost": "0.039", "totalCost": "0.039000"}, PAID),
        ({"status": "ok", "cost": "0"}, FREE),
        ({"status": "failed", "cost": "0.000000"}, FREE),
        ({"status": "failed"}, FREE),
        ({"status": "failed", "cost": None}, FREE),
        ({"status": 422}, FREE),
        # what is not clear is not read:
        ({"status": "success"}, None),
        ({"status": "success", "cost": "free"}, None),
        ({"status": "success", "cost": "-0.039"}, None),
        ({"status": "success", "cost": "0.039", "amount": "39"}, None),
        ({"status": "failed", "cost": "0.039"}, None),
        ({"status": "failed", "cost": "?"}, None),
        ({"status": "pending", "cost": "0.039"}, None),
        ({"status": "reserved", "cost": "0.039"}, None),
        ({"status": 504}, None),
        ({"status": True, "cost": "0.039"}, None),
        ({"status": 7, "cost": "0.039"}, None),
        ({"cost": "0.039"}, None),
        ({}, None),
    ],
)
def test_what_was_billed_is_read_only_where_it_is_clear(
    fields: dict[str, Any], billed: Money | None
) -> None:
    assert row(**fields).billed == billed


@pytest.mark.parametrize(
    ("fields", "at"),
    [
        ({"created_at": "2026-06-15T12:00:00Z"}, NOON),
        ({"created_at": "2026-06-15T14:00:00.000+02:00"}, NOON),
        ({"timestamp": int(NOON.timestamp())}, NOON),
        ({"time": int(NOON.timestamp()) * 1000}, NOON),
        ({"date": "2026-06-15", "startedAt": "2026-06-15T12:00:00Z"}, NOON),
        ({"created_at": "2026-06-15T12:00:00"}, None),  # in which zone?
        ({"created_at": "2026-06-15 12:00:00"}, None),
        ({"created_at": "yesterday"}, None),
        ({"created_at": "0001-01-01T00:00:00+14:00"}, None),
        ({"created_at": "9999-12-31T23:59:59-14:00"}, None),
        ({"created_at": 10**14}, None),
        ({"created_at": -5}, None),
        ({"created_at": None}, None),
        ({}, None),
    ],
)
def test_a_time_is_read_only_with_its_zone(fields: dict[str, Any], at: datetime | None) -> None:
    assert row(**fields).at == at


@pytest.mark.parametrize(
    ("content", "count"),
    [
        ('[{"id":"a"},{"id":"b"}]', 2),
        ('{"data":[{"id":"a"}],"meta":{"total":1}}', 1),
        ('{"data":{"current_page":1,"data":[{"id":"a"}]}}', 1),
        ('{"requests":[]}', 0),
        ('{"data":{"items":{"rows":{"results":[]}}}}', None),
        ('{"data":null}', None),
        ('{"error":{"message":"No."}}', None),
        ("{}", None),
        ('["a"]', None),
        ("7", None),
        ("<html>", None),
        ("", None),
        ("[" * 60_000, None),
    ],
)
def test_a_list_is_found_wherever_it_may_stand(content: str, count: int | None) -> None:
    rows = read(content.encode())
    assert (None if rows is None else len(rows)) == count


names = st.sampled_from(["data", "id", "status", "cost", "created_at", "model", "usage", "x"])
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(names, inner, max_size=4),
    max_leaves=12,
)


@given(json_values)
def test_no_answer_breaks_the_reader(answer: Any) -> None:
    for found in read(json.dumps(answer).encode()) or []:
        assert found.billed is None or found.billed >= FREE


class Pages:
    """Answers each page with the next of these lists, and the last for ever."""

    def __init__(self, *pages: Sequence[dict[str, Any]] | None) -> None:
        self._pages = list(pages)
        self.asked: list[str] = []

    async def __call__(self, path: str) -> bytes:
        self.asked.append(path)
        page = self._pages.pop(0) if len(self._pages) > 1 else self._pages[0]
        return b"" if page is None else json.dumps({"data": page}).encode()

    async def since(self, minutes: int) -> Usage | None:
        return await collected(self, NOON - timedelta(minutes=minutes))


def at(minutes: int, name: str = "") -> dict[str, Any]:
    when = (NOON - timedelta(minutes=minutes)).isoformat()
    return {"id": name or str(minutes), "created_at": when}


async def test_pages_are_asked_for_until_they_reach_back_far_enough() -> None:
    pages = Pages([at(1), at(2)], [at(3), at(4)], [at(5)])
    usage = await pages.since(3)
    assert usage is not None
    assert (len(usage.rows), usage.whole) == (4, True)
    assert pages.asked == ["/usage/requests", "/usage/requests?page=2"]


async def test_an_empty_page_is_the_end() -> None:
    usage = await Pages([at(1), at(2)], []).since(60)
    assert usage is not None
    assert (len(usage.rows), usage.whole) == (2, True)


@pytest.mark.parametrize(
    "page",
    [
        [at(2), at(1)],  # the oldest first: newer ones may be missing
        [at(1), {"id": "no time"}, at(9)],
    ],
)
async def test_rows_in_another_order_do_not_end_the_search(page: list[dict[str, Any]]) -> None:
    usage = await Pages(page, page).since(1)
    assert usage is not None
    assert not usage.whole


async def test_where_pages_have_another_name_nothing_is_called_whole() -> None:
    pages = Pages([at(1), at(2)])
    usage = await pages.since(60)
    assert usage is not None
    assert (len(usage.rows), usage.whole) == (2, False)
    assert len(pages.asked) == 2


async def test_no_more_than_five_pages_are_read() -> None:
    pages = Pages(*([at(minute)] for minute in range(9)))
    usage = await pages.since(60)
    assert usage is not None
    assert (len(usage.rows), usage.whole) == (5, False)


async def test_a_later_page_that_is_none_leaves_a_part() -> None:
    usage = await Pages([at(1)], None).since(60)
    assert usage is not None
    assert (len(usage.rows), usage.whole) == (1, False)
    assert await Pages(None).since(60) is None


async def test_a_row_listed_twice_counts_once_if_it_can_be_told_apart() -> None:
    usage = await Pages([at(1), at(1)], []).since(60)
    assert usage is not None
    assert len(usage.rows) == 1
    nameless = {"created_at": NOON.isoformat()}
    usage = await Pages([nameless, nameless], []).since(60)
    assert usage is not None
    assert len(usage.rows) == 2


async def test_the_stand_ins_list_is_read(omixa: Omixa, gateway: Gateway, paint: Any) -> None:
    omixa.switches.usage_echoes_key = True
    omixa.next(faults.NONE, faults.status(504, shape="html"))
    await paint()
    with pytest.raises(Exception, match="unanswered"):
        await paint()
    usage = await gateway.usage(omixa.requests[0].at - timedelta(seconds=1))
    assert usage is not None
    assert usage.whole
    assert [(found.model, found.billed) for found in usage.rows] == [
        (omixa.requests[0].model, FREE),
        (omixa.requests[0].model, Money(omixa.requests[0].billed_micros)),
    ]
    assert all("job.1" in found.keys and found.at is not None for found in usage.rows)
    omixa.switches.lists_usage = False
    assert await gateway.usage(NOON) is None


async def test_the_list_is_asked_for_with_key_and_signature(
    omixa: Omixa, open_gateway: Open
) -> None:
    omixa.switches.signing_secret = "secret"
    gateway = await open_gateway(omixa.base_url, omixa.key, signing_secret="secret")
    assert await gateway.usage(NOON) == Usage((), whole=True)


async def test_a_list_too_long_to_be_read_is_none(open_gateway: Open, serve: Serve) -> None:
    body = b"[" + b'{"id":"a"},' * 200_000 + b"{}]"
    server = await serve(b"HTTP/1.1 200 OK\r\n\r\n" + body)
    gateway = await open_gateway(server.base_url)
    assert await gateway.usage(NOON) is None
