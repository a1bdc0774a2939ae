"""Lists of models of every shape that may come."""

import pytest

from bot.core.money import Money
from bot.gateway.pricelist import read

CENTS = Money(40_000)


@pytest.mark.parametrize(
    ("content", "models"),
    [
        ('{"data":[{"id":"a","price":"0.04"},{"id":"b"}]}', {"a": CENTS, "b": None}),
        ('{"data":[{"id":"a","pricing":{"image":0.04}}]}', {"a": CENTS}),
        ('{"data":[{"id":"a","pricing":{"x":1,"price":{"per_image":"$0.04"}}}]}', {"a": CENTS}),
        ('{"data":[{"id":"a","price":null,"image_price":"0.04"}]}', {"a": CENTS}),
        ('{"data":[{"id":"a","price":{"price":{"price":{"price":1}}}}]}', {"a": None}),
        ('{"data":[{"id":"a","price":[1]},{"id":7},{"id":""},7,null,""]}', {"a": None}),
        ('{"models":["a","b"]}', {"a": None, "b": None}),
        ('["a"]', {"a": None}),
        ('[{"model":"a"},{"name":"b"}]', {"a": None, "b": None}),
        ('{"data":{"a":{"price":"0.04"},"b":"0.04"}}', {"a": CENTS, "b": CENTS}),
        ('{"data":[]}', None),
        ('{"data":"a"}', None),
        ('{"error":{"message":"No."}}', None),
        ("{}", None),
        ("7", None),
        ("<html>", None),
        ("", None),
        ("[" * 60_000, None),
    ],
)
def test_a_list_of_models_is_read_as_far_as_it_makes_sense(
    content: str, models: dict[str, Money | None] | None
) -> None:
    assert read(content.encode()) == models


def test_a_list_that_is_not_utf8_is_none() -> None:
    assert read(b'["\xff"]') is None
