"""What every test runs under."""

import pytest
import structlog
from hypothesis import HealthCheck, settings

_FIRST = ["storm", "page", "flow"]

# A busy machine is not a defect.
settings.register_profile("easel", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("easel")

# The rich tracebacks of an unconfigured structlog print locals, which are long and slow.
structlog.configure(
    processors=[
        structlog.processors.add_log_level,
        structlog.dev.ConsoleRenderer(
            colors=False, exception_formatter=structlog.dev.plain_traceback
        ),
    ]
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with what takes longest, so that no worker is left alone with it at the end."""
    rank = {room: number for number, room in enumerate(_FIRST)}
    items.sort(key=lambda item: rank.get(item.path.parent.name, len(rank)))
