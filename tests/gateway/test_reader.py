"""The streamed reading of answers, compared with json.loads and base64."""

import base64
import hashlib
import json
import random
import re
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.job import Painted
from bot.core.money import Money
from bot.gateway.errors import Garbled
from bot.gateway.reader import Caps, Reader

PNG = b"\x89PNG\r\n\x1a\n"
HEADS = (PNG, b"\xff\xd8\xff\xe0", b"RIFF\0\0\0\0WEBP", b"GIF89a", b"")
LONG = PNG + bytes(range(256)) * 14  # over 4 KiB in base64
CAPS = Caps(picture_bytes=1 << 20, pictures=16, answer_bytes=1 << 21)


def read(folder: Path, *chunks: bytes, caps: Caps = CAPS) -> Painted:
    reader = Reader(folder, caps)
    try:
        for chunk in chunks:
            reader.feed(chunk)
        return reader.finish()
    finally:
        reader.close()


def seen(folder: Path, painted: Painted) -> list[bytes | None]:
    """Give each picture's bytes as they are on disk, None for a broken one."""
    pictures: list[bytes | None] = []
    for place, sketch in enumerate(painted.sketches, 1):
        content = (folder / sketch.name).read_bytes()
        assert len(content) == sketch.size_bytes
        assert hashlib.sha256(content).hexdigest() == sketch.sha256
        assert sketch.name == f"{place}.{sketch.format or 'bin'}"
        pictures.append(content or None)
    assert {sketch.name for sketch in painted.sketches} == {p.name for p in folder.iterdir()}
    return pictures


def expected(text: str) -> list[bytes | None]:
    answer = json.loads(text)
    entries = [e for e in answer["data"] if isinstance(e, dict)]
    texts = [t for e in entries if isinstance(t := e.get("b64_json"), str) and t]
    return [decoded(text) for text in texts]


def decoded(text: str) -> bytes | None:
    joined = text.replace("\r", "").replace("\n", "")
    # The standard library lets some excess padding pass, differently by version.
    is_base64 = len(joined) % 4 == 0 and re.fullmatch(r"[A-Za-z0-9+/]*={0,2}", joined)
    return base64.b64decode(joined) or None if is_base64 else None


def b64(content: bytes) -> str:
    return base64.b64encode(content).decode()


def answer(*pictures: bytes, billed: object = "0.039000", **more: Any) -> str:
    data = [{"b64_json": b64(picture), "url": None} for picture in pictures]
    return json.dumps(
        {"created": 1780660800, "data": data, "usage": {"billed_amount": billed}, **more}
    )


class Scribe:
    """Writes a value as JSON in one of the countless legal ways."""

    def __init__(self, chance: random.Random) -> None:
        self.chance = chance

    def write(self, value: object) -> str:
        space = self.chance.choice(["", "", "", " ", "\n\t", "\r\n  "])
        if isinstance(value, dict):
            pairs = list(value.items())
            self.chance.shuffle(pairs)
            inner = [f"{self.text(k)}{space}:{self.write(v)}" for k, v in pairs]
            return space + "{" + ",".join(inner) + "}" + space
        if isinstance(value, list):
            return space + "[" + ",".join(map(self.write, value)) + "]"
        return space + (self.text(value) if isinstance(value, str) else json.dumps(value)) + space

    def text(self, value: str) -> str:
        often = self.chance.choice([0.0, 0.01, 0.5])
        return '"' + "".join(self.letter(letter, often) for letter in value) + '"'

    def letter(self, letter: str, often: float) -> str:
        if letter == "/":
            return self.chance.choice(["/", "\\/", "\\u002f"])
        if letter in '"\\' or letter < " ":
            return json.dumps(letter)[1:-1]
        return (
            f"\\u{ord(letter):04X}"
            if ord(letter) < 65536 and self.chance.random() < often
            else letter
        )


scraps = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8) | st.floats(allow_nan=False),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3)
    ),
    max_leaves=6,
)
contents = st.builds(
    lambda head, body, times: head + body * times,
    st.sampled_from(HEADS),
    st.binary(min_size=1, max_size=40),
    st.sampled_from([1, 3, 150]),
)
texts = st.one_of(
    contents.map(b64),
    contents.map(lambda c: b64(c) + "="),
    contents.map(lambda c: "!" + b64(c)),
    contents.map(lambda c: base64.encodebytes(c).decode()),
    contents.map(lambda c: b64(c) + b64(c)),
    contents.map(lambda c: b64(c)[:-1]),
    contents.map(lambda c: b64(c) + "\\/"),
    st.text(alphabet='AQ=/+\\"é\U0001f98a', max_size=9),
    contents.map(lambda c: b64(c) + "é"),
)
entries = st.one_of(
    st.fixed_dictionaries({"b64_json": texts | scraps, "url": st.none()}, optional={"x": scraps}),
    scraps.filter(lambda value: not isinstance(value, dict)),
)


