"""How the others know that a worker lives: it holds an advisory lock as long as its process does.

PostgreSQL lets go of the lock when the connection ends, which for a killed process is at once. A worker whose event
loop is busy with a long computation sends no heartbeat, but holds its lock, and is not taken for dead.
"""

from __future__ import annotations

import asyncio
from contextlib import suppress

import psycopg
import structlog

WORKERS = 0x43504652
"""First key of the workers' locks ("CPFR"); the second is the worker's id."""

KEEPALIVE = "-c tcp_keepalives_idle=5 -c tcp_keepalives_interval=2 -c tcp_keepalives_count=3"
"""How a server on another machine notices that this one is gone."""

log = structlog.get_logger("hub.jobs")


async def hold(url: str, worker: int, stop: asyncio.Event, check: float = 2.0) -> None:
    """Hold `worker`'s lock until `stop`, and take it again whenever the connection was lost."""
    while not stop.is_set():
        try:
            await _hold_once(url, worker, stop, check)
        except psycopg.OperationalError as error:
            log.warning("sign of life lost", worker=worker, error=type(error).__name__)
            await pause(stop, 1.0)


async def _hold_once(url: str, worker: int, stop: asyncio.Event, check: float) -> None:
    connection = await psycopg.AsyncConnection.connect(
        url, autocommit=True, application_name="hub worker alive", options=KEEPALIVE
    )
    async with connection:
        await connection.execute("SELECT pg_advisory_lock(%s, %s)", (WORKERS, worker))
        while not stop.is_set():
            await pause(stop, check)
            await connection.execute("SELECT 1")


async def pause(stop: asyncio.Event, seconds: float) -> None:
    """Sleep, unless `stop` comes first."""
    with suppress(TimeoutError):
        await asyncio.wait_for(stop.wait(), seconds)
