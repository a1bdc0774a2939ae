"""Presets: whose they are, and what becomes of those that are gone."""

from dataclasses import replace

import pytest

from bot.core.preferences import Options
from bot.store.presets import Preset, PresetTaken
from bot.store.store import Store
from tests.store.shop import ANN, BEN, STUDIO

NOIR = Preset(
    name="Noir",
    text="film noir",
    options=Options(aspect="16:9", size="2K", count=3, model="painter", format="webp"),
)


async def kept(store: Store, who: int = ANN, server: int | None = STUDIO) -> Preset:
    (found,) = await store.presets(who, server)
    return found


async def test_a_preset_is_kept_as_it_is(store: Store) -> None:
    assert not await store.save_preset(ANN, NOIR)
    found = await kept(store)

    assert found == replace(NOIR, id=found.id)
    assert await store.presets(BEN, STUDIO) == []


async def test_replacing_keeps_the_number_that_buttons_carry(store: Store) -> None:
    await store.save_preset(ANN, NOIR)
    before = await kept(store)
    assert await store.save_preset(ANN, Preset(name="NOIR", text="dark"))

    assert await kept(store) == Preset(id=before.id, name="NOIR", text="dark")


async def test_a_number_never_comes_twice(store: Store) -> None:
    await store.save_preset(ANN, NOIR)
    before = await kept(store)
    assert await store.delete_preset(before, None, ANN)
    await store.save_preset(ANN, NOIR)

    assert (await kept(store)).id > before.id


async def test_only_an_own_preset_can_be_shared_or_deleted_as_ones_own(store: Store) -> None:
    await store.save_preset(ANN, NOIR)
    found = await kept(store)

    assert not await store.share_preset(found, STUDIO, BEN)
    assert not await store.delete_preset(found, STUDIO, BEN)
    assert await kept(store) == found


async def test_a_shared_preset_belongs_to_one_server(store: Store) -> None:
    await store.save_preset(ANN, NOIR)
    assert await store.share_preset(await kept(store), STUDIO, ANN)
    shared = await kept(store, BEN)

    assert shared == replace(NOIR, id=shared.id, shared=True)
    assert await store.presets(ANN, None) == []
    assert await store.presets(ANN, 501) == []
    assert not await store.delete_preset(shared, 501, BEN)
    assert await store.delete_preset(shared, STUDIO, BEN)
    assert not await store.delete_preset(shared, STUDIO, BEN)


async def test_a_server_has_one_preset_of_a_name(store: Store) -> None:
    for who in (ANN, BEN):
        await store.save_preset(who, NOIR)
    await store.share_preset((await store.presets(ANN, None))[0], STUDIO, ANN)

    (own, _) = await store.presets(BEN, STUDIO)
    with pytest.raises(PresetTaken):
        await store.share_preset(own, STUDIO, BEN)
    assert await store.share_preset(own, 501, BEN)
