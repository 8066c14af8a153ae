"""What the server counts of itself, for Prometheus: one registry an application.

No label takes a value that a caller chooses: routes are named by their template, methods and
receipts are closed sets. So no caller can make the numbers grow without end.
"""

from collections.abc import Iterable
from importlib.metadata import version
from typing import Final

from fastapi import APIRouter, Request
from fastapi.responses import PlainTextResponse
from prometheus_client import (
    CollectorRegistry,
    Counter,
    GCCollector,
    Histogram,
    Info,
    Metric,
    PlatformCollector,
    ProcessCollector,
    generate_latest,
)
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from ridecode.api.allowed import PUBLIC
from ridecode.api.desk import Desk

router = APIRouter(tags=["running"])

_SECONDS: Final = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)


class Metrics:
    """The registry, and the counters that requests move."""

    def __init__(self, desk: Desk) -> None:
        self.registry = CollectorRegistry()
        for collector in (ProcessCollector, PlatformCollector, GCCollector):
            collector(registry=self.registry)
        Info("ridecode", "Which ridecode this is.", registry=self.registry).info(
            {"version": version("ridecode"), "city": desk.pack.id}
        )
        self.requests = Counter(
            "ridecode_http_requests", "Answers, by route and status.",
            ("method", "route", "status"), registry=self.registry,
        )  # fmt: skip
        self.seconds = Histogram(
            "ridecode_http_request_seconds", "From the request's head to its answer's end.",
            ("route",), buckets=_SECONDS, registry=self.registry,
        )  # fmt: skip
        self.registry.register(_Standing(desk))


class _Standing(Collector):
    """How the parts stand at the moment of the asking."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def collect(self) -> Iterable[Metric]:
        ready = GaugeMetricFamily(
            "ridecode_ready", "1 where a part can do its work, else 0.", labels=("part",)
        )
        for part, ailment in self._desk.parts().items():
            ready.add_metric((part,), 0 if ailment else 1)
        yield ready
        yield from self._desk.running.figures()


@router.get(
    "/metrics", response_class=PlainTextResponse, include_in_schema=False, dependencies=[PUBLIC]
)
def metrics(request: Request) -> PlainTextResponse:
    """Counters and gauges in Prometheus' text format."""
    held: Metrics = request.app.state.metrics
    text = generate_latest(held.registry).decode()
    return PlainTextResponse(text, media_type="text/plain; version=0.0.4")
