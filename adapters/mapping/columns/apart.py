"""A piece of a long message in which something inside segments is odd: read segment by segment, and told with the
numbers that its segments have in the whole message."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from adapters.mapping.columns.notes import Note
from adapters.mapping.dialect import Row
from adapters.mapping.message import Message
from adapters.mapping.report import Report
from adapters.mapping.telling import is_wrong
from adapters.mapping.walk import Walk

Rows = Callable[[bytes], list[Row]]
"""The segments of a message between its header and its trailer."""


@dataclass(frozen=True, slots=True)
class Span:
    """A piece in its message: the number there of each of its segments, header and trailer among them, which of them
    are `new`, how many of a node (by id) there were before the new ones, and where a segment of the message begins."""

    content: bytes
    numbers: list[int]
    new: range
    counts: dict[int, int]
    offset_of: Callable[[int], int | None]


@dataclass(frozen=True, slots=True)
class Apart:
    """Reads such pieces of one message, one after the other; `report` collects what is told of all of them."""

    message: Message
    report: Report
    rows: Rows
    mapped: bool

    def read(self, span: Span) -> tuple[Any, list[Note]] | None:
        """The document of a piece (None where it lacks what it cannot do without) and its notes, which count segments
        as the piece does. None where a piece alone does not tell what the whole message would."""
        rows, report = self.rows(span.content), self.report
        if len(rows) + 2 != len(span.numbers):
            return None
        message, numbers = self.message, span.numbers
        plan = message.plan
        report.hear(span.new, span.offset_of)
        collected = message.shape.collect(report) if message.shape and self.mapped else None

        def tag_at(number: int) -> str:
            at = bisect_left(numbers, number)
            return rows[at - 1][0] if 0 < at <= len(rows) else ""

        walk = Walk(plan, report, tag_at, collected.take if collected else None, keeps=self.mapped)
        root = walk.run([plan.nodes[0].tag], _resumed(rows, span, walk), numbers[1:-1])
        if not self.mapped:
            return (None, []) if not report.unplaced else None
        notes = [Note(bisect_left(numbers, number) + 1, key[0], places)  # type: ignore[arg-type]  # its node comes first
                 for key, number in walk.seen.items() if (places := tuple(plan.left_over(key)))]
        told = is_wrong(report)
        document = collected.finish(root) if collected else message.part.read(root, report)
        return None if report.unplaced or (document is None and not told) else (document, notes)


def _resumed(rows: list[Row], span: Span, walk: Walk) -> Iterator[Row]:
    """The segments; before the first new loop the walk learns what had been counted."""
    again = bisect_left(span.numbers, span.new.start) - 1 if span.counts else 0
    yield from rows[:again]
    for node, count in span.counts.items():
        walk.counts[node] = count
    yield from rows[again:]
