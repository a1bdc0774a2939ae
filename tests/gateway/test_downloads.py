"""People's pictures come from listed hosts only, whole or not at all, and never beyond the cap."""

import asyncio
import gzip
import stat
import zlib
from collections.abc import AsyncGenerator
from pathlib import Path
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.gateway.downloads import (
    DownloadError,
    Downloads,
    Gone,
    NotAllowed,
    TooLarge,
    Unreached,
    _is_allowed,
    opened,
)
from bot.ops.settings import CDN_HOSTS
from tests.gateway.ways import Serve

HOSTS = frozenset({*CDN_HOSTS.split(","), "127.0.0.1"})
BODY = Random(7).randbytes(50_000)  # noqa: S311 - bytes that do not pack


@pytest.fixture
async def downloads() -> AsyncGenerator[Downloads]:
    async with opened(HOSTS, whole_s=5) as way:
        yield way


def packed(body: bytes) -> bytes:
    return gzip.compress(body, mtime=0)  # the same bytes in each process: they name their test


def reply(body: bytes, *headers: str, status: str = "200 OK", length: int | None = None) -> bytes:
    size = len(body) if length is None else length
    return (
        "\r\n".join((f"HTTP/1.1 {status}", f"Content-Length: {size}", *headers, "", "")).encode()
        + body
    )


@pytest.mark.parametrize(
    "answer",
    [
        (reply(BODY),),
        (b"HTTP/1.1 200 OK\r\n\r\n", BODY[:99], BODY[99:]),
        (
            b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nc350\r\n"
            + BODY
            + b"\r\n0\r\n\r\n",
        ),
        (reply(packed(BODY), "Content-Encoding: gzip"),),
        tuple(reply(BODY)[at : at + 997] for at in range(0, len(reply(BODY)), 997)),
        (reply(BODY + b"more than it says", length=len(BODY)),),
    ],
)
async def test_a_picture_arrives_whole_and_private(
    downloads: Downloads, serve: Serve, tmp_path: Path, answer: tuple[bytes, ...]
) -> None:
    server = await serve(*answer)
    target = tmp_path / "1"
    assert await downloads.fetch(server.base_url, target, len(BODY) + 100) == len(BODY)
    assert target.read_bytes() == BODY
    assert stat.S_IMODE(target.stat().st_mode) == 0o600


async def test_what_is_asked_names_nobody(
    serve: Serve, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("ALL_PROXY", "http://127.0.0.1:9")
    server = await serve(reply(BODY))
    async with opened(HOSTS) as way:
        await way.fetch(server.base_url, tmp_path / "1", 10**6)
    (asked,) = server.requests
    lines = asked.decode().lower().split("\r\n")
    assert {line.partition(":")[0] for line in lines[1:] if line} <= {
        *("host", "user-agent", "accept", "accept-encoding", "connection")
    }


@pytest.mark.parametrize(
    "answer",
    [
        reply(b"x" * 1001),
        reply(b"", length=10**12),
        b"HTTP/1.1 200 OK\r\n\r\n" + b"x" * 1001,
        reply(packed(b"x" * 1001), "Content-Encoding: gzip"),
        reply(packed(bytes(100 << 20)), "Content-Encoding: gzip"),
    ],
)
async def test_the_cap_counts_what_is_told_sent_and_unpacked(
    downloads: Downloads, serve: Serve, tmp_path: Path, answer: bytes
) -> None:
    server = await serve(answer, then="hold")
    with pytest.raises(TooLarge):
        await downloads.fetch(server.base_url, tmp_path / "1", 1000)
    assert (tmp_path / "1").stat().st_size <= 1000


async def test_packing_that_never_gives_a_byte_is_counted_too(
    downloads: Downloads, serve: Serve, tmp_path: Path
) -> None:
    named = b"\x1f\x8b\x08\x08" + bytes(6) + b"a name without an end " * 1000
    head = b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\n"
    assert zlib.decompressobj(wbits=31).decompress(named) == b""
    server = await serve(head, named, then="hold")
    with pytest.raises(TooLarge):
        await downloads.fetch(server.base_url, tmp_path / "1", 1000)


@pytest.mark.parametrize("status", ["403 Forbidden", "404 Not Found", "410 Gone"])
async def test_a_dead_link_is_told_apart(
    downloads: Downloads, serve: Serve, tmp_path: Path, status: str
) -> None:
    server = await serve(reply(b"This content is no longer available.", status=status))
    with pytest.raises(Gone):
        await downloads.fetch(server.base_url, tmp_path / "1", 1000)


@pytest.mark.parametrize(
    ("answer", "then"),
    [
        (b"", "close"),
        (b"HTTP/1.1 200", "close"),
        (reply(BODY)[:-1], "close"),
        (reply(BODY)[:-1], "reset"),
        (reply(BODY)[:-1], "hold"),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nc350\r\n" + BODY, "close"),
        (reply(b"", status="500 Oh"), "close"),
        (reply(b"", status="204 No Content"), "close"),
        (reply(BODY[:9], "Content-Range: bytes 0-8/50000", status="206 Partial Content"), "close"),
        (reply(BODY, "Content-Encoding: br"), "close"),
        (reply(BODY, "Content-Encoding: gzip"), "close"),
        (reply(packed(BODY)[:-1], "Content-Encoding: gzip"), "close"),
        (reply(BODY, "Content-Length: 7"), "close"),
    ],
)
async def test_what_does_not_arrive_whole_is_unreached(
    serve: Serve, tmp_path: Path, answer: bytes, then: str
) -> None:
    server = await serve(answer, then=then)
    async with opened(HOSTS, whole_s=1) as way:
        with pytest.raises(Unreached):
            await way.fetch(server.base_url, tmp_path / "1", 10**6)


async def test_a_drip_meets_the_deadline_though_every_wait_is_short(
    serve: Serve, tmp_path: Path
) -> None:
    server = await serve(reply(b"", length=10**6), *[b"x"] * 2000)
    async with opened(HOSTS, whole_s=0.5) as way:
        with pytest.raises(Unreached, match="TimeoutError"):
            await way.fetch(server.base_url, tmp_path / "1", 10**6)


async def test_a_redirect_is_not_followed(
    downloads: Downloads, serve: Serve, tmp_path: Path
) -> None:
    inside = await serve(reply(BODY))
    server = await serve(reply(b"", f"Location: {inside.base_url}", status="302 Found"))
    with pytest.raises(Unreached):
        await downloads.fetch(server.base_url, tmp_path / "1", 10**6)
    assert not inside.requests


async def test_nobody_at_home_is_unreached(downloads: Downloads, tmp_path: Path) -> None:
    with pytest.raises(Unreached):
        await downloads.fetch("http://127.0.0.1:1/1.png", tmp_path / "1", 1000)


async def test_a_file_that_is_there_is_not_written_over(
    downloads: Downloads, serve: Serve, tmp_path: Path
) -> None:
    server = await serve(reply(BODY))
    (tmp_path / "secret").write_bytes(b"mine")
    (tmp_path / "1").symlink_to(tmp_path / "secret")
    with pytest.raises(FileExistsError):
        await downloads.fetch(server.base_url, tmp_path / "1", 10**6)
    assert (tmp_path / "secret").read_bytes() == b"mine"


async def test_cancelling_is_passed_on(downloads: Downloads, serve: Serve, tmp_path: Path) -> None:
    server = await serve(reply(BODY)[:9000], then="hold")
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.2):
            await downloads.fetch(server.base_url, tmp_path / "1", 10**6)


