"""What came from which picture, over several edits."""

import sqlite3
from dataclasses import replace
from typing import Any

from bot.core.ids import JobId
from bot.core.job import Lineage
from bot.core.order import Order, Origin, Reference
from bot.store.store import Store
from tests.store.shop import admission, looks, painted


def edit_of(*origins: Origin | None, **more: Any) -> Order:
    references = tuple(
        Reference(name=f"{number}.jpg", label=f"image{number}", width=64, height=64, origin=origin)
        for number, origin in enumerate(origins, 1)
    )
    return replace(admission().order, references=references, **more)


async def ordered(store: Store, key: str, order: Order) -> JobId:
    ticket = await store.hold(replace(admission(key=key), order=order))
    return ticket.job


async def test_an_edit_of_an_edit_is_the_third_version(store: Store) -> None:
    first = await ordered(store, "1", admission().order)
    second = await ordered(store, "2", edit_of(Origin(first, 2)))
    third = await ordered(store, "3", edit_of(None, Origin(second, 1), Origin(first, 1)))

    assert (await store.job(first)).lineage is None
    assert (await store.job(second)).lineage == Lineage(first, 2, Origin(first, 2))
    assert (await store.job(third)).lineage == Lineage(first, 3, Origin(second, 1))
    family = await store.family(first, 9)
    assert [each.job for each in family.near] == [first, second, third]
    assert family.near[2].lineage == Lineage(first, 3, Origin(second, 1))
    assert [each.job for each in (await store.family(third, 9)).near] == [third, second, first]
    family = await store.family(second, 2)
    assert ([each.job for each in family.near], family.count) == ([second, first], 3)


async def test_two_edits_of_one_picture_are_both_second_versions(store: Store) -> None:
    first = await ordered(store, "1", admission().order)
    for key in ("2", "3"):
        await ordered(store, key, edit_of(Origin(first, 1)))
    family = await store.family(first, 9)
    assert [each.lineage and each.lineage.version for each in family.near] == [None, 2, 2]


async def test_pictures_of_others_or_of_forgotten_jobs_are_nobodys_parents(store: Store) -> None:
    job = await ordered(store, "1", edit_of(None))
    other = await ordered(store, "2", edit_of(Origin(JobId("zzzz0000"), 1)))
    assert (await store.job(job)).lineage is None
    assert (await store.job(other)).lineage is None
    assert [each.job for each in (await store.family(other, 9)).near] == [other]


async def test_references_are_remembered_in_their_order(store: Store) -> None:
    first = await ordered(store, "1", admission().order)
    order = edit_of(None, Origin(first, 3), None)
    job = await ordered(store, "2", order)
    assert (await store.job(job)).order == order


async def test_a_message_is_found_by_the_pictures_that_it_shows(store: Store) -> None:
    ticket = await store.hold(admission())
    (call, *_) = ticket.calls
    await store.begin(call)
    await store.settle(call, painted(40_000), looks())
    await store.delivered(ticket.job, [1], 5, 77)
    assert [(each.job, each.number) for each in await store.shown_in(77)] == [(ticket.job, 1)]
    assert await store.shown_in(78) == []


async def test_a_reply_order_remembers_its_messages(store: Store) -> None:
    asked = admission()
    asked = replace(asked, place=replace(asked.place, message_id=9))
    job = (await store.hold(asked)).job
    assert (await store.job(job)).place.message_id == 9
    await store.shows_status(job, 10)
    assert (await store.job(job)).status_id == 10
    await store.shows_status(job, None)
    assert (await store.job(job)).status_id is None


async def test_an_adopted_edit_has_its_parent_again(store: Store, db: sqlite3.Connection) -> None:
    first = await ordered(store, "1", admission().order)
    second = await ordered(store, "2", edit_of(Origin(first, 1)))
    root, edit = await store.record(first), await store.record(second)

    from bot.store import adoption  # noqa: PLC0415 - only this test makes jobs by hand

    adoption.adopt(db, edit)
    assert db.execute("SELECT count(*) FROM lineage").fetchone() == (0,)
    adoption.adopt(db, root)
    db.execute("DELETE FROM call")
    db.execute("DELETE FROM job WHERE id = ?", (second,))
    adoption.adopt(db, edit)
    assert db.execute("SELECT job_id, root_id, version FROM lineage").fetchall() == [
        (second, first, 2)
    ]
