"""A time-phased GS1 document, place by place: each is judged within the document's head, becomes rows, and is gone.

A place may hold many rows, so one with a fault is told of and read as far as it can be.
"""

from __future__ import annotations

from collections.abc import Sequence
from copy import deepcopy
from dataclasses import dataclass, field
from typing import Any, cast

from lxml import etree

from adapters.xml.codecs import bucket_of
from adapters.xml.frame import SHAPES_KEPT, Column, FrameTable
from adapters.xml.gs1_shape import mark, unfold
from adapters.xml.overlooked import tell_overlooked, tell_overlooked_rows
from adapters.xml.place import below
from adapters.xml.report import Report
from adapters.xml.table import Table
from adapters.xml.unmapped import tell_unmapped
from adapters.xml.validate import Judging, judged
from hub.model.exchange import Document, Status
from hub.model.late import polars as pl

Told = set[tuple[str, ...]]


@dataclass(slots=True)
class Growing:
    """A document whose lines are still coming. `head` is it without them, in the message that judges it; `above` counts
    the elements before its lines where it grows."""

    table: Table
    frame: FrameTable
    head: etree._Element
    above: int
    judges: Sequence[Judging]
    report: Report
    told: Told
    header: Any = None
    number: int = 0
    count: int = 0
    """Lines so far, and rows since the last part."""
    shared: dict[str, Any] = field(default_factory=dict)
    values: dict[str, list[Any]] = field(default_factory=dict)
    shapes: set[tuple[str, ...]] = field(default_factory=set)
    outcomes: list[Status] = field(default_factory=list)
    """Of its parts."""

    def begin(self, first: etree._Element | None) -> None:
        """Judge and read the head; the schema wants a line after it, and `first` is told of later."""
        if first is not None:
            self.head.append(deepcopy(first))
        judged(self.judges, self.head, self.report, self.frame.line)
        for line in self.head.findall(self.frame.line):
            self.head.remove(line)
        message, unread = cast(etree._Element, self.head.getparent()), deepcopy(self.head)
        message.replace(self.head, unread)
        unfold(unread)
        self.header = self.table.part.read(unread, self.report)
        tell_overlooked(self.table.part, unread, self.report, self.told)
        tell_unmapped(unread, self.table, self.report, self.told)
        depth = len(self.frame.path)
        self.shared = {c.name: c.slot.read(unread, self.report, {}) for c in self.frame.columns if c.climb == depth}
        self.values = {c.name: [] for c in self.frame.columns}
        message.replace(unread, self.head)

    def take(self, line: etree._Element, several: bool) -> None:
        """One line, moved out of where it came from; `several`: it is not the only one."""
        self.number += 1
        if several or self.number > 1:
            self.report.numbers[self.frame.line] = self.number
        self.head.append(line)
        judged(self.judges, self.head, self.report, only=self.frame.line)
        mark(line)
        self._rows(line)
        tell_overlooked_rows(self.frame, self.head, self.report, self.told)
        self._tell_unmapped(line)
        self.head.remove(line)

    def _tell_unmapped(self, line: etree._Element) -> None:
        shape = tuple(str(node.tag) for node in line.iter())
        if shape not in self.shapes:
            if len(self.shapes) < SHAPES_KEPT:
                self.shapes.add(shape)
            tell_unmapped(line, self.table, self.report, self.told, (self.frame.line,))

    def _rows(self, line: etree._Element) -> None:
        """The rows of a line; what stands around several of them is read once."""
        depth = len(self.frame.path)
        last: list[etree._Element] = []
        said = dict(self.shared)
        for row in below(line, self.frame.path[1:]):
            around = [row]
            while around[-1] is not line:
                around.append(cast(etree._Element, around[-1].getparent()))
            for column in self.frame.columns:
                at = column.climb
                if at < depth and not (last and around[at] is last[at]):
                    said[column.name] = column.slot.value(around[at], self.report)
                self.values[column.name].append(said[column.name])
            last = around
            self.count += 1

    def part(self) -> Document | None:
        """What was collected since the last part; None where the head cannot be read."""
        schema, count, values = self.frame.document.SCHEMA, self.count, self.values
        for column in self.frame.columns:
            if column.derived:
                values[column.name] = _derived(column, values, count)
        columns = {name: values.get(name, [self.frame.constants.get(name)] * count) for name in schema}
        lines = pl.DataFrame(columns, schema=schema)
        self.values, self.count = {c.name: [] for c in self.frame.columns}, 0
        return None if self.header is None else cast(Document, self.frame.document(self.header, lines))


def _derived(column: Column, values: dict[str, list[Any]], count: int) -> list[Any]:
    nothing = [None] * count
    return [word if word is not None else bucket_of(first, last) for word, first, last in zip(
        values[column.name], values.get("start", nothing), values.get("end", nothing), strict=True)]
