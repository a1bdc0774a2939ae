"""Rows are read whole or refused by file, row and key; the shipped ones all price and quote."""

import tomllib
from itertools import product
from pathlib import Path

import pytest

from bot.core.catalogue import SHIPPED, Catalogue, CatalogueError, Model, References, Task, load
from bot.core.money import Money
from bot.core.order import COUNT_MAX, Effort, Order, checked, quoted

EXAMPLE = Path(__file__).parents[2] / "docs" / "models.example.toml"

PLAIN = {
    "id": '"m"',
    "label": '"Em"',
    "price": '"0.040000"',
    "fields": '["n", "output_format", "aspect_ratio", "size", "input_images", "reasoning_effort"]',
    "aspects": '["1:1", "16:9"]',
    "sizes": '["1K", "4K"]',
    "size_default": '"1K"',
}


def write(folder: Path, *rows: dict[str, str | None], name: str = "own.toml") -> Path:
    """Write rows; each is the plain one with changes, None leaving a key out."""
    lines = list[str]()
    for row in rows:
        lines.append("[[model]]")
        entries = (PLAIN | row).items()
        lines.extend(f"{key} = {value}" for key, value in entries if value is not None)
    file = folder / name
    file.write_text("\n".join(lines), encoding="utf-8")
    return file


def one(folder: Path, **changes: str | None) -> Model:
    return load(write(folder, changes)).default


BAD = [
    ("id", "7", "own.toml: 7: id: expected a text"),
    ("id", '" "', "id: expected a text"),
    ("id", None, "own.toml: a row without id: id is missing"),
    ("label", None, "own.toml: m: label is missing"),
    ("label", "[]", "label: expected a text"),
    ("price", None, "prices is missing"),
    ("price", "0.04", "price: expected a text"),
    ("price", '"0.000000"', "price: a price of 0 would make pictures free"),
    ("price", '"-1"', "price: not an amount like 5 or 0.25: '-1'"),
    ("prices", '"0.04"', "prices: expected a table of prices by size"),
    ("prices", '{ "1K" = 0.04 }', "prices: expected a text"),
    ("prices", '{ "4k" = "0.08" }', "prices: '4k' is not one of sizes"),
    ("minimum_hold", '"0"', "minimum_hold: a price of 0 would make pictures free"),
    ("fields", None, "fields is missing"),
    ("fields", "[]", "fields is missing"),
    ("fields", '"n"', "fields: expected a list of texts"),
    ("fields", '["n", "size"]', "fields: 'aspect_ratio' is missing"),
    ("aspects", "[1]", "aspects: expected a text"),
    ("aspects", '"1:1"', "aspects: expected a list of texts"),
    ("sizes", "[true]", "sizes: expected a text"),
    ("sizes", "[]", "size_default: expected one of sizes"),
    ("size_default", '"2K"', "size_default: expected one of sizes"),
    ("size_default", None, "size_default: expected one of sizes"),
    ("formats", '["png", "jpg"]', "formats: 'jpg' is none of png, jpeg, webp"),
    ("efforts", '["medium"]', "efforts: 'medium' is none of minimal, high"),
    ("images_per_call", "0", "images_per_call: expected a whole number from 1"),
    ("images_per_call", "true", "images_per_call: expected a whole number from 1"),
    ("images_per_call", "1.5", "images_per_call: expected a whole number from 1"),
    ("references", '"some"', "references: 'some' is not a valid References"),
    ("references", '"native"', "references: references_max and reference_bytes_max are needed"),
    ("references_max", "-1", "references_max: expected a whole number from 1"),
    ("reference_bytes_max", '"7"', "reference_bytes_max: expected a whole number from 1"),
    ("price_assumed", '"yes"', "price_assumed: expected true or false"),
    ("enabled", "1", "enabled: expected true or false"),
    ("prize", "1", "unknown key 'prize'"),
]


@pytest.mark.parametrize(("key", "value", "message"), BAD)
def test_a_bad_row_is_refused_by_file_row_and_key(
    tmp_path: Path, key: str, value: str | None, message: str
) -> None:
    file = write(tmp_path, {key: value})
    with pytest.raises(CatalogueError) as refusal:
        load(SHIPPED, file)
    assert message in str(refusal.value)
    assert str(refusal.value).startswith("own.toml: ")


