"""How to reach a hub and prove who one is: the same for the sync and the async client."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from ipaddress import ip_address
from typing import Any, BinaryIO
from uuid import uuid4

import grpc

from hub.rpc.pb.v1.exchange_pb2 import SubmitLargeMessageRequest

PIECE = 1024 * 1024

RETRY = json.dumps({"methodConfig": [{
    "name": [
        *({"service": f"cpfr.hub.v1.{service}"} for service in (
            "Agreements", "Catalogue", "Cycles", "Exceptions", "Exchange", "Forecasts", "Orders", "Replenishment",
            "Scorecards")),
        {"service": "google.longrunning.Operations"},
    ],
    "retryPolicy": {"maxAttempts": 5, "initialBackoff": "0.2s", "maxBackoff": "5s", "backoffMultiplier": 2.5,
                    "retryableStatusCodes": ["UNAVAILABLE"]},
}]})
"""gRPC itself repeats a call that ended with UNAVAILABLE. That is safe: what reads changes nothing, the same bytes from
the same partner are the same message, and a deed carries a request id (`identified`), under which it is done once."""

OPTIONS: tuple[tuple[str, str | int], ...] = (
    ("grpc.service_config", RETRY),
    ("grpc.initial_reconnect_backoff_ms", 200),
    ("grpc.max_reconnect_backoff_ms", 5000),
    ("grpc.max_receive_message_length", 64 * 1024 * 1024),
    ("grpc.keepalive_time_ms", 30_000),
)


@dataclass(frozen=True, slots=True)
class Connection:
    """Where to, and as whom. `credentials` None is plain text; `metadata` goes with every call."""

    target: str
    credentials: grpc.ChannelCredentials | None
    metadata: tuple[tuple[str, str], ...]
    timeout: float


def with_token(target: str, token: str, *, ca: bytes | None, plaintext: bool, timeout: float) -> Connection:
    """By bearer token; `ca` (PEM) replaces the well-known authorities. ValueError for plain text to elsewhere."""
    if plaintext and not is_loopback(target):
        raise ValueError(f"a token must not travel in plain text to {target}")
    credentials = None if plaintext else grpc.ssl_channel_credentials(ca)
    return Connection(target, credentials, (("authorization", f"Bearer {token}"),), timeout)


def with_certificate(target: str, certificate: bytes, key: bytes, *, ca: bytes | None, timeout: float) -> Connection:
    """By client certificate; everything PEM."""
    return Connection(target, grpc.ssl_channel_credentials(ca, key, certificate), (), timeout)


def is_loopback(target: str) -> bool:
    """Whether `host:port` is on this machine."""
    host = target.rpartition(":")[0].strip("[]")
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False


def identified(request: Any) -> Any:
    """The request with a UUID of its own, if it is a deed and has none: however often it is sent, it is done once."""
    fields = request.DESCRIPTOR.fields_by_name
    if "request_id" in fields and "content" not in fields and not request.request_id:
        request.request_id = str(uuid4())
    return request


def pauses() -> Iterator[float | None]:
    """Seconds to wait before each new try, then None: about five minutes in all."""
    yield from (0.2, 0.5, 1.0, 2.0, *(5.0 for _ in range(60)))
    while True:
        yield None


def pieces(file: BinaryIO, filename: str, request_id: str) -> Iterator[SubmitLargeMessageRequest]:
    """A file as the requests that carry it."""
    head = {"filename": filename, "request_id": request_id}
    while content := file.read(PIECE):
        yield SubmitLargeMessageRequest(content=content, **head)
        head = {}
