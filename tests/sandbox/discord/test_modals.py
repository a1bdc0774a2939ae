"""Modals, selects and layouts in people's hands."""

import asyncio
from typing import Any

import discord as library
import pytest
from typing_extensions import override

from sandbox.discord.app import Discord
from sandbox.discord.interactions import Interaction as Held
from sandbox.discord.options import CannotSend
from sandbox.people import Person
from tests.sandbox.discord.painter import Interaction, Old, Script
from tests.sandbox.discord.pictures import png

pytestmark = pytest.mark.usefixtures("bot")
Label = library.ui.Label[Any]


class Edit(library.ui.Modal, title="Edit"):
    """One field of each kind."""

    prompt = Label(
        text="Prompt",
        component=library.ui.TextInput(default="a fox", max_length=20, min_length=2),
    )
    shape = Label(
        text="Shape",
        component=library.ui.RadioGroup(
            options=[
                library.RadioGroupOption(label="Square", value="1:1", default=True),
                library.RadioGroupOption(label="Wide", value="16:9"),
            ]
        ),
    )
    pictures = Label(text="Pictures", component=library.ui.FileUpload(required=False, max_values=2))
    private = Label(text="Private", component=library.ui.Checkbox())

    def __init__(self, got: asyncio.Queue[tuple[object, ...]]) -> None:
        super().__init__()
        self.got = got

    @override
    async def on_submit(self, interaction: Interaction, /) -> None:
        fields: list[Any] = [self.prompt, self.shape, self.pictures, self.private]
        prompt, shape, pictures, private = [one.component for one in fields]
        files = [await one.read() for one in pictures.values]
        self.got.put_nowait((prompt.value, shape.value, files, private.value))
        await interaction.response.send_message("taken", ephemeral=True)


@pytest.fixture
def got() -> asyncio.Queue[tuple[object, ...]]:
    return asyncio.Queue()


@pytest.fixture
async def opened(script: Script, ann: Person, got: asyncio.Queue[tuple[object, ...]]) -> Held:
    async def work(interaction: Interaction) -> None:
        await interaction.response.send_modal(Edit(got))

    script.imagine = work
    return await ann.slash("imagine", prompt="a fox")


async def test_a_modal_arrives_as_it_was_filled_in(
    opened: Held, ann: Person, got: asyncio.Queue[tuple[object, ...]]
) -> None:
    files = [("a.png", png())]
    done = await ann.submit(opened, Prompt="a blue fox", Shape="Wide", Pictures=files, Private=True)
    assert await got.get() == ("a blue fox", "16:9", [png()], True)
    assert done.original
    assert done.original.ephemeral


async def test_what_was_filled_in_before_counts(
    opened: Held, ann: Person, got: asyncio.Queue[tuple[object, ...]]
) -> None:
    await ann.submit(opened)
    assert await got.get() == ("a fox", "1:1", [], False)


@pytest.mark.parametrize(
    ("values", "says"),
    [
        ({"Colour": "red"}, "no field"),
        ({"Prompt": ""}, "required"),
        ({"Prompt": "x" * 21}, "2 to 20"),
        ({"Shape": "Tall"}, "not one of the options"),
        ({"Pictures": [("a.png", b"1")] * 3}, "1 to 2 values"),
        ({"Pictures": "a.png"}, "takes a file"),
    ],
)
async def test_a_client_refuses_wrong_entries(
    opened: Held, ann: Person, values: dict[str, object], says: str
) -> None:
    with pytest.raises(CannotSend, match=says):
        await ann.submit(opened, values)


class Cells(library.ui.Modal, title="Which part?"):
    """Nine boxes, of which any number may be ticked."""

    where: library.ui.Label[Any] = library.ui.Label(
        text="Where",
        component=library.ui.CheckboxGroup(
            options=[library.CheckboxGroupOption(label=f"Cell {at}") for at in range(9)],
        ),
    )

    @override
    async def on_submit(self, interaction: Interaction, /) -> None:
        assert isinstance(self.where.component, library.ui.CheckboxGroup)
        await interaction.response.send_message(", ".join(self.where.component.values))


