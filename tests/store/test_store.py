"""The front of the store: what the house writes and what people are shown."""

import inspect
import sqlite3
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.ids import CallId, JobId
from bot.core.job import Acknowledgement, Failure, Place
from bot.core.money import Money
from bot.core.order import Effort, Order
from bot.core.states import CallState, PictureState
from bot.store import rows
from bot.store.errors import StoreError
from bot.store.history import results
from bot.store.store import Store, opened
from tests.store.shop import (
    ANN,
    BEN,
    LOOK,
    NOON,
    STUDIO,
    TERMS,
    UNIT,
    StillClock,
    admission,
    looks,
    painted,
)

texts = st.none() | st.text()
orders = st.builds(
    Order,
    prompt=st.text(),
    model=st.text(),
    count=st.integers(1, 10),
    aspect=texts,
    size=texts,
    format=texts,
    enhance=st.none() | st.booleans(),
    thinking=st.none() | st.sampled_from(Effort),
    private=st.booleans(),
    spoiler=st.booleans(),
)


@given(orders)
def test_an_order_comes_back_as_it_was(order: Order) -> None:
    assert rows.order_of(rows.order_json(order)) == order


@given(st.text(st.characters(categories=["Cs", "So", "Ll"])))
def test_no_letter_keeps_an_order_from_being_written(prompt: str) -> None:
    text = rows.order_json(Order(prompt=prompt, model="painter"))
    with closing(sqlite3.connect(":memory:")) as db:
        assert db.execute("SELECT ?, json_valid(?1)", (text,)).fetchone() == (text, 1)
    joined = prompt.encode("utf-16", "surrogatepass").decode("utf-16", "surrogatepass")
    assert rows.order_of(text).prompt == joined  # two halves in a row are one letter


def test_an_order_takes_no_more_room_than_its_letters() -> None:
    text = rows.order_json(Order(prompt="😀" * 4_000, model="painter"))
    assert len(text.encode()) < 4 * 4_000 + 100


@given(st.datetimes(timezones=st.just(UTC)))
def test_a_moment_comes_back_to_the_microsecond(at: datetime) -> None:
    assert rows.moment(rows.ticks(at)) == at


async def test_a_job_is_remembered_whole(store: Store) -> None:
    order = admission(key="press", calls=(2, 1, 1))
    ticket = await store.hold(order)
    first, second, third = ticket.calls
    assert await store.begin(first)
    await store.settle(first, painted(78_000, 2), looks(2))
    await store.delivered(ticket.job, [1, 2], 600, 901)
    await store.begin(second)
    await store.doubt(second, "silence")
    await store.release(third, Failure.BUSY, "try later")
    job = await store.job(ticket.job)
    assert (job.id, job.key, job.discord_id) == (ticket.job, "press", ANN)
    assert job.place == Place(server_id=STUDIO, channel_id=600)
    assert job.order == order.order
    assert (job.unit_price, job.created_at) == (UNIT, NOON)
    assert job.acknowledgement == order.acknowledgement
    assert [(call.id, call.state, call.images) for call in job.calls] == [
        (first, CallState.SETTLED, 2),
        (second, CallState.UNKNOWN, 1),
        (third, CallState.RELEASED, 1),
    ]
    assert [(call.failure, call.detail) for call in job.calls] == [
        (None, ""),
        (Failure.UNANSWERED, "silence"),
        (Failure.BUSY, "try later"),
    ]
    assert [(p.number, p.name, p.look, p.state, p.message_id) for p in job.pictures] == [
        (1, "1.png", LOOK, PictureState.DELIVERED, 901),
        (2, "2.png", LOOK, PictureState.DELIVERED, 901),
    ]
    assert (job.charged, job.held, job.is_over) == (Money(78_000), Money(40_000), True)
    assert await store.job_by_key("press") == job


async def test_what_nobody_ordered_is_not_there(store: Store) -> None:
    with pytest.raises(LookupError):
        await store.job(JobId("nothing"))
    assert await store.job_by_key("nothing") is None
    assert await store.recall("nothing") is None
    assert await store.parked("nothing") is None
    assert await store.learned_price("painter", "1K") is None
    assert await store.receipts(ANN, None) == []


async def test_a_refund_lowers_what_was_charged(store: Store) -> None:
    ticket = await store.hold(admission())
    await store.begin(ticket.calls[0])
    await store.settle(ticket.calls[0], painted(39_000), looks())
    assert await store.refund(ticket.job, 1, "could not be delivered") == Money(39_000)
    job = await store.job(ticket.job)
    assert job.charged == Money(0)
    assert [picture.state for picture in job.pictures] == [PictureState.REFUNDED]


