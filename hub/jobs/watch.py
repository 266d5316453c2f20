"""The watch: looks for what did not happen, and tells people about alerts. Every worker process keeps it; rows are
locked while they are marked, so each trouble is found once and told once."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

import psycopg
import structlog

from hub.errors import HubError
from hub.flow.overdue import find_overdue
from hub.jobs.alive import pause
from hub.logs import frames
from hub.ports import Announcer, Raised, Units

TRIES = 12
"""How often an alert is told over a way that fails: for about six hours."""

log = structlog.get_logger("hub.watch")


@dataclass
class Watch:
    """`every`: seconds between two looks for overdue answers, and for what else is looked for `often`; alerts are
    looked for every `glance` seconds. `hourly`: what else is looked for, every `seldom` seconds."""

    units: Units
    announcers: Sequence[Announcer]
    hourly: Callable[[], Awaitable[None]] | None = None
    often: Callable[[], Awaitable[None]] | None = None
    every: float = 15.0
    glance: float = 2.0
    seldom: float = 3600.0
    _checked: float = float("-inf")

    async def run(self, stop: asyncio.Event) -> None:
        """Until `stop`. What fails is logged and tried again at the next look."""
        looked = -self.every
        while not stop.is_set():
            try:
                if time.monotonic() - looked >= self.every:
                    looked = time.monotonic()
                    await find_overdue(self.units)
                    if self.often is not None:
                        await self.often()
                await self._check()
                await self.tell()
            except (psycopg.Error, HubError) as error:
                log.warning("the watch could not look", error=type(error).__name__)
            await pause(stop, self.glance)

    async def _check(self) -> None:
        if self.hourly is not None and time.monotonic() - self._checked >= self.seldom:
            self._checked = time.monotonic()
            await self.hourly()

    async def tell(self) -> int:
        """Tell what is untold over every way that has not told it yet; how many alerts there were."""
        async with self.units.worker() as unit:
            untold = await unit.alerts.untold()
        for raised in untold:
            told = [name for name in await asyncio.gather(*(
                self._told(announcer, raised) for announcer in self.announcers if announcer.name not in raised.told
            )) if name is not None]
            done = {*raised.told, *told} >= {announcer.name for announcer in self.announcers}
            again = None if done or raised.tries >= TRIES else min(30.0 * 2.0**raised.tries, 3600.0)
            async with self.units.worker() as unit:
                await unit.alerts.told(raised.id, told, again)
        return len(untold)

    async def _told(self, announcer: Announcer, raised: Raised) -> str | None:
        try:
            await announcer.tell(raised)
        except Exception as error:
            log.warning("alert not told", way=announcer.name, alert=raised.id, error=frames(error))
            return None
        return announcer.name
