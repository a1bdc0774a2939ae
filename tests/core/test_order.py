"""An order is filled in by its row, or refused with the nearest one that works."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.catalogue import SHIPPED, Model, load
from bot.core.money import Money
from bot.core.order import COUNT_MAX, Effort, Order, Reference, checked, nearest_value, quoted
from bot.core.problems import (
    CountOutOfRange,
    NoPrice,
    NoReferences,
    Refused,
    TooManyReferences,
    Unsupported,
)

IMAGEN = load(SHIPPED).default
BARE = Model(id="bare", label="Bare", prices={"any": Money(1)}, fields=frozenset({"n"}))
PIXELS = replace(BARE, id="px", sizes=("auto", "1024x1024"), size_default="auto")
ROWS = [*load(SHIPPED).models, BARE, PIXELS, replace(IMAGEN, efforts=("minimal",))]
FOX = Order(prompt="a fox", model=IMAGEN.id)

aspects = st.none() | st.sampled_from(["1:1", "16:9", "3:2", "9:21"]) | st.text(max_size=9)
sizes = st.none() | st.sampled_from(["0.5K", "4K", "8K", "1024x1024"]) | st.text(max_size=9)
orders = st.builds(
    Order,
    prompt=st.just("a fox"),
    model=st.just("any"),
    count=st.integers(1, COUNT_MAX),
    aspect=aspects,
    size=sizes,
    format=st.none() | st.sampled_from(["png", "webp", "gif"]),
    enhance=st.none() | st.booleans(),
    thinking=st.none() | st.sampled_from(Effort),
)


def refused(order: Order, row: Model = IMAGEN) -> object:
    with pytest.raises(Refused) as refusal:
        checked(order, row)
    return refusal.value.problem


def unsupported(order: Order, row: Model = IMAGEN) -> Unsupported:
    problem = refused(order, row)
    assert isinstance(problem, Unsupported)
    return problem


@given(orders, st.sampled_from(ROWS))
def test_an_order_is_accepted_or_its_nearest_one_is(order: Order, row: Model) -> None:
    try:
        accepted = checked(order, row)
    except Refused as refusal:
        problem = refusal.problem
        assert isinstance(problem, Unsupported)
        assert problem.value not in problem.accepted
        assert problem.nearest != order
        assert replace(problem.nearest, aspect=None, size=None, format=None, enhance=None,
                       thinking=None) == replace(order, aspect=None, size=None, format=None,
                                                 enhance=None, thinking=None)  # fmt: skip
        accepted = checked(problem.nearest, row)
    assert checked(accepted, row) == accepted
    assert quoted(accepted, row).total == Money(
        quoted(accepted, row).unit_price.micros * order.count
    )


def test_the_row_fills_in_what_nobody_chose() -> None:
    assert checked(FOX, IMAGEN) == replace(FOX, aspect="1:1", size="1K", format="png")
    assert checked(FOX, BARE) == FOX


def test_4k_comes_as_webp_unless_somebody_asked_for_another_format() -> None:
    big = replace(FOX, size="4K")
    assert checked(big, IMAGEN).format == "webp"
    assert checked(replace(big, format="jpeg"), IMAGEN).format == "jpeg"
    assert checked(big, replace(IMAGEN, formats=("jpeg", "png"))).format == "jpeg"


@pytest.mark.parametrize("count", [0, -1, COUNT_MAX + 1])
def test_a_count_out_of_range_is_refused(count: int) -> None:
    assert refused(replace(FOX, count=count)) == CountOutOfRange(count, COUNT_MAX)


def test_a_refusal_lists_what_is_accepted_and_names_the_nearest_order() -> None:
    order = replace(FOX, aspect="3:2", count=3)
    assert unsupported(order) == Unsupported(
        "aspect", "3:2", "Imagen 4", IMAGEN.aspects, replace(order, aspect="4:3")
    )


def test_the_nearest_order_mends_every_option_at_once() -> None:
    order = replace(FOX, aspect="16:9", size="4K", format="png", enhance=False)
    order = replace(order, thinking=Effort.HIGH)
    assert unsupported(order, PIXELS).option == "aspect"
    assert unsupported(order, PIXELS).nearest == replace(FOX, size="auto")
    assert unsupported(order, BARE).nearest == FOX


@pytest.mark.parametrize("enhance", [True, False])
def test_enhance_is_refused_either_way_where_the_row_does_not_list_it(*, enhance: bool) -> None:
    problem = unsupported(replace(FOX, enhance=enhance), BARE)
    assert (problem.option, problem.value) == ("enhance", "on" if enhance else "off")
    assert checked(replace(FOX, enhance=enhance), IMAGEN).enhance is enhance


def test_thinking_moves_to_an_effort_the_row_lists() -> None:
    row = replace(IMAGEN, efforts=("minimal",))
    assert unsupported(replace(FOX, thinking=Effort.HIGH), row).nearest.thinking is Effort.MINIMAL
    assert unsupported(replace(FOX, thinking=Effort.HIGH), BARE).nearest.thinking is None


@pytest.mark.parametrize(
    ("option", "value", "nearest"),
    [
        ("aspect", "21:9", "16:9"),
        ("aspect", "2:3", "3:4"),
        ("aspect", "9:21", "9:16"),
        ("aspect", "32:18", "16:9"),
        ("size", "8K", "4K"),
        ("size", "0.25K", "0.5K"),
        ("size", "2.9K", "2K"),
        ("format", "gif", "png"),
        ("thinking", "high", "minimal"),
    ],
)
def test_nearest_is_measured_where_it_can_be(option: str, value: str, nearest: str) -> None:
    accepted = {
        "aspect": IMAGEN.aspects,
        "size": IMAGEN.sizes,
        "format": IMAGEN.formats,
        "thinking": ("minimal",),
    }
    assert nearest_value(option, value, accepted[option]) == nearest


@pytest.mark.parametrize(
    "aspect",
    ["16:0", "0:0", "²:1", "1:²", "wide", ":", "16:", ":9", "-1:2", "1:1:1", "", "9" * 400 + ":1",
     "9" * 5000 + ":1", "٣:٤"],
)  # fmt: skip
def test_a_tampered_aspect_falls_back_to_the_first(aspect: str) -> None:
    assert unsupported(replace(FOX, aspect=aspect)).nearest.aspect == "1:1"


@pytest.mark.parametrize("size", ["²K", "K", ".K", "1.K", "-1K", "1e9K", "nanK", "2k", "big"])
def test_a_tampered_size_falls_back_to_the_first(size: str) -> None:
    assert unsupported(replace(FOX, size=size)).nearest.size == "0.5K"


def test_a_size_in_pixels_has_no_rank_to_compare() -> None:
    assert nearest_value("size", "2K", PIXELS.sizes) == "auto"
    assert nearest_value("size", "2K", ("auto", "1K")) == "1K"


def test_a_quote_is_the_unit_price_times_the_pictures_of_all_calls() -> None:
    quote = quoted(checked(replace(FOX, count=10), IMAGEN), IMAGEN)
    assert quote.calls == (4, 4, 2)
    assert quote.total == Money(400_000)


def test_an_unknown_price_is_refused_and_never_free() -> None:
    row = replace(IMAGEN, prices={"1K": Money(40_000)})
    with pytest.raises(Refused) as refusal:
        quoted(checked(replace(FOX, size="4K"), row), row)
    assert refusal.value.problem == NoPrice("Imagen 4", "4K")


FROM_TALL = replace(
    FOX, references=(Reference(name="a.jpg", label="image1", width=700, height=1300),)
)


def test_an_edit_keeps_the_shape_of_its_first_picture_as_nearly_as_the_row_can() -> None:
    assert checked(FROM_TALL, IMAGEN).aspect == "9:16"
    assert checked(replace(FROM_TALL, aspect="4:3"), IMAGEN).aspect == "4:3"
    assert checked(FROM_TALL, replace(IMAGEN, aspects=())).aspect is None


def test_references_need_a_row_that_takes_as_many() -> None:
    two = replace(FROM_TALL, references=FROM_TALL.references * 2)
    assert refused(FROM_TALL, BARE) == NoReferences("Bare")
    assert refused(two, replace(IMAGEN, references_max=1)) == TooManyReferences(2, 1, "Imagen 4")
    assert checked(two, replace(IMAGEN, references_max=2)).references == two.references