async def test_a_refunded_picture_stays_refunded_when_it_is_shown(store: Store) -> None:
    ticket = await store.hold(admission())
    await store.begin(ticket.calls[0])
    await store.settle(ticket.calls[0], painted(39_000), looks())
    await store.refund(ticket.job, 1, "")
    await store.delivered(ticket.job, [1], 600, 902)
    job = await store.job(ticket.job)
    assert (job.pictures[0].state, job.pictures[0].message_id) == (PictureState.REFUNDED, 902)


async def test_recovery_finds_what_is_not_finished_the_oldest_first(
    store: Store, clock: StillClock
) -> None:
    async def started(state: CallState) -> JobId:
        clock.at += timedelta(minutes=1)
        ticket = await store.hold(admission())
        if state is not CallState.HELD:
            await store.begin(ticket.calls[0])
        if state is CallState.UNKNOWN:
            await store.doubt(ticket.calls[0], "silence")
        if state is CallState.SETTLED:
            await store.settle(ticket.calls[0], painted(39_000), looks())
        return ticket.job

    held = await started(CallState.HELD)
    unknown = await started(CallState.UNKNOWN)
    spooled = await started(CallState.SETTLED)
    sent = await started(CallState.SENT)
    assert await store.unfinished() == [held, unknown, spooled, sent]
    for job in (unknown, spooled):
        await store.told(await store.job(job))
    assert await store.unfinished() == [held, spooled, sent]
    (doubt,) = await store.doubts()
    assert (doubt.call, doubt.hold, doubt.detail) == (CallId(f"{unknown}.1"), UNIT, "silence")
    assert doubt.since == NOON + timedelta(minutes=2)
    await store.delivered(spooled, [1], 600, 903)
    assert await store.unfinished() == [held, sent]


async def test_an_end_that_comes_after_the_telling_is_told_too(store: Store) -> None:
    ticket = await store.hold(admission())
    (call,) = ticket.calls
    await store.begin(call)
    await store.doubt(call, "silence")
    await store.told(await store.job(ticket.job))
    assert await store.unfinished() == []
    before = await store.job(ticket.job)
    await store.release(call, Failure.UNANSWERED)
    assert await store.unfinished() == [ticket.job]
    await store.told(before)
    assert await store.unfinished() == [ticket.job]
    await store.told(await store.job(ticket.job))
    assert await store.unfinished() == []


async def test_tokens_are_forgotten_once_they_died(store: Store, clock: StillClock) -> None:
    first = await store.hold(admission())
    later = Acknowledgement(
        application_id=9, token="not-a-real-one", expires_at=NOON + timedelta(hours=1)
    )
    second = await store.hold(replace(admission(), acknowledgement=later))
    third = await store.hold(replace(admission(), acknowledgement=None))
    assert await store.forget_tokens() == 0
    clock.at = NOON + timedelta(minutes=15)
    assert await store.forget_tokens() == 1
    jobs = [await store.job(ticket.job) for ticket in (first, second, third)]
    assert [job.acknowledgement for job in jobs] == [None, later, None]


async def test_an_offer_lasts_a_day(store: Store, clock: StillClock) -> None:
    order = Order(prompt="a fox", model="painter", thinking=Effort.HIGH)
    offer = await store.park(order)
    clock.at = NOON + timedelta(days=1)
    other = await store.park(order)
    assert await store.parked(offer) == order
    clock.at += timedelta(seconds=1)
    await store.park(order)
    assert await store.parked(offer) is None
    assert await store.parked(other) == order


async def test_a_fact_is_replaced(store: Store) -> None:
    await store.remember("commands", "one")
    await store.remember("commands", "two")
    assert await store.recall("commands") == "two"


async def test_a_person_is_one_reference(store: Store) -> None:
    assert await store.person(ANN) == await store.person(ANN)
    assert await store.person(ANN) != await store.person(BEN)


async def test_a_learned_price_is_there_for_the_next_quote(store: Store) -> None:
    ticket = await store.hold(admission())
    await store.begin(ticket.calls[0])
    await store.settle(ticket.calls[0], painted(50_000), looks())
    assert await store.learned_price("painter", "1K") == Money(50_000)


async def test_a_closed_store_takes_nothing(tmp_path: Path, clock: StillClock) -> None:
    async with opened(tmp_path / "easel.db", terms=TERMS, clock=clock) as store:
        await store.ping()
    with pytest.raises(StoreError, match="closed"):
        await store.ping()


def test_terms_have_the_designs_defaults() -> None:
    terms = TERMS
    assert terms.default_zone == ZoneInfo("UTC")
    assert (terms.jobs_per_person, terms.unknown_per_person) == (10, 3)
    assert terms.unknown_exposure_max == Money.parse("2")


def test_a_method_tells_what_the_function_behind_it_says() -> None:
    assert inspect.iscoroutinefunction(Store.settle)
    taken = [*inspect.signature(Store.release).parameters]
    assert taken == ["self", "call", "failure", "detail", "billed"]
    assert inspect.getdoc(Store.history) == inspect.getdoc(results)
