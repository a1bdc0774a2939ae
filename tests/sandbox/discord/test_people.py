"""What people can send: options, menus, lists, and what their client refuses."""

from pathlib import Path

import pytest

from sandbox.discord.app import Discord
from sandbox.discord.options import CannotSend
from sandbox.people import Choice, Person
from tests.sandbox.discord.painter import Interaction, Painter, Script
from tests.sandbox.discord.pictures import png

pytestmark = pytest.mark.usefixtures("bot")


async def test_autocomplete_lists_what_fits(ann: Person) -> None:
    names = await ann.autocomplete("imagine", focused="model", value="fast", prompt="a fox")
    assert names == [Choice("imagen-4-fast", "imagen-4-fast")]


async def test_a_message_menu_brings_the_whole_message(ann: Person, ben: Person) -> None:
    message = await ben.write("look", files=[("a.png", png())])
    done = await ann.menu("Edit image", message)
    assert done.original
    assert done.original.text == "1 pictures"


async def test_a_subcommand_resolves_roles_and_channels(discord: Discord, ann: Person) -> None:
    role = discord.add_role("Guests")
    options = {"role": role, "where": discord.channel("painting")}
    done = await ann.slash("admin limit", options=options)
    assert done.original
    assert done.original.text == "Guests in painting"


async def test_only_those_who_may_manage_see_a_managers_command(ben: Person) -> None:
    with pytest.raises(CannotSend, match="can't use"):
        await ben.slash("admin limit", role="x")


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({}, "required"),
        ({"prompt": "x", "shape": "1:1"}, "no option"),
        ({"prompt": "x", "aspect": "7:1"}, "not one of the choices"),
        ({"prompt": "x" * 4001}, "1 to 4000"),
        ({"prompt": 5}, "wrong type"),
        ({"prompt": "x", "count": 11}, "between 1 and 10"),
        ({"prompt": "x", "count": "many"}, "not a number"),
        ({"prompt": "x", "picture": "a.png"}, "takes a file"),
    ],
)
async def test_a_client_refuses_wrong_options(
    ann: Person, options: dict[str, object], says: str
) -> None:
    with pytest.raises(CannotSend, match=says):
        await ann.slash("imagine", options=options)


@pytest.mark.parametrize("name", ["paint", "admin", "admin nothing"])
async def test_a_client_knows_only_registered_commands(ann: Person, name: str) -> None:
    with pytest.raises(CannotSend):
        await ann.slash(name)


async def test_a_persons_menu_brings_the_person(
    discord: Discord, bot: Painter, ann: Person, ben: Person
) -> None:
    discord.commands.add(None, {"name": "Look", "type": 2})
    got: list[object] = []

    async def on_interaction(interaction: Interaction) -> None:
        got.append(interaction.data)
        await interaction.response.send_message("seen", ephemeral=True)

    bot.add_listener(on_interaction)
    done = await ann.menu("Look", ben)
    assert done.data["target_id"] == ben.id
    assert done.acked
    assert len(got) == 1


async def test_autocomplete_is_only_for_options_that_have_it(ann: Person) -> None:
    with pytest.raises(CannotSend, match="no autocomplete"):
        await ann.autocomplete("imagine", focused="prompt", value="x")
    with pytest.raises(CannotSend, match="no option"):
        await ann.autocomplete("imagine", focused="colour", value="x")


async def test_unknown_roles_and_channels_are_not_sent(ann: Person) -> None:
    with pytest.raises(CannotSend, match="no role"):
        await ann.slash("admin limit", role="9")
    known = next(iter(ann.discord.home.server.roles.values())) if ann.discord.home.server else None
    with pytest.raises(CannotSend, match="no channel"):
        await ann.slash("admin limit", role=known, where="9")


async def test_a_managers_command_needs_all_its_permissions(discord: Discord, ben: Person) -> None:
    discord.commands.add(
        None, {"name": "raw", "description": "x", "default_member_permissions": "0"}
    )
    discord.commands.add(None, {"name": "talk", "description": "x", "contexts": [1]})
    for name in ("raw", "talk"):
        with pytest.raises(CannotSend, match="can't use"):
            await ben.slash(name)


async def test_a_file_on_disk_can_be_given(script: Script, ann: Person, tmp_path: Path) -> None:
    path = tmp_path / "my fox.png"
    path.write_bytes(png())
    names: list[str] = []

    async def work(interaction: Interaction) -> None:
        names.append(interaction.extras["options"][4].filename)
        await interaction.response.defer()

    script.imagine = work
    await ann.slash("imagine", prompt="a fox", picture=path)
    assert names == ["my_fox.png"]