@pytest.mark.parametrize(
    ("field", "claim"),
    [
        ("n", {"images_per_call": "4"}),
        ("size", {}),
        ("aspect_ratio", {}),
        ("output_format", {"formats": '["png"]'}),
        ("reasoning_effort", {"efforts": '["high"]'}),
        ("input_images", {"references": '"documented"'}),
    ],
)
def test_a_row_may_not_offer_what_it_does_not_send(
    tmp_path: Path, field: str, claim: dict[str, str | None]
) -> None:
    every = tomllib.loads(f"f = {PLAIN['fields']}")["f"]
    fields = str([name for name in every if name != field])
    with pytest.raises(CatalogueError, match=f"own.toml: m: fields: '{field}' is missing"):
        load(write(tmp_path, claim | {"fields": fields}))


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"[[model]\n", "own.toml: Expected ']]'"),
        (b"\xff", "own.toml: 'utf-8' codec"),
        (b"", "expected [[model]] tables"),
        (b"[[models]]\nid = 'm'", "expected [[model]] tables"),
        (b"[model]\nid = 'm'", "expected [[model]] tables"),
        (b"model = ['m']", "expected [[model]] tables"),
        (b"model = []", "no model is enabled"),
    ],
)
def test_a_file_without_rows_is_refused(tmp_path: Path, content: bytes, message: str) -> None:
    file = tmp_path / "own.toml"
    file.write_bytes(content)
    with pytest.raises(CatalogueError) as refusal:
        load(file)
    assert message in str(refusal.value)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(CatalogueError, match=r"none\.toml"):
        load(SHIPPED, tmp_path / "none.toml")


def test_a_byte_order_mark_is_no_error(tmp_path: Path) -> None:
    file = write(tmp_path, {})
    file.write_bytes(b"\xef\xbb\xbf" + file.read_bytes())
    assert load(file).default.id == "m"


def test_a_row_is_read_whole(tmp_path: Path) -> None:
    row = one(
        tmp_path,
        label='" Em "',
        prices='{ "4K" = "0.08" }',
        price_assumed="true",
        minimum_hold='"0.01"',
        formats='["png"]',
        efforts='["high"]',
        images_per_call="4",
        references='"native"',
        references_max="3",
        reference_bytes_max="7_000_000",
    )
    assert row == Model(
        id="m",
        label="Em",
        prices={"any": Money(40_000), "4K": Money(80_000)},
        price_assumed=True,
        minimum_hold=Money(10_000),
        fields=row.fields,
        aspects=("1:1", "16:9"),
        sizes=("1K", "4K"),
        size_default="1K",
        formats=("png",),
        efforts=("high",),
        images_per_call=4,
        references=References.NATIVE,
        references_max=3,
        reference_bytes_max=7_000_000,
    )


def test_a_size_has_its_own_price_else_the_one_for_any(tmp_path: Path) -> None:
    row = one(tmp_path, prices='{ "4K" = "0.02" }')
    assert [row.price(size) for size in ("1K", "4K", None)] == [
        Money(40_000),
        Money(20_000),
        Money(40_000),
    ]
    assert row.price_from == Money(20_000)


def test_a_size_without_a_price_is_unknown_and_not_free(tmp_path: Path) -> None:
    row = one(tmp_path, price=None, prices='{ "1K" = "0.04" }')
    assert row.price("4K") is None
    assert row.price(None) is None


def test_a_later_row_replaces_an_earlier_one_in_its_place(tmp_path: Path) -> None:
    first = write(tmp_path, {}, {"id": '"n"', "label": '"En"'})
    second = write(tmp_path, {"label": '"New"', "aspects": None}, name="later.toml")
    catalogue = load(first, second)
    assert [row.label for row in catalogue.models] == ["New", "En"]
    assert catalogue.by_id["m"].aspects == ()


def test_choices_are_the_union_over_enabled_rows(tmp_path: Path) -> None:
    rows: list[dict[str, str | None]] = [
        {},
        {"id": '"n"', "aspects": '["4:3", "1:1"]'},
        {"id": '"o"', "aspects": '["2:3"]', "enabled": "false"},
    ]
    catalogue = load(write(tmp_path, *rows))
    assert catalogue.choices("aspects") == ("1:1", "16:9", "4:3")
    assert catalogue.choices("efforts") == ()


@pytest.mark.parametrize("text", ["m", "M", " em\n", "EM"])
def test_a_row_is_found_as_a_person_types_it(tmp_path: Path, text: str) -> None:
    found = load(write(tmp_path, {"id": '"n"', "label": '"En"'}, {})).find(text)
    assert found is not None
    assert found.id == "m"


def test_an_id_comes_before_the_label_of_another_row(tmp_path: Path) -> None:
    found = load(write(tmp_path, {"label": '"n"'}, {"id": '"n"', "label": '"En"'})).find("n")
    assert found is not None
    assert found.id == "n"


def test_what_is_unknown_or_switched_off_is_not_found(tmp_path: Path) -> None:
    catalogue = load(write(tmp_path, {}, {"id": '"n"', "label": '"En"', "enabled": "false"}))
    assert [catalogue.find(text) for text in ("n", "En", "x", "")] == [None] * 4


def test_rows_the_key_may_not_use_are_switched_off(tmp_path: Path) -> None:
    catalogue = load(write(tmp_path, {}, {"id": '"n"', "label": '"En"'}))
    left = catalogue.without(["m", "unheard of"])
    assert left.default.id == "n"
    assert [row.id for row in left.models] == ["m", "n"]
    assert catalogue.default.id == "m"
    with pytest.raises(CatalogueError, match="no model is enabled"):
        left.without(["n"])


