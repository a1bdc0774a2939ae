"""The stand-in's answers against Discord's own API description, where one is at hand."""

import json
import os
from pathlib import Path
from typing import Any

import aiohttp
import discord as library
import pytest

from sandbox.discord.app import Discord
from sandbox.people import Person
from tests.sandbox.discord.painter import Interaction, Painter, Script, deferred, vary_view
from tests.sandbox.discord.pictures import file
from tests.sandbox.discord.spec import Spec

# Discord publishes and renews it, megabytes of it: whoever has a copy names it here.
PLACE = os.environ.get("EASEL_DISCORD_SPEC", "")
NEEDS_SPEC = pytest.mark.skipif(
    not PLACE, reason="EASEL_DISCORD_SPEC names no copy of Discord's API description"
)
DESCRIPTION: dict[str, Any] = {
    "components": {
        "schemas": {
            "Id": {"type": "string"},
            "Thing": {
                "type": "object",
                "required": ["id"],
                "properties": {
                    "id": {"$ref": "#/components/schemas/Id"},
                    "tags": {"type": "array", "items": {"type": ["integer", "null"]}},
                    "either": {"oneOf": [{"type": "string"}, {"type": "boolean"}]},
                },
            },
        }
    }
}


@pytest.mark.parametrize(
    ("value", "wrong"),
    [
        ({"id": "1", "tags": [1, None], "either": True}, []),
        ({}, ["Thing.id is missing"]),
        ({"id": 1}, ["Thing.id: 1 is not ['string']"]),
        ({"id": "1", "tags": ["x"]}, ["Thing.tags[]: 'x' is not ['integer', 'null']"]),
        ({"id": "1", "either": 5}, ["Thing.either: 5 is not ['string']"]),
        ([], ["Thing: [] is not ['object']"]),
    ],
)
def test_the_reader_finds_what_is_wrong(value: object, wrong: list[str]) -> None:
    assert Spec(DESCRIPTION).wrong("Thing", value) == wrong


@pytest.fixture(scope="module")
def spec() -> Spec:
    return Spec(json.loads(Path(PLACE).read_text()))


@pytest.fixture
async def told(
    discord: Discord, bot: Painter, script: Script, ann: Person, http: aiohttp.ClientSession
) -> dict[str, list[Any]]:
    return await _everything(discord, bot, script, ann, http)


@NEEDS_SPEC
async def test_answers_have_the_fields_discord_describes(
    spec: Spec, told: dict[str, list[Any]]
) -> None:
    assert len(told["MessageResponse"]) == 5
    wrong = [spec.wrong(name, value) for name, values in told.items() for value in values]
    assert [found for found in wrong if found] == []


async def _everything(
    discord: Discord, bot: Painter, script: Script, ann: Person, http: aiohttp.ClientSession
) -> dict[str, list[Any]]:
    """Make the bot do a little of everything, then read it back as raw JSON."""
    channel: Any = bot.get_channel(int(discord.channel("painting").id))
    embed = library.Embed(title="A fox").set_image(url="attachment://1.png")
    await channel.send("one", embed=embed, files=[file("1.png"), file("2.png")], view=vary_view())
    layout = library.ui.LayoutView()
    layout.add_item(library.ui.TextDisplay("words"))
    layout.add_item(library.ui.MediaGallery(library.MediaGalleryItem("attachment://1.png")))
    layout.add_item(library.ui.File("attachment://2.png"))
    layout.add_item(library.ui.Container(library.ui.Separator(), library.ui.TextDisplay("more")))
    thumbnail = library.ui.Thumbnail[Any]("attachment://1.png")
    layout.add_item(library.ui.Section("beside", accessory=thumbnail))
    people = library.ui.UserSelect[Any](placeholder="Friend")
    shapes = library.ui.Select[Any](options=[library.SelectOption(label="Square")])
    layout.add_item(library.ui.ActionRow(people)).add_item(library.ui.ActionRow(shapes))
    sent = await channel.send(view=layout, files=[file("1.png"), file("2.png")])
    await sent.reply("answer")

    async def work(interaction: Interaction) -> None:
        await interaction.followup.send("first")
        await interaction.followup.send("second")

    script.imagine = deferred(work)
    done = await ann.slash("imagine", prompt="a fox", channel=discord.channel("painting"))
    await script.done.wait()
    app, here = discord.application_id, channel.id
    answers = {
        "MessageResponse": f"/channels/{here}/messages",
        "GuildChannelResponse": f"/channels/{here}",
        "UserPIIResponse": "/users/@me",
        "PrivateApplicationResponse": "/oauth2/applications/@me",
        "GatewayBotResponse": "/gateway/bot",
        "ApplicationCommandResponse": f"/applications/{app}/commands",
        "PrivateChannelResponse": f"/channels/{ann.dm.id}",
    }
    told: dict[str, list[Any]] = {}
    for name, path in answers.items():
        headers = {"Authorization": f"Bot {discord.token}"}
        async with http.get(discord.api_url + path, headers=headers) as answer:
            body = await answer.json()
            told[name] = body if isinstance(body, list) else [body]
    told["InteractionCallbackResponse"] = [discord.answers._told(done, 4)]
    return told
