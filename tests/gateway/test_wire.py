"""The request's body, its signature, and the gateway's sentences."""

import json
from base64 import b64decode
from dataclasses import replace
from typing import Any

import pytest

from bot.core.catalogue import Model
from bot.gateway.wire import SENTENCE_MAX, DataUrl, Request, encode, sentence, signature

FULL = {
    "n": 3,
    "output_format": "webp",
    "aspect_ratio": "16:9",
    "size": "2K",
    "input_images": [{"type": "image_url", "image_url": {"url": "data:image/png;base64,AA/+"}}],
    "person_generation": "allow_adult",
    "enhance_prompt": False,
    "add_watermark": True,
    "reasoning_effort": "high",
}


def full(row: Model) -> Request:
    return Request(
        model=row,
        prompt='a "fox"\n\u00e9\U0001f98a',
        images=3,
        format="webp",
        aspect="16:9",
        size="2K",
        enhance=False,
        thinking="high",
        references=(DataUrl("png", b"AA/+"),),
        person_generation="allow_adult",
        add_watermark=True,
    )


def sent(request: Request) -> dict[str, object]:
    body: dict[str, object] = json.loads(b"".join(encode(request)))
    return body


def test_every_published_field_is_sent_as_documented(row: Model) -> None:
    always = {"model": row.id, "prompt": 'a "fox"\n\u00e9\U0001f98a'}
    assert sent(full(row)) == always | FULL


@pytest.mark.parametrize("name", FULL)
def test_a_field_is_sent_only_when_the_row_lists_it(row: Model, name: str) -> None:
    without = full(replace(row, fields=row.fields - {name}))
    assert set(sent(without)) == {"model", "prompt", *FULL} - {name}
    alone = full(replace(row, fields=frozenset({name})))
    assert set(sent(alone)) == {"model", "prompt", name}


def test_a_field_without_a_value_is_not_sent(row: Model) -> None:
    assert sent(Request(model=row, prompt="a")) == {"model": row.id, "prompt": "a", "n": 1}


def test_references_go_out_in_order_and_are_not_copied(row: Model) -> None:
    first, second = DataUrl.of("jpeg", b"\xff\xd8\xff one"), DataUrl.of("webp", b"RIFF two")
    request = Request(model=row, prompt="a", references=(first, second, first))
    images: Any = sent(request)["input_images"]
    urls = [one["image_url"]["url"] for one in images]
    assert [url.partition(",")[0] for url in urls] == [
        f"data:image/{kind};base64" for kind in ("jpeg", "webp", "jpeg")
    ]
    assert [b64decode(url.partition(",")[2]) for url in urls] == [
        *(b"\xff\xd8\xff one", b"RIFF two", b"\xff\xd8\xff one")
    ]
    assert {id(first.base64), id(second.base64)} <= {id(piece) for piece in encode(request)}


def test_a_signature_covers_time_method_path_and_body() -> None:
    usual = signature("secret", "1780660800", "POST", "/api/v1/images/generations", [b"{}"])
    # Computed with `openssl dgst -sha256 -hmac secret`.
    assert usual == "sha256=3768e6ed32702104fc6aa4deba84f7a665af29bfecda2170d3250b7e2094ee0e"
    assert usual == signature(
        "secret", "1780660800", "POST", "/api/v1/images/generations", [b"{", b"", b"}"]
    )
    assert usual != signature("secret", "1780660801", "POST", "/api/v1/images/generations", [b"{}"])


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b"", ""),
        (b" \r\n", ""),
        (b"{}", ""),
        (b"[1]", ""),
        (b'{"error":{}}', ""),
        (b'{"error":{"message":"No.","type":"t","code":"c"}}', "No."),
        (b'{"error":"No."}', "No."),
        (b'{"message":"No."}', "No."),
        (b'{"message":"No.","errors":[]}', "No."),
        (
            b'{"message":"No.","errors":{"size":["The size is invalid.",1],"n":"Too many."}}',
            "No. size: The size is invalid. n: Too many.",
        ),
        (b"<!doctype html><p>502", "The gateway answered with a web page."),
        (b"upstream connect error\r\n reset", "upstream connect error reset"),
        (b'{"error":"a\\nb\\u0000c\\u202ed"}', "a b c d"),
        (b'{"error":"caf\xc3\xa9 \xff"}', "café \ufffd"),
        (b"[" * 60_000, ""),
    ],
)
def test_errors_of_every_shape_give_one_sentence(body: bytes, said: str) -> None:
    if body.startswith(b"[["):
        said = "[" * (SENTENCE_MAX - 1) + "…"
    assert sentence(body) == said


def test_a_sentence_is_cut_at_its_limit() -> None:
    assert sentence(b'{"error":"%b"}' % (b"x" * SENTENCE_MAX)) == "x" * SENTENCE_MAX
    cut = sentence(b'{"error":"%b"}' % (b"x" * (SENTENCE_MAX + 1)))
    assert cut == "x" * (SENTENCE_MAX - 1) + "…"
