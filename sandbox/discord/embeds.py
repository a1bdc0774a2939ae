"""The rules of embeds, and how they show a message's own files."""

from collections.abc import Iterator, Sequence
from typing import Final

from sandbox.discord.refusals import Form, Raw

EMBEDS_MOST, FIELDS_MOST, EMBED_TEXT_MOST = 10, 25, 6000
PICTURES: Final = ("image", "thumbnail")


def check_embeds(form: Form, embeds: Sequence[Raw]) -> None:
    """Note everything Discord refuses in a message's embeds."""
    for index, embed in enumerate(embeds):
        _check(form, f"embeds.{index}", embed)
    total = sum(_length(embed) for embed in embeds)
    too_long = "Embed size exceeds maximum size of 6000"
    form.need(total <= EMBED_TEXT_MOST, "embeds", too_long, "MAX_EMBED_SIZE_EXCEEDED")


def _check(form: Form, path: str, embed: Raw) -> None:
    form.text(embed, path, "title", (0, 256))
    form.text(embed, path, "description", (0, 4096))
    if (footer := embed.get("footer")) is not None:
        form.text(footer, f"{path}.footer", "text", (1, 2048))
    if (author := embed.get("author")) is not None:
        form.text(author, f"{path}.author", "name", (1, 256))
    for number, field in enumerate(form.listed(embed, "fields", FIELDS_MOST, path=path)):
        form.text(field, f"{path}.fields.{number}", "name", (1, 256))
        form.text(field, f"{path}.fields.{number}", "value", (1, 1024))
    for name in PICTURES:
        if (picture := embed.get(name)) is not None:
            form.text(picture, f"{path}.{name}", "url", (1, 2048))


def _length(embed: Raw) -> int:
    texts = [embed.get("title"), embed.get("description")]
    texts += [(embed.get("footer") or {}).get("text"), (embed.get("author") or {}).get("name")]
    for field in embed.get("fields") or []:
        texts += [field.get("name"), field.get("value")]
    return sum(len(text) for text in texts if isinstance(text, str))


def media_of(embeds: Sequence[Raw]) -> Iterator[tuple[str, Raw]]:
    """Give each object of the embeds that carries a picture's link, with its path."""
    for index, embed in enumerate(embeds):
        for name in PICTURES:
            if isinstance(media := embed.get(name), dict):
                yield f"embeds.{index}.{name}", media
