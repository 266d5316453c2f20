"""Open the store: a server if there is none, the tables of this version, and the two pools."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field

import structlog
from pydantic import SecretStr

from hub.errors import Stop
from hub.settings import Settings
from hub.store import roles
from hub.store.embedded import EmbeddedPostgres
from hub.store.migration import migrate
from hub.store.unit import StoredUnits

log = structlog.get_logger("hub.store")


@dataclass(frozen=True, slots=True)
class Urls:
    """libpq URLs of the three logins. They hold passwords, so none of them is ever printed."""

    owner: str = field(repr=False)
    worker: str = field(repr=False)
    door: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Store:
    """`units` is what flow and doors use; `urls` is for the job queue, which keeps connections of its own."""

    units: StoredUnits
    urls: Urls
    version: str


@asynccontextmanager
async def database(settings: Settings) -> AsyncIterator[Urls]:
    """The server that `settings` name, or the embedded one, kept running for the length of the block."""
    if settings.database_url is not None:
        yield Urls(*(_needed(name, getattr(settings, name)) for name in ("database_url", "worker_url", "door_url")))
        return
    server = await asyncio.to_thread(EmbeddedPostgres, settings.home)
    await asyncio.to_thread(server.start)
    stop = asyncio.Event()
    tending = asyncio.create_task(tend(server, stop))
    try:
        yield Urls(*(server.url(name) for name in roles.NAMES))
    finally:
        stop.set()
        await tending
        await asyncio.to_thread(server.stop)


async def tend(server: EmbeddedPostgres, stop: asyncio.Event, every: float = 1.0) -> None:
    """Start the server again whenever it has died, until `stop`: nobody else watches over it."""
    while not stop.is_set():
        try:
            if await asyncio.to_thread(server.mend):
                log.warning("PostgreSQL had died and was started again")
        except Stop as failure:
            log.error("PostgreSQL does not start", reason=failure.reason)
        with suppress(TimeoutError):
            await asyncio.wait_for(stop.wait(), every)


@asynccontextmanager
async def open_store(settings: Settings) -> AsyncIterator[Store]:
    """Start, migrate, serve; close all connections at the end and stop what was started."""
    async with database(settings) as urls:
        version = await asyncio.to_thread(migrate, urls.owner)
        units = StoredUnits(urls.worker, urls.door)
        try:
            yield Store(units, urls, version)
        finally:
            await units.dispose()


def _needed(name: str, url: SecretStr | None) -> str:
    if url is None:
        raise Stop(f"HUB_DATABASE_URL is set, so HUB_{name.upper()} must be set too", reason="MISSING_URL")
    return url.get_secret_value()
