"""A log has one record after another in it, and no secret in any."""

import asyncio
import io
import json
import logging
import sys
import threading
import warnings
from collections.abc import Generator

import pytest
import structlog

from bot.core.ids import JobId
from bot.ops import logs
from bot.ops.redaction import Redaction
from bot.ops.settings import load

CANARY = "canary-9f8e\"7d'6c"
SETTINGS = load({"DISCORD_TOKEN": CANARY, "OMIXA_API_KEY": "omx-key-value"})
FORMS = pytest.mark.parametrize("form", ["text", "json"])


@pytest.fixture(autouse=True)
def as_before() -> Generator[None]:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    hooks = sys.excepthook, threading.excepthook
    show = warnings.showwarning
    yield
    logging.captureWarnings(capture=False)
    warnings.showwarning = show
    sys.excepthook, threading.excepthook = hooks
    root.handlers[:] = handlers
    root.setLevel(level)
    for name in logs.LOUD:
        logging.getLogger(name).setLevel(logging.NOTSET)
    structlog.reset_defaults()


def fail(text: str) -> None:
    raise ValueError(text)


def logging_to(form: str, level: str = "DEBUG") -> io.StringIO:
    stream = io.StringIO()
    logs.set_up(level=level, form=form, secrets=SETTINGS.secrets, stream=stream)
    return stream


@FORMS
def test_a_secret_is_gone_from_every_way_to_log(form: str) -> None:
    stream = logging_to(form)
    log = structlog.get_logger("bot.test")
    log.debug("debug %s", CANARY, value=CANARY, inside={"token": [CANARY]}, settings=SETTINGS)
    logging.getLogger("library").warning("said %r", CANARY, extra={"more": CANARY})
    with structlog.contextvars.bound_contextvars(where=CANARY):
        log.info(CANARY)
    try:
        fail(CANARY)
    except ValueError:
        log.exception("failed")
        logging.getLogger("library").exception("failed")
    log.info("where", stack_info=True)
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        warnings.warn(CANARY, stacklevel=1)
    told = stream.getvalue()
    assert told.count("***") >= 8
    for shape in (CANARY, json.dumps(CANARY)[1:-1], repr(CANARY)[1:-1], "canary-9f8e"):
        assert shape not in told


@FORMS
@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("Authorization: Bearer abc.def-1", "Authorization: Bearer ***"),
        ("the key omx_live_abc123", "the key ***"),
        (f"Bot {'M' * 24}.{'a' * 6}.{'b' * 38}", "Bot ***"),
        ("/webhooks/12/aW50-x/messages/@original", "/webhooks/12/***/messages/@original"),
        ("/interactions/12/aW50/callback", "/interactions/12/***/callback"),
        ("x.png?ex=1a&is=2b&hm=3c&size=9", "x.png?ex=***&is=***&hm=***&size=9"),
        ("{'token': 'abc'}", "{'token': '***'}"),
        ("Bot connected, token refreshed", "Bot connected, token refreshed"),
    ],
)
def test_what_looks_like_a_secret_is_gone_too(form: str, text: str, told: str) -> None:
    stream = logging_to(form)
    logging.getLogger("library").error(text)
    assert told in stream.getvalue()


def test_without_secrets_nothing_is_replaced() -> None:
    assert Redaction(())("all of it") == "all of it"


@FORMS
def test_a_record_cannot_look_like_two(form: str) -> None:
    stream = logging_to(form)
    log = structlog.get_logger("bot.test")
    log.info("one\r\ntwo\x1b[0m\u2028three", prompt="four\nfive\x85six")
    assert stream.getvalue().count("\n") == 1
    assert len(stream.getvalue().splitlines()) == 1


def test_a_traceback_cannot_look_like_a_record() -> None:
    stream = logging_to("text")
    try:
        fail("first\n2026-01-01 info bot: forged\rtoo")
    except ValueError:
        structlog.get_logger("bot.test").exception("failed")
    head, *rest = stream.getvalue().splitlines()
    assert head.endswith("bot.test: failed")
    assert all(line.startswith("  | ") for line in rest)
    assert any("forged" in line for line in rest)


async def test_a_job_is_named_in_its_lines_and_its_tasks_lines() -> None:
    stream = logging_to("json")

    async def work() -> None:
        logging.getLogger("library").info("working")

    with logs.about(JobId("k7f2abcd")):
        await asyncio.gather(work())
    await work()
    first, second = (json.loads(line) for line in stream.getvalue().splitlines())
    assert first["job"] == "k7f2abcd"
    assert "job" not in second
    assert first["level"] == "info"
    assert first["logger"] == "library"


@pytest.mark.parametrize(("level", "shown"), [("DEBUG", ["w"]), ("ERROR", [])])
@pytest.mark.parametrize("name", ["discord.http", "httpx", "httpcore.connection", "aiohttp.access"])
def test_the_libraries_underneath_are_quiet(name: str, level: str, shown: list[str]) -> None:
    stream = logging_to("json", level)
    logging.getLogger(name).info("i")
    logging.getLogger(name).warning("w")
    assert [json.loads(line)["event"] for line in stream.getvalue().splitlines()] == shown


def test_the_level_holds_for_our_own() -> None:
    stream = logging_to("text", "WARNING")
    structlog.get_logger("bot.test").info("no")
    structlog.get_logger("bot.test").warning("yes")
    assert "no" not in stream.getvalue().split(": ")[1]
    assert "yes" in stream.getvalue()


def test_a_line_that_cannot_be_written_does_not_show_its_arguments(
    capsys: pytest.CaptureFixture[str],
) -> None:
    logging_to("text")
    template = "%s %s"
    logging.getLogger("library").error(template, CANARY)
    assert capsys.readouterr().err == "a line of library could not be logged\n"


def test_errors_that_nobody_caught_are_logged() -> None:
    stream = logging_to("text")
    error = RuntimeError(CANARY)
    sys.excepthook(RuntimeError, error, None)
    thread = threading.Thread(target=fail, args=["in a thread"])
    thread.start()
    thread.join()
    threading.excepthook(threading.ExceptHookArgs((KeyError, None, None, None)))
    told = stream.getvalue()
    assert told.count("stopped by an error") == 3
    assert "in a thread" in told
    assert "KeyError" in told
    assert "canary" not in told
