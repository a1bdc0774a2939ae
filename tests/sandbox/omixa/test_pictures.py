import base64
import io
import random
from collections.abc import AsyncGenerator
from typing import Any

import httpx
import numpy as np
import pytest
from PIL import Image

from sandbox.omixa import Omixa, caption
from sandbox.omixa.atelier import Atelier
from sandbox.omixa.brush import ridge
from sandbox.omixa.models import MODELS, PIXEL_SIZES, RATIOS, SIZES, Model, size_of
from sandbox.omixa.paint import Subject, paint
from sandbox.omixa.palettes import PALETTES, choose_palette
from sandbox.omixa.picture import Picture
from sandbox.omixa.scenes import SCENES, choose_scene
from tests.sandbox.omixa.conftest import Caller

IMAGEN, FAST, GEMINI, MAI = MODELS
GOOGLE = (IMAGEN, FAST, GEMINI)
MIMES = {"png": "PNG", "jpeg": "JPEG", "webp": "WEBP"}

# Copied from the published tables by hand: width, height at 1K.
IMAGEN_1K = {
    "1:1": (1024, 1024),
    "3:4": (896, 1280),
    "4:3": (1280, 896),
    "9:16": (768, 1408),
    "16:9": (1408, 768),
}
GEMINI_TABLE = {
    "1:1": [(512, 512), (1024, 1024), (2048, 2048), (4096, 4096)],
    "3:4": [(448, 600), (896, 1200), (1792, 2400), (3584, 4800)],
    "4:3": [(600, 448), (1200, 896), (2400, 1792), (4800, 3584)],
    "9:16": [(384, 688), (768, 1376), (1536, 2752), (3072, 5504)],
    "16:9": [(688, 384), (1376, 768), (2752, 1536), (5504, 3072)],
}


def opened(answer: httpx.Response, place: int = 0) -> Image.Image:
    content = base64.b64decode(answer.json()["data"][place]["b64_json"], validate=True)
    with Image.open(io.BytesIO(content)) as image:
        image.load()
        return image


def content_of(picture: Picture) -> bytes:
    return b"".join(picture.chunks(100_000))


def subject(**changes: Any) -> Subject:
    plain: dict[str, Any] = {
        "prompt": "a fox",
        "label": "Imagen 4",
        "aspect": "1:1",
        "width": 256,
        "height": 256,
        "take": 1,
        "place": 0,
        "count": 1,
        "format": "png",
        "seed": 1,
    }
    return Subject(**plain | changes)


@pytest.mark.parametrize("aspect", RATIOS)
@pytest.mark.parametrize("model", GOOGLE, ids=lambda model: model.id)
async def test_every_shape_is_painted_to_the_pixel(
    caller: Caller, model: Model, aspect: str
) -> None:
    asked = {"model": model.id, "aspect_ratio": aspect, "size": "1K", "output_format": "png"}
    image = opened(await caller.paint(**asked))
    assert image.size == (GEMINI_TABLE[aspect][1] if model is GEMINI else IMAGEN_1K[aspect])
    assert image.format == "PNG"


