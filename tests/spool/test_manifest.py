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


@given(PAINTED)
def test_reading_is_the_inverse_of_writing(painted: Painted) -> None:
    assert manifest.decode(CALL, manifest.encode(CALL, painted)) == painted


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
    with pytest.raises(Damaged):
        manifest.decode(CALL, body)


def test_the_table_of_damages_starts_from_a_sound_manifest() -> None:
    assert manifest.decode(CALL, written()).billed == Money(39_000)
