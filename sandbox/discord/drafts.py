"""From a request body to the parts of a message: everything Discord checks on the way."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from sandbox.discord import components, embeds
from sandbox.discord.cdn import Cdn
from sandbox.discord.files import StoredFile, described
from sandbox.discord.refusals import Form, Raw, Refused, too_large
from sandbox.discord.state import COMPONENTS_V2, EPHEMERAL, Message

CONTENT_MOST, ALT_TEXT_MOST, FILES_MOST, NONCE_MOST = 2000, 1024, 10, 25
SUPPRESS_EMBEDS, SUPPRESS_NOTIFICATIONS = 1 << 2, 1 << 12
SETTABLE: Final = SUPPRESS_EMBEDS | SUPPRESS_NOTIFICATIONS | COMPONENTS_V2 | EPHEMERAL
OWN_FILE = "attachment://"
FORWARD = 1


@dataclass(slots=True, kw_only=True)
class Draft:
    """What somebody wants to say: a request body and the files that came with it, by number."""

    body: Raw
    uploads: dict[int, StoredFile] = field(default_factory=dict)
    stickers: list[Raw] = field(default_factory=list)

    @property
    def forwards(self) -> bool:
        """Say whether it passes another message on."""
        return (self.body.get("message_reference") or {}).get("type") == FORWARD


@dataclass(slots=True, kw_only=True)
class Parts:
    """What a message consists of once a draft was accepted."""

    content: str
    embeds: list[Raw]
    components: list[Raw]
    files: list[StoredFile]
    flags: int


def compose(draft: Draft, before: Message | None, *, file_limit: int, cdn: Cdn) -> Parts:
    """Check a draft for a new message, or for `before` as it shall be, and give its parts."""
    body = draft.body
    form = Form()
    _check_shape(form, body)
    form.done()
    files = _files(form, draft, before.files if before else [])
    flags = (before.flags if before else 0) & ~SUPPRESS_EMBEDS
    flags |= (body.get("flags") or 0) & SETTABLE
    parts = Parts(
        content=_said(body, "content", before.content if before else "") or "",
        embeds=list(_said(body, "embeds", before.embeds if before else []) or []),
        components=list(_said(body, "components", before.components if before else []) or []),
        files=files,
        flags=flags,
    )
    layout = bool(flags & COMPONENTS_V2)
    components.check_components(form, parts.components, layout=layout)
    embeds.check_embeds(form, parts.embeds)
    _check_layout(form, parts, body, layout=layout)
    _bind(form, parts, cdn)
    form.done()
    _check_sizes(draft, parts, file_limit)
    return parts


def shown_elsewhere(message: Message) -> set[str]:
    """Give the names of files that embeds or components show, so that `attachments` leaves out."""
    return {
        media["url"].removeprefix(OWN_FILE)
        for _, media in _media(message.embeds, message.components)
        if media["url"].startswith(OWN_FILE)
    }


def _said(body: Raw, name: str, before: Any) -> Any:
    return body.get(name, before)


def _check_shape(form: Form, body: Raw) -> None:
    form.text(body, "", "content", (0, CONTENT_MOST))
    form.listed(body, "embeds", embeds.EMBEDS_MOST)
    form.listed(body, "components", components.LAYOUT_MOST)
    form.listed(body, "attachments", 100)
    nonce = body.get("nonce")
    short = nonce is None or len(str(nonce)) <= NONCE_MOST
    form.need(short, "nonce", "Must be 25 or fewer in length.", "BASE_TYPE_MAX_LENGTH")
    flags = body.get("flags") or 0
    form.need(isinstance(flags, int) and flags >= 0, "flags", "Must be a number")
    if (allowed := body.get("allowed_mentions")) is not None:
        _check_allowed(form, allowed)


def _check_allowed(form: Form, allowed: Raw) -> None:
    parse = allowed.get("parse") or []
    for kind in ("users", "roles"):
        ids = allowed.get(kind) or []
        form.need(len(ids) <= 100, f"allowed_mentions.{kind}", "Must be 100 or fewer")  # noqa: PLR2004 - Discord's limit
        says = f"parse:[{kind!r}] and {kind}: [ids...] are mutually exclusive."
        form.need(not (ids and kind in parse), "allowed_mentions", says)
    form.need(
        set(parse) <= {"users", "roles", "everyone"}, "allowed_mentions.parse", "Unknown kind"
    )


def _files(form: Form, draft: Draft, kept: Sequence[StoredFile]) -> list[StoredFile]:
    entries = draft.body.get("attachments")
    if entries is None:
        return [*kept, *draft.uploads.values()]
    known = {str(number): file for number, file in draft.uploads.items()}
    known |= {file.id: file for file in kept}
    files = []
    for index, entry in enumerate(entries):
        at = f"attachments.{index}"
        form.text(entry, at, "description", (0, ALT_TEXT_MOST))
        file = known.get(str(entry.get("id")))
        if form.need(file, f"{at}.id", "Attachment not found", "ATTACHMENT_NOT_FOUND") and file:
            files.append(described(file, entry))
    return files


def _check_layout(form: Form, parts: Parts, body: Raw, *, layout: bool) -> None:
    if not layout:
        return
    for name, value in (("content", parts.content), ("embeds", parts.embeds)):
        says = f"The '{name}' field cannot be used when using MessageFlags.IS_COMPONENTS_V2"
        form.need(not value, name, says, "MESSAGE_CANNOT_USE_LEGACY_FIELDS_WITH_COMPONENTS_V2")
    for name in ("poll", "sticker_ids"):
        form.need(not body.get(name), name, f"The '{name}' field cannot be used with components")


def _media(embeds_: Sequence[Raw], tree: Sequence[Raw]) -> Iterator[tuple[str, Raw]]:
    yield from embeds.media_of(embeds_)
    yield from components.media_of(tree)


def _bind(form: Form, parts: Parts, cdn: Cdn) -> None:
    """Tie pictures to the message's own files; a link to one of them counts as its name."""
    names = {file.filename for file in parts.files}
    by_id = {file.id: file for file in parts.files}
    for path, media in _media(parts.embeds, parts.components):
        url = str(media.get("url"))
        if (own := by_id.get(cdn.file_of(url) or "")) is not None:
            url = OWN_FILE + own.filename
        if url.startswith(OWN_FILE):
            there = url.removeprefix(OWN_FILE) in names
            says = "The referenced attachment was not found"
            form.need(
                there, f"{path}.url", says, "UNFURLED_MEDIA_ITEM_REFERENCED_ATTACHMENT_NOT_FOUND"
            )
        else:
            fine = url.startswith(("http://", "https://"))
            says = "Scheme must be one of ('http', 'https')."
            form.need(fine, f"{path}.url", says, "URL_TYPE_INVALID_SCHEME")
        media.clear()
        media["url"] = url


def _check_sizes(draft: Draft, parts: Parts, file_limit: int) -> None:
    if max(len(parts.files), len(draft.uploads)) > FILES_MOST:
        raise Refused(400, 30015, "Maximum number of attachments in a message reached (10)")
    if any(file.size > file_limit for file in draft.uploads.values()):
        raise too_large()
    said = parts.content or parts.embeds or parts.components or parts.files
    if not said and not draft.stickers and not draft.forwards:
        raise Refused(400, 50006, "Cannot send an empty message")
