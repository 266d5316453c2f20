"""One message too long for a block: cut between its loops, each piece read as if it were the whole message.

A piece is the message's head, what is open of the loop around the cut (its segments before the first loop inside), some
loops and the message's tail: a message in itself, with the same order and the same rules. What holds only for the
whole - how many loops there may be, what is counted, how many segments there are - is added up and looked at in the
end. So a message of any length needs the memory of its bytes, of one piece and of what came of it. A piece with wrong
elements is read by columns all the same, and those are told; where columns cannot say what comes of them, it is read
`apart` from the others, the careful way.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import chain
from typing import Any

import numpy as np

from adapters.mapping.columns.apart import Apart, Span
from adapters.mapping.columns.block import Array, Block, Signs
from adapters.mapping.columns.engine import Batch, Engine
from adapters.mapping.columns.faulty import Faults, Unplain, counts_of
from adapters.mapping.columns.notes import Note
from adapters.mapping.columns.piece import Frame, Open, Piece
from adapters.mapping.columns.seam import Seam, seams
from adapters.mapping.columns.table import Table
from adapters.mapping.columns.trusted import changed
from adapters.mapping.report import LIMIT, Report
from adapters.mapping.structure import Node
from adapters.mapping.telling import is_wrong
from adapters.mapping.walk import place_of, tell_faults
from hub.errors import Finding
from hub.model.bulk import Bulk
from hub.model.line_aside import LineAside

SIZE = 768 * 1024
FINE = 48 * 1024
"""A piece that is longer and that columns cannot read is cut into such pieces: few of them are like it."""
FRAME = 64 * 1024
"""A head, tail or open loop that is longer makes pieces of which too little is new."""
MOST_TAIL = 1 << 24
"""Bytes behind the beginning of the last loop that are looked through for its end."""

Seek = Callable[[bytes, int, int, bool], int]
"""The place of the terminator before the first segment of a name between two places, or before the last; -1."""


@dataclass(slots=True)
class Whole:
    """A message that was put together again. `offsets`: the place in it of its first segment and of each with a note;
    `name`: the field that its pieces share out, "" where that is rows. `report`: what is told of its pieces."""

    name: str
    segments: int
    documents: list[Any] = field(default_factory=list)
    notes: list[Note] = field(default_factory=list)
    offsets: dict[int, int] = field(default_factory=lambda: {1: 0})
    report: Report | None = None
    lost: bool = False
    """Whether a piece lacks what the document cannot do without."""

    def add(self, documents: Sequence[Any]) -> None:
        """Those of the next piece."""
        self.lost = self.lost or None in documents
        self.documents = [] if self.lost else [*self.documents, *documents]

    def document(self) -> Any:
        """The documents of all pieces as one: their frames, or their shares of a field, one after the other."""
        if not self.documents:
            return None
        first = self.documents[0]
        if isinstance(first, Bulk):
            return type(first)(_header(self.documents), tuple(chain.from_iterable(d.stretches for d in self.documents)))
        shares = (getattr(one, self.name) for one in self.documents)
        return changed(first, **{self.name: tuple(chain.from_iterable(shares))})

    def findings(self, notes: Sequence[Finding]) -> tuple[Finding, ...]:
        """What was told of pieces that were read apart, and the notes of all: as many as are told of one message."""
        if self.report is None:
            return tuple(notes)
        self.report.take(notes)
        return self.report.close()

    @property
    def legible(self) -> bool:
        return self.report is None or not self.report.illegible

    @property
    def complete(self) -> bool:
        return self.report is None or not self.report.incomplete


def read(
    quick: Engine, content: bytes, signs: Signs, seek: Seek, mapped: bool, apart: Callable[[], Apart]
) -> Whole | None:
    """The message, None when its segments are not in order or it cannot be cut. `apart` begins to read pieces of it the
    careful way."""
    if mapped and not quick.maps:
        return None
    for seam in seams(quick.message, quick.order):
        frame = _frame(quick, seam, content, signs, seek)
        pieces = _Pieces(quick, seam, frame, content, signs, mapped, apart()) if frame else None
        whole = pieces.read(seek) if pieces else None
        if whole or (pieces and not pieces.elsewhere):
            return whole
    return None


class _Pieces:
    """The pieces of one message, and what is added up of them."""

    def __init__(
        self, quick: Engine, seam: Seam, frame: Frame, content: bytes, signs: Signs, mapped: bool, apart: Apart
    ) -> None:
        self.quick, self.seam, self.frame, self.content, self.signs = quick, seam, frame, content, signs
        self.mapped, self.apart, self.base = mapped, apart, apart.report.base.offset or 0
        self.whole = Whole(seam.name, frame.before + frame.behind)
        self.totals: dict[int, int] = {}
        self.told: set[tuple[int, object]] = set()
        self.elsewhere = False
        """Whether it is only this seam that the message cannot be cut at."""

    def read(self, seek: Seek) -> Whole | None:
        tag, frame = self.seam.inner.tag.encode("ascii"), self.frame
        at, open_ = len(frame.head), Open()
        tables: dict[int, Table] = {}
        least, odd_until = SIZE, 0
        while at < frame.stop:
            stop = seek(tag, at + least, frame.stop, False) + 1 or frame.stop
            piece = self._piece(open_, at, stop)
            batch = self._batch(piece.block)
            tables = batch.whole if batch else {}
            following = self._following(tables, piece) if tables else None
            if batch is None or following is None or self._early(tables, piece):
                return None
            if following.segments and not following.loops and stop < frame.stop:
                least = stop - at + 1  # what is open says something of its loops: it is read with one of them first
                continue
            if batch.odd[0] and not self._read_despite(batch, piece):
                if stop - at > 2 * FINE and odd_until <= at:
                    least, odd_until = FINE, stop
                    continue
                if not self._read_apart(batch, piece):
                    return None
            self._add(batch, tables, piece)
            at, open_ = stop, following
            least = FINE if at < odd_until else SIZE
        if not tables or self.totals.get(self.seam.top.id, 0) > self.seam.top.limit:
            return None
        if self.mapped and not self.quick.counts_are(tables, self.totals):
            return None
        self.whole.notes.sort(key=lambda note: note.segment)
        return self.whole

    def _piece(self, open_: Open, at: int, stop: int) -> Piece:
        frame = self.frame
        block = Block(frame.head + open_.content + self.content[at:stop] + frame.tail, self.signs)
        return Piece(block, frame, open_, at, stop, self.whole.segments - frame.behind, self.base)

    def _batch(self, block: Block) -> Batch | None:
        """A piece, None when its segments are not in order."""
        odd = np.array([bool(len(block.strange)) or block.doubtful])
        owner = np.zeros(len(block.first), dtype=np.int64)
        batch = self.quick.read(block, owner, owner[:1], odd, self.mapped, True)
        self.elsewhere = not self.seam.elsewhere.isdisjoint(batch.whole)
        return batch if batch.whole and not self.elsewhere else None

    def _read_despite(self, batch: Batch, piece: Piece) -> bool:
        """Read a piece of which nothing but elements are odd, and tell those; whether that can be done by columns."""
        wrong, report = batch.wrong, self.apart.report
        if wrong is None or len(piece.block.strange) or piece.block.doubtful:
            return False
        try:
            faults = Faults(self.quick.message.plan, wrong.tables, wrong.spots, piece.is_new)
        except Unplain:
            return False
        piece.block.told = is_wrong(report) or faults.count > 0
        read = self.quick.read_despite(wrong) if self.mapped else Batch(batch.odd)
        if read is None:
            return False
        batch.documents, batch.notes = read.documents, read.notes
        self._tell(faults, piece)
        self.whole.report = report
        return True

    def _tell(self, faults: Faults, piece: Piece) -> None:
        """Tell what is wrong with the elements of a piece, as far as findings are told in full, and count the rest."""
        report, plan = self.apart.report, self.quick.message.plan
        report.hear(piece.new, piece.offset_of)
        total = report.total + faults.count
        for at, id, row in faults.places() if faults.count and report.total < LIMIT else ():
            node, number = plan.nodes[id], piece.number_of(at + 1)
            place = place_of(node, number, self._counts(node, row, faults.tables, piece))
            tell_faults(plan, report, node, number, faults.said(id, row), place)
            if report.total >= LIMIT:
                break
        report.total = total

    def _counts(self, node: Node, row: int, tables: dict[int, Table], piece: Piece) -> dict[int, int]:
        """How many of a node, and of each above it, there are so far in the message where a row of its table stands."""
        counts, top, inner = counts_of(node, row, tables), self.seam.top, self.seam.inner
        if top.id in counts and inner is not top and inner.id in counts and counts[top.id] == 1:
            counts[inner.id] += piece.open.loops
        if top.id in counts:
            counts[top.id] += self.totals.get(top.id, 0) - bool(piece.open.segments)
        return counts

    def _read_apart(self, batch: Batch, piece: Piece) -> bool:
        """Read an odd piece segment by segment; whether that can be done for it alone."""
        if self.mapped and not self.quick.fixed_are(batch.whole):
            return False
        found = self.apart.read(self._span(piece))
        if found is None:
            return False
        document, notes = found
        if self.seam.inner is not self.seam.top and self._said_above(document):
            return False
        batch.documents, batch.notes = [document] if self.mapped else None, {0: notes}
        self.whole.report = self.apart.report
        return True

    def _said_above(self, document: object) -> bool:
        """Whether something stands aside of a loop that goes on in another piece."""
        shape = self.quick.message.shape
        if shape is None or not isinstance(document, Bulk):
            return False
        deep = min(len(one.path) for one in (shape, *shape.others)) - 1
        return any(one.depth >= deep for one in document.header.asides)

    def _span(self, piece: Piece) -> Span:
        top, inner = self.seam.top, self.seam.inner
        before = {top.id: self.totals.get(top.id, 0)}
        if inner is not top:
            before[inner.id] = piece.open.loops
        counts = {} if piece.is_first else before
        return Span(piece.block.content, piece.numbers(), piece.new, counts, piece.offset_of)

    def _early(self, tables: dict[int, Table], piece: Piece) -> bool:
        """Whether something that belongs behind the loops stands among them: alone, a piece would not see it."""
        behind = (table for id, table in tables.items() if id > self.seam.top.last and table.rows)
        return any(int(table.at[0]) < piece.behind for table in behind)

    def _following(self, tables: dict[int, Table], piece: Piece) -> Open | None:
        """What is open behind a piece; None where there are too many loops in one, or too much is open."""
        top, inner = self.seam.top, self.seam.inner
        if inner is top:
            return piece.open
        around, loops = tables[top.id], tables.get(inner.id)
        counts = np.bincount(loops.parents if loops else np.zeros(0, dtype=np.int64), minlength=around.rows)
        counts[0] += piece.open.loops
        if int(counts.max()) > inner.limit:
            return None
        first = int(around.at[-1])
        stop = int(loops.at[np.searchsorted(loops.at, first)]) if loops and counts[-1] and loops.at[-1] > first else 0
        stop, block = stop or piece.behind, piece.block
        begin = block.origin(int(block.end[first - 1]))
        content = block.content[begin : block.origin(int(block.end[stop - 1]))]
        if len(content) > FRAME:
            return None
        return Open(content, stop - first, int(counts[-1]), piece.number_of(first + 1))

    def _add(self, batch: Batch, tables: dict[int, Table], piece: Piece) -> None:
        frame, whole, top = self.frame, self.whole, self.seam.top
        for id, table in tables.items():
            again = int(((table.at >= frame.before) & (table.at < piece.begin)).sum()) if piece.open.segments else 0
            rows = table.rows - again
            self.totals[id] = rows + (self.totals.get(id, 0) if top.id <= id <= top.last else 0)
        whole.add(batch.documents or ())
        for note in batch.notes.get(0, ()):
            behind = note.segment > piece.behind
            if (note.node, note.places) in self.told or (behind and not piece.is_last):
                continue
            self.told.add((note.node, note.places))
            number = piece.number_of(note.segment)
            whole.notes.append(Note(number, note.node, note.places))
            whole.offsets[number] = piece.place_of(note.segment)
        whole.segments += piece.behind - piece.begin


def _header(documents: Sequence[Bulk]) -> Any:
    """The header that all pieces have, with what each says aside of its lines."""
    header, offset = documents[0].header, 0
    told: list[LineAside] = []
    for one in documents:
        told += (aside if aside.first is None else changed(aside, first=aside.first + offset)
                 for aside in one.header.asides)
        offset += one.height
    told.sort(key=lambda aside: aside.first is None)
    return changed(header, asides=tuple(told)) if told else header


def _frame(quick: Engine, seam: Seam, content: bytes, signs: Signs, seek: Seek) -> Frame | None:
    """None where the first segment that looks like the inner loop is none, or where too much stands around them."""
    tag = seam.inner.tag.encode("ascii")
    first = seek(tag, 0, len(content), False) + 1
    if not first or first > FRAME:
        return None
    last = seek(tag, first - 1, len(content), True) + 1
    if len(content) - last > MOST_TAIL:
        return None
    head = bytes(content[:first])
    block, count = Block(head + content[last:], signs), len(Block(head, signs).first)
    node, wrong = quick.order.place(block)
    if len(block.strange) or block.doubtful or wrong.any() or node[count] != seam.inner.id:
        return None
    inside: Array = np.flatnonzero((node >= seam.top.id) & (node <= seam.top.last))
    begin, end = int(inside[0]), int(inside[-1])
    stop = last + block.origin(int(block.end[end])) - first
    if len(content) - stop > FRAME:
        return None
    head = head[: block.origin(int(block.end[begin - 1]))]
    return Frame(head, bytes(content[stop:]), begin, len(node) - end - 1, stop)
