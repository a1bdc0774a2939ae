"""The endpoints that answer interactions; their token is in the path."""

from dataclasses import dataclass
from typing import Any

from aiohttp import web

from sandbox.discord.answers import Answers
from sandbox.discord.bodies import read_draft
from sandbox.discord.files import Files
from sandbox.discord.interactions import Interaction
from sandbox.discord.messages import Messages
from sandbox.discord.refusals import Refused
from sandbox.discord.rest import NOTHING, Rest
from sandbox.discord.state import Message


@dataclass(slots=True)
class WebhookCalls:
    """Everything under /interactions and /webhooks."""

    answers: Answers
    messages: Messages
    files: Files

    def routes(self, rest: Rest) -> list[web.RouteDef]:
        """Give the routes of this family."""
        hook = "/webhooks/{application}/{token}"
        return [
            rest.route("POST", "/interactions/{id}/{token}/callback", self.callback),
            rest.route("POST", hook, self.follow_up),
            rest.route("GET", hook + "/messages/{message}", self.get),
            rest.route("PATCH", hook + "/messages/{message}", self.edit),
            rest.route("DELETE", hook + "/messages/{message}", self.delete),
        ]

    async def callback(self, request: web.Request) -> Any:
        """Answer an interaction for the first and only time."""
        named = request.match_info
        self.answers.awaited(named["id"], named["token"])
        draft = await read_draft(request, self.files)
        interaction = self.answers.awaited(named["id"], named["token"])
        told = self.answers.callback(interaction, draft)
        return told if _set(request, "with_response") else NOTHING

    async def follow_up(self, request: web.Request) -> Any:
        """Post another message."""
        interaction = self._interaction(request)
        draft = await read_draft(request, self.files)
        message = self.answers.follow_up(interaction, draft)
        return self.messages.raw(message) if _set(request, "wait") else NOTHING

    async def get(self, request: web.Request) -> Any:
        """Show one of the interaction's messages."""
        return self.messages.raw(self._message(request)[1])

    async def edit(self, request: web.Request) -> Any:
        """Edit one of the interaction's messages."""
        interaction, message = self._message(request)
        draft = await read_draft(request, self.files)
        return self.messages.raw(self.answers.edit(interaction, message, draft))

    async def delete(self, request: web.Request) -> Any:
        """Delete one of the interaction's messages."""
        self.answers.delete(*self._message(request))
        return NOTHING

    def _interaction(self, request: web.Request) -> Interaction:
        interaction = self.answers.opened(request.match_info["token"])
        if request.match_info["application"] != interaction.application_id:
            raise Refused(404, 10015, "Unknown Webhook")
        return interaction

    def _message(self, request: web.Request) -> tuple[Interaction, Message]:
        interaction = self._interaction(request)
        return interaction, self.answers.found(interaction, request.match_info["message"])


def _set(request: web.Request, name: str) -> bool:
    return request.query.get(name, "").lower() in {"1", "true"}