@pytest.mark.usefixtures("bot")
async def test_any_number_of_boxes_is_ticked(script: Script, ann: Person) -> None:
    async def work(interaction: Interaction) -> None:
        await interaction.response.send_modal(Cells())

    script.imagine = work
    opened = await ann.slash("imagine", prompt="a fox")
    with pytest.raises(CannotSend, match="1 to 9 values"):
        await ann.submit(opened)
    done = await ann.submit(opened, Where=[f"Cell {at}" for at in (0, 4, 8)])
    assert done.original
    assert done.original.text == "Cell 0, Cell 4, Cell 8"


async def test_a_field_in_a_row_works_too(script: Script, ann: Person) -> None:
    async def work(interaction: Interaction) -> None:
        await interaction.response.send_modal(Old())

    script.imagine = work
    opened = await ann.slash("imagine", prompt="a fox")
    done = await ann.submit(opened, Words="hello")
    assert done.original
    assert done.original.text == "got 'hello'"
    with pytest.raises(CannotSend, match="No modal"):
        await ann.submit(done)


class Menus(library.ui.View):
    """One select of each kind."""

    @library.ui.select(
        placeholder="Shape",
        options=[library.SelectOption(label="Square", value="1:1")],
    )
    async def shape(self, interaction: Interaction, menu: library.ui.Select[Any]) -> None:
        await interaction.response.edit_message(content=f"shape {menu.values[0]}")

    @library.ui.select(cls=library.ui.UserSelect[Any], placeholder="Friend")
    async def friend(self, interaction: Interaction, menu: library.ui.UserSelect[Any]) -> None:
        await interaction.response.edit_message(content=f"friend {menu.values[0].name}")

    @library.ui.select(cls=library.ui.MentionableSelect[Any], placeholder="Anybody")
    async def anybody(
        self, interaction: Interaction, menu: library.ui.MentionableSelect[Any]
    ) -> None:
        names = [one.name for one in menu.values]
        await interaction.response.edit_message(content=f"anybody {names}")

    @library.ui.button(label="Grey", disabled=True)
    async def grey(self, _: Interaction, __: library.ui.Button[Any]) -> None:
        raise AssertionError


@pytest.fixture
async def menus(script: Script, ann: Person) -> Held:
    async def work(interaction: Interaction) -> None:
        view = Menus()
        view.add_item(library.ui.Button(label="Link", url="https://example.org"))
        await interaction.response.send_message("choose", view=view)

    script.imagine = work
    return await ann.slash("imagine", prompt="a fox")


async def test_selects_bring_what_was_chosen(
    discord: Discord, menus: Held, ann: Person, ben: Person
) -> None:
    message = menus.original
    assert message
    await ann.select("Shape", "Square", on=message)
    assert message.content == "shape 1:1"
    await ann.select("Friend", ben, on=message)
    assert message.content == "friend ben"
    role = discord.add_role("Guests")
    await ann.select("Anybody", role, on=message)
    assert message.content == "anybody ['Guests']"
    await ann.select("Anybody", ben.mention, on=message)
    assert message.content == "anybody ['ben']"


async def test_what_cannot_be_pressed_is_not_sent(menus: Held, ann: Person, ben: Person) -> None:
    message = menus.original
    assert message
    with pytest.raises(CannotSend, match="greyed out"):
        await ann.press("Grey", on=message)
    with pytest.raises(CannotSend, match="is a link"):
        await ann.press("Link", on=message)
    with pytest.raises(CannotSend, match="There is no"):
        await ann.press("Gone", on=message)
    with pytest.raises(CannotSend, match="1 to 1 values"):
        await ann.select("Shape", on=message)
    with pytest.raises(CannotSend, match="nobody like"):
        await ann.select("Friend", "99", on=message)
    with pytest.raises(CannotSend, match="nobody like"):
        await ann.select("Anybody", "99", on=message)
    message.seen_only_by = ann.user
    with pytest.raises(CannotSend, match="does not see"):
        await ben.press("Grey", on=message)
