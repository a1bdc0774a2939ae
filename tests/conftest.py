"""What every test runs under."""

import structlog
from hypothesis import HealthCheck, settings

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
