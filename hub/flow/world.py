"""What every transaction needs to know and what changes seldom: partners, agreements, catalogue, and the formats with
every partner's overlays. Read once, and anew when the database says that any of it has changed, so that a file costs
the same however many items there are, and all nodes agree at once.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date

from hub.flow.context import Context
from hub.ports import Format, Unit

Overlays = Mapping[str, Mapping[str, str]]
"""Partner -> table ("x12/004010/850") -> its own rows, TOML."""


@dataclass(slots=True)
class World:
    """`build` compiles the formats with overlays; `hub_gln` is the hub's own envelope address."""

    build: Callable[[Overlays], Mapping[str, Format]]
    hub_gln: str
    _context: tuple[int, Context] | None = None
    _formats: tuple[int, Overlays, Mapping[str, Format]] | None = None
    _lock: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def known(self, unit: Unit, today: date) -> tuple[Context, Mapping[str, Format]]:
        """As it stands when this transaction asks, or a moment later."""
        revision = await unit.partners.revision()
        if self._context is None or self._context[0] != revision:
            self._context = revision, await Context.load(unit, self.hub_gln, today)
        return replace(self._context[1], today=today), await self._written(unit, revision)

    async def formats(self, unit: Unit) -> Mapping[str, Format]:
        return await self._written(unit, await unit.partners.revision())

    async def _written(self, unit: Unit, revision: int) -> Mapping[str, Format]:
        """Compiled anew only when an overlay is another one: that costs a second."""
        async with self._lock:
            if self._formats is None or self._formats[0] != revision:
                overlays = await unit.partners.overlays()
                kept = self._formats is not None and self._formats[1] == overlays
                formats = self._formats[2] if self._formats is not None and kept else self.build(overlays)
                self._formats = revision, overlays, formats
            return self._formats[2]
