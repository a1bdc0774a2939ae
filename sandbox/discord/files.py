"""Uploads: their bytes wait on disk, only what is known about them stays in memory."""

import mimetypes
import re
import secrets
from collections.abc import AsyncIterable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from PIL import Image, UnidentifiedImageError
from typing_extensions import override

from sandbox.discord.refusals import Raw
from sandbox.discord.snowflake import Snowflakes

IS_SPOILER = 1 << 3
WAVEFORM: Final = "ACA/f79/PyAA"  # a voice that swells and fades, in base64
CHUNK = 1 << 16
ODD: Final = re.compile(r"[^\w.-]")


@dataclass(frozen=True, slots=True)
class StoredFile:
    """One file; `id` is its attachment id."""

    id: str
    filename: str
    path: Path
    size: int
    content_type: str
    width: int | None = None
    height: int | None = None
    description: str | None = None
    ephemeral: bool = False
    spoiler: bool = False
    lasts_s: float | None = None

    @override
    def __repr__(self) -> str:
        return f"<{self.filename} {self.size} B>"

    def read(self) -> bytes:
        """Give the bytes as they were uploaded."""
        return self.path.read_bytes()

    def raw(self, url: str) -> Raw:
        """Write the attachment object around a signed link."""
        raw: Raw = {
            "id": self.id,
            "filename": self.filename,
            "size": self.size,
            "url": url,
            "proxy_url": url,
            "content_type": self.content_type,
            "flags": IS_SPOILER if self.spoiler else 0,
        }
        if self.width is not None:
            raw |= {"width": self.width, "height": self.height}
        if self.lasts_s is not None:
            raw |= {"duration_secs": self.lasts_s, "waveform": WAVEFORM}
        if self.description is not None:
            raw["description"] = self.description
        return raw | {"ephemeral": True} if self.ephemeral else raw


class Files:
    """A directory of uploads."""

    def __init__(self, directory: Path, snowflakes: Snowflakes) -> None:
        self.directory = directory
        self._snowflakes = snowflakes
        directory.mkdir(parents=True, exist_ok=True)

    async def spool(self, filename: str, chunks: AsyncIterable[bytes]) -> StoredFile:
        """Write what arrives to disk."""
        path = self.directory / secrets.token_hex(12)
        size = 0
        with path.open("wb") as file:
            async for chunk in chunks:
                size += len(chunk)
                file.write(chunk)
        return self._known(filename, path, size)

    def drop(self, file: StoredFile) -> None:
        """Throw the bytes of a refused file away."""
        file.path.unlink()

    def keep(self, filename: str, data: bytes) -> StoredFile:
        """Store bytes that are already here."""
        path = self.directory / secrets.token_hex(12)
        path.write_bytes(data)
        return self._known(filename, path, len(data))

    def as_ephemeral(self, file: StoredFile) -> StoredFile:
        """Give the same bytes as an attachment of their own that only one person sees."""
        return replace(file, id=self._snowflakes.next(), ephemeral=True)

    def _known(self, filename: str, path: Path, size: int) -> StoredFile:
        kind, width, height = _looked_at(path, filename)
        name, new_id = safe_name(filename), self._snowflakes.next()
        spoiler = name.startswith("SPOILER_")
        return StoredFile(new_id, name, path, size, kind, width, height, spoiler=spoiler)


def safe_name(filename: str) -> str:
    """Give the name Discord keeps: anything but letters, digits, `_`, `-` and `.` is replaced."""
    return ODD.sub("_", filename)


def described(file: StoredFile, entry: Raw) -> StoredFile:
    """Apply what a message's `attachments` entry says about a file."""
    name = safe_name(str(entry.get("filename") or file.filename))
    return replace(
        file,
        filename=name,
        description=entry.get("description", file.description) or None,
        spoiler=bool(entry.get("is_spoiler", name.startswith("SPOILER_"))),
    )


def _looked_at(path: Path, filename: str) -> tuple[str, int | None, int | None]:
    """Tell type and size from the bytes, as Discord does; the name decides for the rest."""
    try:
        with Image.open(path) as image:
            return Image.MIME.get(image.format or "", "image/unknown"), image.width, image.height
    except (UnidentifiedImageError, OSError, ValueError):
        guessed, _ = mimetypes.guess_type(filename)
        return guessed or "application/octet-stream", None, None
