"""The rules for what an app may send: commands, components, modals, embeds."""

from typing import Any

import pytest

from sandbox.clock import MovableClock
from sandbox.discord.commands import Registry
from sandbox.discord.components import check_components
from sandbox.discord.embeds import check_embeds
from sandbox.discord.modals import check_modal
from sandbox.discord.refusals import Form, Raw, Refused
from sandbox.discord.snowflake import Snowflakes, made_at


@pytest.fixture
def registry(clock: MovableClock) -> Registry:
    return Registry("1", clock, Snowflakes(clock))


def command(**changes: object) -> Raw:
    return {"name": "imagine", "description": "Paint"} | changes


def option(**changes: object) -> Raw:
    return {"type": 3, "name": "prompt", "description": "What"} | changes


def where(refused: Refused) -> list[str]:
    """List the paths of the fields that were refused."""
    found: list[str] = []

    def walk(node: Raw, path: str) -> None:
        for key, below in node.items():
            if key == "_errors":
                found.append(path)
            else:
                walk(below, f"{path}.{key}" if path else key)

    walk(refused.errors or {}, "")
    return found


CHOICE = {"name": "a", "value": "a"}


@pytest.mark.parametrize(
    ("payload", "path"),
    [
        ("nothing", "commands"),
        ([command(name="Imagine")], "0.name"),
        ([command(name="x" * 33)], "0.name"),
        ([command(description="")], "0.description"),
        ([command(description=None)], "0.description"),
        ([command(type=9)], "0.type"),
        ([command(), command()], "_"),
        ([command(type=3, description="no")], "0"),
        ([command(options=[option(description="x" * 101)])], "0.options.0.description"),
        ([command(options=[option(type=12)])], "0.options.0.type"),
        ([command(options=[option(type=2)])], "0.options.0.options"),
        ([command(options=[option(type=1, options=[option(type=1)])])], "0.options.0.options"),
        (
            [command(options=[option(type=4, min_value=5, max_value=1)])],
            "0.options.0.max_value",
        ),
        ([command(options=[option(), option()])], "0.options"),
        ([command(options=[option(), option(name="b", required=True)])], "0.options.1"),
        (
            [command(options=[option(choices=[CHOICE], autocomplete=True)])],
            "0.options.0.autocomplete",
        ),
        ([command(options=[option(choices=[CHOICE, CHOICE])])], "0.options.0.choices"),
        (
            [command(options=[option(choices=[CHOICE | {"value": 1}])])],
            "0.options.0.choices.0.value",
        ),
        (
            [
                command(
                    options=[option(choices=[{"name": str(n), "value": "v"} for n in range(26)])]
                )
            ],
            "0.options.0.choices",
        ),
        ([command(options=[option(type=5, autocomplete=True)])], "0.options.0"),
        ([command(options=[option(max_length=6001)])], "0.options.0.max_length"),
        (
            [command(options=[option(type=1, options=[option(name="A")])])],
            "0.options.0.options.0.name",
        ),
        ([command(options=[option(type=1), option(name="b")])], "0.options"),
        ([command(options=[option(name=f"o{n}") for n in range(26)])], "0.options"),
        (
            [
                command(
                    options=[
                        option(
                            choices=[{"name": f"{n}{m}", "value": "v" * 100} for m in range(25)],
                            name=f"o{n}",
                        )
                        for n in range(4)
                    ]
                )
            ],
            "0",
        ),
    ],
)
def test_wrong_commands_are_refused_where_they_are_wrong(
    registry: Registry, payload: object, path: str
) -> None:
    with pytest.raises(Refused) as caught:
        registry.overwrite(None, payload)
    assert caught.value.code == 50035
    assert path in where(caught.value)


def test_ids_of_commands_that_stay_are_kept(registry: Registry) -> None:
    before = registry.overwrite(None, [command(), command(name="about")])
    after = registry.overwrite(None, [command(description="Paint more"), command(name="new")])
    assert after[0]["id"] == before[0]["id"]
    assert after[0]["description"] == "Paint more"
    assert registry.named(None, 1, "about") is None
    assert sum(registry.creates.values()) == 3


def test_a_servers_own_command_hides_the_global_one(registry: Registry) -> None:
    registry.overwrite(None, [command(), command(type=3, name="Edit image", description=None)])
    own = registry.add("5", command())
    assert registry.add("5", command())["id"] == own["id"]
    assert registry.named("5", 1, "imagine") == registry.scopes["5"][1, "imagine"]
    assert len(registry.seen_in("5")) == 2
    assert registry.seen_in(None)[1]["description"] == ""


def test_two_hundred_commands_can_be_made_in_a_day(registry: Registry, clock: MovableClock) -> None:
    for day_part in range(2):
        registry.overwrite(None, [])
        registry.overwrite(None, [command(name=f"c{day_part}-{n}") for n in range(100)])
    with pytest.raises(Refused) as caught:
        registry.add(None, command())
    assert caught.value.code == 30034
    clock.advance(86_400)
    assert registry.add(None, command())


