"""What the page says and hears."""

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from sandbox.clock import MovableClock
from sandbox.discord.app import Discord
from sandbox.discord.permissions import May
from sandbox.people import Person
from tests.sandbox.discord.painter import Interaction, Old, Painter, Script, vary_view
from tests.sandbox.discord.pictures import png


class Page:
    """A page of one person, as a test drives it."""

    def __init__(self, discord: Discord, http: aiohttp.ClientSession, person: Person) -> None:
        self.discord = discord
        self.http = http
        self.person = person
        self.channel_id = discord.home.id

    async def say(self, verb: str, **body: object) -> dict[str, Any]:
        body = {"person": self.person.id, "channel_id": self.channel_id} | body
        async with self.http.post(f"{self.discord.base_url}/client/{verb}", json=body) as answer:
            told: dict[str, Any] = await answer.json()
            return told | {"status": answer.status}

    async def listen(self) -> aiohttp.ClientWebSocketResponse:
        url = f"{self.discord.base_url}/client/socket?person={self.person.id}"
        return await self.http.ws_connect(url)


async def next_of(socket: aiohttp.ClientWebSocketResponse, kind: str) -> dict[str, Any]:
    while (frame := await socket.receive_json(timeout=5))["type"] != kind:
        pass
    found: dict[str, Any] = frame
    return found


@pytest.fixture
def page(discord: Discord, http: aiohttp.ClientSession, ann: Person) -> Page:
    return Page(discord, http, ann)


async def test_the_first_frame_tells_everything(page: Page, bot: Painter, ben: Person) -> None:
    await ben.write("hello")
    async with await page.listen() as socket:
        state = (await next_of(socket, "hello"))["state"]
    assert state["me"]["global_name"] == "Ann"
    assert state["me"]["manager"]
    assert [one["username"] for one in state["people"]] == ["ann", "ben", "cleo", "dana"]
    assert [one["name"] for one in state["guilds"][0]["channels"]] == [
        "general",
        "painting",
        "quiet",
        "budget",
    ]
    assert [role["name"] for role in state["guilds"][0]["roles"]][-1] == "@everyone"
    places = {one["name"]: one["channels"] for one in state["commands"]}
    assert page.discord.people["ann"].dm.id not in places["budget"]
    assert page.discord.people["ann"].dm.id in places["about"]
    assert {one["name"] for one in state["commands"]} >= {"imagine", "admin", "Edit image"}
    assert state["messages"][page.channel_id][0]["content"] == "hello"
    assert state["bot"]["id"] == str(bot.application_id)
    assert state["bot_online"]


@pytest.mark.usefixtures("bot")
async def test_those_who_may_not_manage_see_fewer_commands(page: Page, ben: Person) -> None:
    page.person = ben
    async with await page.listen() as socket:
        state = (await next_of(socket, "hello"))["state"]
    places = {one["name"]: one["channels"] for one in state["commands"]}
    assert places["admin"] == [ben.dm.id]  # permissions are a server's
    assert "budget" not in places


@pytest.mark.usefixtures("bot")
async def test_a_command_and_its_news(page: Page, script: Script) -> None:
    async def work(interaction: Interaction) -> None:
        picture = interaction.extras["options"][4]
        shown = await picture.to_file()
        await interaction.response.send_message("here", file=shown, view=vary_view())

    script.imagine = work
    async with await page.listen() as socket:
        url = f"{page.discord.base_url}/client/upload?person={page.person.id}&name=a.png"
        async with page.http.post(url, data=png()) as answer:
            upload = await answer.json()
        assert upload["size"] == len(png())
        done = await page.say(
            "slash",
            name="imagine",
            options={"prompt": "a fox"},
            files={"picture": upload["upload_id"]},
        )
        assert done["status"] == 200
        message = (await next_of(socket, "message_create"))["message"]
        assert message["interaction"]["name"] == "imagine"
        assert not message["ephemeral"]
        url = message["attachments"][0]["url"]
        async with page.http.get(url) as answer:
            assert await answer.read() == png()


