"""Pictures made from pictures: what they show of the originals, and what is refused."""

import base64
import io
import os
from collections import Counter
from dataclasses import replace
from typing import Any

import httpx
import pytest
from PIL import Image

from sandbox.omixa.models import MODELS, TOOLS
from tests.sandbox.omixa.conftest import IMAGEN, Caller

GEMINI = MODELS[2].id
CUT_OUT, CREATIVE, CONSERVATIVE = (tool.id for tool in TOOLS)
COLOURS = {"red": (255, 0, 0), "green": (0, 255, 0), "blue": (0, 0, 255)}


def reference(
    colour: str = "red", size: tuple[int, int] = (300, 200), form: str = "PNG"
) -> dict[str, Any]:
    held = io.BytesIO()
    Image.new("RGB", size, COLOURS[colour]).save(held, form)
    url = f"data:image/{form.lower()};base64," + base64.b64encode(held.getvalue()).decode()
    return {"type": "image_url", "image_url": {"url": url}}


def opened(answer: httpx.Response) -> list[Image.Image]:
    assert answer.status_code == 200, answer.text
    contents = [base64.b64decode(one["b64_json"]) for one in answer.json()["data"]]
    images: list[Image.Image] = [Image.open(io.BytesIO(content)) for content in contents]
    for image in images:
        image.load()
    return images


def colours(image: Image.Image) -> Counter[str]:
    """Count the pixels above the caption by the colour that rules in them."""
    small = image.convert("RGB").resize((60, 60)).crop((0, 0, 60, 45))
    channels = zip(*(channel.tobytes() for channel in small.split()), strict=True)
    ruling = [max(zip(pixel, COLOURS, strict=True))[1] for pixel in channels]
    return Counter(ruling)


def refusal(answer: httpx.Response) -> str:
    assert answer.status_code == 422
    return str(answer.json()["error"]["message"])


async def test_an_edit_is_seen_to_be_of_its_picture_and_never_twice_the_same(
    caller: Caller,
) -> None:
    asked: dict[str, Any] = {"prompt": "blue sea", "input_images": [reference()], "n": 2}
    assert colours(opened(await caller.paint(prompt="blue sea"))[0])["red"] < 1000
    one, two = opened(await caller.paint(**asked))
    assert min(colours(one)["red"], colours(two)["red"]) > 1500
    assert one.tobytes() != two.tobytes()
    (again,) = opened(await caller.paint(**asked | {"n": 1}))
    assert again.tobytes() != one.tobytes()


@pytest.mark.parametrize("form", ["PNG", "JPEG", "WEBP"])
async def test_a_picture_of_any_form_and_shape_is_edited_to_the_pixel(
    caller: Caller, form: str
) -> None:
    asked: dict[str, Any] = {"aspect_ratio": "9:16", "size": "1K"}
    (edit,) = opened(await caller.paint(**asked, input_images=[reference(form=form)]))
    assert edit.size == (768, 1408)


async def test_a_blend_shows_every_picture(caller: Caller) -> None:
    asked: dict[str, Any] = {"prompt": "blue sea", "aspect_ratio": "16:9"}
    pictures = [reference(colour) for colour in ("red", "green", "red")]
    (blend,) = opened(await caller.paint(**asked, input_images=pictures))
    across = blend.width // 3
    tiles = [blend.crop((across * at, 0, across * (at + 1), blend.height)) for at in range(3)]
    shown = [colours(tile) for tile in tiles]
    assert [max(tile["red"], tile["green"]) > 700 for tile in shown] == [True] * 3
    assert shown[0]["green"] == shown[2]["green"] == 0 < shown[1]["green"]
    assert opened(await caller.paint(**asked, input_images=[reference()] * 14))


async def test_an_edit_by_gemini_keeps_the_shape_of_its_last_picture(caller: Caller) -> None:
    pictures = [reference(), reference("blue", (100, 170))]
    (edit,) = opened(await caller.paint(model=GEMINI, size="1K", input_images=pictures))
    assert edit.size == (768, 1376)
    (square,) = opened(await caller.paint(size="1K", input_images=pictures))
    assert square.size == (1024, 1024)


