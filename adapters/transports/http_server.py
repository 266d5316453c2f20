"""Runs an HTTP app inside a process that has other things to do in the same event loop."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import uvicorn
from starlette.types import ASGIApp


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


async def serve_http(
    app: ASGIApp, host: str, port: int, stop: asyncio.Event, *, bound: Callable[[int], None] = lambda port: None,
    connections: int = 512, grace: float = 10.0, certificate: Path | None = None, key: Path | None = None,
) -> None:
    """Serve until `stop` is set, then finish what is under way, for at most `grace` seconds.

    `port` 0 takes any free one; `bound` is told which, once the server answers. More than `connections` at once get
    503. TLS when `certificate` and `key` (PEM) are given. Raises OSError when the address is taken.
    """
    config = uvicorn.Config(
        app, lifespan="off", log_config=None, access_log=False, server_header=False, timeout_keep_alive=75,
        limit_concurrency=connections, timeout_graceful_shutdown=max(1, round(grace)), backlog=256,
        ssl_certfile=certificate, ssl_keyfile=key,
    )
    server = Server(config)
    with listening(host, port) as listener:
        serving = asyncio.create_task(server.serve(sockets=[listener]))
        up, stopping = asyncio.create_task(server.up.wait()), asyncio.create_task(stop.wait())
        try:
            await asyncio.wait({serving, up}, return_when=asyncio.FIRST_COMPLETED)
            if up.done():
                bound(listener.getsockname()[1])
            await asyncio.wait({serving, stopping}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            up.cancel()
            stopping.cancel()
            server.should_exit = True
            await serving


def listening(host: str, port: int) -> socket.socket:
    """A listening socket, IPv6 when the host is written so."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    return socket.create_server((host, port), family=family, backlog=256)
