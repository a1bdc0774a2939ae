"""How the app answers interactions: one callback in time, then its webhook for a quarter hour."""

import secrets
from dataclasses import dataclass, field
from datetime import timedelta

from bot.core.clock import Clock
from bot.core.tasks import Tasks
from sandbox.discord.commands import CHOICES_MOST, check_choices
from sandbox.discord.drafts import Draft
from sandbox.discord.interactions import (
    ACK_WINDOW_S,
    ANSWERS,
    DEFER,
    DEFER_UPDATE,
    MESSAGE_ANSWER,
    REPLY,
    TOKEN_LASTS_S,
    UPDATE,
    Call,
    Interaction,
)
from sandbox.discord.messages import DEFAULT_FILE_LIMIT, Messages, Origin
from sandbox.discord.modals import check_modal
from sandbox.discord.permissions import May, in_channel
from sandbox.discord.refusals import Form, Raw, Refused, unknown_interaction, unknown_message
from sandbox.discord.snowflake import Snowflakes
from sandbox.discord.state import EPHEMERAL, Channel, Message, User, World

FOLLOWUPS_OF_USER_INSTALL = 5


@dataclass(slots=True, kw_only=True)
class Act:
    """What a person did that the app shall answer."""

    kind: int
    user: User
    channel: Channel
    data: Raw
    name: str = ""
    source: Message | None = None
    trigger: Interaction | None = None