@pytest.mark.parametrize(
    ("url", "allowed"),
    [
        ("https://cdn.discordapp.com/attachments/1/2/a.png?ex=1&is=2&hm=3&", True),
        ("https://CDN.discordapp.com:443/a.png", True),
        ("https://media.discordapp.net/a.png", True),
        ("http://cdn.discordapp.com/a.png", False),
        ("https://cdn.discordapp.com:8443/a.png", False),
        ("https://cdn.discordapp.com.evil.example/a.png", False),
        ("https://cdn.discordapp.com./a.png", False),
        ("https://evilcdn.discordapp.com/a.png", False),
        ("https://discordapp.com/a.png", False),
        ("https://cdn.discordapp.com@evil.example/a.png", False),
        ("https://me:pass@cdn.discordapp.com/a.png", False),
        ("https://evil.example\\@cdn.discordapp.com/a.png", False),
        ("https://evil.example#@cdn.discordapp.com/a.png", False),
        ("https://cdn.discordapp.c\u043em/a.png", False),
        ("https://cdn\u3002discordapp\u3002com.evil.example/a.png", False),
        ("http://127.0.0.1:8801/a.png", True),
        ("https://127.0.0.1/a.png", True),
        ("http://127.0.0.2/a.png", False),
        ("http://localhost/a.png", False),
        ("http://2130706433/a.png", False),
        ("http://0x7f.1/a.png", False),
        ("http://[::1]/a.png", False),
        ("http://[::ffff:127.0.0.1]/a.png", False),
        ("http://10.0.0.1/a.png", False),
        ("http://169.254.169.254/latest/meta-data", False),
        ("ftp://127.0.0.1/a.png", False),
        ("file:///etc/passwd", False),
        ("data:image/png;base64,AAAA", False),
        ("//cdn.discordapp.com/a.png", False),
        ("https://[::1", False),
        ("https://cdn.discordapp.com/\0", False),
        ("https://cdn.discordapp.com/" + "a" * 70_000, False),
        ("", False),
    ],
)
async def test_only_listed_hosts_are_asked(
    downloads: Downloads, tmp_path: Path, url: str, *, allowed: bool
) -> None:
    if allowed:
        downloads.check(url)
        return
    with pytest.raises(NotAllowed):
        downloads.check(url)
    with pytest.raises(NotAllowed):
        await downloads.fetch(url, tmp_path / "1", 1000)
    assert not (tmp_path / "1").exists()


def test_a_port_is_listed_with_its_host() -> None:
    hosts = {"cdn.example:8443", "127.0.0.1:8801"}
    assert _is_allowed("https://cdn.example:8443/a.png", hosts)
    assert _is_allowed("http://127.0.0.1:8801/a.png", hosts)
    assert not _is_allowed("https://cdn.example/a.png", hosts)
    assert not _is_allowed("http://127.0.0.1:8802/a.png", hosts)


@given(st.text(), st.sampled_from(["https://", "http://", "https:/", "", "\t https://"]))
def test_no_text_is_taken_for_a_listed_host(text: str, scheme: str) -> None:
    assert not _is_allowed(scheme + text, {"cdn.example"})


@pytest.mark.parametrize("error", [NotAllowed, TooLarge, Gone, Unreached])
def test_every_way_to_fail_is_one_kind(error: type[Exception]) -> None:
    assert issubclass(error, DownloadError)
