"""A sample of the broken pictures that `make storm` prepares by the thousand."""

from random import Random

from tests.storm import pictures


async def test_a_broken_picture_is_prepared_or_refused() -> None:
    counts = await pictures.prepared(range(60), seed=7)

    assert counts.total() == 60
    assert counts["prepared"] > 5
    assert counts["damaged"] > 5
    assert not counts["out of time"]


def test_the_same_seed_breaks_the_same_way() -> None:
    bodies = pictures.originals()
    once, again = (pictures.mutated(Random("7 1"), bodies) for _ in range(2))  # noqa: S311 - repeatable
    assert once == again
    assert once not in bodies


def test_checksums_are_made_right_again() -> None:
    for whole in pictures.originals():
        if whole.startswith(b"\x89PNG"):
            body = bytearray(whole)
            body[29:33] = bytes(4)  # the header's
            assert body != whole
            pictures._mend(body)
            assert body == whole
