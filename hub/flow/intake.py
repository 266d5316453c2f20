"""A file is held whole before the database hears of it: however slow its sender, no connection waits for it."""

from __future__ import annotations

import asyncio
import hashlib
import shutil
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from socket import gethostname

from hub.errors import Retry, TooLarge
from hub.killpoint import reached
from hub.model.alert import Alert
from hub.model.quota import QuotaTerms
from hub.ports import Clock, Held, Parcel, Units

IN_MEMORY = 4 * 1024 * 1024
"""A larger file waits on the disk until its hash is known."""
HOUR = timedelta(hours=1)
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
    """This partner has sent as much as it may in a day or an hour."""

    reason = "QUOTA_REACHED"


class DiskFull(Retry):
    reason = "DISK_FULL"


@dataclass(frozen=True, slots=True)
class Quota:
    """How much one partner may hand in within a day (UTC)."""

    messages: int
    bytes: int

    def of(self, own: QuotaTerms) -> Quota:
        """With what was agreed with one partner in the place of what holds for everybody."""
        return Quota(own.messages_per_day or self.messages, own.bytes_per_day or self.bytes)


@dataclass
class _Day:
    """What a partner has sent today and in the last hour, of which `oldest` came first; and what it may."""

    checked: float
    messages: int
    length: int
    own: QuotaTerms
    hour: int = 0
    oldest: datetime | None = None


@dataclass
class Guard:
    """Looks at the disk and at what a partner has sent today, before a file is taken."""

    units: Units
    clock: Clock
    quota: Quota
    disks: tuple[Path, ...]
    free_percent: float
    _days: dict[str | None, _Day] = field(default_factory=dict)
    _short: bool | None = None

    async def admit(self, partner: str | None) -> None:
        """Raises DiskFull or QuotaReached, with the seconds after which to try again."""
        if any(free(disk) < self.free_percent for disk in self.disks):
            raise DiskFull("The hub is short of disk space.", after=60.0)
        day, now = await self._day(partner), self.clock.now()
        quota, hourly = self.quota.of(day.own), day.own.messages_per_hour
        if day.messages >= quota.messages or day.length >= quota.bytes:
            midnight = 86400 - (now.hour * 3600 + now.minute * 60 + now.second)
            raise QuotaReached(
                f"The quota of one day is {quota.messages} files and {quota.bytes} bytes.", after=float(midnight))
        if hourly is not None and day.hour >= hourly:
            free_at = (day.oldest or now) + HOUR
            raise QuotaReached(
                f"The quota of one hour is {hourly} files.", after=max((free_at - now).total_seconds(), FRESH))

    async def look(self) -> None:
        """Let the operator know while there is no room on this machine, and close that alert once there is again."""
        short = next((disk for disk in self.disks if free(disk) < self.free_percent), None)
        if short is None and self._short is False:
            return
        async with self.units.worker() as unit:
            if short is None:
                await unit.alerts.close("disk.short", gethostname())
            else:
                await unit.alerts.open(no_room(short, self.free_percent))
        self._short = short is not None

    async def terms(self, partner: str) -> QuotaTerms:
        """What was agreed with a partner, as it was at most some seconds ago."""
        return (await self._day(partner)).own

    def note(self, partner: str | None, length: int) -> None:
        """A file was taken."""
        if day := self._days.get(partner):
            day.messages += 1
            day.hour += 1
            day.length += length

    async def _day(self, partner: str | None) -> _Day:
        now = self.clock.now()
        known = self._days.get(partner)
        if known is None or not 0 <= now.timestamp() - known.checked < FRESH:
            async with self.units.door(partner) as unit:
                profile = next((p for p in await unit.partners.profiles() if p.name == partner), None)
                messages, length = await unit.inbox.taken_today()
                known = _Day(now.timestamp(), messages, length, profile.quota if profile else QuotaTerms())
                if known.own.messages_per_hour is not None:
                    known.hour, known.oldest = await unit.inbox.taken_since(now - HOUR)
            self._days[partner] = known
        return known


def no_room(disk: Path, percent: float) -> Alert:
    return Alert(
        kind="disk.short", subject=gethostname(),
        message=f"Less than {percent:g} % of the disk under {disk} is free; until there is more, nothing is taken in "
                "and every sender is told to come again.",
        hint="Make room on that disk, or add some. What was accepted is safe; senders try again by themselves.")


def free(disk: Path) -> float:
    """Free space, in percent of the disk that holds this directory."""
    usage = shutil.disk_usage(disk)
    return 100.0 * usage.free / usage.total


def existing(path: Path) -> Path:
    """The directory, or the nearest one above it that exists."""
    return next(place for place in (path.absolute(), *path.absolute().parents) if place.is_dir())
