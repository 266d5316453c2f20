"""Who may work beside whom inside one worker: jobs share the room, except those that are suspected of killing workers.

When a worker dies, every job in it is suspected, and only one of them is guilty. A suspect therefore works alone from
then on: if the worker dies again, it was that one, and the others are not buried for it.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager


class Room:
    """Many together, or one alone. Who wants to be alone waits until the room is empty, and nobody enters meanwhile."""

    def __init__(self) -> None:
        self._changed = asyncio.Condition()
        self._inside = 0
        self._taken = False
        self._queueing = 0

    @asynccontextmanager
    async def entered(self, *, alone: bool) -> AsyncIterator[None]:
        async with self._changed:
            await (self._empty() if alone else self._changed.wait_for(lambda: not self._taken and not self._queueing))
            self._inside, self._taken = self._inside + 1, alone
        try:
            yield
        finally:
            async with self._changed:
                self._inside, self._taken = self._inside - 1, False
                self._changed.notify_all()

    async def _empty(self) -> None:
        self._queueing += 1
        try:
            await self._changed.wait_for(lambda: not self._inside)
        finally:
            self._queueing -= 1
            self._changed.notify_all()