async def test_too_many_and_too_heavy_pictures_are_refused(caller: Caller) -> None:
    four = await caller.paint(model=GEMINI, input_images=[reference()] * 4)
    assert "more than 3 items" in refusal(four)
    heavy = Image.frombytes("RGB", (100, 100), os.urandom(30_000))
    held = io.BytesIO()
    heavy.save(held, "PNG")
    url = "data:image/png;base64," + base64.b64encode(held.getvalue()).decode()
    pictures = [reference(), {"type": "image_url", "image_url": {"url": url}}]
    assert opened(await caller.paint(input_images=pictures))
    light = replace(MODELS[0], reference_bytes_max=held.getbuffer().nbytes - 1)
    caller.omixa.switch_on(light)
    assert "an image of more than" in refusal(await caller.paint(input_images=pictures))


async def test_tools_are_not_sold_unless_they_are_switched_on(caller: Caller) -> None:
    assert (await caller.paint(model=CUT_OUT)).status_code == 404
    caller.omixa.switch_on(*TOOLS)
    sold = [row["id"] for row in (await caller.get("models")).json()["data"]]
    assert sold[-3:] == [CUT_OUT, CREATIVE, CONSERVATIVE]


@pytest.mark.parametrize("form", ["png", "webp"])
async def test_a_cut_out_is_of_the_same_size_with_nothing_around_it(
    caller: Caller, form: str
) -> None:
    caller.omixa.switch_on(*TOOLS)
    asked: dict[str, Any] = {"model": CUT_OUT, "prompt": None, "size": None}
    answer = await caller.paint(**asked, input_images=[reference()], output_format=form)
    (image,) = opened(answer)
    assert (image.size, image.mode, image.format) == ((300, 200), "RGBA", form.upper())
    assert image.getchannel("A").getextrema() == (0, 255)
    around = image.getchannel("A")
    assert [around.getpixel(at) for at in ((0, 0), (299, 199), (150, 100))] == [0, 0, 255]
    assert answer.json()["usage"] == {"billed_amount": "0.050000"}


@pytest.mark.parametrize(
    ("tool", "before", "after"),
    [
        (CREATIVE, (300, 200), (1200, 800)),
        (CONSERVATIVE, (2048, 1024), (4096, 2048)),
        (CONSERVATIVE, (8000, 1000), (8000, 1000)),
    ],
)
async def test_an_upscale_is_larger_and_otherwise_the_same(
    caller: Caller, tool: str, before: tuple[int, int], after: tuple[int, int]
) -> None:
    caller.omixa.switch_on(*TOOLS)
    pictures = [reference("blue", before)]
    asked = {"model": tool, "size": None, "input_images": pictures, "output_format": "jpeg"}
    (image,) = opened(await caller.paint(**asked))
    assert image.size == after
    assert set(colours(image)) == {"blue"}


@pytest.mark.parametrize(
    ("tool", "changes", "says"),
    [
        (CUT_OUT, {"prompt": "a fox"}, "prompt field is not supported"),
        (CUT_OUT, {"input_images": None}, "input_images field is required"),
        (CUT_OUT, {"input_images": [reference()] * 2}, "more than 1 items"),
        (CUT_OUT, {"output_format": "jpeg"}, "must be one of png, webp"),
        (CUT_OUT, {"size": "1K"}, "size field is not supported"),
        (CUT_OUT, {"input_images": [reference(size=(2049, 2048))]}, "64 x 64 to 4194304 pixels"),
        (CREATIVE, {}, "prompt field is required"),
        (CREATIVE, {"prompt": "x", "creativity": "much"}, "must be a number"),
        (CREATIVE, {"prompt": "x", "input_images": []}, "input_images field is required"),
        (CREATIVE, {"prompt": "x", "input_images": [reference(size=(63, 64))]}, "64 x 64 to"),
        (CREATIVE, {"prompt": "x", "input_images": [reference(size=(1025, 1024))]}, "to 1048576"),
    ],
)
async def test_a_tool_takes_exactly_what_it_is_for(
    caller: Caller, tool: str, changes: dict[str, Any], says: str
) -> None:
    caller.omixa.switch_on(*TOOLS)
    asked = {"model": tool, "prompt": None, "size": None, "input_images": [reference()]}
    assert says in refusal(await caller.paint(**asked | changes))
    assert caller.omixa.wallet.captured_micros == 0


async def test_imagen_takes_pictures_as_its_page_says(caller: Caller) -> None:
    answer = await caller.paint(model=IMAGEN, input_images=[reference()])
    assert answer.json()["usage"] == {"billed_amount": "0.039000"}
