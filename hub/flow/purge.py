"""Files are kept as long as was agreed, then their content goes, and what proves them stays.

What stays of a message for ever: who sent what to whom and when, its length and SHA-256, its control numbers, how it
was answered (acknowledgements, receipts as they were signed), its documents' numbers, and what was purged, when and by
which agreement. So a repeat is still known as one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import get_args

from hub.model.retention import Kept
from hub.ports import Clock, Due, Units

BATCH = 500
"""Messages in one transaction."""


@dataclass(slots=True)
class Purged:
    """Of one kind: how many messages, the bytes of their files, and the first and last day on which they came."""

    what: Kept
    messages: int = 0
    length: int = 0
    first: str | None = None
    last: str | None = None

    def take(self, due: Sequence[Due]) -> None:
        days = [f"{one.received_at:%Y-%m-%d}" for one in due]
        self.messages += len(due)
        self.length += sum(one.length for one in due)
        self.first = min(filter(None, [self.first, *days]), default=None)
        self.last = max(filter(None, [self.last, *days]), default=None)


async def purge(units: Units, clock: Clock, *, dry_run: bool = False, actor: str = "hub") -> list[Purged]:
    """Purge what is over its time, batch by batch; with `dry_run` only say what that would be."""
    return [await _purge(units, clock, what, dry_run, actor) for what in get_args(Kept)]


async def _purge(units: Units, clock: Clock, what: Kept, dry_run: bool, actor: str) -> Purged:
    found, after = Purged(what), None
    while True:
        async with units.worker() as unit:
            due = await unit.retention.due(what, clock.now(), BATCH, after)
            if due and not dry_run:
                count = await unit.retention.purge(due)
                await unit.audit.record(actor, "message.purged", what, {
                    "messages": count, "first": due[0].message, "last": due[-1].message})
        found.take(due)
        if len(due) < BATCH:
            return found
        after = due[-1].message