@given(
    data=st.lists(entries, max_size=4),
    more=st.dictionaries(st.text(max_size=8).filter(lambda k: k != "data"), scraps, max_size=3),
    chance=st.randoms(use_true_random=False),
)
def test_any_legal_writing_is_read_as_the_standard_library_reads_it(
    data: list[object], more: dict[str, object], chance: random.Random
) -> None:
    text = Scribe(chance).write({**more, "data": data})
    body = text.encode()
    cuts = sorted(chance.randrange(len(body) + 1) for _ in range(chance.randrange(12)))
    chunks = [body[a:b] for a, b in zip([0, *cuts], [*cuts, len(body)], strict=True)]
    with TemporaryDirectory() as name:
        folder = Path(name)
        assert seen(folder, read(folder, *chunks)) == expected(text)


@pytest.mark.parametrize("escape", ["/", "\\/", "\\u002F"])
def test_a_border_at_every_byte_changes_nothing(tmp_path: Path, escape: str) -> None:
    text = answer(LONG, b"\xff\xd8\xffshort???>>>").replace("/", escape)
    assert escape in text
    body = text.encode()
    for cut in range(len(body) + 1):
        painted = read(tmp_path, body[:cut], body[cut:])
        assert [s.format for s in painted.sketches] == ["png", "jpeg"]
        assert painted.sketches[0].sha256 == hashlib.sha256(LONG).hexdigest()
        for file in tmp_path.iterdir():
            file.unlink()  # renaming over a file that exists makes some file systems write it out
    assert seen(tmp_path, read(tmp_path, *(bytes([byte]) for byte in body))) == expected(text)


def test_every_strict_beginning_of_an_answer_is_refused(tmp_path: Path) -> None:
    body = answer(LONG).encode()
    for end in range(len(body)):
        with pytest.raises(Garbled):
            read(tmp_path, body[:end])
    assert not list(tmp_path.iterdir())


def test_the_bill_and_the_date_are_kept(tmp_path: Path) -> None:
    painted = read(tmp_path, answer(LONG).encode())
    assert painted.billed == Money.parse("0.039")
    assert painted.created == 1780660800


@pytest.mark.parametrize("created", ["1.5", "-1", '"1780660800"', "null", "9" * 5000])
def test_a_strange_date_is_none(tmp_path: Path, created: str) -> None:
    painted = read(tmp_path, f'{{"data":[],"created":{created}}}'.encode())
    assert painted == Painted(sketches=(), billed=None, created=None)


@pytest.mark.parametrize(
    ("written", "billed"),
    [
        ('"0.039000"', 39_000),
        ("0.039", 39_000),
        ("3.9e-2", 39_000),
        ('"0.0390001"', 39_001),
        ('" 0.039 "', 39_000),
        ("1e-9", 1),
        ("0", 0),
        ("-0.0", 0),
        ("0.10000000000000000555", 100_001),
        ('""', None),
        ('"abc"', None),
        ('"-0.01"', None),
        ("-1", None),
        ('"NaN"', None),
        ("NaN", None),
        ("Infinity", None),
        ("-Infinity", None),
        ("1e400", None),
        ("1e99999", None),
        ("null", None),
        ("true", None),
        ("[1]", None),
        ('{"usd":1}', None),
        ('"1_000"', None),
        ('"\u0661"', None),
        ("9" * 41, None),
    ],
)
def test_every_bill_is_an_exact_amount_or_none(
    tmp_path: Path, written: str, billed: int | None
) -> None:
    text = f'{{"usage":{{"billed_amount":{written}}},"data":[]}}'
    painted = read(tmp_path, text.encode())
    assert painted.billed == (None if billed is None else Money(billed))


@pytest.mark.parametrize("usage", ["", '"usage":{},', '"usage":[],', '"usage":null,'])
def test_a_missing_bill_is_none(tmp_path: Path, usage: str) -> None:
    assert read(tmp_path, f'{{{usage}"data":[]}}'.encode()).billed is None


@pytest.mark.parametrize(
    "body",
    [
        "",
        " ",
        "<html>",
        "[]",
        "null",
        '"data"',
        "{}",
        '{"data":null}',
        '{"data":"x"}',
        '{"data":[]',
        '{"data":[]}}',
        '{"data":[]} {"data":[]}',
        "{'data':[]}",
        '{"data":[],}',
        '{"data":[01]}',
        '{"data":["\\x"]}',
        '{"data":["\n"]}',
        '\ufeff{"data":[]}',
        '{"data":[' + "[" * 60_000 + "]" * 60_000 + "]}",
    ],
)
def test_what_is_no_answer_is_refused(tmp_path: Path, body: str) -> None:
    with pytest.raises(Garbled):
        read(tmp_path, body.encode())


@pytest.mark.parametrize("body", [b'{"data":["\xff"]}', '{"data":[]}'.encode("utf-16")])
def test_what_is_not_utf8_is_refused(tmp_path: Path, body: bytes) -> None:
    with pytest.raises(Garbled):
        read(tmp_path, body)


def test_words_instead_of_data_are_passed_on(tmp_path: Path) -> None:
    with pytest.raises(Garbled, match="no route today"):
        read(tmp_path, b'{"error":{"message":"no route today"}}')


