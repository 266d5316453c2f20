"""What many ask and what changes seldom: read once, and believed as long as it holds."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from time import monotonic

from hub.model.profile import Profile
from hub.ports import Figure, Units


@dataclass(slots=True)
class Directory:
    """Everybody's profile by short name, read anew when any has changed."""

    units: Units
    _revision: int = -1
    _profiles: Mapping[str, Profile] = field(default_factory=dict)

    async def current(self) -> Mapping[str, Profile]:
        async with self.units.worker() as unit:
            revision = await unit.partners.revision()
            if revision != self._revision:
                self._profiles = {p.name: p for p in await unit.partners.profiles()}
                self._revision = revision
        return self._profiles


@dataclass(slots=True)
class Ledger:
    """The figures of the hub as a whole, believed for five seconds."""

    units: Units
    _read_at: float = -1e9
    _figures: list[Figure] = field(default_factory=list)
    _lock: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def current(self) -> list[Figure]:
        async with self._lock:
            if monotonic() - self._read_at > 5.0:
                async with self.units.worker() as unit:
                    self._figures = await unit.figures.read()
                self._read_at = monotonic()
        return self._figures
