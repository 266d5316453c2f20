"""Couriers: each process of the hub carries files to partners, many partners at a time and one file of each.

A delivery is a row, so it needs no job: the file that is due first in each lane is claimed, sent, and written down. The
next one of the lane follows only then. What a killed courier had in hand is taken over when its advisory lock is gone
and it was silent for `silence` seconds.
"""

from __future__ import annotations

import asyncio
import secrets
import time
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

import psycopg
import structlog

from hub.errors import HubError
from hub.flow.outbound import Round
from hub.jobs.alive import KEEPALIVE, pause
from hub.killpoint import reached
from hub.logs import frames
from hub.model.profile import Profile
from hub.ports import Delivery, Transport, Units
from hub.store.deliveries import COURIERS
from hub.store.outbox import BELL

log = structlog.get_logger("hub.send")

Profiles = Callable[[], Awaitable[Mapping[str, Profile]]]


@dataclass(frozen=True, slots=True)
class Tempo:
    """Seconds. `look`: how often a courier looks at the lanes when nobody rang; `silence`: after how long without a
    sign, and without its lock, another takes over; `grace`: how long files under way may take when it stops."""

    look: float = 1.0
    silence: float = 8.0
    grace: float = 20.0


@dataclass
class Courier:
    """Carries files until it is told to stop. `places`: how many partners are served side by side."""

    url: str
    units: Units
    transports: Mapping[str, Transport]
    profiles: Profiles
    origin: str
    places: int = 32
    tempo: Tempo = field(default_factory=Tempo)
    number: int = field(default_factory=lambda: secrets.randbelow(2**31 - 1) + 1)
    _in_hand: dict[str, asyncio.Task[None]] = field(default_factory=dict)
    _bell: asyncio.Event = field(default_factory=asyncio.Event)
    _profiles: Mapping[str, Profile] = field(default_factory=dict)
    _next_look: float = 0.0

    async def run(self, stop: asyncio.Event) -> None:
        """Until `stop`; then files under way may finish, and what does not is handed back."""
        stopping = asyncio.create_task(self._ring_at(stop))
        try:
            while not stop.is_set():
                try:
                    await self._stand(stop)
                except (psycopg.OperationalError, HubError) as error:
                    log.warning("courier lost the database", error=type(error).__name__)
                    await pause(stop, 1.0)
        finally:
            stopping.cancel()
            await self._put_down()

    async def _ring_at(self, stop: asyncio.Event) -> None:
        await stop.wait()
        self._bell.set()

    async def _stand(self, stop: asyncio.Event) -> None:
        """Hold the lock, listen for the bell, carry. Raises OperationalError when the connection is lost."""
        connection = await psycopg.AsyncConnection.connect(
            self.url, autocommit=True, application_name="hub send", options=KEEPALIVE)
        async with connection:
            await connection.execute("SELECT pg_advisory_lock(%s, %s)", (COURIERS, self.number))
            await connection.execute(f"LISTEN {BELL}")
            listening = asyncio.create_task(self._listen(connection))
            try:
                while not stop.is_set() and not listening.done():
                    await self._carry()
                    await self._wait_for_bell()
            finally:
                listening.cancel()
                with suppress(asyncio.CancelledError):
                    await listening

    async def _listen(self, connection: psycopg.AsyncConnection[Any]) -> None:
        async for _ in connection.notifies():
            self._bell.set()

    async def _wait_for_bell(self) -> None:
        with suppress(TimeoutError):
            await asyncio.wait_for(self._bell.wait(), self.tempo.look)
        self._bell.clear()

    async def _carry(self) -> None:
        """Claim what is due and set off with it."""
        free = self.places - len(self._in_hand)
        if time.monotonic() >= self._next_look:
            await self._look()
        profiles = self._profiles
        async with self.units.worker() as unit:
            claimed = await unit.deliveries.claim(
                self.number, list(self.transports), free, silence=self.tempo.silence,
                free=[p.name for p in profiles.values() if p.delivery.order == "free"],
            ) if free else []
            if claimed:
                reached("send.claimed")
        for delivery in claimed:
            receiver = profiles.get(delivery.receiver) or (await self.profiles()).get(delivery.receiver)
            if receiver is None:
                log.error("nobody has said how files go there", message=delivery.message, partner=delivery.receiver)
                continue
            self._in_hand[delivery.message] = asyncio.create_task(self._send(delivery, receiver))

    async def _look(self) -> None:
        """Every now and then: who the partners are, that we live, and whether we hold what is not in hand."""
        self._next_look = time.monotonic() + self.tempo.look
        self._profiles = await self.profiles()
        async with self.units.worker() as unit:
            await unit.deliveries.give_back(self.number, list(self._in_hand))
            await unit.deliveries.beat(self.number)

    async def _send(self, delivery: Delivery, receiver: Profile) -> None:
        """One attempt. If it could not be written down, the file is no longer in hand, and so given back later."""
        with structlog.contextvars.bound_contextvars(message=delivery.message, partner=delivery.receiver):
            try:
                await Round(self.units, self.transports, self.number, self.origin).send(delivery, receiver)
            except Exception as error:
                log.error("attempt not written down", error=frames(error))
                await asyncio.sleep(1.0)
            finally:
                self._in_hand.pop(delivery.message, None)
                self._bell.set()

    async def _put_down(self) -> None:
        """Let what is under way finish, then hand back the rest."""
        if self._in_hand:
            _, late = await asyncio.wait(self._in_hand.values(), timeout=self.tempo.grace)
            for task in late:
                task.cancel()
            await asyncio.gather(*late, return_exceptions=True)
        try:
            async with self.units.worker() as unit:
                await unit.deliveries.give_back(self.number)
        except (psycopg.Error, HubError) as error:
            log.warning("files in hand are left to the others", error=type(error).__name__)