@pytest.mark.usefixtures("bot")
async def test_a_press_a_modal_and_its_submission(page: Page, script: Script) -> None:
    async def work(interaction: Interaction) -> None:
        await interaction.response.send_message("here", view=vary_view(), ephemeral=True)

    async def pressed(interaction: Interaction) -> None:
        await interaction.response.send_modal(Old())

    script.imagine, script.press = work, pressed
    async with await page.listen() as socket:
        await page.say("slash", name="imagine", options={"prompt": "a fox"})
        message = (await next_of(socket, "message_create"))["message"]
        assert message["ephemeral"]
        custom_id = message["components"][0]["components"][0]["custom_id"]
        done = await page.say("press", message_id=message["id"], custom_id=custom_id)
        modal = await next_of(socket, "modal")
        assert modal["interaction_id"] == done["interaction_id"]
        field = modal["modal"]["components"][0]["components"][0]["custom_id"]
        await page.say("modal", interaction_id=modal["interaction_id"], values={field: "hi"})
        assert (await next_of(socket, "message_create"))["message"]["content"] == "got 'hi'"


@pytest.mark.usefixtures("bot")
async def test_autocomplete_menu_and_messages(page: Page) -> None:
    options = {"prompt": "a fox", "model": "fast"}
    told = await page.say("autocomplete", name="imagine", options=options, focused="model")
    assert told["choices"] == [{"name": "imagen-4-fast", "value": "imagen-4-fast"}]
    first = await page.say("message", content="one")
    second = await page.say("message", content="two", reply_to=first["id"], ping=False)
    assert (await page.say("menu", message_id=second["id"], name="Edit image"))["status"] == 200
    replied = page.discord.home.messages[second["id"]]
    assert replied.reply_to == first["id"]
    assert replied.mentions == []


async def test_news_of_edits_deletions_typing_and_the_bot(
    page: Page, bot: Painter, ben: Person
) -> None:
    channel: Any = bot.get_channel(int(page.channel_id))
    async with await page.listen() as socket:
        sent = await channel.send("one")
        await sent.edit(content="two")
        assert (await next_of(socket, "message_update"))["message"]["content"] == "two"
        await channel.typing()
        assert (await next_of(socket, "typing"))["user_id"] == page.discord.application_id
        await sent.delete()
        assert (await next_of(socket, "message_delete"))["id"] == str(sent.id)
        await bot.tree.sync()
        assert (await next_of(socket, "commands"))["commands"]
        await ben.reply(await ben.write("x"), "y")
        assert (await next_of(socket, "message_create"))["message"]["content"] == "x"
        await bot.close()
        assert not (await next_of(socket, "bot"))["online"]


@pytest.mark.usefixtures("bot")
async def test_silence_of_the_bot_is_told(page: Page, discord: Discord, script: Script) -> None:
    async def work(_: Interaction) -> None:
        discord.advance(3)

    script.imagine = work
    async with await page.listen() as socket:
        await page.say("slash", name="imagine", options={"prompt": "a fox"})
        failed = await next_of(socket, "interaction_failed")
    assert failed["reason"] == "The application did not respond"
    assert failed["message_id"] is None


async def test_a_hidden_channel_is_not_told_of(page: Page, discord: Discord, ben: Person) -> None:
    secret = discord.add_channel("secret")
    secret.overwrites[ben.id] = (May(0), May.VIEW_CHANNEL)
    page.person = ben
    async with await page.listen() as socket:
        state = (await next_of(socket, "hello"))["state"]
        assert secret.id not in state["messages"]
        await discord.people["ann"].write("hidden", channel=secret)
        await discord.people["ann"].write("open")
        assert (await next_of(socket, "message_create"))["message"]["content"] == "open"
        discord.add_person("dora")
        assert len((await next_of(socket, "hello"))["state"]["people"]) == 5
    assert ben.messages(secret) == []


