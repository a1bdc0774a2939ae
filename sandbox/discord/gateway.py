"""The gateway socket: hello, identify, events in order, and sessions that can be resumed."""

import asyncio
import json
import secrets
from collections import deque
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, Final

from aiohttp import WSMsgType, web

from bot.core.tasks import Tasks
from sandbox.discord.compression import Squeezer, squeezer_for
from sandbox.discord.intents import HIGHEST, PRIVILEGED, Intents, hears_of
from sandbox.discord.messages import Messages
from sandbox.discord.payloads import (
    deletion_event,
    interaction_event,
    message_event,
    reaction_event,
)
from sandbox.discord.refusals import Raw
from sandbox.discord.state import Happened, Reaction, World

DISPATCH, RECONNECT, INVALID, HELLO, BEAT_ACK = 0, 7, 9, 10, 11
HEARTBEAT_MS: Final = 41_250
BUFFER_MOST: Final = 1000
BAD_TOKEN, BAD_SHARD, BAD_INTENTS, REFUSED_INTENTS = 4004, 4010, 4013, 4014
NOT_IDENTIFIED, ALREADY_IDENTIFIED, BAD_JSON = 4003, 4005, 4002
ENDED: Final = {1000, 1001}


@dataclass(slots=True, eq=False)
class Line:
    """One connection; frames leave in the order they were given."""

    socket: web.WebSocketResponse
    squeezer: Squeezer
    frames: asyncio.Queue[Raw] = field(default_factory=asyncio.Queue)

    def say(self, op: int, data: Any = None) -> None:
        """Queue a frame that is no event."""
        self.frames.put_nowait({"op": op, "d": data, "s": None, "t": None})

    async def run(self) -> None:
        """Send what is queued until the connection ends."""
        with suppress(ConnectionError):
            while not self.socket.closed:
                frame = await self.frames.get()
                squeezed = self.squeezer.squeeze(json.dumps(frame))
                if isinstance(squeezed, str):
                    await self.socket.send_str(squeezed)
                else:
                    await self.socket.send_bytes(squeezed)


@dataclass(slots=True, eq=False)
class Session:
    """An identified app: survives its connection for a resume."""

    id: str
    intents: Intents
    shard: tuple[int, int]
    line: Line | None
    seq: int = 0
    sent: deque[Raw] = field(default_factory=lambda: deque(maxlen=BUFFER_MOST))

    def dispatch(self, name: str, data: Raw) -> None:
        """Number an event, keep it for a replay, and send it if somebody listens."""
        self.seq += 1
        frame = {"op": DISPATCH, "t": name, "s": self.seq, "d": data}
        self.sent.append(frame)
        if self.line is not None:
            self.line.frames.put_nowait(frame)

    def owns(self, server_id: str | None) -> bool:
        """Say whether events of a server (or of conversations) come to this shard."""
        index, count = self.shard
        return index == ((int(server_id) >> 22) % count if server_id else 0)


