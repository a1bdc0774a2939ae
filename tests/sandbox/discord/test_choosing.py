"""People, roles and channels as what a person chooses: in menus, options, selects and modals."""

from typing import Any

import discord as library
import pytest
from typing_extensions import override

from sandbox.discord.app import Discord
from sandbox.discord.interactions import Interaction as Held
from sandbox.discord.options import CannotSend
from sandbox.discord.state import Message
from sandbox.people import Choice, Person
from tests.sandbox.discord.painter import Interaction, Painter, Script

pytestmark = pytest.mark.usefixtures("bot")
CATEGORY, NEWS, VOICE = 4, 5, 2
TEAM: dict[str, object] = {"user": "ben", "where": "#painting", "whom": "@Artists", "amount": 2}


@pytest.fixture
def dana(discord: Discord) -> Person:
    return discord.people["dana"]


def told(interaction: Held) -> str:
    assert interaction.original
    return interaction.original.text


async def test_a_persons_menu_brings_their_roles_and_what_they_may(
    discord: Discord, ann: Person, ben: Person, dana: Person
) -> None:
    assert told(await ann.menu("View usage", on=ben)) == "ben (Artists, Team Blue) paints"
    assert told(await ben.menu("View usage", on=dana)) == "dana (Managers) manages"
    elsewhere = discord.channel("painting")
    done = await ben.menu("View usage", on=dana.user, channel=elsewhere)
    assert done.channel is elsewhere
    assert done.name == "View usage"


async def test_a_role_given_or_taken_counts_at_once(discord: Discord, ben: Person) -> None:
    with pytest.raises(CannotSend, match="can't use"):
        await ben.slash("admin limit", role="Artists")
    discord.give(ben, "Managers")
    assert told(await ben.slash("admin limit", role="Artists")) == "Artists in everywhere"
    discord.take(ben, "Managers")
    with pytest.raises(CannotSend, match="can't use"):
        await ben.slash("admin limit", role="Artists")


async def test_the_bot_hears_of_a_deleted_role(discord: Discord, bot: Painter, ben: Person) -> None:
    gone = discord.role("Team Blue")
    assert gone.mention == f"<@&{gone.id}>"
    discord.delete_role("Team Blue")
    assert told(await ben.menu("View usage", on=ben)) == "ben (Artists) paints"
    assert bot.guilds[0].get_role(int(gone.id)) is None
    with pytest.raises(CannotSend, match="no role"):
        await discord.people["ann"].slash("admin limit", role=gone)


async def test_a_command_in_a_group_takes_names_mentions_and_objects(
    discord: Discord, ann: Person, ben: Person
) -> None:
    says = "Blue: ben (@everyone, Artists, Team Blue), painting, Artists, 2.0"
    assert told(await ann.slash("budget team create", options=TEAM)) == says
    painting = discord.channel("painting")
    same = TEAM | {"user": ben, "where": painting.mention, "whom": discord.role("Artists").mention}
    assert told(await ann.slash("budget team create", options=same)) == says
    whom = await ann.slash("budget team create", options=same | {"whom": "Cleo", "name": "Red"})
    assert told(whom).startswith("Red: ben")
    assert told(whom).endswith("cleo, 2.0")
    assert whom.name == "budget team create"


async def test_an_autocomplete_sees_what_was_chosen_before(ann: Person, ben: Person) -> None:
    given = {"focused": "name", "value": "x", "user": ben}
    found = await ann.autocomplete("budget team create", **given)  # type: ignore[arg-type]  # of mixed kinds
    assert found == [Choice(f"Team of {ben.id}", "x")]


async def test_only_channels_of_the_right_kind_that_one_sees_can_be_chosen(
    discord: Discord, ann: Person, ben: Person
) -> None:
    discord.give(ben, "Managers")
    for name, kind in {"rooms": CATEGORY, "news": NEWS, "talk": VOICE}.items():
        assert discord.add_channel(name, kind=kind).raw()["type"] == kind
    hidden = discord.add_channel("hidden", only=["Artists"])
    discord.take(ben, "Artists")
    for where in ("rooms", "talk", hidden, ben.dm):
        with pytest.raises(CannotSend, match="no channel"):
            await ben.slash("budget team create", options=TEAM | {"where": where})
    assert "hidden" in told(await ann.slash("budget team create", options=TEAM | {"where": hidden}))


async def test_a_servers_command_is_not_offered_in_private(ann: Person) -> None:
    assert "budget" not in {one["name"] for one in ann.commands(ann.dm)}
    with pytest.raises(CannotSend, match="can't use"):
        await ann.slash("budget team create", channel=ann.dm, options=TEAM)


async def test_a_tampered_client_checks_nothing(bot: Painter, ben: Person, cleo: Person) -> None:
    sent: list[Any] = []

    async def on_interaction(interaction: Interaction) -> None:
        sent.append(interaction.data)

    bot.add_listener(on_interaction)
    done = await ben.tampered.slash("budget team create", options=TEAM | {"amount": 7e9})
    assert told(done).endswith("7000000000.0")
    odd: dict[str, object] = {"user": cleo, "where": "99", "name": "", "extra": 1}
    await ben.tampered.slash("budget team create", options=odd)
    leaf = sent[-1]["options"][0]["options"][0]
    given = {one["name"]: one["value"] for one in leaf["options"]}
    assert given == odd | {"user": cleo.id}
    kinds = {one["name"]: one["type"] for one in leaf["options"]}
    assert kinds == {"user": 6, "where": 7, "name": 3, "extra": 4}