@pytest.mark.parametrize("aspect", RATIOS)
def test_every_size_follows_the_published_tables(aspect: str) -> None:
    assert [size_of(GEMINI, aspect, size) for size in SIZES] == GEMINI_TABLE[aspect]
    width, height = IMAGEN_1K[aspect]
    scaled = [(width // 2, height // 2), (width, height), (width * 2, height * 2)]
    for model in (IMAGEN, FAST):
        assert [size_of(model, aspect, size) for size in SIZES[:3]] == scaled
        assert size_of(model, aspect, "4K") == (width * 4, height * 4)


@pytest.mark.parametrize("size", PIXEL_SIZES)
async def test_a_model_sized_in_pixels_paints_them(caller: Caller, size: str) -> None:
    image = opened(await caller.paint(model=MAI.id, size=size, output_format="jpeg"))
    assert image.size == {"1024x1536": (1024, 1536), "1536x1024": (1536, 1024)}.get(
        size, (1024, 1024)
    )


async def test_nothing_said_means_square_1k_png_once(caller: Caller) -> None:
    answer = await caller.paint(size=None, n=None, aspect_ratio=None, output_format=None)
    image = opened(answer)
    assert (image.size, image.format) == ((1024, 1024), "PNG")
    assert len(answer.json()["data"]) == 1


async def test_a_4k_picture_is_of_full_size_and_weight(caller: Caller) -> None:
    answer = await caller.paint(size="4K")
    assert 12_000_000 < len(answer.content) * 3 / 4 < 25_000_000
    image = opened(answer)
    assert image.size == (4096, 4096)


async def test_4k_can_come_back_smaller(caller: Caller) -> None:
    caller.omixa.switches.cap_4k_to_2k = True
    assert opened(await caller.paint(size="4K", output_format="jpeg")).size == (2048, 2048)


@pytest.mark.parametrize("name", MIMES)
async def test_each_format_is_honoured(caller: Caller, name: str) -> None:
    assert opened(await caller.paint(output_format=name)).format == MIMES[name]


async def test_gemini_falls_into_the_format_trap_when_switched(caller: Caller) -> None:
    caller.omixa.switches.gemini_always_jpeg = True
    assert opened(await caller.paint(model=GEMINI.id, output_format="webp")).format == "JPEG"
    assert opened(await caller.paint(output_format="webp")).format == "WEBP"


def test_the_same_subject_gives_the_same_bytes_and_any_other_gives_others() -> None:
    first = content_of(paint(subject()))
    assert content_of(paint(subject())) == first
    changes: list[dict[str, Any]] = [
        {"prompt": "a bear"},
        {"place": 1, "count": 2},
        {"take": 2},
        {"seed": 2},
        {"label": "Imagen 4 Fast"},
        {"references": (first,)},
    ]
    others = [content_of(paint(subject(**change))) for change in changes]
    assert len({first, *others}) == len(changes) + 1


def test_a_1k_png_weighs_what_a_real_one_does() -> None:
    for name in SCENES:
        picture = paint(subject(prompt=name, width=1024, height=1024))
        assert 1_000_000 < picture.length < 2_000_000


@pytest.fixture
async def running() -> AsyncGenerator[Omixa]:
    async with Omixa.running(seed=5) as omixa:
        yield omixa


def pixel(image: Image.Image, x: int, y: int) -> tuple[int, ...]:
    found = image.getpixel((x, y))
    assert isinstance(found, tuple)
    return tuple(int(value) for value in found)


def test_the_words_of_a_prompt_choose_scene_and_colours() -> None:
    for seed in range(5):
        dice = random.Random(seed)  # noqa: S311 - pictures, not secrets
        assert choose_scene("Boats at SUNSET", dice) is SCENES["sea"]
        assert choose_palette("Boats at SUNSET", dice) is PALETTES["sunset"]
    dice = random.Random(1)  # noqa: S311 - pictures, not secrets
    assert len({choose_scene("qwerty", dice) for _ in range(50)}) == len(SCENES)


def test_a_ridge_below_the_picture_leaves_no_trace() -> None:
    image = Image.new("RGB", (40, 30), (1, 2, 3))
    ridge(image, np.full(40, 99, np.float32), (255, 255, 255), (255, 255, 255))
    assert image.getextrema() == ((1, 1), (2, 2), (3, 3))


@pytest.mark.parametrize(
    ("fonts", "title"),
    [((), "лиса"), (("no-such-font.ttf",), "лиса"), (("DejaVuSans.ttf",), "лиса " * 60)],
    ids=["none", "missing", "long"],
)
def test_a_caption_is_written_whatever_the_fonts(
    monkeypatch: pytest.MonkeyPatch, fonts: tuple[str, ...], title: str
) -> None:
    monkeypatch.setattr(caption, "_WIDE_FONTS", fonts)
    caption.font.cache_clear()
    image = Image.new("RGB", (512, 512), (128, 128, 128))
    caption.caption(image, title, "note")
    foot = image.crop((0, 440, 512, 512))
    assert foot.getextrema() != ((128, 128),) * 3
    assert pixel(image, 256, 100) == (128, 128, 128)
    caption.font.cache_clear()


async def test_the_atelier_remembers_the_last_pictures_within_its_bound(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    atelier = Atelier()
    first = await atelier.paint(subject())
    assert await atelier.paint(subject()) is first
    monkeypatch.setattr("sandbox.omixa.atelier.KEPT_BYTES_MAX", first.length + 10)
    await atelier.paint(subject(seed=9))
    assert await atelier.paint(subject()) is not first


async def test_another_seed_gives_another_picture(caller: Caller, running: Omixa) -> None:
    mine, theirs = await caller.paint(), await Caller(running, caller.http).paint()
    assert mine.json()["data"] != theirs.json()["data"]
