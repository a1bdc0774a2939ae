"""One interaction: what a person did, and what the app did with it, in order and timed."""

import asyncio
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from sandbox.discord.modals import fields_of, preset
from sandbox.discord.refusals import Raw
from sandbox.discord.state import Channel, Message, User

COMMAND, COMPONENT, AUTOCOMPLETE, MODAL_SUBMIT = 2, 3, 4, 5
MESSAGE_ANSWER, DEFER, DEFER_UPDATE, UPDATE, CHOICES, MODAL = 4, 5, 6, 7, 8, 9
ANSWERS: Final = {
    COMMAND: {MESSAGE_ANSWER, DEFER, MODAL},
    COMPONENT: {MESSAGE_ANSWER, DEFER, DEFER_UPDATE, UPDATE, MODAL},
    AUTOCOMPLETE: {CHOICES},
    MODAL_SUBMIT: {MESSAGE_ANSWER, DEFER, DEFER_UPDATE, UPDATE},
}
ACK_WINDOW_S: Final = 3.0
TOKEN_LASTS_S: Final = 15 * 60
NO_FIELDS: Final[Raw] = {"components": []}
CHAT_INPUT_ANSWER, MENU_ANSWER, REPLY = 20, 23, 19


@dataclass(frozen=True, slots=True)
class Call:
    """One thing the app did with an interaction, `at_s` seconds after it was sent out."""

    what: str
    at_s: float
    body: Raw


@dataclass(slots=True, eq=False)
class Interaction:
    """A person's act and its answers; the stand-in's own truth for tests to compare with."""

    id: str
    token: str
    kind: int
    user: User
    channel: Channel
    data: Raw
    made: datetime
    application_id: str
    owners: dict[str, str]
    name: str = ""
    source: Message | None = None
    trigger: "Interaction | None" = None
    response: Raw | None = None
    original: Message | None = None
    modal: Raw | None = None
    choices: list[Raw] | None = None
    ack_wait_s: float | None = None
    failed: bool = False
    followups: list[Message] = field(default_factory=list)
    calls: list[Call] = field(default_factory=list)
    settled: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def acked(self) -> bool:
        """Say whether the app answered at all."""
        return self.ack_wait_s is not None

    @property
    def thinking(self) -> bool:
        """Say whether the app still owes the message it announced."""
        return self.original is not None and self.original.thinking

    @property
    def by_user_install(self) -> bool:
        """Say whether only the person installed the app here."""
        return "1" in self.owners

    @property
    def answer_type(self) -> int:
        """Give the type of the message that answers it."""
        if self.kind != COMMAND:
            return REPLY if self.source else 0
        return CHAT_INPUT_ANSWER if self.data.get("type", 1) == 1 else MENU_ANSWER

    @property
    def prefilled(self) -> dict[str, list[str] | str]:
        """Give what stood in each field of the modal it opened, by label."""
        return {label: preset(field) for label, field in fields_of(self.modal or NO_FIELDS)}

    def mark(self, message: Message) -> Raw:
        """Write what a message says about the interaction it comes from."""
        metadata = self._metadata()
        if message in self.followups and self.original:
            metadata["original_response_message_id"] = self.original.id
        marked: Raw = {
            "application_id": self.application_id,
            "webhook_id": self.application_id,
            "interaction_metadata": metadata,
        }
        if self.kind == COMMAND:
            short = {"id": self.id, "type": self.kind, "name": self.name, "user": self.user.raw()}
            marked["interaction"] = short
        return marked

    def _metadata(self) -> Raw:
        metadata: Raw = {
            "id": self.id,
            "type": self.kind,
            "user": self.user.raw(),
            "authorizing_integration_owners": self.owners,
        }
        if self.kind == COMMAND:
            metadata["name"] = self.name
        if self.kind == COMPONENT and self.source:
            metadata["interacted_message_id"] = self.source.id
        if self.trigger is not None:
            metadata["triggering_interaction_metadata"] = self.trigger._metadata()  # noqa: SLF001 - another of its kind
        return metadata
