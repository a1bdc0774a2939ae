"""What the gateway is sent, field by field, is what its published schema takes."""

import base64
from typing import Any

from tests.flow.editing import follows, painted, picture
from tests.flow.world import World

ACCEPTED: dict[str, object] = {  # the Imagen 4 page; None: any value of that kind
    "model": {"imagen-4.0-generate-001", "imagen-4.0-fast-generate-001"},
    "prompt": None,
    "n": set(range(1, 11)),
    "output_format": {"png", "jpeg", "webp"},
    "aspect_ratio": {"1:1", "16:9", "9:16", "4:3", "3:4"},
    "size": {"0.5K", "1K", "2K", "4K"},
    "input_images": None,
    "person_generation": {"allow_adult", "allow_all", "dont_allow"},
    "enhance_prompt": {True, False},
    "add_watermark": {True, False},
    "reasoning_effort": {"minimal", "high"},
}
STARTS = {"png": b"\x89PNG", "jpeg": b"\xff\xd8\xff", "webp": b"RIFF"}


def check(body: dict[str, Any]) -> None:
    assert set(body) <= set(ACCEPTED)
    assert {"model", "prompt", "n"} <= set(body)
    for name, value in body.items():
        accepted = ACCEPTED[name]
        if isinstance(accepted, set):
            assert value in accepted, name
    assert isinstance(body["prompt"], str)
    for image in body.get("input_images", []):
        assert set(image) == {"type", "image_url"}
        assert image["type"] == "image_url"
        assert set(image["image_url"]) == {"url"}
        head, _, data = image["image_url"]["url"].partition(";base64,")
        scheme, _, kind = head.partition("/")
        assert scheme == "data:image"
        assert base64.b64decode(data, validate=True).startswith(STARTS[kind])


async def test_every_way_to_order_sends_what_the_page_lists(world: World) -> None:
    await world.store.set_server(
        world.server_id, int(world.ann.id), person_generation="allow_adult", add_watermark=True
    )
    options: dict[str, Any] = {"aspect": "16:9", "size": "2K", "count": 3, "format": "jpeg"}
    first = await painted(world, enhance=True, thinking="high", **options)
    await world.ben.reply(first, "1+3: combine, tall 2x 4k", files=[picture()])
    second = await follows(world, first)
    for button in ("Reroll", "Vary", "Upscale", "Cut out"):
        pressed = await world.cleo.press(button, on=second)
        if button != "Reroll":
            asked = await world.answered(pressed)
            pressed = await world.cleo.press("1", on=asked)
        await world.ended(pressed)
    attached = {"image": picture(), "image2": picture("dog.jpg", "brown")}
    await world.ended(await world.dana.slash("edit", options={"prompt": "x", **attached}))
    attached = {"image1": picture(), "image2": picture("dog.webp", "brown")}
    await world.ended(await world.dana.slash("blend", options=attached))
    await world.ended(await world.dana.slash("upscale", image=picture(), to="4K"))
    await world.ended(await world.dana.slash("cutout", image=picture()))

    bodies = [one.body for one in world.omixa.requests]
    for body in bodies:
        check(body)
    assert [len(body.get("input_images", [])) for body in bodies] == [0, 3, 3, 1, 1, 1, 2, 2, 1, 1]
    assert set().union(*bodies) == set(ACCEPTED)
