"""What the page in the browser talks to: people's verbs over HTTP, and a socket of news."""

import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from aiohttp import web
from aiohttp.typedefs import Handler

from sandbox.clock import iso
from sandbox.discord.files import CHUNK, StoredFile
from sandbox.discord.news import Viewer, hello, news_for
from sandbox.discord.options import CannotSend
from sandbox.discord.refusals import Raw, Refused
from sandbox.discord.state import Channel, Happened, Message, Reaction, User

if TYPE_CHECKING:
    from sandbox.discord.app import ArmFault, Discord, Panel
    from sandbox.people import Person

PAGE = Path(__file__).parent.parent / "page"
LOCAL = frozenset({"127.0.0.1", "localhost"})
STEP_S_MOST = 31 * 24 * 3600
Verb = Callable[[web.Request], Awaitable[Raw]]


@web.middleware
async def only_from_here(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Refuse other websites open in the same browser, by name or by a name that points here."""
    origin = request.headers.get("Origin", f"http://{request.host}")
    if request.url.host not in LOCAL or origin != f"http://{request.host}":
        raise web.HTTPForbidden
    return await handler(request)


@dataclass(slots=True, eq=False)
class Client:
    """The doors of the page; every verb is a person's."""

    discord: "Discord"
    panel: "Panel | None" = None
    fault: "ArmFault | None" = None
    page: Path = PAGE
    _viewers: list[Viewer] = field(default_factory=list)
    _uploads: dict[str, StoredFile] = field(default_factory=dict)

    def routes(self) -> list[web.RouteDef]:
        """Give the routes of the page."""
        verbs: dict[str, Verb] = {
            "slash": self._slash,
            "autocomplete": self._autocomplete,
            "press": self._press,
            "select": self._select,
            "modal": self._modal,
            "message": self._message,
            "forward": self._forward,
            "react": self._react,
            "menu": self._menu,
            "dms": self._dms,
            "upload": self._upload,
            "fault": self._fault,
            "clock": self._clock,
        }
        found = [web.post(f"/client/{name}", _spoken(verb)) for name, verb in verbs.items()]
        return [
            *found,
            web.get("/client/panel", _spoken(self._panel)),
            web.get("/client/socket", self._socket),
            web.get("/", self._file),
            web.get("/page/{name:.+}", self._file),
        ]

    def heard(self, event: Happened) -> None:
        """Tell every open page what changed."""
        if isinstance(event.subject, Reaction):
            event = Happened("message_update", event.subject.message)
        for viewer in self._viewers:
            if (news := news_for(viewer, event, self.discord)) is not None:
                viewer.frames.put_nowait(news)

    async def close(self) -> None:
        """Close the sockets of all pages."""
        for viewer in tuple(self._viewers):
            await viewer.socket.close()

    async def _socket(self, request: web.Request) -> web.StreamResponse:
        # A page that opens for the first time does not know anybody yet.
        first = next(iter(self.discord.people.values()))
        person = self._person(request.query) if "person" in request.query else first
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        viewer = Viewer(person, socket)
        viewer.frames.put_nowait(hello(person, self.discord))
        self._viewers.append(viewer)
        sender = self.discord.tasks.spawn("page socket", viewer.run())
        try:
            async for _ in socket:
                pass
        finally:
            self._viewers.remove(viewer)
            sender.cancel()
        return socket

    async def _file(self, request: web.Request) -> web.StreamResponse:
        path = (self.page / request.match_info.get("name", "index.html")).resolve()
        if not path.is_relative_to(self.page.resolve()) or not path.is_file():
            raise web.HTTPNotFound
        return web.FileResponse(path, headers={"Cache-Control": "no-cache"})

    async def _slash(self, request: web.Request) -> Raw:
        body = await request.json()
        files = body.get("files") or {}
        options = {**(body.get("options") or {}), **{k: self._file_of(v) for k, v in files.items()}}
        channel = self._channel(body)
        done = await self._person(body).slash(body["name"], channel=channel, options=options)
        return {"interaction_id": done.id}

    async def _autocomplete(self, request: web.Request) -> Raw:
        body = await request.json()
        typed = dict(body.get("options") or {})
        choices = await self._person(body).autocomplete(
            body["name"],
            focused=body["focused"],
            value=str(typed.pop(body["focused"], "")),
            channel=self._channel(body),
            options=typed,
        )
        return {"choices": [{"name": one.name, "value": one.value} for one in choices]}

    async def _press(self, request: web.Request) -> Raw:
        body = await request.json()
        done = await self._person(body).press(body["custom_id"], on=self._message_of(body))
        return {"interaction_id": done.id}

    async def _select(self, request: web.Request) -> Raw:
        body = await request.json()
        person, message = self._person(body), self._message_of(body)
        done = await person.select(body["custom_id"], *body["values"], on=message)
        return {"interaction_id": done.id}

    async def _modal(self, request: web.Request) -> Raw:
        body = await request.json()
        opened = self.discord.answers.everything.get(str(body["interaction_id"]))
        if opened is None:
            raise CannotSend("This form is gone.")
        files = body.get("files") or {}
        uploaded = {key: [self._file_of(one) for one in ids] for key, ids in files.items()}
        done = await self._person(body).submit(opened, {**(body.get("values") or {}), **uploaded})
        return {"interaction_id": done.id}

    async def _message(self, request: web.Request) -> Raw:
        body = await request.json()
        person, text = self._person(body), str(body.get("content") or "")
        files = [self._file_of(one) for one in body.get("files") or ()]
        if body.get("reply_to"):
            answered = self._message_of(body | {"message_id": body["reply_to"]})
            ping = bool(body.get("ping", True))
            return {"id": (await person.reply(answered, text, ping=ping, files=files)).id}
        return {"id": (await person.write(text, channel=self._channel(body), files=files)).id}

    async def _forward(self, request: web.Request) -> Raw:
        body = await request.json()
        to = self._channel({"channel_id": body["to"]})
        return {"id": (await self._person(body).forward(self._message_of(body), to)).id}

    async def _react(self, request: web.Request) -> Raw:
        body = await request.json()
        person, message = self._person(body), self._message_of(body)
        await person.react(message, str(body["emoji"]), add=bool(body["add"]))
        return {"emoji": body["emoji"]}

    async def _menu(self, request: web.Request) -> Raw:
        body = await request.json()
        person, where = self._person(body), self._channel(body)
        on = self._user_of(body) if "user_id" in body else self._message_of(body)
        return {"interaction_id": (await person.menu(body["name"], on, channel=where)).id}

    async def _dms(self, request: web.Request) -> Raw:
        body = await request.json()
        self._person(body).take_dms(openly=bool(body["open"]))
        return {"open": body["open"]}

    async def _upload(self, request: web.Request) -> Raw:
        name = Path(request.query.get("name", "file")).name
        file = await self.discord.files.spool(name, request.content.iter_chunked(CHUNK))
        self._uploads[file.id] = file
        return {"upload_id": file.id, "filename": file.filename, "size": file.size}

    async def _panel(self, request: web.Request) -> Raw:
        if self.panel is None:
            raise web.HTTPNotFound
        return await self.panel(self._person(request.query), self._channel(request.query))

    async def _fault(self, request: web.Request) -> Raw:
        if self.fault is None:
            raise web.HTTPNotFound
        body = await request.json()
        name, lasting = body.get("name"), bool(body.get("lasting"))
        await self.fault(name, lasting=lasting)
        return {"fault": name, "lasting": lasting}

    async def _clock(self, request: web.Request) -> Raw:
        by_s = (await request.json())["by_s"]
        if not isinstance(by_s, int) or not 0 < by_s <= STEP_S_MOST:
            raise CannotSend("The clock goes forward, and at most 31 days at a time.")
        self.discord.advance(by_s)
        # The whole world anew: links to files end after a day, and every page keeps this time.
        self.discord.world.tell("places", self.discord.clock)
        return {"now": iso(self.discord.clock.now())}

    def _person(self, body: Any) -> "Person":
        for person in self.discord.people.values():
            if person.id == str(body.get("person")):
                return person
        raise CannotSend("There is no such person.")

    def _channel(self, body: Any) -> Channel:
        channel = self.discord.world.channels.get(str(body.get("channel_id")))
        if channel is None:
            raise CannotSend("There is no such channel.")
        return channel

    def _user_of(self, body: Raw) -> User:
        user = self.discord.world.users.get(str(body["user_id"]))
        if user is None:
            raise CannotSend("There is no such person.")
        return user

    def _message_of(self, body: Raw) -> Message:
        message = self._channel(body).messages.get(str(body.get("message_id")))
        if message is None:
            raise CannotSend("This message is gone.")
        return message

    def _file_of(self, upload_id: object) -> StoredFile:
        if (file := self._uploads.get(str(upload_id))) is None:
            raise CannotSend("This file is gone.")
        return file


def _spoken(verb: Verb) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
    """Answer a verb in JSON, and a refusal with its sentence."""

    async def handle(request: web.Request) -> web.StreamResponse:
        try:
            return web.json_response(await verb(request))
        except (CannotSend, Refused) as refusal:
            return web.json_response({"error": str(refusal)}, status=400)
        except (KeyError, json.JSONDecodeError) as error:
            return web.json_response({"error": f"This is missing: {error}"}, status=400)

    return handle