def button(**changes: object) -> Raw:
    return {"type": 2, "style": 1, "label": "Go", "custom_id": "go"} | changes


def row(*children: Raw) -> Raw:
    return {"type": 1, "components": list(children)}


def select(**changes: object) -> Raw:
    options = [{"label": "A", "value": "a"}]
    return {"type": 3, "custom_id": "pick", "options": options} | changes


def text(content: str = "words") -> Raw:
    return {"type": 10, "content": content}


ROWS = [row(button(custom_id=str(n))) for n in range(6)]
LONG = {"media": {"url": "x" * 2049}}
PICTURE = {"media": {"url": "https://example.org/a.png"}}
SECTION: Raw = {"type": 9, "components": [text()], "accessory": {"type": 11} | PICTURE}


@pytest.mark.parametrize(
    ("tree", "path"),
    [
        ([button()], "components.0.type"),
        ([text()], "components.0.type"),
        (ROWS, "components"),
        ([row()], "components.0.components"),
        ([row(*[button(custom_id=str(n)) for n in range(6)])], "components.0.components"),
        ([row(button(), select())], "components.0.components"),
        ([row(button(), button())], "components.0.components.1.custom_id"),
        ([row(button(custom_id="x" * 101))], "components.0.components.0.custom_id"),
        ([row(button(label="x" * 81))], "components.0.components.0.label"),
        ([row(button(label=None))], "components.0.components.0"),
        ([row(button(style=7))], "components.0.components.0.style"),
        ([row(button(style=5))], "components.0.components.0.url"),
        ([row(select(options=[]))], "components.0.components.0.options"),
        (
            [row(select(options=[{"label": "A", "value": "a"}] * 2))],
            "components.0.components.0.options",
        ),
        ([row(select(max_values=26))], "components.0.components.0.max_values"),
        ([row(select(max_values=2))], "components.0.components.0.options"),
        (
            [row(select(options=[{"label": n, "value": n, "default": True} for n in "ab"]))],
            "components.0.components.0",
        ),
        (
            [row(select(type=6, default_values=[{"id": 1, "type": "user"}]))],
            "components.0.components.0.default_values",
        ),
        ([row(select(type=5, placeholder="x" * 151))], "components.0.components.0.placeholder"),
    ],
)
def test_wrong_components_are_refused(tree: list[Raw], path: str) -> None:
    assert path in refused_in(tree, layout=False)


@pytest.mark.parametrize(
    ("tree", "path"),
    [
        ([button()], "components.0.type"),
        ([text() for _ in range(41)], "components"),
        ([text("x" * 2001), text("x" * 2000)], "components"),
        ([text("")], "components.0.content"),
        ([SECTION | {"accessory": None}], "components.0.accessory"),
        ([SECTION | {"components": [button()]}], "components.0.components"),
        ([{"type": 12, "items": []}], "components.0.items"),
        ([{"type": 12, "items": [PICTURE] * 11}], "components.0.items"),
        ([{"type": 12, "items": [{"media": {}}]}], "components.0.items.0.media"),
        (
            [{"type": 12, "items": [{"media": {"url": "x" * 2049}}]}],
            "components.0.items.0.media.url",
        ),
        (
            [{"type": 12, "items": [PICTURE | {"description": ""}]}],
            "components.0.items.0.description",
        ),
        (
            [{"type": 12, "items": [PICTURE | {"description": "x" * 1025}]}],
            "components.0.items.0.description",
        ),
        ([{"type": 13}], "components.0.file"),
        ([{"type": 13, "file": {"url": "https://example.org/a.png"}}], "components.0.file.url"),
        ([{"type": 14, "spacing": 3}], "components.0.spacing"),
        ([{"type": 17, "components": []}], "components.0.components"),
        (
            [{"type": 17, "components": [text()], "accent_color": 1 << 24}],
            "components.0.accent_color",
        ),
        ([{"type": 17, "components": [text() for _ in range(40)]}], "components"),
        ([SECTION | {"components": [text() for _ in range(4)]}], "components.0.components"),
        ([SECTION | {"accessory": select()}], "components.0.accessory"),
        ([{"type": 17, "components": [{"type": 17}]}], "components.0.components.0.type"),
    ],
)
def test_wrong_layouts_are_refused(tree: list[Raw], path: str) -> None:
    assert path in refused_in(tree, layout=True)


def test_good_components_get_numbers() -> None:
    premium = {"type": 2, "style": 6, "sku_id": "1"}
    link = {"type": 2, "style": 5, "url": "https://example.org", "emoji": {"name": "x"}}
    tree: list[Raw] = [row(button(), link, premium, button(custom_id="b", id=1)), row(select())]
    assert refused_in(tree, layout=False) == []
    assert [one["id"] for one in tree[0]["components"]] == [3, 4, 5, 1]
    separator = {"type": 14}
    assert refused_in([SECTION, separator, {"type": 17, "components": [text()]}], layout=True) == []


