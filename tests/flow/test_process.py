"""The real command lines, as processes: start, work, stop, and refuse to start."""

import asyncio
import os
import signal
import sqlite3
from collections.abc import AsyncGenerator, Mapping
from contextlib import AsyncExitStack, closing
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from sandbox.clock import MovableClock
from sandbox.discord.app import Discord
from sandbox.omixa import Omixa, faults
from tests.flow.orders import until
from tests.flow.process import Process, running
from tests.flow.world import environment

KEY, TOKEN = "omx_test_key_that_is_told_to_nobody", "token.that.is.told.to.nobody"
GOOD = {"DISCORD_TOKEN": TOKEN, "OMIXA_API_KEY": KEY}


@pytest.mark.parametrize(
    ("env", "lines"),
    [
        ({}, ["DISCORD_TOKEN is missing", "OMIXA_API_KEY is missing"]),
        ({**GOOD, "TIME_ZONE": "Mars/Base", "MAX_CALLS": "0"}, ["TIME_ZONE", "MAX_CALLS"]),
        ({**GOOD, "OMIXA_BASE_URL": "http://example.org/api/v1"}, ["OMIXA_BASE_URL"]),
        ({**GOOD, "DATABASE_URL": "postgres://x"}, ["DATABASE_URL"]),
    ],
    ids=["nothing given", "two wrong", "plain http", "another database"],
)
async def test_bad_settings_are_one_line_each_and_exit_code_2(
    tmp_path: Path, env: Mapping[str, str], lines: list[str]
) -> None:
    async with running("bot", "run", cwd=tmp_path, env=env) as process:
        assert await process.ends() == 2

    said = [line for line in process.lines if line]
    assert len(said) == len(lines)
    for line, start in zip(sorted(said), sorted(lines), strict=True):
        assert line.startswith(start)
    assert not any(secret in line for line in said for secret in (KEY, TOKEN))


async def test_a_wrong_models_file_is_a_bad_setting(tmp_path: Path) -> None:
    (tmp_path / "models.toml").write_text('[[model]]\nid = "x"\nprice = "free"\n')
    env = {**GOOD, "MODELS_FILE": "models.toml"}
    async with running("bot", cwd=tmp_path, env=env) as process:
        assert await process.ends() == 2

    (line,) = filter(None, process.lines)
    assert line.startswith("MODELS_FILE cannot be used: models.toml: x: price")


async def test_a_folder_that_cannot_be_written_is_a_bad_setting(tmp_path: Path) -> None:
    async with running("bot", cwd=tmp_path, env={**GOOD, "DATA_DIR": "/proc/data"}) as process:
        assert await process.ends() == 2

    (line,) = filter(None, process.lines)
    assert line.startswith("DATA_DIR cannot be used (")


async def test_a_port_in_use_is_a_bad_setting(tmp_path: Path) -> None:
    async with Omixa.running() as somebody_else:
        port = somebody_else.base_url.split(":")[2].partition("/")[0]
        env = {**GOOD, "OMIXA_BASE_URL": somebody_else.base_url, "HTTP_PORT": port}
        async with running("bot", cwd=tmp_path, env=env) as process:
            assert await process.ends() == 2

    *_, line = filter(None, process.lines)
    assert line.startswith("HTTP_PORT cannot be used (")


@pytest.mark.parametrize("damage", [b"this is no database, whatever its name says" * 100, None])
async def test_an_unusable_database_is_exit_code_3(tmp_path: Path, damage: bytes | None) -> None:
    file = tmp_path / "easel.db"
    if damage is None:
        with closing(sqlite3.connect(file)) as db:
            db.execute("PRAGMA user_version = 999")
    else:
        file.write_bytes(damage)
    env = {**GOOD, "DATABASE_URL": "sqlite:///easel.db"}
    async with running("bot", "run", cwd=tmp_path, env=env) as process:
        assert await process.ends() == 3

    (line,) = filter(None, process.lines)
    assert line.startswith("The database cannot be used: ")