@dataclass(slots=True)
class Answers:
    """All interactions, and what the app may still do with each."""

    world: World
    messages: Messages
    clock: Clock
    snowflakes: Snowflakes
    tasks: Tasks
    everything: dict[str, Interaction] = field(default_factory=dict)
    by_token: dict[str, Interaction] = field(default_factory=dict)

    def start(self, act: Act) -> Interaction:
        """Send an act to the app; it has three seconds from now."""
        interaction = Interaction(
            id=self.snowflakes.next(),
            token=secrets.token_urlsafe(48),
            kind=act.kind,
            user=act.user,
            channel=act.channel,
            data=act.data,
            made=self.clock.now(),
            application_id=self.world.bot.id,
            owners=_owners(act),
            name=act.name,
            source=act.source,
            trigger=act.trigger,
        )
        self.everything[interaction.id] = interaction
        self.by_token[interaction.token] = interaction
        _ = self.tasks.spawn(f"deadline of {interaction.id}", self._deadline(interaction))
        self.world.tell("interaction", interaction)
        return interaction

    def awaited(self, interaction_id: str, token: str) -> Interaction:
        """Give an interaction that may still be acknowledged, or refuse."""
        interaction = self.everything.get(interaction_id)
        if interaction is None or interaction.token != token:
            raise unknown_interaction()
        if interaction.acked:
            raise Refused(400, 40060, "Interaction has already been acknowledged.")
        if interaction.failed or self._age_s(interaction) > ACK_WINDOW_S:
            raise unknown_interaction()
        return interaction

    def callback(self, interaction: Interaction, draft: Draft) -> Raw:
        """Take the one answer to an interaction; a refused one does not count."""
        body = draft.body
        kind = body.get("type")
        form = Form()
        allowed = ANSWERS[interaction.kind]
        if interaction.source is None:
            allowed = allowed - {DEFER_UPDATE, UPDATE}
        form.need(kind in allowed, "type", f"Value must be one of {sorted(allowed)}.")
        form.done()
        self._answer(interaction, body, draft)
        interaction.response = body
        interaction.ack_wait_s = self._age_s(interaction)
        self._note(interaction, "callback", body)
        interaction.settled.set()
        self.world.tell("acknowledged", interaction)
        return self._told(interaction, body["type"])

    def opened(self, token: str) -> Interaction:
        """Give the interaction of a webhook token that still works, or refuse."""
        interaction = self.by_token.get(token)
        if interaction is None or not interaction.acked:
            raise Refused(404, 10015, "Unknown Webhook")
        if self._age_s(interaction) > TOKEN_LASTS_S:
            raise Refused(401, 50027, "Invalid Webhook Token")
        return interaction

    def found(self, interaction: Interaction, message_id: str) -> Message:
        """Give one of the interaction's own messages."""
        own = [interaction.original, *interaction.followups]
        for message in own:
            if message is None or message.id not in message.channel.messages:
                continue
            if message.id == message_id or (message_id == "@original" and message is own[0]):
                return message
        raise unknown_message()

    def edit(self, interaction: Interaction, message: Message, draft: Draft) -> Message:
        """Change one of the interaction's messages."""
        limit = file_limit_of(interaction)
        edited = self.messages.edit(message, draft, file_limit=limit)
        self._note(interaction, _which(interaction, message, "edit"), draft.body)
        return edited

    def delete(self, interaction: Interaction, message: Message) -> None:
        """Delete one of the interaction's messages."""
        self.messages.delete(message)
        self._note(interaction, _which(interaction, message, "delete"), {})

    def follow_up(self, interaction: Interaction, draft: Draft) -> Message:
        """Post another message; the first one after a deferral fills the deferred one."""
        if interaction.thinking and interaction.original:
            return self.edit(interaction, interaction.original, draft)
        used_up = len(interaction.followups) >= FOLLOWUPS_OF_USER_INSTALL
        if interaction.by_user_install and used_up:
            raise Refused(400, 40094, "Maximum number of follow up messages reached")
        origin = self._origin(interaction, draft.body.get("flags") or 0)
        origin.type = REPLY
        origin.reply_to = interaction.original.id if interaction.original else None
        message = self.messages.post(interaction.channel, draft, origin)
        interaction.followups.append(message)
        self._note(interaction, "followup", draft.body)
        return message

    def _answer(self, interaction: Interaction, body: Raw, draft: Draft) -> None:
        data = body.get("data") or {}
        said = Draft(body=data, uploads=draft.uploads)
        match body["type"]:
            case 4:
                origin = self._origin(interaction, data.get("flags") or 0)
                interaction.original = self.messages.post(interaction.channel, said, origin)
            case 5:
                self._defer(interaction, data.get("flags") or 0)
            case 6:
                interaction.original = interaction.source
            case 7 if interaction.source is not None:
                limit = file_limit_of(interaction)
                self.messages.edit(interaction.source, said, file_limit=limit)
                interaction.original = interaction.source
            case 8:
                interaction.choices = _checked_choices(data)
            case _:
                check_modal(data)
                interaction.modal = data

    def _defer(self, interaction: Interaction, flags: int) -> None:
        form = Form()
        form.need(not flags & ~EPHEMERAL, "data.flags", "Only EPHEMERAL can be set here")
        form.done()
        origin = self._origin(interaction, flags)
        interaction.original = self.messages.loading(interaction.channel, origin)

    def _origin(self, interaction: Interaction, flags: int) -> Origin:
        secret = bool(flags & EPHEMERAL) or self._must_be_secret(interaction)
        return Origin(
            author=self.world.bot,
            interaction=interaction,
            seen_only_by=interaction.user if secret else None,
            flags=EPHEMERAL if secret else 0,
            type=interaction.answer_type,
            reply_to=interaction.source.id if interaction.source else None,
            file_limit=file_limit_of(interaction),
        )

    def _must_be_secret(self, interaction: Interaction) -> bool:
        """Say whether the server lets apps it did not install speak to their person only."""
        server = interaction.channel.server
        if server is None or server.has_bot:
            return False
        allowed = in_channel(server.members[interaction.user.id], interaction.channel)
        return not May.USE_EXTERNAL_APPS & allowed

    def _told(self, interaction: Interaction, kind: int) -> Raw:
        told: Raw = {"id": interaction.id, "type": interaction.kind}
        if kind not in {MESSAGE_ANSWER, DEFER, DEFER_UPDATE, UPDATE} or not interaction.original:
            return {"interaction": told}
        told["response_message_id"] = interaction.original.id
        told["response_message_loading"] = interaction.original.thinking
        told["response_message_ephemeral"] = interaction.original.ephemeral
        if kind not in {MESSAGE_ANSWER, UPDATE}:
            return {"interaction": told}
        message = self.messages.raw(interaction.original)
        return {"interaction": told, "resource": {"type": kind, "message": message}}

    def _age_s(self, interaction: Interaction) -> float:
        return (self.clock.now() - interaction.made) / timedelta(seconds=1)

    def _note(self, interaction: Interaction, what: str, body: Raw) -> None:
        interaction.calls.append(Call(what, self._age_s(interaction), body))

    async def _deadline(self, interaction: Interaction) -> None:
        await self.clock.sleep(ACK_WINDOW_S)
        if not interaction.acked:
            interaction.failed = True
            interaction.settled.set()
            self.world.tell("interaction_failed", interaction)


def file_limit_of(interaction: Interaction) -> int:
    """Give the largest file the app may answer with, as the interaction told it."""
    server = interaction.channel.server
    return server.limit_of_a_file if server else DEFAULT_FILE_LIMIT


def _owners(act: Act) -> dict[str, str]:
    server = act.channel.server
    if server is None:
        return {"0": "0"}
    return {"0": server.id} if server.has_bot else {"1": act.user.id}


def _which(interaction: Interaction, message: Message, verb: str) -> str:
    return f"{'original' if message is interaction.original else 'followup'}.{verb}"


def _checked_choices(data: Raw) -> list[Raw]:
    form = Form()
    choices = form.listed(data, "choices", CHOICES_MOST, path="data")
    numbers = all(isinstance(one.get("value"), int | float) for one in choices)
    check_choices(form, "data", choices, 10 if numbers and choices else None)
    form.done()
    return list(choices)
