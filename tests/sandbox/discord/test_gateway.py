"""The gateway socket: identifying, compression, resuming, shards."""

import asyncio
import json
import zlib
from typing import Any

import aiohttp
import discord as library
import pytest
import yarl
from discord.ext import commands
from typing_extensions import override

from sandbox.discord.app import Discord
from sandbox.discord.compression import Plain, squeezer_for
from sandbox.discord.intents import Intents
from sandbox.people import Person
from tests.sandbox.discord.painter import Painter, Script, connected

DEFAULT = int(Intents.GUILDS | Intents.GUILD_MESSAGES | Intents.DIRECT_MESSAGES)


async def opened(http: aiohttp.ClientSession, discord: Discord, query: str = "") -> Any:
    return await http.ws_connect(f"{discord.gateway_url}?v=10&encoding=json{query}")


async def identified(http: aiohttp.ClientSession, discord: Discord, **wish: object) -> Any:
    socket = await opened(http, discord)
    assert (await socket.receive_json())["op"] == 10
    wish = {"token": discord.token, "intents": DEFAULT} | wish
    await socket.send_json({"op": 2, "d": wish})
    return socket


async def test_what_was_missed_while_away_is_replayed(
    discord: Discord, bot: Painter, script: Script, ann: Person
) -> None:
    resumed = asyncio.Event()

    async def on_shard_resumed(_: int) -> None:
        resumed.set()

    bot.add_listener(on_shard_resumed)
    await discord.gateway.ask_to_reconnect()
    await ann.write("while you were away", channel=ann.dm)
    assert (await script.next_heard()).content == "while you were away"
    await asyncio.wait_for(resumed.wait(), 5)
    assert 6 in [frame["op"] for frame in discord.gateway.received]


async def test_an_invalid_session_can_be_resumable(discord: Discord, bot: Painter) -> None:
    resumed = asyncio.Event()

    async def on_shard_resumed(_: int) -> None:
        resumed.set()

    bot.add_listener(on_shard_resumed)
    await discord.gateway.invalidate(resumable=True)
    await asyncio.wait_for(resumed.wait(), 5)


class Patient(Painter):
    @override
    async def before_identify_hook(self, shard_id: int | None, *, initial: bool = False) -> None:
        """Do not wait five seconds between identifies."""


async def test_a_lost_session_begins_anew(discord: Discord, script: Script) -> None:
    async with connected(discord, script, Patient) as bot:
        ready = asyncio.Event()

        async def on_shard_ready(_: int) -> None:
            ready.set()

        bot.add_listener(on_shard_ready)
        await discord.gateway.invalidate()
        await asyncio.wait_for(ready.wait(), 5)
        assert [frame["op"] for frame in discord.gateway.received].count(2) == 2


@pytest.mark.usefixtures("discord")
async def test_a_wrong_token_is_refused_at_the_door(script: Script) -> None:
    async with Painter(script) as bot:
        with pytest.raises(library.LoginFailure):
            await bot.login("wrong")


async def test_a_privileged_intent_has_to_be_granted(discord: Discord, script: Script) -> None:
    intents = library.Intents(guilds=True, message_content=True)
    async with Painter(script, intents=intents) as bot:
        with pytest.raises(library.PrivilegedIntentsRequired):
            await bot.start(discord.token)


async def test_with_the_content_intent_everything_is_read(
    discord: Discord, script: Script, ann: Person
) -> None:
    discord.gateway.privileged = Intents.MESSAGE_CONTENT | Intents.GUILD_MEMBERS
    intents = library.Intents(guilds=True, guild_messages=True, message_content=True, members=True)
    async with connected(discord, script, intents=intents) as bot:
        await ann.write("nobody was pinged")
        assert (await script.next_heard()).content == "nobody was pinged"
        assert len(bot.guilds[0].members) == 5


async def test_the_plain_bot_connects_too(discord: Discord) -> None:
    bot = commands.Bot("!", intents=library.Intents(guilds=True), guild_ready_timeout=0.1)
    ready = asyncio.Event()

    async def on_ready() -> None:
        ready.set()
        await bot.close()

    bot.add_listener(on_ready)
    async with bot:
        await bot.start(discord.token)
    assert ready.is_set()


@pytest.mark.parametrize(
    ("wish", "code"),
    [
        ({"token": "wrong"}, 4004),
        ({"shard": [2, 2]}, 4010),
        ({"intents": -1}, 4013),
        ({"intents": int(Intents.GUILD_MEMBERS)}, 4014),
    ],
)
async def test_a_wrong_identify_is_closed_with_its_code(
    discord: Discord, http: aiohttp.ClientSession, wish: dict[str, Any], code: int
) -> None:
    socket = await identified(http, discord, **wish)
    assert (await socket.receive()).type is aiohttp.WSMsgType.CLOSE
    assert socket.close_code == code


@pytest.mark.parametrize(
    ("frame", "code"), [("nonsense", 4002), ('{"op": 3}', 4003), ('{"op": 6, "d": {}}', 4004)]
)
async def test_wrong_frames_are_closed_with_their_code(
    discord: Discord, http: aiohttp.ClientSession, frame: str, code: int
) -> None:
    socket = await opened(http, discord)
    await socket.receive_json()
    await socket.send_str(frame)
    await socket.receive()
    assert socket.close_code == code


