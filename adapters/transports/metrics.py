"""Figures for Prometheus. No label names a partner: `/metrics` stands on the partners' own port."""

from __future__ import annotations

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram


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
