"""What the page is told: the world as one person sees it, and every change to it."""

import asyncio
import json
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from aiohttp import web

from sandbox.clock import iso
from sandbox.discord.commands import SLASH
from sandbox.discord.interactions import AUTOCOMPLETE, Interaction
from sandbox.discord.permissions import May
from sandbox.discord.refusals import Raw
from sandbox.discord.state import Channel, Happened, Message, Server

if TYPE_CHECKING:
    from sandbox.discord.app import Discord
    from sandbox.people import Person

NO_ANSWER = "The application did not respond"
AVATARS = ("#4f9d69", "#8367c7", "#c7567a", "#3f88a8", "#c27c3a", "#6f7fd8", "#2f9e9e", "#b05fb0")


@dataclass(slots=True, eq=False)
class Viewer:
    """One open page; its frames leave in order."""

    person: "Person"
    socket: web.WebSocketResponse
    frames: asyncio.Queue[Raw] = field(default_factory=asyncio.Queue)

    async def run(self) -> None:
        """Send what is queued until the page is gone."""
        with suppress(ConnectionError):
            while not self.socket.closed:
                frame = await self.frames.get()
                await self.socket.send_str(json.dumps(frame))


def news_for(viewer: Viewer, event: Happened, discord: "Discord") -> Raw | None:
    """Write a change for one viewer; None when it is none of theirs."""
    news: Raw | None = None
    match event.kind, event.subject:
        case ("message_create" | "message_update" | "message_delete") as kind, Message() as message:
            news = _about_message(viewer, kind, message, discord)
        case "acknowledged" | "interaction_failed", Interaction() as interaction:
            if interaction.user is viewer.person.user:
                news = _about_interaction(interaction)
        case "commands", _:
            news = {"type": "commands", "commands": _commands(viewer.person, discord)}
        case "bot", bool() as online:
            news = {"type": "bot", "online": online}
        case "typing", (Channel() as channel, user):
            news = {"type": "typing", "channel_id": channel.id, "user_id": user.id}
        case "places", _:
            news = hello(viewer.person, discord)
        case _:
            pass
    return news


def hello(person: "Person", discord: "Discord") -> Raw:
    """Write everything one person sees."""
    channels = [one for one in discord.world.channels.values() if _sees(person, one)]
    state: Raw = {
        "me": described(person),
        "people": [described(one) for one in discord.people.values()],
        "guilds": [_server(one, person) for one in discord.world.servers.values()],
        "commands": _commands(person, discord),
        "messages": {
            one.id: [seen(message, discord) for message in person.messages(one)] for one in channels
        },
        "bot": discord.bot.raw(),
        "bot_online": discord.gateway.online,
        "now": iso(discord.clock.now()),
    }
    return {"type": "hello", "state": state}


def described(person: "Person") -> Raw:
    """Write a person with what the page shows of them."""
    servers = list(person.discord.world.servers.values())
    place = list(person.discord.people).index(person.user.username)
    members = [one.members[person.id] for one in servers if person.id in one.members]
    allowed = May(0)
    for server in servers:
        for channel in server.channels.values():
            allowed |= person.may(channel)
    return {
        "id": person.id,
        "username": person.user.username,
        "global_name": person.user.global_name,
        "avatar_color": AVATARS[place % len(AVATARS)],
        "roles": [role.id for member in members for role in member.roles],
        "manager": bool(May.MANAGE_GUILD & allowed),
        "operator": person.user is person.discord.world.owner,
        "locale": person.user.locale,
        "dms_open": person.user.dms_open,
    }


def seen(message: Message, discord: "Discord") -> Raw:
    """Write a message for the page."""
    raw = discord.messages.raw(message)
    interaction = message.interaction
    named = interaction is not None and interaction.name
    return raw | {
        "ephemeral": message.ephemeral,
        "reacted": {emoji: list(users) for emoji, users in message.reactions.items() if users},
        "interaction": {
            "user": interaction.user.raw(),
            "name": interaction.name,
            "kind": interaction.data.get("type", SLASH),
        }
        if interaction is not None and named
        else None,
    }


def _commands(person: "Person", discord: "Discord") -> list[Raw]:
    """Write every command somebody can use, with the channels where they can."""
    places: dict[str, list[str]] = {}
    known: dict[str, Raw] = {}
    for channel in discord.world.channels.values():
        for command in person.commands(channel):
            known[command["id"]] = command
            places.setdefault(command["id"], []).append(channel.id)
    return [command | {"channels": places[one]} for one, command in known.items()]


def _about_message(viewer: Viewer, kind: str, message: Message, discord: "Discord") -> Raw | None:
    theirs = message.seen_only_by in {None, viewer.person.user}
    if not theirs or not _sees(viewer.person, message.channel):
        return None
    if kind == "message_delete":
        return {"type": kind, "channel_id": message.channel.id, "id": message.id}
    return {"type": kind, "message": seen(message, discord)}


def _about_interaction(interaction: Interaction) -> Raw | None:
    if interaction.modal is not None:
        told: Any = {"type": "modal", "interaction_id": interaction.id}
        return {**told, "modal": interaction.modal}
    if not interaction.failed or interaction.kind == AUTOCOMPLETE:
        return None
    source = interaction.source.id if interaction.source else None
    told = {"type": "interaction_failed", "interaction_id": interaction.id, "message_id": source}
    return {**told, "reason": NO_ANSWER}


def _sees(person: "Person", channel: Channel) -> bool:
    return bool(May.VIEW_CHANNEL & person.may(channel))


def _server(server: Server, person: "Person") -> Raw:
    channels = [one for one in server.channels.values() if _sees(person, one)]
    roles = sorted(server.roles.values(), key=lambda one: -one.position)
    return {
        "id": server.id,
        "name": server.name,
        "roles": [{"id": one.id, "name": one.name, "color": one.color} for one in roles],
        "channels": [
            {"id": one.id, "name": one.name, "topic": one.topic, "type": one.type}
            for one in channels
        ],
    }