@dataclass(slots=True, eq=False)
class Gateway:
    """All connections and sessions of the app."""

    world: World
    messages: Messages
    tasks: Tasks
    token: str
    privileged: int = 0
    url: str = ""
    sessions: dict[str, Session] = field(default_factory=dict)
    received: list[Raw] = field(default_factory=list)

    @property
    def online(self) -> bool:
        """Say whether the app is connected and identified."""
        return any(session.line is not None for session in self.sessions.values())

    def heard(self, event: Happened) -> None:
        """Pass on what happened to the sessions that may know."""
        match event.kind:
            case "interaction":
                self._tell_interaction(event)
            case "message_create" | "message_update" | "message_delete":
                self._tell_message(event)
            case "reaction":
                self._tell_reaction(event.subject)
            case _:
                pass

    async def ask_to_reconnect(self) -> None:
        """Tell every connection to come back and resume (op 7)."""
        self._say_all(RECONNECT)

    async def invalidate(self, *, resumable: bool = False) -> None:
        """Tell every connection that its session is no good (op 9)."""
        if not resumable:
            lines = [one.line for one in self.sessions.values()]
            self.sessions.clear()
            for line in lines:
                if line is not None:
                    line.say(INVALID, False)
            return
        self._say_all(INVALID, True)

    async def close(self, code: int = 4000) -> None:
        """Close every connection with a code; sessions wait to be resumed."""
        for session in list(self.sessions.values()):
            if session.line is not None:
                await session.line.socket.close(code=code)

    async def serve(self, request: web.Request) -> web.WebSocketResponse:
        """Hold one connection from hello to goodbye."""
        socket = web.WebSocketResponse(max_msg_size=1 << 20)
        await socket.prepare(request)
        line = Line(socket, squeezer_for(request.query.get("compress")))
        sender = self.tasks.spawn("gateway line", line.run())
        line.say(HELLO, {"heartbeat_interval": HEARTBEAT_MS, "_trace": []})
        try:
            async for frame in socket:
                if frame.type is WSMsgType.TEXT:
                    await self._received(line, frame.data)
        finally:
            sender.cancel()
            self._left(line, socket.close_code)
        return socket

    def guild_create(self, session: Session, server_id: str) -> None:
        """Let a session know a server."""
        server = self.world.servers[server_id]
        raw = server.raw(server.members[self.world.bot.id].joined, self.world.bot.id)
        session.dispatch("GUILD_CREATE", raw)

    async def _received(self, line: Line, text: str) -> None:
        try:
            frame = json.loads(text)
        except ValueError:
            await line.socket.close(code=BAD_JSON)
            return
        self.received.append(frame)
        session = next((one for one in self.sessions.values() if one.line is line), None)
        match frame.get("op"):
            case 1:
                line.say(BEAT_ACK)
            case 2 if session is None:
                await self._identify(line, frame["d"])
            case 2:
                await line.socket.close(code=ALREADY_IDENTIFIED)
            case 6:
                await self._resume(line, frame["d"])
            case 8 if session is not None:
                self._send_members(session, frame["d"])
            case _ if session is None:
                await line.socket.close(code=NOT_IDENTIFIED)
            case _:
                pass

    async def _identify(self, line: Line, wish: Raw) -> None:
        shard = tuple(wish.get("shard") or (0, 1))
        intents = wish.get("intents")
        code = self._refusal(wish, shard, intents)
        if code is not None:
            await line.socket.close(code=code)
            return
        session = Session(
            secrets.token_hex(16), Intents(wish["intents"]), (shard[0], shard[1]), line
        )
        self.sessions[session.id] = session
        servers = [one for one in self.world.servers.values() if one.has_bot]
        own = [one for one in servers if session.owns(one.id)]
        session.dispatch("READY", self._ready(session, [one.id for one in own]))
        for server in own:
            self.guild_create(session, server.id)
        self.world.tell("bot", True)

    def _refusal(self, wish: Raw, shard: tuple[int, ...], intents: object) -> int | None:
        if wish.get("token") != self.token:
            return BAD_TOKEN
        if len(shard) != 2 or not 0 <= shard[0] < shard[1]:  # noqa: PLR2004 - index and count
            return BAD_SHARD
        if not isinstance(intents, int) or not 0 <= intents <= HIGHEST:
            return BAD_INTENTS
        return REFUSED_INTENTS if PRIVILEGED & intents & ~self.privileged else None

    def _ready(self, session: Session, server_ids: list[str]) -> Raw:
        return {
            "v": 10,
            "user": self.world.bot.raw() | {"verified": True, "mfa_enabled": True, "email": None},
            "guilds": [{"id": one, "unavailable": True} for one in server_ids],
            "session_id": session.id,
            "session_type": "normal",
            "resume_gateway_url": self.url,
            "shard": list(session.shard),
            "application": {"id": self.world.bot.id, "flags": 0},
            "private_channels": [],
        }

    async def _resume(self, line: Line, wish: Raw) -> None:
        session = self.sessions.get(str(wish.get("session_id")))
        if wish.get("token") != self.token:
            await line.socket.close(code=BAD_TOKEN)
            return
        missed = [one for one in session.sent if one["s"] > wish["seq"]] if session else []
        complete = session and wish["seq"] == session.seq - len(missed)
        if session is None or not complete:
            line.say(INVALID, False)
            return
        session.line = line
        for frame in missed:
            line.frames.put_nowait(frame)
        session.dispatch("RESUMED", {"_trace": []})
        self.world.tell("bot", True)

    def _left(self, line: Line, code: int | None) -> None:
        for session in [one for one in self.sessions.values() if one.line is line]:
            session.line = None
            if code in ENDED:
                del self.sessions[session.id]
            self.world.tell("bot", self.online)

    def _send_members(self, session: Session, wish: Raw) -> None:
        server = self.world.servers[str(wish["guild_id"])]
        members = [one.raw() for one in server.members.values()]
        chunk: Raw = {"guild_id": server.id, "members": members, "chunk_index": 0, "chunk_count": 1}
        chunk |= {"not_found": [], "nonce": wish.get("nonce")}
        session.dispatch("GUILD_MEMBERS_CHUNK", chunk)

    def _say_all(self, op: int, data: Any = None) -> None:
        for session in self.sessions.values():
            if session.line is not None:
                session.line.say(op, data)

    def _tell_interaction(self, event: Happened) -> None:
        raw = interaction_event(event.subject, self.world, self.messages)
        for session in self.sessions.values():
            if session.owns(raw.get("guild_id")):
                session.dispatch("INTERACTION_CREATE", raw)

    def _tell_message(self, event: Happened) -> None:
        message = event.subject
        server = message.channel.server
        for session in self.sessions.values():
            if not session.owns(server and server.id) or not hears_of(message, session.intents):
                continue
            if event.kind == "message_delete":
                session.dispatch("MESSAGE_DELETE", deletion_event(message))
            else:
                raw = message_event(message, self.messages, session.intents)
                session.dispatch(event.kind.upper(), raw)

    def _tell_reaction(self, reaction: Reaction) -> None:
        message, server = reaction.message, reaction.message.channel.server
        name = "MESSAGE_REACTION_ADD" if reaction.added else "MESSAGE_REACTION_REMOVE"
        for session in self.sessions.values():
            if session.owns(server.id if server else None) and hears_of(
                message, session.intents, reactions=True
            ):
                session.dispatch(name, reaction_event(reaction))
