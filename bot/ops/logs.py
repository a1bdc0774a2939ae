"""Logs: structlog over the standard library, one stream, without secrets."""

import logging
import re
import sys
import threading
from collections.abc import Iterable, Mapping
from types import TracebackType
from typing import IO, Any

import structlog
from structlog.typing import EventDict, Processor, WrappedLogger
from typing_extensions import override

from bot.core.ids import JobId
from bot.ops.redaction import Redaction

# What these tell below WARNING are whole addresses, messages and queries, tokens included.
LOUD = ("aiohttp", "aiosqlite", "asyncio", "discord", "httpcore", "httpx")

_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029]")
_FIXED = ("timestamp", "level", "logger", "event", "exception", "stack")


def set_up(*, level: str, form: str, secrets: Iterable[str], stream: IO[str] = sys.stderr) -> None:
    """Send everything this process has to say to one stream; call once, before anything else.

    Args:
        level: the least level shown; the noisy libraries stay at WARNING or above.
        form: "text" for people, "json" for machines.
        secrets: values replaced wherever they stand.
        stream: where it goes.
    """
    before: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    render: Processor = structlog.processors.JSONRenderer() if form == "json" else _as_text
    after: list[Processor] = [
        structlog.stdlib.ProcessorFormatter.remove_processors_meta,
        structlog.processors.StackInfoRenderer(),
        structlog.processors.format_exc_info,
        render,
    ]
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            structlog.stdlib.PositionalArgumentsFormatter(),
            *before,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
    )
    handler = _Handler(stream)
    inner = structlog.stdlib.ProcessorFormatter(foreign_pre_chain=before, processors=after)
    handler.setFormatter(_Redacted(inner, Redaction(secrets)))
    logging.basicConfig(handlers=[handler], level=level, force=True)
    for name in LOUD:
        logging.getLogger(name).setLevel(max(logging.WARNING, logging.getLogger().level))
    logging.captureWarnings(capture=True)
    sys.excepthook = _tell
    threading.excepthook = lambda end: _tell(end.exc_type, end.exc_value, end.exc_traceback)


def about(job: JobId) -> Any:
    """Name a job in every line logged inside this `with`, tasks started there included."""
    return structlog.contextvars.bound_contextvars(job=job)


class _Redacted(logging.Formatter):
    def __init__(self, inner: logging.Formatter, redaction: Redaction) -> None:
        super().__init__()
        self._inner = inner
        self._redaction = redaction

    @override
    def format(self, record: logging.LogRecord) -> str:
        return self._redaction(self._inner.format(record))


class _Handler(logging.StreamHandler[IO[str]]):
    @override
    def handleError(self, record: logging.LogRecord) -> None:
        # The standard one prints the arguments as they are, secrets and all.
        sys.stderr.write(f"a line of {record.name} could not be logged\n")


def _as_text(_: WrappedLogger, __: str, event: EventDict) -> str:
    """Write one line a record; what follows of an exception is marked, so it can't be forged."""
    head = f"{event['timestamp']} {event['level']:<8} {event['logger']}: {_line(event['event'])}"
    rest = {name: value for name, value in event.items() if name not in _FIXED}
    parts = [head, *(f"{name}={_line(value)}" for name, value in _sorted(rest).items())]
    told = [str(event[name]) for name in ("stack", "exception") if name in event]
    lines = [f"  | {_line(line)}" for text in told for line in text.split("\n")]
    return "\n".join([" ".join(parts), *lines])


def _sorted(rest: Mapping[str, Any]) -> dict[str, Any]:
    return dict(sorted(rest.items()))


def _line(value: object) -> str:
    return _CONTROL.sub(lambda found: repr(found.group())[1:-1], str(value))


def _tell(
    kind: type[BaseException], error: BaseException | None, traceback: TracebackType | None
) -> None:
    told = error or kind()
    logging.getLogger("bot").critical("stopped by an error", exc_info=(kind, told, traceback))
