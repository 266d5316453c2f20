"""Files are kept as long as was agreed, then their content goes, and what proves them stays.

What stays of a message for ever: who sent what to whom and when, its length and SHA-256, its control numbers, how it
was answered (acknowledgements, receipts as they were signed), its documents' numbers, and what was purged, when and by
which agreement. So a repeat is still known as one. The hub's books have their own times: of an order its number, sides,
dates, state and happenings stay, of a plan who made it when and for which weeks, and of each page that went a digest.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import get_args

from hub.model.retention import Book, Kept
from hub.ports import Clock, Due, DueBook, Units

BATCH = 500
"""Messages in one transaction."""


@dataclass(slots=True)
class Purged:
    """Of one kind: how many messages, orders, weeks of a measure or versions of plans; the bytes of the files, or the
    numbers on those pages; and the first and last day on which they came."""

    what: Kept | Book
    count: int = 0
    length: int = 0
    first: str | None = None
    last: str | None = None

    def take(self, due: Sequence[Due]) -> None:
        self._add([one.received_at for one in due], sum(one.length for one in due))

    def close(self, due: Sequence[DueBook]) -> None:
        self._add([one.at for one in due], sum(one.rows for one in due))

    def _add(self, moments: Sequence[datetime], length: int) -> None:
        days = [f"{moment:%Y-%m-%d}" for moment in moments]
        self.count += len(days)
        self.length += length
        self.first = min(filter(None, [self.first, *days]), default=None)
        self.last = max(filter(None, [self.last, *days]), default=None)


async def purge(units: Units, clock: Clock, *, dry_run: bool = False, actor: str = "hub") -> list[Purged]:
    """Purge what is over its time, batch by batch; with `dry_run` only say what that would be."""
    files = [await _purge(units, clock, what, dry_run, actor) for what in get_args(Kept)]
    return files + [await _close(units, clock, what, dry_run, actor) for what in get_args(Book)]


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


async def _close(units: Units, clock: Clock, what: Book, dry_run: bool, actor: str) -> Purged:
    found, after = Purged(what), None
    while True:
        async with units.worker() as unit:
            due = await unit.retention.books(what, clock.now(), BATCH, after)
            if due and not dry_run:
                count = await unit.retention.purge_books(due)
                await unit.audit.record(actor, "books.purged", what, {
                    "pages": count, "first": due[0].key, "last": due[-1].key})
        found.close(due)
        if len(due) < BATCH:
            return found
        after = due[-1].key
