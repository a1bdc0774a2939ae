"""The client against servers of exact bytes: framing, doubt, secrets and links."""

import asyncio
import base64
import gzip
import json
import logging
import socket
import struct
from pathlib import Path

import httpx
import pytest

from bot.core.job import Failure
from bot.core.money import Money
from bot.gateway import links
from bot.gateway.client import Access, Timeouts
from bot.gateway.errors import GatewayError, Rejected, Stage, Throttled, Unknown, Unreachable
from bot.gateway.reader import Caps
from bot.gateway.wire import DataUrl, Request
from tests.gateway.ways import KEY, Open, Serve, SwiftClock, names

PNG = b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 20
ANSWER = json.dumps(
    {
        "created": 1,
        "data": [{"b64_json": base64.b64encode(PNG).decode(), "url": None}],
        "usage": {"billed_amount": "0.039000"},
    }
).encode()


def reply(body: bytes, *headers: str, status: str = "200 OK", length: int | None = None) -> bytes:
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {length or len(body)}", *headers, "", ""]
    return "\r\n".join(lines).encode() + body


def linked(*urls: str) -> bytes:
    data = [{"b64_json": None, "url": url} for url in urls]
    return reply(json.dumps({"data": data, "usage": {"billed_amount": "0.1"}}).encode())


@pytest.mark.parametrize(
    "parts",
    [
        (reply(ANSWER),),
        (reply(ANSWER, status="201 Created"),),
        (b"HTTP/1.1 200 OK\r\n\r\n", ANSWER[:99], ANSWER[99:]),
        (b"HTTP/1.0 200 OK\r\n\r\n" + ANSWER,),
        (b"HTTP/1.1 100 Continue\r\n\r\n", reply(ANSWER)),
        (b"HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n", reply(ANSWER)),
        (reply(gzip.compress(ANSWER), "Content-Encoding: gzip"),),
        (reply(gzip.compress(ANSWER), "Content-Encoding: X-GZIP"),),
        (reply(ANSWER, "Content-Encoding: identity"),),
        (reply(b" \r\n" * 9000 + ANSWER + b"\n"),),
        tuple(reply(ANSWER)[at : at + 97] for at in range(0, len(reply(ANSWER)), 97)),
    ],
)
async def test_every_framing_is_read(
    open_gateway: Open, serve: Serve, order: Request, folder: Path, parts: tuple[bytes, ...]
) -> None:
    server = await serve(*parts)
    gateway = await open_gateway(server.base_url)
    painted = await gateway.paint(order, "job.1", folder)
    assert (folder / painted.sketches[0].name).read_bytes() == PNG
    assert painted.billed == Money(39_000)


@pytest.mark.parametrize("then", ["close", "reset", "hold"])
async def test_a_whole_answer_counts_however_the_connection_ends(
    open_gateway: Open, serve: Serve, order: Request, folder: Path, then: str
) -> None:
    server = await serve(reply(ANSWER, length=len(ANSWER) + 9), then=then)
    gateway = await open_gateway(server.base_url, timeouts=Timeouts(read_s=0.3))
    painted = await gateway.paint(order, "job.1", folder)
    assert (folder / painted.sketches[0].name).read_bytes() == PNG