@pytest.mark.parametrize(("count", "batch"), [*product(range(1, COUNT_MAX + 1), range(1, 13))])
def test_calls_cover_a_count_exactly(tmp_path: Path, count: int, batch: int) -> None:
    calls = one(tmp_path, images_per_call=str(batch)).calls(count)
    assert sum(calls) == count
    assert len(calls) == -(-count // batch)
    assert all(1 <= images <= batch for images in calls)


def test_the_shipped_rows_are_the_published_ones() -> None:
    catalogue = load(SHIPPED)
    assert [(row.label, row.enabled) for row in catalogue.models] == [
        ("Imagen 4", True),
        ("Imagen 4 Fast", True),
        ("Nano Banana", False),
    ]
    assert {str(row.price_from) for row in catalogue.models} == {"$0.04"}
    assert [row.price_assumed for row in catalogue.models] == [False, True, False]
    assert catalogue.default.calls(10) == (4, 4, 2)


def test_the_example_adds_to_the_shipped_rows() -> None:
    catalogue = load(SHIPPED, EXAMPLE)
    assert [row.label for row in catalogue.enabled] == [
        "Imagen 4",
        "Imagen 4 Fast",
        "Nano Banana",
        "MAI Image 2.5",
    ]
    mai = catalogue.by_id["MAI-Image-2.5"]
    assert {mai.price(size) for size in mai.sizes} == {Money(33_000)}
    assert checked(Order(prompt="a fox", model=mai.id), mai).aspect is None


def test_the_examples_rows_without_a_price_are_refused_until_they_have_one(tmp_path: Path) -> None:
    text = EXAMPLE.read_text(encoding="utf-8")
    unpriced = text[text.index("# [[model]]") :].replace("\n# ", "\n").removeprefix("# ")
    unpriced = unpriced[: unpriced.index("Tools for one task")]
    file = tmp_path / "own.toml"
    file.write_text(unpriced, encoding="utf-8")
    with pytest.raises(CatalogueError, match="price: expected a text"):
        load(file)
    file.write_text(unpriced.replace('price = ""', 'price = "0.06"'), encoding="utf-8")
    assert [row.label for row in load(file).models] == ["Imagen 4 Ultra", "GPT Image 1.5"]


@pytest.mark.parametrize("row", load(SHIPPED, EXAMPLE).models, ids=lambda row: row.id)
def test_every_row_prices_and_quotes_in_every_shape(row: Model) -> None:
    shapes = product([None, *row.aspects], [None, *row.sizes], range(1, COUNT_MAX + 1))
    for aspect, size, count in shapes:
        order = Order(prompt="a fox", model=row.id, aspect=aspect, size=size, count=count)
        accepted = checked(order, row)
        quote = quoted(accepted, row)
        assert accepted.size in (row.sizes or (None,))
        assert accepted.format in row.formats
        assert quote.unit_price == row.price(accepted.size)
        assert quote.total == quote.unit_price * count


def test_the_efforts_a_row_may_list_are_those_an_order_can_name(tmp_path: Path) -> None:
    every = str([str(effort) for effort in Effort])
    assert one(tmp_path, efforts=every).efforts == tuple(Effort)


def test_a_catalogue_without_rows_is_refused() -> None:
    with pytest.raises(CatalogueError, match="no model is enabled"):
        Catalogue(())


def test_a_tool_is_for_its_task_alone() -> None:
    catalogue = load(SHIPPED, EXAMPLE)
    tool = catalogue.by_id["stability-remove-background"]
    assert tool not in catalogue.enabled
    assert catalogue.find(tool.label) is None
    assert catalogue.find(tool.label, Task.CUT_OUT) is tool
    assert catalogue.for_references(task=Task.CUT_OUT) is tool
    assert catalogue.for_references(task=Task.EDIT).id == NANO_BANANA


def test_pictures_go_to_a_row_that_takes_them_natively_where_there_is_one() -> None:
    shipped, example = load(SHIPPED), load(SHIPPED, EXAMPLE)
    imagen, mai = shipped.default, example.by_id["MAI-Image-2.5"]
    assert shipped.for_references(imagen) is imagen
    assert example.for_references(imagen).id == NANO_BANANA
    assert example.for_references(mai) is mai


@pytest.mark.parametrize(
    ("count", "row"), [(3, "few"), (4, "many"), (10, "many"), (11, "m"), (15, "m")]
)
def test_many_pictures_go_to_a_row_that_takes_so_many(tmp_path: Path, count: int, row: str) -> None:
    def taking(name: str, how: str, most: int) -> dict[str, str | None]:
        more = {"references_max": str(most), "reference_bytes_max": "7"}
        return {"id": f'"{name}"', "references": f'"{how}"', **more}

    rows = [taking("m", "documented", 14), taking("few", "native", 3), taking("many", "native", 10)]
    assert load(write(tmp_path, *rows)).for_references(count=count).id == row


def test_where_no_row_works_from_pictures_the_chosen_one_stays(tmp_path: Path) -> None:
    bare = one(tmp_path)
    assert Catalogue((bare,)).for_references(bare) is bare


NANO_BANANA = "gemini-2.0-flash-preview-image-generation"
