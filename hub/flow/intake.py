"""A file is held whole before the database hears of it: however slow its sender, no connection waits for it."""

from __future__ import annotations

import asyncio
import hashlib
import shutil
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

from hub.errors import Retry, TooLarge
from hub.killpoint import reached
from hub.ports import Clock, Held, Parcel, Units

IN_MEMORY = 4 * 1024 * 1024
"""A larger file waits on the disk until its hash is known."""
FRESH = 15.0
"""Seconds for which a partner's figures of the day are believed; what this process takes meanwhile is added."""


@asynccontextmanager
async def holding(parcel: Parcel, limit: int) -> AsyncIterator[Parcel]:
    """The parcel with all its bytes at hand. Raises TooLarge at the first byte past `limit`."""
    if parcel.held is not None:
        yield parcel
        return
    digest, length = hashlib.sha256(), 0
    with tempfile.SpooledTemporaryFile(max_size=IN_MEMORY) as spool:
        async for part in parcel.chunks:
            length += len(part)
            if length > limit:
                raise TooLarge(f"more than {limit} bytes")
            digest.update(part)
            await asyncio.to_thread(spool.write, part)
        spool.seek(0)
        reached("receive.spooled")
        yield replace(parcel, held=Held(spool, digest.hexdigest(), length))


class QuotaReached(Retry):
    """This partner has sent as much as one may in a day."""

    reason = "QUOTA_REACHED"


class DiskFull(Retry):
    reason = "DISK_FULL"


@dataclass(frozen=True, slots=True)
class Quota:
    """How much one partner may hand in within a day (UTC)."""

    messages: int
    bytes: int


@dataclass
class _Day:
    checked: float
    messages: int
    length: int


@dataclass
class Guard:
    """Looks at the disk and at what a partner has sent today, before a file is taken."""

    units: Units
    clock: Clock
    quota: Quota
    disks: tuple[Path, ...]
    free_percent: float
    _days: dict[str | None, _Day] = field(default_factory=dict)

    async def admit(self, partner: str | None) -> None:
        """Raises DiskFull or QuotaReached, with the seconds after which to try again."""
        if any(free(disk) < self.free_percent for disk in self.disks):
            raise DiskFull("The hub is short of disk space.", after=60.0)
        day = await self._day(partner)
        if day.messages >= self.quota.messages or day.length >= self.quota.bytes:
            now = self.clock.now()
            midnight = 86400 - (now.hour * 3600 + now.minute * 60 + now.second)
            raise QuotaReached(
                f"The quota of one day is {self.quota.messages} files and {self.quota.bytes} bytes.",
                after=float(midnight))

    def note(self, partner: str | None, length: int) -> None:
        """A file was taken."""
        if day := self._days.get(partner):
            day.messages += 1
            day.length += length

    async def _day(self, partner: str | None) -> _Day:
        now = self.clock.now().timestamp()
        known = self._days.get(partner)
        if known is None or not 0 <= now - known.checked < FRESH:
            async with self.units.door(partner) as unit:
                self._days[partner] = known = _Day(now, *await unit.inbox.taken_today())
        return known


def free(disk: Path) -> float:
    """Free space, in percent of the disk that holds this directory."""
    usage = shutil.disk_usage(disk)
    return 100.0 * usage.free / usage.total


def existing(path: Path) -> Path:
    """The directory, or the nearest one above it that exists."""
    return next(place for place in (path.absolute(), *path.absolute().parents) if place.is_dir())
