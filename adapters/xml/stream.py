"""Time-phased documents of any size: each line is judged and mapped when it ends, and then forgotten.

The head of the document is judged with the first line, as the schema wants it; what stands behind or between lines and
is none is refused. Up to `HELD` lines make one Reading; a document that breaks off within them is rejected whole. Of a
longer one the blocks before the break were read already: its Closing says that it is rejected.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from copy import deepcopy
from dataclasses import dataclass, field
from typing import Any, cast

import polars as pl
from lxml import etree

from adapters.xml.door import Parser, Refused, check_costs, no_doctype, refuse
from adapters.xml.frame import FrameTable, Rows
from adapters.xml.read import Reader
from adapters.xml.report import Report, short
from adapters.xml.unmapped import tell_unmapped
from adapters.xml.validate import Judge
from hub.errors import Finding
from hub.model.exchange import Document, Event

HELD = 50_000
"""So many lines make one Reading."""
BLOCK = 5_000
"""So many lines are Python values at a time; then they become a frame."""


@dataclass(slots=True)
class Lines(Reader):
    """Reads a document line by line."""

    root: etree._Element | None = None
    judged: Sequence[Judge] = ()
    rows: Rows | None = None
    header: Any = None
    notes: Report | None = None
    frames: list[pl.DataFrame] = field(default_factory=list)
    held: int = 0
    number: int = 0
    above: int = 0
    waiting: list[etree._Element] = field(default_factory=list)
    quiet: int = 0

    def events(self) -> Iterator[Event]:
        """Everything in the file, in order."""
        try:
            yield from self._lines()
        except Refused as refused:
            yield from self.refused(refused.finding)

    def _lines(self) -> Iterator[Event]:
        frame = self._frame()
        uri = self.standard.tables.namespaces(self.identity.message)[""]
        tag = f"{{{uri}}}{self.identity.message}"
        parser = Parser((tag, frame.line))
        for chunk in self.pieces:
            self.quiet += len(chunk)
            for event, node in parser.feed(chunk):
                if event == "start":
                    if self.root is None:
                        no_doctype(node)
                        self.root = node
                elif node.getparent() is self.root and node.tag == frame.line:
                    yield from self._line(node)
            self._check()
            self._forget()
        parser.close()
        yield from self._end()

    def _frame(self) -> FrameTable:
        table = self.table or self.standard.tables.find(None, self.identity.message)
        assert table is not None  # noqa: S101  (read() chose this reader by that table)
        assert table.frame is not None  # noqa: S101
        return table.frame

    # -- the head --------------------------------------------------------------------------------------------------

    def _begin(self, root: etree._Element, first: etree._Element | None) -> Iterator[Event]:
        """The head is complete: who sends it, and is it right?"""
        self.quiet = 0
        yield self.open(root)
        assert self.table is not None  # noqa: S101
        frame = self._frame()
        self.notes = self.report()
        self.judged = self.judges()
        heads = [kid for kid in root if kid.tag != frame.line]
        self.above = len(heads)
        bare = etree.Element(root.tag, dict(root.attrib), nsmap=root.nsmap)
        bare.extend(deepcopy(kid) for kid in (*heads, *(() if first is None else (first,))))
        check_costs(bare, self.limits)
        for judge in self.judged:
            judge.holds(bare, self.notes, frame.line)
        self.header = self.table.part.read(bare, self.notes)
        for kid in bare:
            if kid.tag == frame.line:
                bare.remove(kid)
        tell_unmapped(bare, self.table.known, self.notes, self.told)
        self.rows = Rows(frame, bare, self.notes)
        self.rows.fresh = self._tell_unmapped

    def _tell_unmapped(self, line: etree._Element) -> None:
        assert self.table is not None  # noqa: S101
        assert self.notes is not None  # noqa: S101
        tell_unmapped(line, self.table.known, self.notes, self.told, (str(line.tag),))

    # -- the lines -------------------------------------------------------------------------------------------------

    def _line(self, line: etree._Element) -> Iterator[Event]:
        if self.rows is None or self.notes is None:
            assert self.root is not None  # noqa: S101
            yield from self._begin(self.root, line)
        rows, notes = self.rows, self.notes
        assert rows is not None  # noqa: S101
        assert notes is not None  # noqa: S101
        self.quiet = 0
        self.number += 1
        self.waiting.append(line)
        notes.above = (str(line.tag), self.number)
        if all(judge.schema.validate(line) or self._mended(judge, line, notes) for judge in self.judged):
            rows.take(line)
            if rows.count >= BLOCK:
                self.held += rows.count
                self.frames.append(rows.frame())
                if self.held >= HELD:
                    yield self._block()

    def _mended(self, judge: Judge, line: etree._Element, notes: Report) -> bool:
        """Whether a line that is not valid is so when what a later version brought is left out."""
        check_costs(line, self.limits)
        return judge.holds(line, notes)

    def _check(self) -> None:
        """After each piece. Raises Refused."""
        limit = self.limits.line if self.rows is not None else self.limits.tree
        if self.quiet > limit:
            what = "One line" if self.rows is not None else "What stands before the lines"
            raise refuse("LIMIT", what=what, limit=f"{limit} bytes")
        if self.root is not None and self.rows is not None:
            stray = [kid for kid in self.root[self.above:] if kid.tag != self._frame().line]
            if stray and stray[0].getnext() is not None:
                raise self._stray(stray[0])

    def _stray(self, node: etree._Element) -> Refused:
        prefixes = self.standard.tables.prefixes
        name, line = short(str(node.tag), prefixes), short(self._frame().line, prefixes)
        return refuse("NOT-EXPECTED", node.sourceline, f"/{self.identity.message}/{name}", name, item=name,
                      expected=line)

    def _forget(self) -> None:
        """Take finished lines out of the tree, but for the last one: the parser may still hold on to it."""
        for line in self.waiting[:-1]:
            above = line.getparent()
            if above is not None:
                above.remove(line)
        del self.waiting[:-1]

    # -- the end ---------------------------------------------------------------------------------------------------

    def _end(self) -> Iterator[Event]:
        if self.root is None:
            raise refuse("CUT-OFF", 1, reason="there is no element")
        if self.rows is None:
            yield from self._begin(self.root, None)
        stray = next((kid for kid in self.root[self.above:] if kid.tag != self._frame().line), None)
        if stray is not None:
            raise self._stray(stray)
        assert self.rows is not None  # noqa: S101
        self.held += self.rows.count
        self.frames.append(self.rows.frame())
        if self.held or not self.verdicts:
            yield self._block()
        yield self.close()

    def _block(self) -> Event:
        """What was collected so far, as one Reading."""
        assert self.notes is not None  # noqa: S101
        frame, count = self._frame(), self.held
        found: tuple[Finding, ...] = self.notes.take()
        lines = pl.concat(self.frames) if len(self.frames) > 1 else self.frames[0]
        self.frames, self.held = [], 0
        document = None if self.header is None else cast(Document, frame.document(self.header, lines))
        reading = self.make(document, found, count)
        self.notes.transaction = len(self.verdicts) + 1
        return reading
