"""What is offered instead fits, is taken by its row, and is nearest to what was wanted."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from bot.core.catalogue import Model
from bot.core.money import ZERO, Money
from bot.core.order import Order, checked
from bot.studio.ways_out import WayOut, ways_out

CENT = Money(10_000)
SIZES = ("0.5K", "1K", "2K")


def row(name: str, *cents: int, sizes: tuple[str, ...] = SIZES) -> Model:
    """Make a row with a price for each of its sizes; without sizes a picture is a cent."""
    prices = {size: CENT * price for size, price in zip(sizes, cents, strict=True)}
    return Model(
        id=name,
        label=name.title(),
        prices=prices or {"any": CENT},
        fields=frozenset({"size", "output_format"}),
        sizes=sizes,
        size_default=next(iter(sizes), None),
        formats=("png",),
    )


GRAND = row("grand", 4, 6, 8)
PLAIN = row("plain", 1, 2, 3)
BETTER = row("better", 2, 4, 5)
BARE = row("bare", sizes=())
FOX = checked(Order(prompt="a fox", model="grand", count=4, size="1K"), GRAND)


def found(left: int, *rows: Model, order: Order = FOX) -> list[tuple[str, str | None, int, Money]]:
    """Look with so many cents left, and tell each way as (row, size, count, price)."""
    return [
        (way.model.id, way.order.size, way.order.count, way.price)
        for way in looked(left, *rows, order=order)
    ]


def looked(left: int, *rows: Model, order: Order) -> list[WayOut]:
    prices = {
        (one.id, size): price
        for one in rows
        for size in one.sizes or (None,)
        if (price := one.price(size)) is not None
    }
    return ways_out(order, CENT * left, rows, prices)


def test_fewer_come_first_as_many_as_fit() -> None:
    assert found(23, GRAND) == [
        ("grand", "1K", 3, CENT * 18),
        ("grand", "0.5K", 4, CENT * 16),
    ]
    assert found(13, GRAND) == [("grand", "1K", 2, CENT * 12)]


def test_of_the_cheaper_rows_the_dearest_that_fits_is_offered() -> None:
    assert ("better", "1K", 4, CENT * 16) in found(16, GRAND, PLAIN, BETTER)
    assert ("plain", "1K", 4, CENT * 8) in found(15, GRAND, PLAIN, BETTER)


def test_of_the_cheaper_sizes_the_dearest_that_fits_is_offered() -> None:
    large = replace(FOX, size="2K")
    assert ("grand", "1K", 4, CENT * 24) in found(24, GRAND, order=large)
    assert ("grand", "0.5K", 4, CENT * 16) in found(23, GRAND, order=large)


def test_nothing_is_offered_where_nothing_fits() -> None:
    assert found(0, GRAND, PLAIN, BETTER) == []
    assert found(3, GRAND, PLAIN, BETTER) == []


def test_what_costs_as_much_is_no_way_out() -> None:
    assert found(40, GRAND, replace(GRAND, id="twin"), order=replace(FOX, size="0.5K")) == []


def test_a_row_that_does_not_take_the_order_is_no_way_out() -> None:
    assert found(5, GRAND, replace(PLAIN, formats=("webp",))) == []


def test_a_row_without_sizes_can_be_one() -> None:
    assert found(5, GRAND, BARE) == [("bare", None, 4, CENT * 4)]


@given(
    left=st.integers(0, 60),
    count=st.integers(1, 10),
    size=st.sampled_from(SIZES),
    cents=st.lists(st.integers(1, 9), min_size=9, max_size=9),
)
def test_whatever_is_offered_fits_and_is_cheaper(
    left: int, count: int, size: str, cents: list[int]
) -> None:
    rows = [row(name, *cents[at * 3 : at * 3 + 3]) for at, name in enumerate("abc")]
    order = checked(Order(prompt="a fox", model="a", count=count, size=size), rows[0])
    ways = looked(left, *rows, order=order)

    assert len(ways) <= 3
    whole = (rows[0].price(size) or ZERO) * count
    for way in ways:
        assert way.price <= CENT * left
        assert way.price < whole
        assert checked(way.order, way.model) == way.order
        assert way.price == (way.model.price(way.order.size) or ZERO) * way.order.count
        differs = (way.order.count, way.order.model, way.order.size)
        same = zip(differs, (order.count, order.model, order.size), strict=True)
        assert sum(one != other for one, other in same) == 1
