"""The bell wakes whoever waits for files to a partner, by PostgreSQL's notifications: one connection for all."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from contextlib import suppress
from dataclasses import dataclass, field

import psycopg
import structlog

from hub.store.outbox import BELL

KEEPALIVE = "-c tcp_keepalives_idle=5 -c tcp_keepalives_interval=2 -c tcp_keepalives_count=3"

log = structlog.get_logger("hub.bell")


@dataclass
class Bell:
    """Rings for one partner when a file for it is committed. It may miss one while the database is away: who waits
    looks again from time to time."""

    url: str = field(repr=False)
    closing: bool = False
    _waiting: defaultdict[str, set[asyncio.Event]] = field(default_factory=lambda: defaultdict(set))

    async def wait(self, partner: str, seconds: float) -> bool:
        """Until it rings for `partner`, or for the last time, at most so long; whether it rang."""
        rung = asyncio.Event()
        self._waiting[partner].add(rung)
        try:
            with suppress(TimeoutError):
                await asyncio.wait_for(rung.wait(), seconds)
        finally:
            self._waiting[partner].discard(rung)
            if not self._waiting[partner]:
                del self._waiting[partner]
        return rung.is_set()

    async def run(self, stop: asyncio.Event) -> None:
        """Listen until `stop`, and again whenever the connection was lost. At the end everybody is woken."""
        try:
            await self._run(stop)
        finally:
            self.closing = True
            for rung in [rung for waiting in self._waiting.values() for rung in waiting]:
                rung.set()

    async def _run(self, stop: asyncio.Event) -> None:
        while not stop.is_set():
            listening, stopping = asyncio.create_task(self._listen()), asyncio.create_task(stop.wait())
            await asyncio.wait({listening, stopping}, return_when=asyncio.FIRST_COMPLETED)
            stopping.cancel()
            listening.cancel()
            try:
                await listening
            except asyncio.CancelledError:
                continue
            except (psycopg.OperationalError, OSError) as error:
                log.warning("bell lost the database", error=type(error).__name__)
                with suppress(TimeoutError):
                    await asyncio.wait_for(stop.wait(), 1.0)

    async def _listen(self) -> None:
        connection = await psycopg.AsyncConnection.connect(
            self.url, autocommit=True, application_name="hub bell", options=KEEPALIVE)
        async with connection:
            await connection.execute(f"LISTEN {BELL}")
            async for notice in connection.notifies():
                for rung in self._waiting.get(notice.payload, ()):
                    rung.set()