def test_one_broken_picture_costs_neither_the_others_nor_the_bill(tmp_path: Path) -> None:
    body = answer(LONG, LONG, LONG).replace(b64(LONG), b64(LONG)[:5000] + "!" + b64(LONG), 1)
    painted = read(tmp_path, body.encode())
    assert [(s.name, s.format) for s in painted.sketches] == [
        ("1.bin", None),
        ("2.png", "png"),
        ("3.png", "png"),
    ]
    assert seen(tmp_path, painted) == [None, LONG, LONG]
    assert painted.billed == Money(39_000)


@pytest.mark.parametrize(
    "text",
    [
        b64(LONG) + "\\\\/",
        b64(LONG) + "\\u00e9",
        b64(LONG) + "\\x",
        b64(LONG) + '\\\\\\"',
        b64(LONG) + b64(LONG),
        b64(LONG) + "A",
    ],
)
def test_escapes_that_hide_no_base64_spoil_the_picture(tmp_path: Path, text: str) -> None:
    body = f'{{"data":[{{"b64_json":"{text}"}}]}}'.encode()
    for chunks in ([body], [bytes([byte]) for byte in body]):
        painted = read(tmp_path, *chunks)
        assert seen(tmp_path, painted) == [None]


def test_lines_of_base64_are_joined(tmp_path: Path) -> None:
    body = json.dumps({"data": [{"b64_json": base64.encodebytes(LONG).decode()}]})
    assert seen(tmp_path, read(tmp_path, body.encode())) == [LONG]


def test_of_two_equal_keys_the_last_counts(tmp_path: Path) -> None:
    other = LONG + b"other"
    text = f'{{"data":[{{"b64_json":"{b64(LONG)}","b64_json":"{b64(other)}"}}],"data":[]}}'
    assert seen(tmp_path, read(tmp_path, text.encode())) == []
    assert seen(tmp_path, read(tmp_path, text.replace(',"data":[]', "").encode())) == [other]


def test_a_list_with_a_gap_is_a_list_still(tmp_path: Path) -> None:
    text = f'{{"data":{{"1":{{"b64_json":"{b64(LONG)}"}}}}}}'
    assert seen(tmp_path, read(tmp_path, text.encode())) == [LONG]


def test_long_texts_elsewhere_leave_no_file(tmp_path: Path) -> None:
    text = answer(LONG, thoughts="word " * 5000, signature=b64(LONG))
    assert seen(tmp_path, read(tmp_path, text.encode())) == [LONG]


def test_a_long_key_is_a_key(tmp_path: Path) -> None:
    text = json.dumps({"x" * 9000: 1, "data": [], "usage": {"billed_amount": "0.01"}})
    assert read(tmp_path, text.encode()).billed == Money(10_000)


def test_a_url_counts_only_without_base64(tmp_path: Path) -> None:
    reader = Reader(tmp_path, CAPS)
    data = [
        {"b64_json": b64(LONG), "url": "https://a.example/1"},
        {"b64_json": None, "url": "https://a.example/2"},
        {"b64_json": "", "url": "https://a.example/3"},
        {"b64_json": None, "url": None, "text": "no"},
    ]
    reader.feed(json.dumps({"data": data}).encode())
    painted = reader.finish()
    reader.close()
    assert reader.links == {1: "https://a.example/2", 2: "https://a.example/3"}
    assert [s.name for s in painted.sketches] == ["1.png", "2.bin", "3.bin"]


@pytest.mark.parametrize(
    ("text", "caps"),
    [
        (answer(LONG), Caps(picture_bytes=len(LONG) - 1)),
        (answer(LONG), Caps(answer_bytes=1000)),
        (answer(b"a", b"b", b"c"), Caps(pictures=2)),
        (answer(*[LONG] * 5), Caps(pictures=1)),
        (answer(thoughts=["word"] * 50_000), CAPS),
        ("<p>" * 100_000, CAPS),
    ],
)
def test_every_cap_refuses_the_answer(tmp_path: Path, text: str, caps: Caps) -> None:
    with pytest.raises(Garbled):
        read(tmp_path, text.encode(), caps=caps)
    assert not list(tmp_path.iterdir())


def test_a_cap_that_is_met_exactly_is_no_refusal(tmp_path: Path) -> None:
    text = answer(LONG, LONG)
    caps = Caps(picture_bytes=len(LONG), pictures=2, answer_bytes=len(text))
    assert seen(tmp_path, read(tmp_path, text.encode(), caps=caps)) == [LONG, LONG]


def test_memory_holds_no_picture_while_it_arrives(tmp_path: Path) -> None:
    reader = Reader(tmp_path, Caps())
    reader.feed(b'{"data":[{"b64_json":"')
    for _ in range(200):
        reader.feed(b"AAAA" * 16_384)
        assert len(reader._rest) < 8192
    reader.feed(b'"}]}')
    assert reader.finish().sketches[0].size_bytes == 200 * 3 * 16_384
    reader.close()
