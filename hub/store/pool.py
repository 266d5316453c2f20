"""Connections to PostgreSQL, kept open between transactions and lent out one at a time.

A connection whose server has gone is readable: the server said good-bye, or its end of the line is closed. So a look at
the socket, which costs no round trip, tells a corpse before it is lent. The one that came back last is lent first,
because it has the most statements prepared and the warmest server process.
"""

from __future__ import annotations

import asyncio
import select
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import psycopg
from psycopg.pq import PipelineStatus, TransactionStatus

from hub.errors import Retry
from hub.store import arrays

LIFETIME = 1800.0
"""Seconds after which a connection is not lent any more."""
STATEMENTS = 400
"""Of one connection that the server keeps prepared; the hub has some 250."""


@dataclass(frozen=True, slots=True)
class Lent:
    """A connection and when (monotonic) it was made."""

    connection: psycopg.AsyncConnection[Any]
    born: float


@dataclass(slots=True)
class Pool:
    """At most `size` connections as the login of `url`; who waits longer than `patience` seconds gets a Retry."""

    url: str = field(repr=False)
    size: int
    patience: float
    _places: asyncio.Semaphore = field(init=False)
    _idle: list[Lent] = field(default_factory=list)
    _closed: bool = False

    def __post_init__(self) -> None:
        self._places = asyncio.Semaphore(self.size)

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[psycopg.AsyncConnection[Any]]:
        """Committed when the block ends well, rolled back otherwise."""
        async with self._lent(autocommit=False) as connection:
            try:
                yield connection
            except BaseException:
                await self._roll_back(connection)
                raise
            await connection.commit()

    @asynccontextmanager
    async def by_statement(self) -> AsyncIterator[psycopg.AsyncConnection[Any]]:
        """Each statement is a transaction, and so is each pipeline of them."""
        async with self._lent(autocommit=True) as connection:
            yield connection

    @asynccontextmanager
    async def _lent(self, *, autocommit: bool) -> AsyncIterator[psycopg.AsyncConnection[Any]]:
        await self._enter()
        lent: Lent | None = None
        try:
            lent = await self._take()
            if lent.connection.autocommit is not autocommit:
                await lent.connection.set_autocommit(autocommit)
            yield lent.connection
        finally:
            try:
                if lent is not None:
                    await self._put_back(lent)
            finally:
                self._places.release()

    async def close(self) -> None:
        """No connection is kept from now on; those that are lent are closed when they come back."""
        self._closed = True
        while self._idle:
            await self._idle.pop().connection.close()

    async def _enter(self) -> None:
        if not self._places.locked():
            await self._places.acquire()
            return
        try:
            async with asyncio.timeout(self.patience):
                await self._places.acquire()
        except TimeoutError:
            raise Retry("all database connections are busy", reason="BUSY") from None

    async def _take(self) -> Lent:
        while self._idle:
            lent = self._idle.pop()
            if time.monotonic() - lent.born <= LIFETIME and answers(lent.connection):
                return lent
            await lent.connection.close()
        connection = await psycopg.AsyncConnection.connect(
            self.url, options="-c timezone=UTC", application_name="cpfr-hub", connect_timeout=10)
        connection.prepared_max = STATEMENTS
        arrays.register(connection)
        return Lent(connection, time.monotonic())

    async def _put_back(self, lent: Lent) -> None:
        line = lent.connection.pgconn
        idle = (line.transaction_status, line.pipeline_status) == (TransactionStatus.IDLE, PipelineStatus.OFF)
        if idle and not self._closed and not lent.connection.closed:
            self._idle.append(lent)
        else:
            await lent.connection.close()

    @staticmethod
    async def _roll_back(connection: psycopg.AsyncConnection[Any]) -> None:
        """One that cannot be rolled back is closed, which is as good: the server does it then."""
        try:
            await connection.rollback()
        except psycopg.Error:
            await connection.close()


def answers(connection: psycopg.AsyncConnection[Any]) -> bool:
    """Whether an idle connection is open and nothing has come that nobody asked for: the server's last words."""
    if connection.closed:
        return False
    line = select.poll()
    line.register(connection.fileno(), select.POLLIN)
    return not line.poll(0)
