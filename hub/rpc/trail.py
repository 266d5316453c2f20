"""Who read what, for the audit trail: noted in memory while the call goes on, written down at most a second later.

A hub that is killed loses the notes of its last second; one that stops writes them first. When the database is away and
`MOST` notes wait, calls are refused rather than left out of the trail.
"""

from __future__ import annotations

import asyncio
from collections import deque
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from hub.errors import HubError
from hub.model.account import Caller
from hub.ports import Units
from hub.rpc.errors import Busy, log

EVERY = 1.0
MOST, BATCH = 100_000, 5_000


@dataclass(slots=True)
class Trail:
    """`note` on the call's path, `run` beside it."""

    units: Units
    _notes: deque[dict[str, Any]] = field(default_factory=deque)
    _task: asyncio.Task[None] | None = None

    async def note(self, caller: Caller, method: str, subject: str) -> None:
        """Raises Busy when too many notes wait."""
        if len(self._notes) >= MOST:
            raise Busy("The audit trail cannot be written at the moment. Try again.")
        action = method.rpartition(".")[2].replace("/", ".")
        self._notes.append({
            "at": datetime.now(UTC).isoformat(), "actor": caller.actor, "action": action, "subject": subject[:300]})

    def start(self) -> None:
        self._task = asyncio.create_task(self._run())

    async def stop(self) -> None:
        """Write down what is left."""
        if self._task is not None:
            self._task.cancel()
            with suppress(asyncio.CancelledError):
                await self._task
            self._task = None
            await self._write()

    async def _run(self) -> None:
        while True:
            await asyncio.sleep(EVERY)
            await self._write()

    async def _write(self) -> None:
        """All that is noted by now; what cannot be written waits for the next time."""
        while self._notes:
            batch = [self._notes[at] for at in range(min(BATCH, len(self._notes)))]
            try:
                async with self.units.door(None) as unit:
                    await unit.audit.note(batch)
            except HubError as error:
                log.warning("the audit trail waits for the database", notes=len(self._notes), reason=error.reason)
                return
            for _ in batch:
                self._notes.popleft()
