"""What replies to pictures mean."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.reply import Instruction, read


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("make it night", Instruction(prompt="make it night")),
        ("2: make it night", Instruction(pictures=(2,), prompt="make it night")),
        ("#2 make it night", Instruction(pictures=(2,), prompt="make it night")),
        ("#2: make it night", Instruction(pictures=(2,), prompt="make it night")),
        ("1+3: combine", Instruction(pictures=(1, 3), prompt="combine")),
        ("3 + 1 + 3: combine", Instruction(pictures=(3, 1), prompt="combine")),
        ("#1+#3 combine", Instruction(pictures=(1, 3), prompt="combine")),
        ("1-3: combine", Instruction(pictures=(1, 2, 3), prompt="combine")),
        ("3-2: combine", Instruction(pictures=(2, 3), prompt="combine")),
        ("1, 2 and 4: combine", Instruction(pictures=(1, 2, 4), prompt="combine")),
        ("#1 & #3 combine", Instruction(pictures=(1, 3), prompt="combine")),
        ("picture 2: make it night", Instruction(pictures=(2,), prompt="make it night")),
        ("Images 1+2: combine", Instruction(pictures=(1, 2), prompt="combine")),
        ("image 2", Instruction(pictures=(2,))),
        ("pictures of cats", Instruction(prompt="pictures of cats")),
        ("2", Instruction(pictures=(2,))),
        ("2:", Instruction(pictures=(2,))),
        ("again", Instruction(again=True)),
        ("Again!", Instruction(again=True)),
        ("again 4x", Instruction(again=True, count=4)),
        ("2: again", Instruction(pictures=(2,), again=True)),
        ("4x", Instruction(again=True, count=4)),
        ("x3", Instruction(again=True, count=3)),
        ("cancel", Instruction(cancel=True)),
        ("wide", Instruction(aspect="16:9")),
        ("2: tall, 4k", Instruction(pictures=(2,), aspect="9:16", size="4K")),
        ("add snow, 2k", Instruction(prompt="add snow", size="2K")),
        ("4x wide add snow", Instruction(prompt="add snow", count=4, aspect="16:9")),
        ("add a 4x4 truck", Instruction(prompt="add a 4x4 truck")),
        ("a wide river at dawn", Instruction(prompt="a wide river at dawn")),
        ("square, add snow", Instruction(prompt="add snow", aspect="1:1")),
        ("16:9", Instruction(aspect="16:9")),
        ("2: 3:4", Instruction(pictures=(2,), aspect="3:4")),
        ("a clock at 10:30", Instruction(prompt="a clock at 10:30")),
        ("11x", Instruction(again=True, count=11)),
        ("again 20x", Instruction(again=True, count=20)),
        ("zoom 50x", Instruction(prompt="zoom 50x")),
        ("0.5k", Instruction(size="0.5K")),
        ("thanks!", Instruction()),
        ("Nice, I love it", Instruction(prompt="Nice, I love it")),
        ("nice, love it so much!!", Instruction()),
        ("lol \U0001f600", Instruction()),
        ("2: wow", Instruction(pictures=(2,))),
        ("\U0001f44d", Instruction()),
        ("no sky", Instruction(prompt="no sky")),
        ("2 cats on a roof", Instruction(prompt="2 cats on a roof")),
        ("cancel the moon", Instruction(prompt="cancel the moon")),
        ("again, but bluer", Instruction(prompt="again, but bluer")),
        ("line one\nline two", Instruction(prompt="line one\nline two")),
        ("", Instruction()),
        ("  ", Instruction()),
    ],
)
def test_a_reply_means(text: str, meant: Instruction) -> None:
    assert read(text) == meant


@given(st.text())
def test_any_text_means_something(text: str) -> None:
    meant = read(text)
    assert meant.prompt in text
    assert all(0 <= number <= 99 for number in meant.pictures)


@pytest.mark.parametrize(
    ("text", "only"), [("wide", True), ("2: 4k", True), ("wide moon", False), ("4x", False)]
)
def test_a_shape_alone_is_an_order_too(text: str, only: bool) -> None:  # noqa: FBT001
    assert read(text).is_shape_only is only
