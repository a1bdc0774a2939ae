"""The manifest says exactly what was written, or says that it cannot."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.ids import CallId
from bot.core.job import Painted, Sketch
from bot.core.money import MICROS_MAX, Money
from bot.spool import manifest
from bot.spool.manifest import Damaged

CALL = CallId("k7f2abcd.1")
SKETCHES = st.builds(
    Sketch,
    name=st.from_regex(r"[A-Za-z0-9][A-Za-z0-9._-]{0,20}", fullmatch=True),
    format=st.none() | st.sampled_from(["png", "jpeg", "webp"]),
    size_bytes=st.integers(0),
    sha256=st.text(),
)
PAINTED = st.builds(
    Painted,
    sketches=st.lists(SKETCHES).map(tuple),
    billed=st.none() | st.builds(Money, st.integers(0, MICROS_MAX)),
    created=st.none() | st.integers(),
)


RECORDS = st.none() | st.dictionaries(st.text(), st.none() | st.integers() | st.text())


@given(PAINTED, RECORDS)
def test_reading_is_the_inverse_of_writing(
    painted: Painted, record: dict[str, object] | None
) -> None:
    body = manifest.encode(CALL, painted, record)
    assert manifest.decode(CALL, body) == painted
    assert manifest.record_in(CALL, body) == record


def test_an_older_manifest_has_no_record() -> None:
    whole = json.loads(written())
    del whole["record"]
    assert manifest.record_in(CALL, json.dumps(whole).encode()) is None


def written(**changes: object) -> bytes:
    sketch = Sketch(name="1.png", format="png", size_bytes=1, sha256="00")
    painted = Painted(sketches=(sketch,), billed=Money(39_000), created=1)
    whole = json.loads(manifest.encode(CALL, painted))
    return json.dumps(whole | changes).encode()


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"\xff\xfe",
        b"{",
        b"[]",
        b"{}",
        written()[:-1],
        written(version=2),
        written(call="k7f2abcd.2"),
        written(billed_micros="39000"),
        written(billed_micros=0.039),
        written(pictures=None),
        written(pictures=["1.png"]),
        written(pictures=[{"name": "1.png"}]),
        written(pictures=[{"name": "../1.png", "format": "png", "size_bytes": 1, "sha256": "00"}]),
    ],
)
def test_anything_else_is_damaged(body: bytes) -> None:
    for read in (manifest.decode, manifest.record_in):
        with pytest.raises(Damaged):
            read(CALL, body)


def test_a_record_that_is_none_does_not_damage_the_answer() -> None:
    body = written(record=["no", "rows"])
    assert manifest.decode(CALL, body).billed == Money(39_000)
    with pytest.raises(Damaged):
        manifest.record_in(CALL, body)


def test_the_table_of_damages_starts_from_a_sound_manifest() -> None:
    assert manifest.decode(CALL, written()).billed == Money(39_000)