async def test_a_second_process_on_the_same_database_and_a_wrong_token(tmp_path: Path) -> None:
    async with Discord.running(data=tmp_path / "cdn") as discord, Omixa.running() as omixa:
        env = environment(discord, omixa, tmp_path)
        async with running("bot", "run", cwd=tmp_path, env=env) as first:
            await first.says("ready")
            async with running("bot", "run", cwd=tmp_path, env=env) as second:
                assert await second.ends() == 3
            first.stop()
            assert await first.ends() == 0
        async with running(
            "bot", "run", cwd=tmp_path, env={**env, "DISCORD_TOKEN": TOKEN}
        ) as third:
            assert await third.ends() == 4
    assert any("another process" in line for line in second.lines)
    assert any("Discord refused the bot" in line for line in third.lines)
    assert not any(TOKEN in line or KEY in line for line in third.lines)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
async def test_a_process_that_is_asked_to_stop_finishes_what_was_paid(
    tmp_path: Path, number: signal.Signals
) -> None:
    clock = MovableClock()
    async with (
        Discord.running(data=tmp_path / "cdn", clock=clock) as discord,
        Omixa.running() as omixa,
    ):
        env = environment(discord, omixa, tmp_path)
        omixa.next(faults.slow(headers_s=1))
        async with running("bot", cwd=tmp_path, env=env) as process:  # no argument means run
            await process.says("ready")
            order = await discord.people["ann"].slash("imagine", prompt="a fox", size="0.5K")
            await until(lambda: omixa.calls)
            process.stop(number)
            assert await process.ends() == 0

        assert order.original is not None
        assert "receipt `" in order.original.text
        assert len([one for one in discord.home.messages.values() if one.files]) == 1
        assert omixa.wallet.bills == 1
        assert not any(discord.token in line or omixa.key in line for line in process.lines)


class Page:
    """What the page in the browser does, by its own requests."""

    def __init__(self, http: aiohttp.ClientSession, base: str) -> None:
        self._http = http
        self._base = base
        self._socket: aiohttp.ClientWebSocketResponse | None = None
        self.state: dict[str, Any] = {}

    async def open(self) -> None:
        self._socket = await self._http.ws_connect(f"{self._base}/client/socket", max_msg_size=0)
        self.state = (await self.hears("hello"))["state"]

    async def hears(self, kind: str, words: str = "") -> dict[str, Any]:
        """Wait for news of a kind with these words in it."""
        assert self._socket is not None
        async with asyncio.timeout(30):
            while True:
                frame = await self._socket.receive()
                news: dict[str, Any] = frame.json()
                if news["type"] == kind and words in str(news):
                    return news

    async def hears_message(self, words: str) -> dict[str, Any]:
        """Wait for a message, new or changed, with these words."""
        assert self._socket is not None
        async with asyncio.timeout(30):
            while True:
                news = (await self._socket.receive()).json()
                if news["type"].startswith("message_") and words in str(news.get("message")):
                    message: dict[str, Any] = news["message"]
                    return message

    async def says(self, verb: str, **body: Any) -> dict[str, Any]:
        where = {"person": self.me, "channel_id": self.channel}
        url = f"{self._base}/client/{verb}"
        async with self._http.post(url, json=where | body) as answer:
            assert answer.status == 200, await answer.text()
            found: dict[str, Any] = await answer.json()
            return found

    async def panel(self) -> dict[str, Any]:
        query = {"person": self.me, "channel_id": self.channel}
        async with self._http.get(f"{self._base}/client/panel", params=query) as answer:
            found: dict[str, Any] = await answer.json()
            return found

    async def picture(self, url: str) -> bytes:
        async with self._http.get(url) as answer:
            return await answer.read()

    async def close(self) -> None:
        if self._socket is not None:
            await self._socket.close()

    @property
    def me(self) -> str:
        return str(self.state["me"]["id"])

    @property
    def channel(self) -> str:
        return str(self.state["guilds"][0]["channels"][0]["id"])


