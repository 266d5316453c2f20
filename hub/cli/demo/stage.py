"""The hub as it runs in production — doors, worker, mailboxes — on fresh data, with four desks around it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from functools import cached_property

import httpx

from hub.app import Hub, Ports, build
from hub.cli.demo.desk import Desk
from hub.dialects import formats, read_partners
from hub.errors import Retry, Stop
from hub.settings import Settings
from partners.book import Partner, apply, example_directories
from partners.world import World

PATIENCE = 120.0
"""Seconds that the hub may take to come to rest."""


class Theatre:
    """The time of the play: the planning day, going on with the seconds that the demo really takes."""

    def __init__(self, day: date) -> None:
        self._start = datetime.combine(day, time(6, 0), UTC)
        self._since = datetime.now(UTC)

    def now(self) -> datetime:
        return self._start + (datetime.now(UTC) - self._since)


@dataclass
class Stage:
    """Everything on it. `desks` by partner; `world` is what the partners have to say."""

    hub: Hub
    ports: Ports
    world: World
    partners: list[Partner]
    desks: dict[str, Desk]

    @cached_property
    def titles(self) -> dict[str, str]:
        return {p.name: p.profile.title for p in self.partners}

    async def rest(self) -> None:
        """Wait until nothing is received and unread, nothing queued and unsent, and every desk has answered.

        Raises Retry when that takes longer than PATIENCE.
        """
        deadline = asyncio.get_running_loop().time() + PATIENCE
        quiet = 0
        while quiet < 2:
            if asyncio.get_running_loop().time() > deadline:
                raise Retry("The hub did not come to rest; `hub messages` shows what is waiting.", reason="NO_REST")
            busy = await self._busy()
            busy += sum([await desk.tend(self.hub.clock.now()) for desk in self.desks.values()])
            quiet = 0 if busy else quiet + 1
            await asyncio.sleep(0.1)

    async def _busy(self) -> int:
        waiting = sum(
            1 for desk in self.desks.values() for path in (desk.mailbox / "in").glob("*") if path.is_file()
        )
        async with self.hub.units.worker() as unit:
            for state in ("received", "queued"):
                waiting += len(await unit.inbox.list(state=state, limit=1))
        return waiting


@asynccontextmanager
async def stage(settings: Settings, seed: int, day: date) -> AsyncIterator[Stage]:
    """Build the hub, apply the example partners, open the doors, put the worker to work."""
    async with build(settings, Theatre(day)) as hub:
        partners, findings = read_partners(example_directories())
        if findings:
            raise Stop("The example partners are not sound: " + "; ".join(f.message for f in findings))
        async with hub.units.worker() as unit:
            await apply(unit, partners)
            tokens = {p.name: await unit.partners.issue_token(p.name, "demo") for p in partners}
        stop, opened = asyncio.Event(), asyncio.get_running_loop().create_future()
        async with asyncio.TaskGroup() as group:
            group.create_task(hub.serve(stop, opened.set_result))
            group.create_task(hub.work(stop))
            try:
                ports: Ports = await asyncio.wait_for(opened, PATIENCE)
                own = formats({p.name: p.overlays for p in partners})
                base = f"http://127.0.0.1:{ports.http}"
                async with httpx.AsyncClient(base_url=base, timeout=60, trust_env=False) as http:
                    desks = {
                        p.name: Desk(
                            p.profile, "http" if p.profile.kind in ("retailer", "supplier") else "folder",
                            tokens[p.name], hub.folder.mailboxes / p.name, own, settings.gln, http,
                        )
                        for p in partners
                    }
                    yield Stage(hub, ports, World(seed, partners, day), partners, desks)
            finally:
                stop.set()
