"""Reading one setting each; a refusal says what is wrong and never repeats the value."""

import ipaddress
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from pydantic import SecretStr

from bot.core.money import Money

SQLITE = "sqlite:///"
LOG_LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR")

_HOST = re.compile(r"(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.)*[a-z0-9-]*[a-z0-9](?::\d{1,5})?")
_SNOWFLAKE = re.compile(r"[1-9]\d{0,19}", re.ASCII)
_WHOLE = re.compile(r"\d{1,9}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Allowlist:
    """Servers that may spend; ask with `in`."""

    everyone: bool = False
    ids: frozenset[int] = frozenset()

    def __contains__(self, server_id: object) -> bool:
        return self.everyone or server_id in self.ids


def secret(text: str) -> SecretStr:
    """Wrap a secret; inside it only visible ASCII can be right."""
    if not re.fullmatch(r"[!-~]+", text):
        raise ValueError("holds a space or a letter that no key has")
    return SecretStr(text)


def gateway_url(text: str) -> str:
    """Read the image gateway's address: the key must not travel in clear."""
    return _address(text, "https", "http", _is_loopback)


def discord_api_url(text: str) -> str:
    """Read the address of Discord's REST API, version and all."""
    url = _address(text, "https", "http", _is_private)
    if not url.endswith("/api/v10"):
        raise ValueError("does not end in /api/v10")
    return url


def discord_gateway_url(text: str) -> str:
    """Read the address of Discord's gateway."""
    return _address(text, "wss", "ws", _is_private)


def database_url(text: str) -> str:
    """Read the database's address; a file is the only kind there is."""
    path = text.removeprefix(SQLITE)
    if path == text or not path or path.startswith(":") or "?" in path:
        raise ValueError("is not the address of an SQLite file")
    return text


def folder(text: str) -> Path:
    """Read a folder, which need not exist yet."""
    path = Path(text)
    if _is(path.exists) and not _is(path.is_dir):
        raise ValueError("is not a folder")
    return path


def file(text: str) -> Path:
    """Read the path of a file that must exist."""
    path = Path(text)
    if not _is(path.is_file):
        raise ValueError("is not a file")
    return path


def allowlist(text: str) -> Allowlist:
    """Read the servers that may spend."""
    if text == "*":
        return Allowlist(everyone=True)
    ids = _parts(text)
    if not all(_SNOWFLAKE.fullmatch(one) for one in ids):
        raise ValueError("holds something that is no server id")
    return Allowlist(ids=frozenset(int(one) for one in ids))


def hosts(text: str) -> frozenset[str]:
    """Read host names, each with a port if it is not the usual one."""
    names = _parts(text.lower())
    if not names or not all(_HOST.fullmatch(name) for name in names):
        raise ValueError("holds something that is no host name")
    return frozenset(names)


def money(text: str) -> Money:
    """Read an amount of dollars."""
    try:
        return Money.parse(text)
    except ValueError:
        raise ValueError("is no amount of dollars") from None


def zone(text: str) -> ZoneInfo:
    """Read a time zone."""
    try:
        return ZoneInfo(text)
    except (KeyError, OSError, ValueError):  # unknown, a folder of zones, a path
        raise ValueError("is no time zone") from None


def whole_between(least: int, most: int) -> Callable[[str], int]:
    """Make a reader of whole numbers."""

    def whole(text: str) -> int:
        if not _WHOLE.fullmatch(text) or not least <= int(text) <= most:
            raise ValueError("is out of range or no whole number")
        return int(text)

    return whole


def one_of(*choices: str) -> Callable[[str], str]:
    """Make a reader of one of a few words, in any case."""

    def choice(text: str) -> str:
        for one in choices:
            if one.lower() == text.lower():
                return one
        raise ValueError("is none of the choices")

    return choice


def _is(test: Callable[[], bool]) -> bool:
    try:
        return test()
    except OSError:  # too long a name, or a folder that is not ours
        return False


def _parts(text: str) -> list[str]:
    return [part.strip() for part in text.split(",") if part.strip()]


def _address(text: str, safe: str, plain: str, may_be_plain: Callable[[str], bool]) -> str:
    try:
        url = urlsplit(text)
        _ = url.port
    except ValueError:
        raise ValueError("is no address") from None
    if not url.hostname or url.username or url.query or url.fragment or "@" in url.netloc:
        raise ValueError("is no plain address")
    if url.scheme != safe and not (url.scheme == plain and may_be_plain(url.hostname)):
        raise ValueError(f"does not begin with {safe}://")
    return text.rstrip("/")


def _is_loopback(host: str) -> bool:
    address = _ip(host)
    return host == "localhost" or (address is not None and address.is_loopback)


def _is_private(host: str) -> bool:
    address = _ip(host)
    return _is_loopback(host) or (address is not None and address.is_private)


def _ip(host: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        return ipaddress.ip_address(host)
    except ValueError:
        return None