def test_values_chosen_beforehand_are_texts() -> None:
    menu = select(type=7, max_values=2)
    menu["default_values"] = [{"id": 1 << 60, "type": "user"}, {"id": 2, "type": "role"}]
    assert refused_in([row(menu)], layout=False) == []
    assert [one["id"] for one in menu["default_values"]] == [str(1 << 60), "2"]


def refused_in(tree: list[Raw], *, layout: bool) -> list[str]:
    form = Form()
    check_components(form, tree, layout=layout)
    return refusals(form)


def refusals(form: Form) -> list[str]:
    try:
        form.done()
    except Refused as refused:
        return where(refused)
    return []


@pytest.mark.parametrize(
    ("embed", "path"),
    [
        ({"title": "x" * 257}, "embeds.0.title"),
        ({"description": "x" * 4097}, "embeds.0.description"),
        ({"footer": {"text": "x" * 2049}}, "embeds.0.footer.text"),
        ({"author": {"name": "x" * 257}}, "embeds.0.author.name"),
        ({"fields": [{"name": "n", "value": ""}]}, "embeds.0.fields.0.value"),
        ({"fields": [{"name": "n", "value": "v"}] * 26}, "embeds.0.fields"),
        ({"image": {}}, "embeds.0.image.url"),
        ({"description": "x" * 4000, "footer": {"text": "x" * 2001}}, "embeds"),
    ],
)
def test_wrong_embeds_are_refused(embed: Raw, path: str) -> None:
    form = Form()
    check_embeds(form, [embed])
    assert path in refusals(form)


def label(component: object, **changes: object) -> Raw:
    return {"type": 18, "label": "Prompt", "component": component} | changes


def field(**changes: object) -> Raw:
    return {"type": 4, "custom_id": "prompt", "style": 2} | changes


@pytest.mark.parametrize(
    ("changes", "path"),
    [
        ({"title": "x" * 46}, "data.title"),
        ({"custom_id": None}, "data.custom_id"),
        ({"components": []}, "data.components"),
        ({"components": [label(field(custom_id=str(n))) for n in range(6)]}, "data.components"),
        ({"components": [button()]}, "data.components.0.type"),
        ({"components": [row(button())]}, "data.components.0.components"),
        ({"components": [row(field(label="x" * 46))]}, "data.components.0.components.0.label"),
        ({"components": [label(None)]}, "data.components.0.component"),
        ({"components": [label(field(), label="x" * 46)]}, "data.components.0.label"),
        ({"components": [label(field(style=3))]}, "data.components.0.component.style"),
        ({"components": [label(field(max_length=4001))]}, "data.components.0.component.max_length"),
        (
            {"components": [label(field(value="xy", max_length=1))]},
            "data.components.0.component.value",
        ),
        (
            {"components": [label(field(type=19, max_values=11))]},
            "data.components.0.component.max_values",
        ),
        ({"components": [label(field(type=21))]}, "data.components.0.component.options"),
        ({"components": [label(field(type=22))]}, "data.components.0.component.options"),
        (
            {"components": [label(select(type=22, max_values=2))]},
            "data.components.0.component.max_values",
        ),
        (
            {"components": [label(field(type=5, disabled=True))]},
            "data.components.0.component.disabled",
        ),
        (
            {"components": [label(field(type=3, options=[]))]},
            "data.components.0.component.options",
        ),
        ({"components": [label(field()), label(field())]}, "data.components.1.component.custom_id"),
        ({"components": [text("")]}, "data.components.0.content"),
    ],
)
def test_wrong_modals_are_refused(changes: Raw, path: str) -> None:
    good: Raw = {"title": "Edit", "custom_id": "edit", "components": [label(field())]}
    check_modal(good)
    with pytest.raises(Refused) as caught:
        check_modal(good | changes)
    assert path in where(caught.value)


@pytest.mark.parametrize(("value", "path"), [(5, "name"), ([5], "name"), (["x"], "name")])
def test_lists_hold_objects(value: Any, path: str) -> None:
    form = Form()
    assert form.listed({"name": value}, "name", 5) == ()
    assert refusals(form) == [path]


def test_a_text_must_be_one() -> None:
    form = Form()
    form.text({"name": 5}, "", "name", (0, 5))
    assert refusals(form) == ["name"]


def test_ids_grow_and_tell_their_time(clock: MovableClock) -> None:
    snowflakes = Snowflakes(clock)
    ids = [int(snowflakes.next()) for _ in range(100)]
    assert ids == sorted(set(ids))
    assert abs(made_at(str(ids[0])).timestamp() - clock.now().timestamp()) < 60
