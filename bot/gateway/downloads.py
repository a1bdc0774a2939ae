"""People's pictures: downloaded from the listed hosts only, to a file, and never beyond a cap.

DownloadError
  NotAllowed     another host than those listed, or not over https
  TooLarge       more bytes than asked for, on the wire or unpacked
  Gone           403, 404 or 410: the link is dead
  Unreached      whatever else kept it from arriving whole
"""

import asyncio
import os
from collections.abc import AsyncGenerator, Collection
from contextlib import aclosing, asynccontextmanager
from pathlib import Path
from typing import IO

import httpx

from bot import __version__
from bot.gateway import links
from bot.gateway.body import pieces
from bot.gateway.errors import Garbled
from bot.gateway.trust import trust

_GONE = frozenset({httpx.codes.FORBIDDEN, httpx.codes.NOT_FOUND, httpx.codes.GONE})
_WAIT_S = 10  # for a connection, or for further bytes


class DownloadError(Exception):
    """Nothing usable came; the message says why, and names no link, which may be a secret."""


class NotAllowed(DownloadError):
    """It lies where nothing is downloaded from."""


class TooLarge(DownloadError):
    """It has more bytes than were asked for."""


class Gone(DownloadError):
    """It was deleted, or its link has expired."""


class Unreached(DownloadError):
    """It did not arrive whole; trying again may help."""


class Downloads:
    """A way out without any key; built by `opened`."""

    def __init__(self, http: httpx.AsyncClient, hosts: Collection[str], *, whole_s: float) -> None:
        self._http = http
        self._hosts = hosts
        self._whole_s = whole_s

    def check(self, url: str) -> None:
        """Look at a link before anything is downloaded.

        Raises:
            NotAllowed: unless it is https, on its usual port, of exactly a listed host. A listed
                host of this machine may also be http, on any port.
        """
        if not _is_allowed(url, self._hosts):
            raise NotAllowed("not from a listed host")

    async def fetch(self, url: str, path: Path, bytes_max: int) -> int:
        """Stream a picture to a new file that only we can read, and give its size.

        On an error the file may be there in part.

        Raises:
            NotAllowed: as `check` does.
            TooLarge: when more than `bytes_max` were announced, sent or unpacked.
            Gone: when the link is dead.
            Unreached: when it did not arrive whole in time; a redirect does not count as arriving.
            OSError: when the file could not be written.
        """
        self.check(url)
        with _created(path) as file:
            try:
                async with asyncio.timeout(self._whole_s), self._http.stream("GET", url) as answer:
                    return await _taken(answer, file, bytes_max)
            except (httpx.HTTPError, Garbled, TimeoutError) as error:
                raise Unreached(type(error).__name__) from None


@asynccontextmanager
async def opened(hosts: Collection[str], *, whole_s: float = 60) -> AsyncGenerator[Downloads]:
    """Open the way out.

    Args:
        hosts: exact names; one of this machine may have a port.
        whole_s: how long a download may take.
    """
    async with httpx.AsyncClient(
        verify=trust(),
        headers={
            "User-Agent": f"Easel/{__version__}",
            "Accept": "image/*",
            "Accept-Encoding": "identity",
        },
        timeout=_WAIT_S,
        follow_redirects=False,
        trust_env=False,
    ) as http:
        yield Downloads(http, hosts, whole_s=whole_s)


def _is_allowed(text: str, hosts: Collection[str]) -> bool:
    # The operator names the hosts, and a host has to prove its name by a certificate. So a name
    # that is made to resolve to a private address reaches nothing there: no address is looked at.
    try:
        url = httpx.URL(text)
    except httpx.InvalidURL:
        return False
    is_own = links.is_loopback(url)
    if url.userinfo or url.scheme not in ({"https", "http"} if is_own else {"https"}):
        return False
    return url.netloc.decode("ascii") in hosts or (is_own and url.host in hosts)


def _created(path: Path) -> IO[bytes]:
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW
    return os.fdopen(os.open(path, flags, 0o600), "wb")


async def _taken(answer: httpx.Response, file: IO[bytes], bytes_max: int) -> int:
    if answer.status_code in _GONE:
        raise Gone(str(answer.status_code))
    if answer.status_code != httpx.codes.OK:
        raise Unreached(str(answer.status_code))
    if int(answer.headers.get("content-length", 0)) > bytes_max:
        raise TooLarge(f"more than {bytes_max} bytes are announced")
    size = 0
    async with aclosing(pieces(answer)) as body:
        async for piece in body:
            size += len(piece)
            if max(size, answer.num_bytes_downloaded) > bytes_max:
                raise TooLarge(f"more than {bytes_max} bytes")
            file.write(piece)
    return size
