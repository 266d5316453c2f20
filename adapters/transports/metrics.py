"""Figures for Prometheus. No label names a partner: `/metrics` stands on the partners' own port."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from hub.ports import Figure


class Metrics:
    """The HTTP door's figures in one registry, `hub_http_*`."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self.registry = registry
        self.requests = Counter(
            "hub_http_requests", "Requests answered.", ("route", "method", "status"), registry=registry
        )
        self.seconds = Histogram("hub_http_seconds", "Seconds to the answer.", ("route",), registry=registry)
        self.received = Counter("hub_http_received_bytes", "Bytes of stored messages.", registry=registry)
        self.duplicates = Counter("hub_http_duplicates", "Messages that were there already.", registry=registry)
        self.in_flight = Gauge("hub_http_in_flight", "Messages being received now.", registry=registry)


class Shown(Collector):
    """Figures that were counted elsewhere, as gauges."""

    def __init__(self, figures: Sequence[Figure]) -> None:
        self._figures = figures

    def collect(self) -> Iterator[GaugeMetricFamily]:
        families: dict[str, GaugeMetricFamily] = {}
        for figure in self._figures:
            family = families.setdefault(
                figure.name, GaugeMetricFamily(figure.name, figure.meaning, labels=sorted(figure.labels)))
            family.add_metric([figure.labels[name] for name in sorted(figure.labels)], figure.value)
        yield from families.values()
