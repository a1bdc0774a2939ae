"""Paid bytes on disk: a call's folder is either whole and durable or not there at all."""

import asyncio
import hashlib
import secrets
import shutil
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from bot.core.ids import CallId
from bot.core.job import Painted
from bot.spool import files, manifest
from bot.spool.manifest import Damaged

MANIFEST = "manifest.json"
RESERVE_BYTES = 64 * 2**20  # the database must still be able to write when the spool may not


class Spool:
    """Folders of calls under `root`: `incoming` while the answer arrives, then `kept`."""

    def __init__(self, root: Path) -> None:
        self._root = root.resolve()
        self._incoming = self._root / "incoming"
        self._kept = self._root / "kept"

    async def sweep(self) -> None:
        """Remove what earlier runs left half-done; call once at start, before any `open`."""
        await asyncio.to_thread(files.remove, self._incoming)

    async def open(self, call: CallId) -> Path:
        """Give a fresh private folder for the call's answer; an earlier try's is removed."""
        return await asyncio.to_thread(self._open, call)

    async def keep(
        self, call: CallId, painted: Painted, record: Mapping[str, Any] | None = None
    ) -> None:
        """Make the answer durable: after this a crash loses nothing, before it nothing is there.

        Args:
            call: whose answer it is.
            painted: the answer.
            record: what is kept with it for a database that has forgotten its order, as JSON.

        Raises:
            OSError: nothing was kept (a full disk, a missing file, or the call was kept before);
                it may be tried again.
        """
        await asyncio.to_thread(self._keep, call, painted, record)

    def path(self, call: CallId, name: str) -> Path:
        """Name a file of a kept call, whether or not it exists.

        Raises:
            ValueError: for anything but a plain file name that stays in the call's folder.
        """
        folder = files.inside(self._kept, call)
        return files.inside(folder, name)

    async def kept(self) -> list[CallId]:
        """List the calls whose answers are kept, in the order they came."""
        return await asyncio.to_thread(self._list)

    async def manifest(self, call: CallId) -> Painted:
        """Read a kept answer back.

        Raises:
            Damaged: when it is not there or cannot be read.
        """
        return manifest.decode(call, await asyncio.to_thread(self._read, call))

    async def record(self, call: CallId) -> Mapping[str, Any] | None:
        """Read back what was kept with an answer for a database that has forgotten its order.

        Raises:
            Damaged: when the answer is not there or cannot be read.
        """
        return manifest.record_in(call, await asyncio.to_thread(self._read, call))

    async def intact(self, call: CallId, name: str, sha256: str) -> bool:
        """Tell whether a kept picture still has the bytes that arrived."""
        return await asyncio.to_thread(_has, self.path(call, name), sha256)

    async def discard(self, call: CallId) -> None:
        """Forget the call, kept or incoming; a crash half-way leaves only what `sweep` removes."""
        await asyncio.to_thread(self._discard, call)

    async def abandon(self, call: CallId) -> None:
        """Remove what arrived of an answer that is not kept."""
        await asyncio.to_thread(files.remove, files.inside(self._incoming, call))

    @asynccontextmanager
    async def workplace(self) -> AsyncGenerator[Path]:
        """Lend a fresh private folder for what is not kept here; it is gone afterwards."""
        name = CallId(secrets.token_hex(16))
        try:
            yield await self.open(name)
        finally:
            await self.abandon(name)

    def has_room(self, size_bytes: int) -> bool:
        """Tell whether so many more bytes fit and leave the database its reserve."""
        return shutil.disk_usage(self._existing()).free - RESERVE_BYTES >= size_bytes

    def _existing(self) -> Path:
        return next(path for path in (self._root, *self._root.parents) if path.exists())

    def _open(self, call: CallId) -> Path:
        folder = files.inside(self._incoming, call)
        if not self._incoming.exists():
            self._incoming.mkdir(mode=0o700, parents=True, exist_ok=True)
            files.sync(self._root.parent)
        files.remove(folder)
        folder.mkdir(mode=0o700)
        return folder

    def _keep(self, call: CallId, painted: Painted, record: Mapping[str, Any] | None) -> None:
        folder, kept = files.inside(self._incoming, call), files.inside(self._kept, call)
        if folder.exists() or not kept.exists():  # else an earlier try failed after the move
            self._move(folder, kept, manifest.encode(call, painted, record), painted)
        for parent in (self._kept, self._incoming, self._root):
            files.sync(parent)

    def _move(self, folder: Path, kept: Path, told: bytes, painted: Painted) -> None:
        for sketch in painted.sketches:
            files.settle(files.inside(folder, sketch.name))
        (folder / MANIFEST).unlink(missing_ok=True)  # of a try that met a full disk
        files.write(folder / MANIFEST, told)
        files.sync(folder)
        self._kept.mkdir(mode=0o700, exist_ok=True)
        folder.rename(kept)

    def _list(self) -> list[CallId]:
        if not self._kept.exists():
            return []
        folders = [folder for folder in self._kept.iterdir() if manifest.is_plain(folder.name)]
        # Booked in this order, a job's pictures get the numbers that they had before.
        return [CallId(folder.name) for folder in sorted(folders, key=_kept_at) if folder.is_dir()]

    def _read(self, call: CallId) -> bytes:
        try:
            return files.read(self.path(call, MANIFEST))
        except OSError as error:
            raise Damaged(f"{call}: {error.strerror}") from error

    def _discard(self, call: CallId) -> None:
        leaving = files.inside(self._incoming, call)
        files.remove(leaving)
        kept = files.inside(self._kept, call)
        if kept.exists():
            # Moved first: half a folder must never look like a kept answer.
            self._incoming.mkdir(mode=0o700, exist_ok=True)
            kept.rename(leaving)
            files.sync(self._kept)
            files.remove(leaving)


def _kept_at(folder: Path) -> tuple[int, str]:
    try:
        return (folder / MANIFEST).stat().st_mtime_ns, folder.name
    except OSError:
        return 0, folder.name


def _has(path: Path, sha256: str) -> bool:
    try:
        with path.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
    except OSError:
        return False
    return digest == sha256
