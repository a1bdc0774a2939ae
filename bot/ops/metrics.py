"""Metrics: the few figures that tell how the bot does, in a registry of their own."""

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    ProcessCollector,
    generate_latest,
)

SECONDS = (0.5, 1, 2, 5, 10, 20, 60, 300, 900)


class Metrics:
    """Counters and gauges; the app gives the gauges their sources by `set_function`."""

    def __init__(self) -> None:
        self._registry = registry = CollectorRegistry()
        ProcessCollector(registry=registry)
        self.calls = Counter(
            "easel_calls", "Gateway calls by how they ended.", ["outcome"], registry=registry
        )
        self.refusals = Counter(
            "easel_refusals", "Orders refused at the desk.", ["reason"], registry=registry
        )
        self.settled_micros = Counter(
            "easel_settled_micros", "Micro-dollars charged to people.", registry=registry
        )
        self.absorbed_micros = Counter(
            "easel_absorbed_micros",
            "Micro-dollars billed that nobody was charged for.",
            registry=registry,
        )
        self.held_micros = Gauge(
            "easel_held_micros", "Micro-dollars reserved now.", registry=registry
        )
        self.queued = Gauge("easel_queued_calls", "Calls waiting for a place.", registry=registry)
        self.newest_backup_s = Gauge(
            "easel_newest_backup_seconds",
            "When the newest backup was taken, in seconds since 1970.",
            registry=registry,
        )
        self.delivery_s = Histogram(
            "easel_delivery_seconds",
            "From a picture's arrival to its delivery.",
            buckets=SECONDS,
            registry=registry,
        )

    def text(self) -> bytes:
        """Write all of them in Prometheus's text format."""
        return generate_latest(self._registry)
