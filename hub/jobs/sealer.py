"""The sealer chains what was added to the audit trail, and lets go of what is kept for a while only."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import timedelta

import psycopg
import structlog

from hub.errors import HubError
from hub.jobs.alive import pause
from hub.ports import Clock, Units

EVENTS, REPLIES = timedelta(days=30), timedelta(days=7)
"""How long watchers can go on from an old token, and repeated requests get their first answer."""
HOUR = timedelta(hours=1)

log = structlog.get_logger("hub.sealer")


@dataclass
class Sealer:
    """Every worker process keeps one; the database lets one of them seal at a time."""

    units: Units
    clock: Clock
    every: float = 1.0

    async def run(self, stop: asyncio.Event) -> None:
        """Until `stop`. What fails is logged and tried again a moment later."""
        forgot = self.clock.now() - HOUR
        while not stop.is_set():
            try:
                async with self.units.worker() as unit:
                    await unit.audit.seal()
                if self.clock.now() - forgot >= HOUR:
                    await self.forget()
                    forgot = self.clock.now()
            except (psycopg.Error, HubError) as error:
                log.warning("the audit trail waits to be sealed", error=type(error).__name__)
            await pause(stop, self.every)

    async def forget(self) -> None:
        """Let go of events and replies that are old enough."""
        now = self.clock.now()
        async with self.units.worker() as unit:
            events, replies = await unit.events.forget(now - EVENTS), await unit.replies.forget(now - REPLIES)
        if events or replies:
            log.info("old events and replies are gone", events=events, replies=replies)
