"""Health (grpc.health.v1) that lets its watchers go: one of them would hold a leaving server for its whole grace."""

from __future__ import annotations

import asyncio
from typing import Any

from grpc_health.v1 import health, health_pb2

SERVING = health_pb2.HealthCheckResponse.SERVING
NAME = health.SERVICE_NAME
FAREWELL = 0.2
"""Seconds in which a watcher is told NOT_SERVING."""


class Health(health.aio.HealthServicer):  # type: ignore[misc]
    """Says SERVING for each service, and NOT_SERVING to everybody before the server leaves."""

    def __init__(self) -> None:
        super().__init__()
        self._leaving = asyncio.Event()

    async def open(self, *services: str) -> None:
        """From now on these services answer."""
        for service in ("", *services):
            await self.set(service, SERVING)

    async def leave(self) -> None:
        """From now on nothing answers, and watchers are on their own."""
        await self.enter_graceful_shutdown()
        self._leaving.set()

    async def Watch(self, request: health_pb2.HealthCheckRequest, context: Any) -> None:
        watching = asyncio.ensure_future(super().Watch(request, context))
        leaving = asyncio.ensure_future(self._leaving.wait())
        try:
            await asyncio.wait((watching, leaving), return_when=asyncio.FIRST_COMPLETED)
            await asyncio.wait((watching,), timeout=FAREWELL)
        finally:
            watching.cancel()
            leaving.cancel()
            await asyncio.gather(watching, leaving, return_exceptions=True)
