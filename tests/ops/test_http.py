"""Health tells which part is ill, and metrics are read as Prometheus reads them."""

import asyncio

import aiohttp
import pytest
from prometheus_client.parser import text_string_to_metric_families

from bot.ops import http
from bot.ops.http import Probe, served
from bot.ops.metrics import Metrics


async def get(port: int, path: str) -> tuple[int, str, str]:
    async with (
        aiohttp.ClientSession() as session,
        session.get(f"http://127.0.0.1:{port}{path}") as answer,
    ):
        return answer.status, answer.content_type, await answer.text()


async def well() -> bool:
    return True


async def ill() -> bool:
    return False


async def broken() -> bool:
    raise OSError("gone")


async def wordless() -> bool:
    raise ValueError


async def hanging() -> bool:
    await asyncio.Event().wait()
    return True


async def test_all_is_well_when_every_part_is() -> None:
    async with served(0, {"discord": well, "writer": well}, Metrics()) as port:
        status, _, body = await get(port, "/health")
    assert status == 200
    assert body == '{"well": true, "probes": {"discord": true, "writer": true}, "why": {}}'


@pytest.mark.parametrize(
    ("probe", "why"),
    [
        (ill, "not well"),
        (broken, "gone"),
        (wordless, "ValueError"),
        (hanging, "no answer within 0.05 s"),
    ],
)
async def test_an_ill_part_is_named_with_the_reason(
    probe: Probe, why: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(http, "PROBE_S", 0.05)
    async with served(0, {"discord": well, "writer": probe}, Metrics()) as port:
        status, _, body = await get(port, "/health")
    assert status == 503
    assert '"discord": true, "writer": false' in body
    assert body.endswith(f'"why": {{"writer": "{why}"}}}}')


async def test_nothing_else_is_answered_and_nothing_after_the_end() -> None:
    async with served(0, {}, Metrics()) as port:
        assert (await get(port, "/"))[0] == 404
    with pytest.raises(aiohttp.ClientConnectorError):
        await get(port, "/health")


async def test_the_figures_are_those_that_were_counted() -> None:
    metrics = Metrics()
    metrics.calls.labels(outcome="settled").inc(3)
    metrics.refusals.labels(reason="over limit").inc()
    metrics.settled_micros.inc(117_000)
    metrics.absorbed_micros.inc(5)
    metrics.held_micros.set_function(lambda: 80_000)
    metrics.queued.set(2)
    metrics.delivery_s.observe(1.5)
    async with served(0, {}, metrics) as port:
        status, kind, body = await get(port, "/metrics")
    assert (status, kind) == (200, "text/plain")
    samples = {
        sample.name: sample.value
        for family in text_string_to_metric_families(body)
        for sample in family.samples
    }
    assert samples["easel_calls_total"] == 3
    assert samples["easel_refusals_total"] == 1
    assert samples["easel_settled_micros_total"] == 117_000
    assert samples["easel_absorbed_micros_total"] == 5
    assert samples["easel_held_micros"] == 80_000
    assert samples["easel_queued_calls"] == 2
    assert samples["easel_delivery_seconds_count"] == 1
    assert samples["process_resident_memory_bytes"] > 0


def test_two_registries_do_not_meet() -> None:
    first, second = Metrics(), Metrics()
    first.queued.set(1)
    assert first.text() != second.text()
