"""A file leaves: a courier hands stored bytes to the receiver's transport and writes down what came of it.

The bytes were made in the transaction that caused them; here they only travel, as often as it takes, under one
Message-ID. No database connection is held while they do.
"""

from __future__ import annotations

import random
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from io import BytesIO
from tempfile import SpooledTemporaryFile
from typing import BinaryIO, cast

import structlog

from hub.errors import HubError, Reject, Retry
from hub.flow.patience import DELIVERY, Patience
from hub.killpoint import reached
from hub.logs import frames
from hub.model.alert import Alert
from hub.model.event import HubEvent
from hub.model.profile import Profile
from hub.ports import Delivery, Outgoing, Transport, Unit, Units

SPOOL = 8 * 1024 * 1024
"""A larger file travels from a temporary file."""
TRIP = 3
"""Failures in a row after which a partner counts as out of reach."""
FAILURES, LOSSES = 3, 10
"""How often the hub itself may fail at a file, and how many of its processes may die over it, before it is given up."""

log = structlog.get_logger("hub.send")


@dataclass(frozen=True, slots=True)
class Round:
    """What a courier carries with it. `origin`: the right-hand side of Message-IDs."""

    units: Units
    transports: Mapping[str, Transport]
    courier: int
    origin: str
    patience: Patience = DELIVERY

    async def send(self, delivery: Delivery, receiver: Profile) -> None:
        """One attempt at a claimed delivery, written down whatever comes of it."""
        reached("send.begun")
        started = time.monotonic()
        try:
            if delivery.losses >= LOSSES:
                raise Reject(f"{delivery.losses} processes died while sending it.", reason="WORKER_DIED")
            answer = await self._hand_over(delivery, receiver)
        except Exception as error:
            await self._failed(delivery, receiver, error, time.monotonic() - started)
        else:
            reached("send.handed_over")
            await self._arrived(delivery, receiver, answer, time.monotonic() - started)
        reached("send.committed")

    async def _hand_over(self, delivery: Delivery, receiver: Profile) -> str:
        transport = self.transports.get(delivery.channel)
        if transport is None:
            raise Reject(f"Nothing here delivers over {delivery.channel!r}.", reason="NO_TRANSPORT")
        async with self._content(delivery) as source:
            return await transport.deliver(Outgoing(
                delivery.message, f"<{delivery.message}@{self.origin}>", receiver, delivery.filename, delivery.format,
                delivery.sha256, delivery.length, source,
            ))

    @asynccontextmanager
    async def _content(self, delivery: Delivery) -> AsyncIterator[BinaryIO]:
        if delivery.content is not None:
            yield BytesIO(delivery.content)
            return
        with SpooledTemporaryFile(max_size=SPOOL) as spool:
            async with self.units.worker() as unit:
                async for chunk in unit.inbox.content(delivery.message):
                    spool.write(chunk)
            spool.seek(0)
            yield cast(BinaryIO, spool)

    async def _arrived(self, delivery: Delivery, receiver: Profile, answer: str, seconds: float) -> None:
        hours = receiver.delivery.acknowledge_hours
        async with self.units.worker() as unit:
            back = await unit.deliveries.succeed(
                delivery.message, answer, seconds, None if hours is None else hours * 3600)
            if back:
                await unit.alerts.close("partner.unreachable", receiver.name)
            reached("send.recorded")
        log.info("delivered", attempts=delivery.attempts, seconds=round(seconds, 3), back_in_reach=back)

    async def _failed(self, delivery: Delivery, receiver: Profile, error: Exception, seconds: float) -> None:
        wait, trips = self._wait(delivery, receiver, error), TRIP if isinstance(error, Retry) else None
        log.warning("not delivered", error=frames(error), attempts=delivery.attempts, again_in=wait)
        async with self.units.worker() as unit:
            if wait is None:
                await self._give_up(unit, delivery, receiver, error, seconds)
            elif await unit.deliveries.postpone(
                self.courier, delivery.message, in_words(error), seconds, wait, trip_after=trips
            ):
                await unit.alerts.open(out_of_reach(receiver, in_words(error)))
            reached("send.recorded")

    def _wait(self, delivery: Delivery, receiver: Profile, error: Exception) -> float | None:
        """Seconds until the next attempt; None when there is none."""
        if isinstance(error, Reject):
            return None
        if not isinstance(error, Retry):
            return None if delivery.failures + 1 >= FAILURES else 10.0 * 4.0**delivery.failures
        patience = self.patience.lasting(receiver.delivery.patience_hours)
        repeats = delivery.attempts - delivery.failures - delivery.losses - 1
        wait = patience.wait(repeats, delivery.elapsed)
        if wait is None:
            return None
        # who promises to be back soon is believed a few times only: then it is asked as seldom as anybody
        soonest = 1.0 if repeats < TRIP else wait
        asked = wait if error.after is None else max(error.after, soonest)
        # nobody is asked earlier than it said, and not everybody at the same moment
        spread = random.uniform(0.8, 1.2) if error.after is None else random.uniform(1.0, 1.1)
        return min(asked * spread, max(patience.total - delivery.elapsed, 1.0))

    async def _give_up(
        self, unit: Unit, delivery: Delivery, receiver: Profile, error: Exception, seconds: float
    ) -> None:
        outcome = "refused" if isinstance(error, Reject) else "failed"
        if not await unit.deliveries.fail(self.courier, delivery.message, outcome, in_words(error), seconds):
            return
        reason = f"{error.reason if isinstance(error, HubError) else type(error).__name__}: {error}"
        await unit.dead_letters.add(delivery.message, "send", reason, delivery.attempts)
        await unit.events.publish([
            HubEvent(type="message.failed", subject=delivery.message, partners=(receiver.name,))])
        await unit.alerts.open(given_up(delivery, receiver, in_words(error)))


def in_words(error: Exception) -> str:
    """What a failed attempt is remembered by."""
    return str(error) if isinstance(error, HubError) else f"The hub failed at it: {type(error).__name__}: {error}"


def out_of_reach(receiver: Profile, why: str) -> Alert:
    return Alert(
        kind="partner.unreachable", subject=receiver.name, partner=receiver.name, severity="warning",
        message=f"{receiver.title} cannot be reached: {why}",
        hint="Its files wait and are tried again by themselves. If this lasts, call the partner; "
             "`hub resend ID` tries at once.",
    )


def given_up(delivery: Delivery, receiver: Profile, why: str) -> Alert:
    return Alert(
        kind="delivery.dead", subject=delivery.message, partner=receiver.name,
        message=f"{delivery.kind or 'A file'} {delivery.control or ''} for {receiver.title} was given up after "
                f"{delivery.attempts} attempts: {why}".replace("  ", " "),
        hint="Mend the cause, then `hub dead-letters replay ID`; or `hub dead-letters discard ID`.",
    )