@pytest.mark.parametrize(
    ("verb", "body", "says"),
    [
        ("slash", {"name": "nothing"}, "no command"),
        ("slash", {}, "missing"),
        ("slash", {"name": "x", "person": "9"}, "no such person"),
        ("slash", {"name": "x", "channel_id": "9"}, "no such channel"),
        ("slash", {"name": "x", "files": {"a": "9"}}, "file is gone"),
        ("press", {"message_id": "9", "custom_id": "x"}, "message is gone"),
        ("select", {"message_id": "9", "custom_id": "x", "values": []}, "message is gone"),
        ("modal", {"interaction_id": "9"}, "form is gone"),
        ("message", {"content": "x" * 2001}, "2000"),
    ],
)
async def test_a_refusal_is_one_sentence(
    page: Page, verb: str, body: dict[str, object], says: str
) -> None:
    told = await page.say(verb, **body)
    assert told["status"] == 400
    assert says in told["error"]


async def test_the_page_and_nothing_beside_it_is_served(
    discord: Discord, http: aiohttp.ClientSession, tmp_path: Path
) -> None:
    discord.client.page = tmp_path / "page"
    expected = {"/": 200, "/page/main.js": 200, "/page/none.js": 404, "/page/%2e%2e/secret": 404}
    (tmp_path / "page").mkdir()
    (tmp_path / "page/index.html").write_text("<p>page</p>")
    (tmp_path / "page/main.js").write_text("1")
    (tmp_path / "secret").write_text("no")
    for path, status in expected.items():
        async with http.get(discord.base_url + path) as answer:
            assert answer.status == status


async def test_without_a_panel_there_is_none(page: Page, http: aiohttp.ClientSession) -> None:
    query = f"person={page.person.id}&channel_id={page.channel_id}"
    async with http.get(f"{page.discord.base_url}/client/panel?{query}") as answer:
        assert answer.status == 404
    async with http.post(f"{page.discord.base_url}/client/fault", json={}) as answer:
        assert answer.status == 404


async def test_a_panel_shows_what_its_owner_gives(page: Page, http: aiohttp.ClientSession) -> None:
    armed: list[tuple[str | None, bool]] = []

    async def panel(person: Person, channel: Any) -> dict[str, Any]:
        return {"wallet": person.user.username, "where": channel.name}

    async def fault(name: str | None, *, lasting: bool) -> None:
        armed.append((name, lasting))

    page.discord.client.panel, page.discord.client.fault = panel, fault
    query = f"person={page.person.id}&channel_id={page.channel_id}"
    async with http.get(f"{page.discord.base_url}/client/panel?{query}") as answer:
        assert await answer.json() == {"wallet": "ann", "where": "general"}
    assert (await page.say("fault", name="402"))["fault"] == "402"
    await page.say("fault", name="hang", lasting=True)
    assert armed == [("402", False), ("hang", True)]


@pytest.mark.usefixtures("bot")
async def test_the_page_uses_a_persons_menu_and_pushes_the_clock(
    page: Page, clock: MovableClock, ben: Person
) -> None:
    before = clock.now()
    async with await page.listen() as socket:
        await page.say("menu", name="View usage", user_id=ben.id)
        news = (await next_of(socket, "message_create"))["message"]
        assert news["interaction"]["kind"] == 2
        assert news["content"].startswith("ben")
        await page.say("clock", by_s=3600)
        now = (await next_of(socket, "hello"))["state"]["now"]
    assert datetime.fromisoformat(now) - before >= timedelta(hours=1)
    for wrong in (0, -5, "x", 10**9):
        assert "goes forward" in (await page.say("clock", by_s=wrong))["error"]
    assert (await page.say("menu", name="View usage", user_id="1"))["status"] == 400


@pytest.mark.parametrize(
    "headers", [{"Origin": "https://elsewhere.example"}, {"Host": "elsewhere.example"}]
)
async def test_other_websites_in_the_same_browser_are_kept_out(
    discord: Discord, http: aiohttp.ClientSession, headers: dict[str, str]
) -> None:
    async with http.get(discord.base_url, headers=headers) as answer:
        assert answer.status == 403
    async with http.get(discord.base_url, headers={"Origin": discord.base_url}) as answer:
        assert answer.status == 200
