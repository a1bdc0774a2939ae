"""What the bot can ask about itself, its servers and its people, and who may ask."""

from typing import Any

import aiohttp
import discord as library
import pytest

from sandbox.discord.app import Discord
from sandbox.discord.state import Happened
from sandbox.people import Person
from tests.sandbox.discord.painter import Painter


async def code_of(work: Any) -> int:
    with pytest.raises(library.HTTPException) as caught:
        await work
    return caught.value.code


async def test_the_application_has_an_owner(bot: Painter, ann: Person) -> None:
    information = await bot.application_info()
    assert str(information.owner.id) == ann.id
    assert information.approximate_guild_count == 1


async def test_servers_members_and_channels_can_be_fetched(
    discord: Discord, bot: Painter, ann: Person
) -> None:
    guild = bot.guilds[0]
    assert (await bot.fetch_guild(guild.id)).name == "Studio"
    member = await guild.fetch_member(int(ann.id))
    assert [role.name for role in member.roles] == ["@everyone", "Artists", "Managers"]
    assert len(await guild.fetch_channels()) == 4
    assert {role.name for role in await guild.fetch_roles()} >= {"Artists", "Team Blue"}
    quiet = await bot.fetch_channel(int(discord.channel("quiet").id))
    assert isinstance(quiet, library.TextChannel)
    assert not quiet.permissions_for(guild.me).send_messages
    assert quiet.permissions_for(guild.me).view_channel
    assert await bot.fetch_skus() == []
    assert [one async for one in bot.entitlements()] == []


async def test_what_does_not_exist_is_unknown(discord: Discord, bot: Painter) -> None:
    elsewhere = discord.add_server("Elsewhere", has_bot=False)
    assert await code_of(bot.fetch_guild(5)) == 10004
    assert await code_of(bot.fetch_guild(int(elsewhere.id))) == 50001
    assert await code_of(bot.fetch_user(5)) == 10013
    assert await code_of(bot.guilds[0].fetch_member(5)) == 10007
    assert await code_of(bot.fetch_channel(int(discord.channel("general", elsewhere).id))) == 50001
    own = await bot.fetch_user(int(discord.application_id))
    assert await code_of(bot.http.start_private_message(own.id)) == 50033


async def test_a_closed_conversation_is_unknown(
    discord: Discord, bot: Painter, ann: Person
) -> None:
    discord.delete_channel(ann.dm)
    assert await code_of(bot.http.start_private_message(int(ann.id))) == 10003


async def test_commands_are_listed_and_added(discord: Discord, bot: Painter) -> None:
    app, guild = int(discord.application_id), bot.guilds[0].id
    everywhere = await bot.tree.fetch_commands()
    assert {one.name for one in everywhere} >= {"imagine", "admin", "about", "Edit image"}
    command: Any = {"name": "here", "description": "Only here"}
    await bot.http.upsert_guild_command(app, guild, command)
    listed = await bot.http.get_guild_commands(app, guild)
    assert [one["name"] for one in listed] == ["here"]
    assert await code_of(bot.http.get_global_commands(5)) == 20012


async def test_a_servers_command_says_where_it_is_from(
    discord: Discord, bot: Painter, ann: Person
) -> None:
    server = discord.home.server
    assert server
    discord.commands.add(server.id, {"name": "here", "description": "Only here"})
    ran: list[Any] = []

    async def on_interaction(interaction: library.Interaction[Any]) -> None:
        ran.append(interaction.data)
        await interaction.response.send_message("here", ephemeral=True)

    bot.add_listener(on_interaction)
    await ann.slash("here")
    assert ran[0]["guild_id"] == server.id


async def test_without_a_token_only_the_gateways_address_is_told(
    discord: Discord, http: aiohttp.ClientSession
) -> None:
    async with http.get(discord.api_url + "/gateway") as answer:
        assert await answer.json() == {"url": discord.gateway_url}
        assert answer.headers["Content-Type"] == "application/json"
    async with http.get(discord.api_url + "/users/@me") as answer:
        assert answer.status == 401


async def test_a_body_must_be_json_and_an_interaction_must_exist(
    discord: Discord, bot: Painter, http: aiohttp.ClientSession, ann: Person
) -> None:
    assert bot.is_ready()
    url = f"{discord.api_url}/channels/{discord.home.id}/messages"
    headers = {"Authorization": f"Bot {discord.token}", "Content-Type": "application/json"}
    async with http.post(url, data="{nonsense", headers=headers) as answer:
        assert (await answer.json())["code"] == 50109
    async with http.post(discord.api_url + "/interactions/5/none/callback", json={}) as answer:
        assert (await answer.json())["code"] == 10062
    done = await ann.slash("about")
    async with http.get(f"{discord.api_url}/webhooks/5/{done.token}/messages/@original") as answer:
        assert (await answer.json())["code"] == 10015


async def test_a_callback_is_quiet_unless_asked(
    discord: Discord, http: aiohttp.ClientSession, ann: Person
) -> None:
    discord.commands.add(None, {"name": "raw", "description": "Answered by hand"})
    answered: list[Any] = []

    async def by_hand(interaction: Any) -> None:
        url = f"{discord.api_url}/interactions/{interaction.id}/{interaction.token}/callback"
        for body in ({"type": 6}, {"type": 5, "data": {"flags": 4}}, {"type": 5}):
            async with http.post(url, json=body) as answer:
                answered.append(answer.status)

    def heard(event: Happened) -> None:
        if event.kind == "interaction":
            _ = discord.tasks.spawn("by hand", by_hand(event.subject))

    discord.world.listeners.append(heard)
    done = await ann.slash("raw")
    assert answered[:2] == [400, 400]
    assert done.acked


async def test_an_event_can_come_twice(discord: Discord, bot: Painter, ann: Person) -> None:
    ids: list[int] = []

    async def on_interaction(interaction: library.Interaction[Any]) -> None:
        ids.append(interaction.id)

    bot.add_listener(on_interaction)
    done = await ann.slash("about")
    discord.send_again(done)
    await ann.slash("about")
    assert ids[:2] == [int(done.id), int(done.id)]