@pytest.mark.parametrize(
    ("part", "stage"),
    [
        (b"", Stage.SENT),
        (b"HTTP/1.1 200", Stage.SENT),
        (b"SSH-2.0-OpenSSH\r\n\r\n", Stage.SENT),
        (b"HTTP/1.1 200 OK\r\nX: " + b"x" * 200_000, Stage.SENT),
        (reply(ANSWER)[:-1], Stage.ANSWERING),
        (reply(ANSWER, length=9), Stage.ANSWERED),
        (reply(b"", status="204 No Content"), Stage.ANSWERED),
        (b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\n", Stage.SENT),
        (reply(ANSWER, "Content-Encoding: br"), Stage.ANSWERED),
        (reply(ANSWER, "Content-Encoding: gzip"), Stage.ANSWERED),
        (reply(gzip.compress(ANSWER)[:-1], "Content-Encoding: gzip"), Stage.ANSWERED),
        (reply(gzip.compress(ANSWER) + b"x", "Content-Encoding: gzip"), Stage.ANSWERED),
    ],
)
async def test_broken_answers_are_unknown(
    open_gateway: Open, serve: Serve, order: Request, folder: Path, part: bytes, stage: Stage
) -> None:
    server = await serve(part)
    gateway = await open_gateway(server.base_url)
    with pytest.raises(Unknown) as caught:
        await gateway.paint(order, "job.1", folder)
    assert caught.value.stage is stage
    assert len(server.requests) == 1
    assert not names(folder)


async def test_a_bomb_meets_the_cap(
    open_gateway: Open, serve: Serve, order: Request, folder: Path
) -> None:
    bomb = gzip.compress(b'{"data":[{"b64_json":"' + b"A" * (64 << 20))
    assert len(bomb) < 100_000
    server = await serve(reply(bomb, "Content-Encoding: gzip"))
    gateway = await open_gateway(server.base_url, caps=Caps(picture_bytes=1 << 20))
    with pytest.raises(Unknown, match="larger"):
        await gateway.paint(order, "job.1", folder)


async def test_a_missing_folder_costs_the_picture_and_not_the_bill(
    open_gateway: Open, serve: Serve, order: Request, tmp_path: Path
) -> None:
    server = await serve(reply(ANSWER))
    gateway = await open_gateway(server.base_url)
    painted = await gateway.paint(order, "job.1", tmp_path / "nowhere")
    assert painted.billed == Money(39_000)
    assert [(one.format, one.size_bytes) for one in painted.sketches] == [(None, 0)]


async def test_what_goes_out_is_one_honest_request(
    open_gateway: Open, serve: Serve, order: Request, folder: Path
) -> None:
    server = await serve(reply(ANSWER))
    gateway = await open_gateway(server.base_url + "/")
    await gateway.paint(order, "job.1", folder)
    head, _, body = server.requests[0].partition(b"\r\n\r\n")
    lines = head.decode().split("\r\n")
    headers = dict(line.lower().split(": ", 1) for line in lines[1:])
    assert lines[0] == "POST /api/v1/images/generations HTTP/1.1"
    assert headers["authorization"] == f"bearer {KEY}"
    assert headers["idempotency-key"] == "job.1"
    assert headers["user-agent"].startswith("easel/")
    assert headers["accept-encoding"] == "identity"
    assert headers["connection"] == "close"
    assert headers["content-type"] == "application/json"
    assert headers["content-length"] == str(len(body))
    assert "transfer-encoding" not in headers
    assert json.loads(body)["prompt"] == "a fox"


async def test_a_large_request_arrives_whole(
    open_gateway: Open, serve: Serve, order: Request, folder: Path
) -> None:
    server = await serve(reply(ANSWER))
    gateway = await open_gateway(server.base_url, signing_secret="s")
    text = b"A" * (3 << 20)
    request = Request(model=order.model, prompt="a", references=(DataUrl("png", text),))
    await gateway.paint(request, "job.1", folder)
    sent = json.loads(server.requests[0].partition(b"\r\n\r\n")[2])
    assert sent["input_images"][0]["image_url"]["url"] == f"data:image/png;base64,{text.decode()}"


async def test_a_refused_connection_is_tried_three_times(
    open_gateway: Open, clock: SwiftClock, order: Request, folder: Path
) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
        gateway = await open_gateway(f"http://127.0.0.1:{port}/api/v1")
        with pytest.raises(Unreachable) as caught:
            await gateway.paint(order, "job.1", folder)
    assert caught.value.failure is Failure.UNREACHABLE
    assert clock.slept_s == [0.5, 1.0]
    assert await gateway.models() is None


async def test_a_failed_handshake_is_unreachable(
    open_gateway: Open, serve: Serve, order: Request, folder: Path
) -> None:
    server = await serve(b"no TLS here\r\n", then="speak first")
    gateway = await open_gateway(server.base_url.replace("http:", "https:"))
    with pytest.raises(Unreachable):
        await gateway.paint(order, "job.1", folder)
    assert not server.requests


async def test_a_request_cut_while_it_leaves_is_unknown(
    open_gateway: Open, order: Request, folder: Path
) -> None:
    taken = 0

    async def refuse(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal taken
        taken += 1
        await reader.read(1000)
        file: socket.socket = writer.get_extra_info("socket")
        file.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        writer.transport.abort()

    request = Request(
        model=order.model, prompt="a", references=(DataUrl("png", b"A" * (16 << 20)),)
    )
    async with await asyncio.start_server(refuse, "127.0.0.1", 0) as server:
        gateway = await open_gateway(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}")
        with pytest.raises(Unknown):
            await gateway.paint(request, "job.1", folder)
    assert taken == 1


async def test_cancelling_is_passed_on_and_leaves_no_file(
    open_gateway: Open, serve: Serve, order: Request, folder: Path
) -> None:
    server = await serve(reply(ANSWER)[:6000], then="hold")
    gateway = await open_gateway(server.base_url, timeouts=Timeouts(read_s=60))
    painting = asyncio.gather(gateway.paint(order, "job.1", folder))
    async with asyncio.timeout(9):
        while not names(folder):  # noqa: ASYNC110 - a file tells of no event
            await asyncio.sleep(0.01)
    painting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await painting
    assert not names(folder)


@pytest.mark.parametrize("length", [9, 9_000_000])
async def test_a_refusal_counts_even_when_its_words_do_not_arrive(
    open_gateway: Open, serve: Serve, order: Request, folder: Path, length: int
) -> None:
    server = await serve(reply(b"{", status="402 Payment Required", length=length), then="reset")
    gateway = await open_gateway(server.base_url)
    with pytest.raises(Rejected) as caught:
        await gateway.paint(order, "job.1", folder)
    assert caught.value.failure is Failure.WALLET_EMPTY


async def test_endless_words_are_cut(
    open_gateway: Open, serve: Serve, order: Request, folder: Path
) -> None:
    server = await serve(reply(b"no " * 200_000, status="422 Nope"))
    gateway = await open_gateway(server.base_url)
    with pytest.raises(Rejected) as caught:
        await gateway.paint(order, "job.1", folder)
    assert len(caught.value.detail) == 300


async def test_the_key_is_nowhere_to_be_read(
    open_gateway: Open,
    serve: Serve,
    order: Request,
    folder: Path,
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.DEBUG)
    said = json.dumps({"error": {"message": f"Bad key {KEY}."}}).encode()
    texts = []
    for part in (
        reply(ANSWER),
        reply(said, status="401 No"),
        reply(said, status="429 No"),
        reply(said, status="500 No"),
        reply(said),
        b"",
    ):
        server = await serve(part)
        gateway = await open_gateway(server.base_url, signing_secret="canary secret")
        try:
            await gateway.paint(order, "job.1", folder)
        except GatewayError as error:
            texts += [repr(error), str(error), error.detail, repr(error.__cause__)]
        texts += [repr(gateway), str(vars(gateway))]
    texts.append(caplog.text)
    assert len(texts) == 5 * 4 + 6 * 2 + 1
    assert "httpcore" in caplog.text
    assert not [text for text in texts if KEY in text or "canary secret" in text]


@pytest.mark.parametrize(
    "base_url",
    [
        "",
        "gateway.example/api",
        "http://gateway.example/api/v1",
        "http://10.0.0.1/api/v1",
        "ftp://127.0.0.1/",
        "https://user:pass@gateway.example/",
        "https://gateway.example/?a=b",
        "https:///api",
        "https://[::1",
        "https://gateway.example:port/",
    ],
)
def test_an_unsafe_address_is_refused(base_url: str) -> None:
    with pytest.raises(ValueError, match="https"):
        Access(base_url=base_url, api_key=KEY)


@pytest.mark.parametrize("api_key", ["", " ", "a\nb", "caf\u00e9", "a\0"])
def test_a_key_that_no_header_carries_is_refused_without_being_shown(api_key: str) -> None:
    with pytest.raises(ValueError, match="key") as caught:
        Access(base_url="https://gateway.example/api/v1", api_key=api_key)
    assert not api_key.strip() or api_key not in str(caught.value)


@pytest.mark.parametrize(
    ("url", "loopback", "allowed"),
    [
        ("https://pictures.example/1.png", False, True),
        ("https://PICTURES.example:443/1.png", False, True),
        ("https://pictures.example:444/1.png", False, False),
        ("http://pictures.example/1.png", False, False),
        ("https://pictures.example.evil.example/1.png", False, False),
        ("https://pictures.example@evil.example/1.png", False, False),
        ("https://me@pictures.example/1.png", False, False),
        ("https://127.0.0.1/1.png", False, False),
        ("http://127.0.0.1:9/1.png", True, True),
        ("http://localhost:9/1.png", True, True),
        ("http://[::1]:9/1.png", True, True),
        ("ftp://127.0.0.1/1.png", True, False),
        ("http://10.0.0.1/1.png", True, False),
        ("data:image/png;base64,AAAA", True, False),
        ("file:///etc/passwd", True, False),
        ("https://[::1", True, False),
        ("", True, False),
    ],
)
def test_only_known_hosts_are_fetched_from(url: str, loopback: bool, allowed: bool) -> None:  # noqa: FBT001 - parametrised
    assert links.is_allowed(url, {"pictures.example"}, loopback=loopback) is allowed


@pytest.mark.parametrize(
    ("part", "kind"),
    [
        (reply(PNG), "png"),
        (reply(gzip.compress(PNG), "Content-Encoding: gzip"), "png"),
        (reply(PNG)[:-1], None),
        (reply(PNG * 2), None),
        (reply(b"<html>"), None),
        (reply(b"", status="404 Not Found"), None),
        (reply(b"", "Location: http://127.0.0.1/", status="302 Found"), None),
        (b"", None),
    ],
)
async def test_a_linked_picture_is_fetched_without_the_key(
    open_gateway: Open, serve: Serve, order: Request, folder: Path, part: bytes, kind: str | None
) -> None:
    pictures = await serve(part)
    server = await serve(linked(pictures.base_url + "/1.png", "https://elsewhere.example/2.png"))
    gateway = await open_gateway(server.base_url, caps=Caps(picture_bytes=len(PNG)))
    painted = await gateway.paint(order, "job.1", folder)
    assert [sketch.format for sketch in painted.sketches] == [kind, None]
    assert {s.name for s in painted.sketches} == names(folder)
    assert painted.billed == Money(100_000)
    assert len(pictures.requests) == 1
    assert b"uthorization" not in pictures.requests[0]
    assert KEY.encode() not in pictures.requests[0]


@pytest.mark.parametrize(
    "part",
    [b"", reply(b"{}"), reply(b"[" * 3_000_000), reply(b"[]")[:-1], reply(b"", status="404 No")],
)
async def test_a_list_of_models_that_is_none_is_none(
    open_gateway: Open, serve: Serve, part: bytes
) -> None:
    server = await serve(part)
    gateway = await open_gateway(server.base_url)
    assert await gateway.models() is None


async def test_parallel_calls_have_a_connection_each(
    open_gateway: Open, serve: Serve, order: Request, tmp_path: Path
) -> None:
    server = await serve(reply(ANSWER))
    gateway = await open_gateway(server.base_url)
    folders = [tmp_path / str(number) for number in range(20)]
    for folder in folders:
        folder.mkdir()
    calls = (gateway.paint(order, folder.name, folder) for folder in folders)
    painted = await asyncio.gather(*calls)
    assert [(folder / "1.png").read_bytes() for folder in folders] == [PNG] * 20
    assert len(painted) == len(server.requests) == 20


async def test_a_call_that_never_asks_again_is_not_slowed(
    open_gateway: Open, serve: Serve, clock: SwiftClock, order: Request, folder: Path
) -> None:
    server = await serve(reply(b"", "Retry-After: 5", status="429 Slow"))
    gateway = await open_gateway(server.base_url)
    with pytest.raises(Throttled) as caught:
        await gateway.paint(order, "job.1", folder)
    assert caught.value.retry_after_s == 5
    assert not clock.slept_s


def test_the_classifier_names_only_what_can_not_have_been_sent() -> None:
    assert not issubclass(httpx.RemoteProtocolError, httpx.NetworkError)
