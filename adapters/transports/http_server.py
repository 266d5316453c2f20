"""Runs an HTTP app inside a process that has other things to do in the same event loop."""

from __future__ import annotations

import asyncio
import math
import socket
import ssl
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import uvicorn
from starlette.types import ASGIApp, Receive, Scope, Send
from uvicorn.protocols.http.h11_impl import H11Protocol

from adapters.transports.certificate import Certified
from adapters.transports.problem import problem
from hub.errors import Retry


class Server(uvicorn.Server):
    """Leaves signals to the process: uvicorn would raise SIGTERM again after its own shutdown, and all that had to
    happen afterwards (draining gRPC, closing the pool) would not."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.up = asyncio.Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.up.set()

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


@dataclass
class Idlers:
    """Connections on which no request is under way, with their last request, and since when. uvicorn waits for ever for
    a first request, or for the rest of its head, and each of them holds one of the places."""

    server: Server
    patience: float
    _since: dict[tuple[H11Protocol, int], float] = field(default_factory=dict)

    async def watch(self) -> None:
        while True:
            await asyncio.sleep(min(1.0, self.patience / 4))
            self.close_late()

    def close_late(self) -> None:
        now = time.monotonic()
        connections = (c for c in self.server.server_state.connections if isinstance(c, H11Protocol))
        idle = {c for c in connections if c.cycle is None or c.cycle.response_complete}
        self._since = {last: self._since.get(last, now) for last in ((c, id(c.cycle)) for c in idle)}
        for (connection, _), since in self._since.items():
            if now - since > self.patience:
                connection.transport.close()


@dataclass
class Crowded:
    """Says 503 with Retry-After to everybody while there are too many connections: uvicorn's own answer does not say
    when to come again."""

    app: ASGIApp
    most: int
    connections: Callable[[], int] = lambda: 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and self.connections() > self.most:
            await problem(Retry("The hub has as many connections as it can hold.", reason="BUSY"))(scope, receive, send)
        else:
            await self.app(scope, receive, send)


async def serve_http(
    app: ASGIApp, host: str, port: int, stop: asyncio.Event, *, bound: Callable[[int], None] = lambda port: None,
    connections: int = 512, idle: float = 75.0, grace: float = 10.0, certificate: Path | None = None,
    key: Path | None = None, client_authority: Path | None = None,
) -> None:
    """Serve until `stop` is set, then finish what is under way, for at most `grace` seconds.

    `port` 0 takes any free one; `bound` is told which, once the server answers. More than `connections` at once get
    503 with Retry-After; one that sends no whole request head for `idle` seconds is closed. TLS when `certificate` and
    `key` (PEM) are given; with `client_authority` (PEM) only clients that show a certificate of that authority come in.
    Raises OSError when the address is taken.
    """
    guarded = Crowded(app, connections)
    config = uvicorn.Config(
        guarded, http=H11Protocol if client_authority is None else Certified, lifespan="off", log_config=None,
        access_log=False, server_header=False,
        timeout_keep_alive=math.ceil(idle),
        timeout_graceful_shutdown=max(1, round(grace)), backlog=256,
        ssl_certfile=certificate, ssl_keyfile=key,
        ssl_ca_certs=None if client_authority is None else str(client_authority),
        ssl_cert_reqs=ssl.CERT_NONE if client_authority is None else ssl.CERT_REQUIRED,
    )
    server = Server(config)
    guarded.connections = lambda: len(server.server_state.connections)
    with listening(host, port) as listener:
        serving = asyncio.create_task(server.serve(sockets=[listener]))
        watching = asyncio.create_task(Idlers(server, idle).watch())
        up, stopping = asyncio.create_task(server.up.wait()), asyncio.create_task(stop.wait())
        try:
            await asyncio.wait({serving, up}, return_when=asyncio.FIRST_COMPLETED)
            if up.done():
                bound(listener.getsockname()[1])
            await asyncio.wait({serving, stopping}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            up.cancel()
            stopping.cancel()
            watching.cancel()
            server.should_exit = True
            await serving


def listening(host: str, port: int) -> socket.socket:
    """A listening socket, IPv6 when the host is written so."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    return socket.create_server((host, port), family=family, backlog=256)
