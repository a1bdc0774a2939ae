"""Signed links to uploads, which work for a day and not a second longer."""

import hashlib
import hmac
import secrets
from urllib.parse import quote

from aiohttp import web

from bot.core.clock import Clock
from sandbox.discord.files import StoredFile

LINK_LASTS_S = 24 * 3600
UPLOAD_LASTS_S = 3600  # Discord removes them too, but keeps to itself when
GONE = "This content is no longer available."


class Cdn:
    """Signs links and serves what they point to."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._secret = secrets.token_bytes(16)
        self._files: dict[str, StoredFile] = {}
        self._removed_at: dict[str, float] = {}
        self.base_url = ""

    def link(self, file: StoredFile, channel_id: str) -> str:
        """Sign a fresh link; asking again later gives a later end."""
        self._files[file.id] = file
        folder = "ephemeral-attachments" if file.ephemeral else "attachments"
        path = f"/{folder}/{channel_id}/{file.id}/{quote(file.filename)}"
        issued = int(self._now())
        ends = f"{issued + LINK_LASTS_S:x}"
        signature = self._sign(path, ends, f"{issued:x}")
        return f"{self.base_url}{path}?ex={ends}&is={issued:x}&hm={signature}&"

    def lend(self, file: StoredFile, channel_id: str) -> str:
        """Sign a link to what came with a command or a form: no message keeps it for long."""
        self._removed_at.setdefault(file.id, self._now() + UPLOAD_LASTS_S)
        return self.link(file, channel_id)

    def forget(self, file_id: str) -> None:
        """Make every link to a file dead, as when its message is deleted."""
        self._files.pop(file_id, None)

    def file_of(self, url: str) -> str | None:
        """Tell which file one of our links points to, by its id."""
        if not url.startswith(self.base_url + "/"):
            return None
        parts = url.removeprefix(self.base_url).split("?")[0].split("/")
        return parts[3] if len(parts) == 5 and parts[3] in self._files else None  # noqa: PLR2004 - /folder/channel/file/name

    async def serve(self, request: web.Request) -> web.StreamResponse:
        """Answer a download; a stale or altered link finds nothing."""
        file = self._files.get(request.match_info["file_id"])
        ends, issued = request.query.get("ex", ""), request.query.get("is", "")
        good = self._sign(quote(request.path), ends, issued)
        signed = hmac.compare_digest(good, request.query.get("hm", ""))
        if file is None or not signed or self._now() >= self._ends(file, ends):
            return web.Response(status=404, text=GONE)
        return web.FileResponse(file.path, headers={"Content-Type": file.content_type})

    def _ends(self, file: StoredFile, ends: str) -> float:
        return min(int(ends, 16), self._removed_at.get(file.id, int(ends, 16)))

    def _now(self) -> float:
        return self._clock.now().timestamp()

    def _sign(self, path: str, ends: str, issued: str) -> str:
        signed = f"{path}?{ends}&{issued}".encode()
        return hmac.new(self._secret, signed, hashlib.sha256).hexdigest()
