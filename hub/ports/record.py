"""What happened and who did it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from hub.model.event import HubEvent


class Events(Protocol):
    """What happened, numbered in the order of its commits. Messages, orders and exceptions that change make events by
    themselves, whatever changed them."""

    async def publish(self, events: Iterable[HubEvent]) -> None: ...

    async def list(
        self, *, after: int = 0, limit: int = 100, about: str | None = None
    ) -> list[tuple[int, HubEvent]]:
        """`about`: the first word of the type, for example "order"."""

    async def bounds(self) -> tuple[int, int]:
        """The number of the newest event, and of the last one that is kept no more."""

    async def rung(self, after: int) -> Sequence[tuple[int, str]]:
        """Numbers of events behind `after`, each with a partner that it is for."""

    async def forget(self, before: datetime) -> int:
        """Keep no events from before then; how many there were."""


@dataclass(frozen=True, slots=True)
class AuditProof:
    """An unbroken trail: how many entries, and the digest of the last one, which vouches for all."""

    entries: int
    head: str


class Audit(Protocol):
    async def record(self, actor: str, action: str, subject: str, detail: Mapping[str, Any]) -> None:
        """Append one entry with this transaction; a moment later it is chained by hash to the one before it."""

    async def note(self, entries: Sequence[Mapping[str, Any]]) -> None:
        """Append what was read: at (ISO 8601), actor, action, subject. For whoever is calling (`door(None)`)."""

    async def seal(self) -> int:
        """Chain what waits to be chained; how many entries."""

    async def verify(self) -> int:
        """Seal, then walk the chain; the number of entries. Raises Stop at the first broken link."""

    async def proof(self) -> AuditProof:
        """Like `verify`, with the digest that the chain has come to."""

    async def holds(self, head: str) -> bool:
        """Whether the chain once ended with this digest: if not, its end was cut off."""