@pytest.fixture
def cleo(discord: Discord) -> Person:
    return discord.people["cleo"]


async def test_somebody_who_left_is_only_an_account(
    discord: Discord, ann: Person, cleo: Person
) -> None:
    discord.remove(cleo)
    done = await ann.tampered.menu("View usage", on=cleo)
    assert set(done.data["resolved"]) == {"users"}


class Choosing(library.ui.View):
    """A select of each kind that Discord fills."""

    def __init__(self, role: library.Role | None = None) -> None:
        super().__init__(timeout=None)
        chosen = [role] if role else []
        self.add_item(Chooser(library.ui.RoleSelect, placeholder="Role", default_values=chosen))
        kinds = [library.ChannelType.text]
        self.add_item(Chooser(library.ui.ChannelSelect, placeholder="Where", channel_types=kinds))


def Chooser(kind: Any, **more: Any) -> Any:  # noqa: N802 - makes classes
    class Chosen(kind):  # type: ignore[misc]  # one class for every kind of select
        @override
        async def callback(self, interaction: Interaction) -> None:
            names = ", ".join(one.name for one in self.values)
            await interaction.response.edit_message(content=f"chose {names}")

    return Chosen(max_values=2, **more)


@pytest.fixture
async def choosing(discord: Discord, script: Script, ann: Person) -> Message:
    async def work(interaction: Interaction) -> None:
        assert interaction.guild
        role = interaction.guild.get_role(int(discord.role("Artists").id))
        await interaction.response.send_message("choose", view=Choosing(role), ephemeral=True)

    script.imagine = work
    done = await ann.slash("imagine", prompt="a fox")
    assert done.original
    return done.original


async def test_selects_of_roles_and_channels(
    discord: Discord, choosing: Message, ann: Person
) -> None:
    await ann.select("Role", discord.role("Managers"), "Team Blue", on=choosing)
    assert choosing.content == "chose Managers, Team Blue"
    await ann.select("Where", "#budget", on=choosing)
    assert choosing.content == "chose budget"
    discord.add_channel("talk", kind=VOICE)
    with pytest.raises(CannotSend, match="no channel"):
        await ann.select("Where", "talk", on=choosing)
    with pytest.raises(CannotSend, match="1 to 2 values"):
        await ann.select("Role", "Artists", "Managers", "Team Blue", on=choosing)


class Grant(library.ui.Modal, title="Grant credit"):
    """Fields that are filled in already."""

    def __init__(self, person: library.Member) -> None:
        super().__init__()
        label = library.ui.Label[Any]
        self.amount = library.ui.TextInput[Any](default="2.50", max_length=10)
        people = [person]
        self.person = library.ui.UserSelect[Any](default_values=people)
        self.role = library.ui.RoleSelect[Any](required=False, min_values=0)
        self.where = library.ui.ChannelSelect[Any](required=False, max_values=2)
        options = [
            library.SelectOption(label="Day", value="day", default=True),
            library.SelectOption(label="Week", value="week"),
        ]
        self.period = library.ui.Select[Any](options=options)
        for name in ("Amount", "Person", "Role", "Where", "Period"):
            field = getattr(self, name.lower())
            self.add_item(label(text=name, description="Fill in", component=field))

    @override
    async def on_submit(self, interaction: Interaction, /) -> None:
        fields = (self.person, self.role, self.where)
        names = [",".join(one.name for one in each.values) for each in fields]
        said = " | ".join([self.amount.value, *names, *self.period.values])
        await interaction.response.send_message(said, ephemeral=True)


@pytest.fixture
async def granting(script: Script, ann: Person) -> Held:
    async def work(interaction: Interaction) -> None:
        assert isinstance(interaction.user, library.Member)
        await interaction.response.send_modal(Grant(interaction.user))

    script.imagine = work
    return await ann.slash("imagine", prompt="a fox")


async def test_a_modal_opens_filled_in(granting: Held, ann: Person) -> None:
    assert granting.prefilled == {
        "Amount": "2.50",
        "Person": [ann.id],
        "Role": [],
        "Where": [],
        "Period": ["day"],
    }
    assert told(await ann.submit(granting)) == "2.50 | ann |  |  | day"


async def test_a_modal_takes_people_roles_and_channels(
    discord: Discord, granting: Held, ann: Person, ben: Person
) -> None:
    where = [discord.home, "#budget"]
    more: dict[str, Any] = {"Amount": "3", "Person": ben, "Role": "Artists", "Where": where}
    done = await ann.submit(granting, more, Period="Week")
    assert told(done) == "3 | ben | Artists | general,budget | week"
    with pytest.raises(CannotSend, match="1 to 1 values"):
        await ann.submit(granting, {"Person": [ann, ben]})
    with pytest.raises(CannotSend, match="no role"):
        await ann.submit(granting, {"Role": "Nobody"})