async def test_identifying_twice_is_closed(discord: Discord, http: aiohttp.ClientSession) -> None:
    socket = await identified(http, discord)
    for _ in ("READY", "GUILD_CREATE"):
        await socket.receive_json()
    await socket.send_json({"op": 3, "d": {}})
    await socket.send_json({"op": 2, "d": {}})
    await socket.receive()
    assert socket.close_code == 4005


async def test_a_heartbeat_is_answered_before_identify(
    discord: Discord, http: aiohttp.ClientSession
) -> None:
    socket = await opened(http, discord)
    await socket.receive_json()
    await socket.send_json({"op": 1, "d": None})
    assert (await socket.receive_json())["op"] == 11
    await socket.close()


async def test_an_unknown_session_is_not_resumed(
    discord: Discord, http: aiohttp.ClientSession
) -> None:
    socket = await opened(http, discord)
    await socket.receive_json()
    wish = {"token": discord.token, "session_id": "gone", "seq": 5}
    await socket.send_json({"op": 6, "d": wish})
    assert await socket.receive_json() == {"op": 9, "d": False, "s": None, "t": None}
    await socket.close()


async def test_zlib_frames_share_one_stream(discord: Discord, http: aiohttp.ClientSession) -> None:
    socket = await opened(http, discord, "&compress=zlib-stream")
    stream = zlib.decompressobj()
    hello = json.loads(stream.decompress(await socket.receive_bytes()))
    await socket.send_json({"op": 1, "d": None})
    assert hello["op"] == 10
    assert json.loads(stream.decompress(await socket.receive_bytes()))["op"] == 11
    await socket.close()


def test_without_zstandard_frames_are_plain(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sandbox.discord.compression.ZSTD", "no_such_module")
    assert isinstance(squeezer_for("zstd-stream"), Plain)
    assert squeezer_for(None).squeeze("text") == "text"


def test_zstandard_frames_share_one_stream() -> None:
    library_ = pytest.importorskip("zstandard", reason="zstandard is not installed")
    squeezer = squeezer_for("zstd-stream")
    stream = library_.ZstdDecompressor().decompressobj()
    for text in ("one", "two"):
        assert stream.decompress(squeezer.squeeze(text)) == text.encode()


async def test_each_shard_hears_of_its_own_servers(
    discord: Discord, http: aiohttp.ClientSession, ann: Person
) -> None:
    server = discord.home.server
    assert server
    owner = (int(server.id) >> 22) % 2
    lines = [await identified(http, discord, shard=[n, 2]) for n in (0, 1)]
    events: list[list[str]] = [[], []]
    for line, seen in zip(lines, events, strict=True):
        seen.append((await line.receive_json())["t"])
    await ann.write("here")
    await ann.write("there", channel=ann.dm)
    for _ in ("GUILD_CREATE", "MESSAGE_CREATE"):
        events[owner].append((await lines[owner].receive_json())["t"])
    assert events[owner][:3] == ["READY", "GUILD_CREATE", "MESSAGE_CREATE"]
    direct = await lines[0].receive_json()
    assert direct["d"]["content"] == "there"
    for line in lines:
        await line.close()


async def test_places_made_later_reach_the_bot(
    discord: Discord, bot: Painter, script: Script, ann: Person
) -> None:
    later = discord.add_server("Later")
    channel = discord.add_channel("new", server=later)
    gone = discord.add_channel("gone", server=later)
    role = discord.add_role("Guests", server=later)
    discord.delete_channel(gone)
    message = await ann.write("bye", channel=channel)
    await script.next_heard()
    guild = bot.get_guild(int(later.id))
    assert guild
    assert [one.name for one in guild.text_channels] == ["general", "new"]
    assert guild.get_role(int(role.id))
    discord.delete_message(message)
    assert ann.sees("bye") is None


async def test_a_connection_that_breaks_off_breaks_nothing(
    discord: Discord, http: aiohttp.ClientSession, ann: Person
) -> None:
    socket = await identified(http, discord)
    await socket.receive_json()
    socket._response.connection.transport.abort()
    while discord.gateway.online:
        await ann.write("is anybody there?")
        await asyncio.sleep(0)
    assert discord.errors == []


class Noticed(list[Exception]):
    """A list that tells of its first entry."""

    def __init__(self) -> None:
        super().__init__()
        self.first = asyncio.Event()

    @override
    def append(self, error: Exception, /) -> None:
        super().append(error)
        self.first.set()


async def test_an_upload_that_breaks_off_breaks_nothing(discord: Discord) -> None:
    port = yarl.URL(discord.api_url).port
    _, writer = await asyncio.open_connection("127.0.0.1", port)
    head = [
        f"POST /api/v10/channels/{discord.home.id}/messages HTTP/1.1",
        "Host: localhost",
        f"Authorization: Bot {discord.token}",
        "Content-Type: multipart/form-data; boundary=b",
        "Content-Length: 99999",
        "",
        "--b",
        'Content-Disposition: form-data; name="files[0]"; filename="a.png"',
        "",
        "half a picture",
    ]
    writer.write("\r\n".join(head).encode())
    await writer.drain()
    noticed = Noticed()
    discord.rest.departed = noticed
    writer.transport.abort()
    await writer.wait_closed()
    async with asyncio.timeout(30):
        await noticed.first.wait()
    assert discord.rest.broken == []
