"""Pictures that orders work from, as they will be sent: each once, named after its bytes."""

import asyncio
import hashlib
import os
from collections.abc import Container
from datetime import timedelta
from pathlib import Path

from bot.core.clock import Clock
from bot.spool import files

KEPT_FOR = timedelta(hours=72)


class ReferenceLost(Exception):
    """A reference is not there any more, or not what it was; the message says which."""


class ReferenceShelf:
    """One folder under the spool's root, which only we can read.

    Args:
        root: the spool's.
        clock: what tells how long a file was not used.
    """

    def __init__(self, root: Path, clock: Clock) -> None:
        self._folder = root.resolve() / "references"
        self._clock = clock
        self._turn = asyncio.Lock()  # what is put here again must not be swept meanwhile

    async def keep(self, path: Path) -> str:
        """Move a prepared file here and give its name; durable by then.

        The same bytes get the same name, and count as used again.

        Raises:
            OSError: nothing was kept (a full disk).
        """
        async with self._turn:
            return await asyncio.to_thread(self._keep, path)

    def path(self, name: str) -> Path:
        """Name a file that was kept, whether or not it is still there."""
        return files.inside(self._folder, name)

    async def read(self, name: str) -> bytes:
        """Give a file's bytes, which are those that were kept, and count it as used again.

        Raises:
            ReferenceLost: when they are not, or are not there.
        """
        return await asyncio.to_thread(self._read, name)

    async def renew(self, name: str) -> bool:
        """Count a file as used again; False when it is not there any more."""
        async with self._turn:
            return await asyncio.to_thread(self._renew, name)

    async def sweep(self, keep: Container[str]) -> int:
        """Remove what was not used for `KEPT_FOR`, and give how many files that were.

        Args:
            keep: names that stay all the same.
        """
        async with self._turn:
            return await asyncio.to_thread(self._sweep, keep)

    def _keep(self, path: Path) -> str:
        with path.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
        name = digest + path.suffix
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        files.settle(path)
        path.replace(self._folder / name)
        for folder in (self._folder, self._folder.parent):
            files.sync(folder)
        self._renew(name)
        return name

    def _read(self, name: str) -> bytes:
        try:
            body = files.read(files.inside(self._folder, name))
        except OSError as error:
            raise ReferenceLost(f"{name}: {error.strerror}") from error
        if hashlib.sha256(body).hexdigest() != Path(name).stem:
            raise ReferenceLost(f"{name}: its bytes are others")
        self._renew(name)
        return body

    def _renew(self, name: str) -> bool:
        now = self._clock.now().timestamp()
        try:
            os.utime(files.inside(self._folder, name), (now, now), follow_symlinks=False)
        except OSError:
            return False
        return True

    def _sweep(self, keep: Container[str]) -> int:
        if not self._folder.exists():
            return 0
        oldest = (self._clock.now() - KEPT_FOR).timestamp()
        unused = [
            file
            for file in self._folder.iterdir()
            if file.name not in keep and file.lstat().st_mtime < oldest
        ]
        for file in unused:
            file.unlink()
        return len(unused)
