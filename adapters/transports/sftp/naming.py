"""Names in a folder outlast a power cut once the folder was synced; files that come together share one sync."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from pathlib import Path

from adapters.transports.mailbox import sync


@dataclass
class Naming:
    """`_next`: the sync of each folder that has not begun, and is waited for."""

    _next: dict[Path, asyncio.Task[None]] = field(default_factory=dict)
    _disk: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def lasting(self, folder: Path) -> None:
        """Until every name that is in the folder now is on the disk. Raises OSError."""
        if (coming := self._next.get(folder)) is None:
            coming = self._next[folder] = asyncio.ensure_future(self._sync(folder))
        await asyncio.shield(coming)

    async def _sync(self, folder: Path) -> None:
        """One that runs already may have passed by a name of now, so the next begins when it has ended."""
        async with self._disk:
            del self._next[folder]
            await asyncio.to_thread(sync, folder)