@pytest.fixture
async def stack() -> AsyncGenerator[AsyncExitStack]:
    async with AsyncExitStack() as stack:
        yield stack


async def paints(page: Page) -> dict[str, Any]:
    """Paint a picture as a person on the page does; gives the message it stands in."""
    await page.open()
    assert any(command["name"] == "imagine" for command in page.state["commands"])
    await page.says("slash", name="imagine", options={"prompt": "a red boat", "size": "0.5K"})
    message = await page.hears_message("'filename'")
    assert "a red boat" in message["content"]
    content = await page.picture(message["attachments"][0]["url"])
    assert content.startswith(b"\x89PNG")
    await page.hears_message("receipt `")
    return message


async def test_make_runs_process_paints_through_the_page(
    tmp_path: Path, stack: AsyncExitStack
) -> None:
    sandbox = await stack.enter_async_context(
        running("sandbox", "--port", "0", "--speed", "20", cwd=tmp_path)
    )
    line = await sandbox.says("Sandbox ready at http://127.0.0.1:")
    http = await stack.enter_async_context(aiohttp.ClientSession())
    page = Page(http, line.rpartition(" ")[2].strip())

    await paints(page)

    panel = await page.panel()
    assert panel["wallet"]["spent"] == "$0.039"
    assert panel["wallet"]["calls"] == 1
    assert panel["receipts"][0]["amount"] == "$0.039"
    await page.close()
    sandbox.stop()
    assert await sandbox.ends() == 0


async def test_a_bot_set_up_by_dotenv_works_the_same_with_stand_ins_elsewhere(
    tmp_path: Path, stack: AsyncExitStack
) -> None:
    discord = await stack.enter_async_context(running("sandbox", "discord", cwd=tmp_path))
    omixa = await stack.enter_async_context(running("sandbox", "omixa", cwd=tmp_path))
    printed = [
        *[await discord.says(name) for name in ("API_URL=", "GATEWAY_URL=", "TOKEN=", "HOSTS=")],
        *[await omixa.says(name) for name in ("OMIXA_BASE_URL=", "OMIXA_API_KEY=")],
    ]
    base = (await discord.says("The page: ")).rpartition(" ")[2].strip()
    (tmp_path / ".env").write_text("".join(printed) + "GUILD_ALLOWLIST=*\n")
    bot = await stack.enter_async_context(running("bot", cwd=tmp_path))
    await bot.says("ready")
    http = await stack.enter_async_context(aiohttp.ClientSession())
    page = Page(http, base)

    await paints(page)

    wallet = await wallet_of(http, printed)
    assert wallet["captured"] == "0.039000"
    assert wallet["calls"] == 1
    await page.close()
    await stopped(bot, omixa, discord)


async def wallet_of(http: aiohttp.ClientSession, printed: list[str]) -> dict[str, Any]:
    """Ask the stand-in gateway for its own truth."""
    base = next(line for line in printed if "OMIXA_BASE_URL=" in line)
    url = base.partition("=")[2].strip().removesuffix("/api/v1") + "/sandbox/wallet"
    async with http.get(url) as answer:
        found: dict[str, Any] = await answer.json()
        return found


async def stopped(*processes: Process) -> None:
    """Stop them in order; each ends as it should."""
    for process in processes:
        process.stop()
        assert await process.ends() == 0


async def test_the_sandbox_refuses_live_keys(tmp_path: Path) -> None:
    async with running("sandbox", "--port", "0", cwd=tmp_path, env={"DISCORD_TOKEN": TOKEN}) as one:
        assert await one.ends() == 2
    assert TOKEN not in "".join(one.lines)
    assert os.linesep.join(one.lines).count("DISCORD_TOKEN") == 1


async def test_the_version_is_told(tmp_path: Path) -> None:
    async with running("bot", "version", cwd=tmp_path) as process:
        assert await process.ends() == 0
    assert process.lines[0].startswith("0.")
