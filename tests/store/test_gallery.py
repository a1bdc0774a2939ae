"""What is kept beside orders: trays, stars, shown messages and the history."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from bot.core.job import Ticket
from bot.core.limits import Allowance, Limit, Rule
from bot.core.money import Money
from bot.core.order import Origin, Reference
from bot.core.problems import Blocked, OverLimit, Refused
from bot.store.admission import check
from bot.store.store import Store
from bot.store.trays import TRAY_MAX, Item, TrayFull
from tests.store.shop import StillClock, admission, looks, painted

ANN = admission().payer.discord_id


def item(number: int) -> Item:
    return Item(f"picture {number}", f"{number}.jpg")


async def brought(store: Store, key: str = "1", **order: Any) -> Ticket:
    """Order a picture and let it come."""
    wanted = admission(key=key)
    ticket = await store.hold(replace(wanted, order=replace(wanted.order, **order)))
    await store.begin(ticket.calls[0])
    await store.settle(ticket.calls[0], painted(40_000), looks())
    return ticket


async def test_a_tray_keeps_its_order_and_each_picture_once(store: Store) -> None:
    ticket = await brought(store)
    own = Item("picture 1", "own.jpg", Origin(ticket.job, 1))
    assert await store.add_to_tray(ANN, [item(1), own]) == 2
    assert await store.add_to_tray(ANN, [item(1), item(2)]) == 3
    assert await store.tray(ANN) == [item(1), own, item(2)]
    assert await store.tray(ANN + 1) == []
    await store.clear_tray(ANN)
    assert await store.tray(ANN) == []


async def test_a_full_tray_takes_nothing_more(store: Store) -> None:
    await store.add_to_tray(ANN, [item(number) for number in range(TRAY_MAX)])
    with pytest.raises(TrayFull):
        await store.add_to_tray(ANN, [item(99)])
    assert len(await store.tray(ANN)) == TRAY_MAX


async def test_an_old_tray_is_empty(store: Store, clock: StillClock) -> None:
    await store.add_to_tray(ANN, [item(1)])
    clock.at += timedelta(hours=1)
    assert await store.tray(ANN) == []
    assert await store.add_to_tray(ANN, [item(2)]) == 1


async def test_stars_are_turned_on_and_off(store: Store) -> None:
    job = (await brought(store)).job
    assert await store.star(job, ANN) == (True, 1)
    assert await store.star(job, ANN + 1) == (True, 2)
    assert await store.star(job, ANN) == (False, 1)
    assert await store.showcase(job) == (1, None)
    await store.showcased(job, 5, 6)
    await store.showcased(job, 5, 7)
    assert await store.showcase(job) == (1, (5, 7))
    await store.showcase_gone(job)
    assert await store.showcase(job) == (1, None)


async def test_a_message_that_shows_a_job_again_leads_to_its_pictures(store: Store) -> None:
    job = (await brought(store)).job
    for _ in range(2):
        await store.shown_again(job, 5, 88)
    assert [picture.job for picture in await store.shown_in(88)] == [job]


async def test_history_finds_words_and_hides_what_is_private(
    store: Store, clock: StillClock
) -> None:
    fox = await brought(store, "1", prompt="A Red FÜchs")
    clock.at += timedelta(seconds=1)
    secret = await brought(store, "2", prompt="a red secret", private=True)
    await store.hold(admission(key="3"))  # brought nothing yet
    await store.delivered(fox.job, [1], 5, 77)
    server = admission().place.server_id

    mine, count = await store.history(ANN, None, ["red"], 0, 5)
    assert [each.job for each in mine] == [secret.job, fox.job]
    assert [each.jump_url for each in mine] == [
        None,
        f"https://discord.com/channels/{server}/5/77",
    ]
    assert count == 2
    theirs, count = await store.history(ANN, server, [], 0, 5)
    assert ([each.job for each in theirs], count) == ([fox.job], 1)
    found, _ = await store.history(ANN, None, ["füchs", "RED"], 0, 5)
    assert [each.job for each in found] == [fox.job]
    page, count = await store.history(ANN, None, [], 1, 1)
    assert ([each.job for each in page], count) == ([fox.job], 2)
    assert await store.history(ANN, None, [], 5, 5) == ([], 2)
    assert await store.history(ANN, None, ["whale"], 0, 5) == ([], 0)


async def test_a_relative_is_linked_once_it_stands_somewhere(store: Store) -> None:
    first = await brought(store)
    assert [each.jump_url for each in (await store.family(first.job, 9)).near] == [None]
    await store.delivered(first.job, [1], 5, 77)
    (relative,) = (await store.family(first.job, 9)).near
    assert relative.jump_url == f"https://discord.com/channels/{relative.place.server_id}/5/77"


async def test_a_status_leads_to_its_job_until_that_is_told(store: Store) -> None:
    ticket = await brought(store)
    assert await store.job_by_status(9) is None
    await store.shows_status(ticket.job, 9)
    found = await store.job_by_status(9)
    assert found is not None
    assert found.id == ticket.job
    await store.told(found)
    assert await store.job_by_status(9) is None


async def test_what_is_weighed_is_what_would_be_refused(store: Store) -> None:
    place, payer = admission().place, admission().payer
    left = await store.allowances(place, payer)
    check(left, Money(1))
    with pytest.raises(Refused) as refusal:
        check(left, Money(10**12))
    assert isinstance(refusal.value.problem, OverLimit)
    with pytest.raises(Refused) as refusal:
        check([limited(left[0], Rule.BLOCKED)], Money(1))
    assert isinstance(refusal.value.problem, Blocked)
    check([limited(left[0], Rule.UNLIMITED)], Money(10**12))


def limited(allowance: Allowance, limit: Limit) -> Allowance:
    return replace(allowance, limit=limit)


async def test_a_private_beginning_is_told_to_nobody(store: Store) -> None:
    for number, private in enumerate((False, True)):
        first = await brought(store, f"first {number}", prompt="a whale", private=private)
        reference = Reference(
            name="1.jpg", label="image", width=64, height=64, origin=Origin(first.job, 1)
        )
        await brought(store, f"edit {number}", prompt="x", references=(reference,))
    found, count = await store.history(ANN, None, ["whale", "x"], 0, 5)
    assert count == 1
    assert [each.root and each.root.prompt for each in found] == ["a whale"]


async def test_what_is_deleted_stands_in_nobody_elses_history(store: Store) -> None:
    job, server = (await brought(store)).job, admission().place.server_id
    await store.delivered(job, [1], 5, 77)
    await store.shown_again(job, 6, 78)
    await store.showcased(job, 7, 79)
    assert not (await store.job(job)).deleted
    assert await store.delete(job) == [(6, 78), (7, 79)]
    assert (await store.job(job)).deleted
    assert await store.history(ANN, server, [], 0, 5) == ([], 0)
    ((own,), _) = await store.history(ANN, None, [], 0, 5)
    assert own.jump_url is None
    assert (await store.family(job, 9)).near[0].deleted
