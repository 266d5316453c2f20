"""Time-phased documents of any size: each line is judged and mapped when it ends, and then forgotten.

The head of the document is judged with the first line, as the schema wants it; what stands behind or between lines and
is none is refused. Up to `HELD` lines make one Reading; a document that breaks off within them is rejected whole. Of a
longer one the blocks before the break were read already: its Closing says that it is rejected.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from copy import deepcopy
from dataclasses import dataclass
from itertools import chain
from typing import Any, cast

from lxml import etree

from adapters.xml.door import Parser, Refused, check_costs, no_doctype, refuse
from adapters.xml.frame import FrameTable, Rows
from adapters.xml.quick import Kind, Line, Quick, utf8
from adapters.xml.read import Reader
from adapters.xml.report import Report, short
from adapters.xml.unmapped import tell_unmapped
from adapters.xml.validate import Judge, Judging, judged
from hub.errors import Finding
from hub.model.exchange import Document, Event, Status

HELD = 5_000
"""So many lines make one Reading."""


@dataclass(slots=True)
class Lines(Reader):
    """Reads a document line by line."""

    root: etree._Element | None = None
    judged: Sequence[Judging] = ()
    rows: Rows | None = None
    header: Any = None
    notes: Report | None = None
    number: int = 0
    above: int = 0
    last: etree._Element | None = None
    quick: Quick | None = None
    beside: bytes = b""
    plain: bool = True
    quiet: int = 0

    def events(self) -> Iterator[Event]:
        """Everything in the file, in order."""
        try:
            yield from self._lines()
        except Refused as refused:
            yield from self.refused(refused.finding)

    def _lines(self) -> Iterator[Event]:
        frame = self._frame()
        parser = Parser(only=frame.line)
        head = next(self.pieces, b"")
        self.plain = utf8(head)
        for chunk in chain((head,), self.pieces):
            self.quiet += len(chunk)
            if self.quick:
                self.quick.feed(chunk)
            elif self.plain:
                self.beside += chunk
            ended = [node for _, node in parser.feed(chunk)]
            if ended:
                yield from self._take([node for node in ended if self._is_line(node)])
            self._check()
        root = parser.close()
        yield from self._end(root)

    def _is_line(self, node: etree._Element) -> bool:
        """Whether this is a line of the document, and not an element of that name further inside."""
        above = node.getparent()
        if self.root is None and above is not None and above.getparent() is None:
            no_doctype(above)
            self.root = above
        return above is self.root

    def _frame(self) -> FrameTable:
        table = self.table or self.standard.tables.find(None, self.identity.message)
        assert table is not None  # noqa: S101  (read() chose this reader by that table)
        assert table.frame is not None  # noqa: S101  (such a table has one)
        return table.frame

    # -- the head --------------------------------------------------------------------------------------------------

    def _begin(self, root: etree._Element, first: etree._Element | None) -> Iterator[Event]:
        """The head is complete: who sends it, and is it right?"""
        self.quiet = 0
        yield self.open(root)
        assert self.table is not None  # noqa: S101  (the head was read by it)
        frame = self._frame()
        self.notes = self.report()
        self.judged = self.judges()
        heads = list(root) if first is None else list(root)[:root.index(first)]
        self.above = len(heads)
        bare = etree.Element(root.tag, dict(root.attrib), nsmap=root.nsmap)
        bare.extend(deepcopy(kid) for kid in (*heads, *(() if first is None else (first,))))
        check_costs(bare, self.limits)
        judged(self.judged, bare, self.notes, frame.line)
        self.header = self.table.part.read(bare, self.notes)
        for kid in bare:
            if kid.tag == frame.line:
                bare.remove(kid)
        tell_unmapped(bare, self.table, self.notes, self.told)
        self.rows = Rows(frame, bare, self.notes)
        self.rows.fresh = self._tell_unmapped

    def _tell_unmapped(self, line: etree._Element) -> None:
        assert self.table is not None  # noqa: S101  (the head was read by it)
        assert self.notes is not None  # noqa: S101  (they begin with the head)
        tell_unmapped(line, self.table, self.notes, self.told, (str(line.tag),))

    # -- the lines -------------------------------------------------------------------------------------------------

    def _take(self, lines: list[etree._Element]) -> Iterator[Event]:
        """The lines of one piece become rows; full blocks become a Reading."""
        if self.rows is None and lines:
            assert self.root is not None  # noqa: S101  (a line stands in it)
            yield from self._begin(self.root, lines[0])
        rows = self.rows
        if not lines or rows is None:
            return
        self.quiet = 0
        if self.quick is None:
            self.quick = self._follow(lines[0], rows)
        self.quick.cut()
        if self.quick.proved(len(lines)):
            self.number += len(lines)
        else:
            self.quick.take(self._judge(lines))
        self._forget(lines)
        if rows.count >= HELD:
            yield self._block(rows)

    def _judge(self, lines: list[etree._Element]) -> list[Line]:
        """Each line with its number and what becomes of it."""
        first = self.number + 1
        self.number += len(lines)
        if all(judge.schema.validate(line) for judge in self.judged for line in lines):
            return [(line, number, Kind.PLAIN) for number, line in enumerate(lines, first)]
        return [(line, number, self._kind(line, number)) for number, line in enumerate(lines, first)]

    def _kind(self, line: etree._Element, number: int) -> Kind:
        assert self.notes is not None  # noqa: S101  (they begin with the head)
        self.notes.numbers[str(line.tag)] = number
        if all(judge.schema.validate(line) for judge in self.judged):
            return Kind.PLAIN
        check_costs(line, self.limits)
        return Kind.CHANGED if judged(self.judged, line, self.notes) else Kind.ASIDE

    def _follow(self, first: etree._Element, rows: Rows) -> Quick:
        """The text beside the tree, from where the document begins."""
        prefix = f"{first.prefix}:" if first.prefix else ""
        alone = self.judged[0] if len(self.judged) == 1 else None
        quick = Quick(self._frame(), rows, (prefix + etree.QName(first).localname).encode(),
                      alone if isinstance(alone, Judge) else None)
        if self.plain:
            quick.feed(self.beside)
        else:
            quick.stop()
        self.beside = b""
        return quick

    def _forget(self, lines: list[etree._Element]) -> None:
        """Take finished lines out of the tree, but for the last one: the parser may still hold on to it."""
        assert self.root is not None  # noqa: S101  (a line stands in it)
        done = lines[:-1] if self.last is None else [self.last, *lines[:-1]]
        stray = next((line for line in done if line.tail and line.tail.strip()), None)
        if stray is not None:
            raise self._stray_text(stray)
        if self.last is not None:
            self.root.remove(self.last)
        self.last = lines[-1]
        for line in lines[:-1]:
            line.clear()
        if len(lines) > 1:
            start, end = self.root.index(lines[0]), self.root.index(lines[-1])
            if end - start == len(lines) - 1:
                del self.root[start:end]
            else:  # something stands between them: it stays, to be told
                for line in lines[:-1]:
                    self.root.remove(line)

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

    def _stray_text(self, line: etree._Element) -> Refused:
        text, name = (line.tail or "").strip()[:80], short(self._frame().line, self.standard.tables.prefixes)
        return refuse("NOT-EXPECTED", line.sourceline, f"/{self.identity.message}", text,
                      item="a text between the lines", expected=name)

    # -- the end ---------------------------------------------------------------------------------------------------

    def _end(self, root: etree._Element) -> Iterator[Event]:
        if self.rows is None:
            no_doctype(root)
            yield from self._begin(root, None)
        stray = next((kid for kid in root[self.above:] if kid.tag != self._frame().line), None)
        if stray is not None:
            raise self._stray(stray)
        if self.last is not None and (self.last.tail or "").strip():
            raise self._stray_text(self.last)
        assert self.rows is not None  # noqa: S101  (they begin with the first line)
        if self.rows.count or not self.verdicts:
            yield self._block(self.rows)
        yield self.close(self._torn())

    def _torn(self) -> tuple[Finding, ...]:
        """What there is to say where one part was taken and another rejected, and the partner wants all or nothing."""
        outcomes = {verdict.status is Status.REJECTED for verdict in self.verdicts}
        if len(outcomes) < 2 or self.guide.policy != "reject":
            return ()
        return (refuse("PARTS", path=f"/{self.identity.message}").finding,)

    def _block(self, rows: Rows) -> Event:
        """What was collected so far, as one Reading."""
        assert self.notes is not None  # noqa: S101  (they begin with the head)
        found, count, lines = self.notes.take(), rows.count, rows.frame()
        document = None if self.header is None else cast(Document, self._frame().document(self.header, lines))
        reading = self.make(document, found, count)
        self.notes.transaction = len(self.verdicts) + 1
        return reading
