"""One message too long for a block: cut between its loops, each piece read as if it were the whole message.

A piece is the message's head, what is open of the loop around the cut (its segments before the first loop inside), some
loops and the message's tail: a message in itself, with the same order and the same rules. What holds only for the
whole - how many loops there may be, what is counted, how many segments there are - is added up and looked at in the
end. So a message of any length needs the memory of its bytes, of one piece and of what came of it. A piece in which
single segments are odd, but in their right order, is read `apart` from the others, the careful way.
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
from adapters.mapping.columns.notes import Note
from adapters.mapping.columns.seam import Seam, seams
from adapters.mapping.columns.table import Table
from adapters.mapping.columns.trusted import changed
from adapters.mapping.report import Report
from hub.errors import Finding
from hub.model.bulk import Bulk
from hub.model.line_aside import LineAside

SIZE = 768 * 1024
FINE = 48 * 1024
"""An odd piece that is longer is cut into such pieces: few of them are odd."""
FRAME = 64 * 1024
"""A head, tail or open loop that is longer makes pieces of which too little is new."""
MOST_TAIL = 1 << 24
"""Bytes behind the beginning of the last loop that are looked through for its end."""

Seek = Callable[[bytes, int, int, bool], int]
"""The place of the terminator before the first segment of a name between two places, or before the last; -1."""


@dataclass(slots=True)
class Whole:
    """A message that was put together again. `offsets`: the place in it of each segment with a note; `name`: the field
    that its pieces share out, "" where that is rows. `report`: what is told of pieces that were read apart."""

    name: str
    segments: int
    documents: list[Any] = field(default_factory=list)
    notes: list[Note] = field(default_factory=list)
    offsets: dict[int, int] = field(default_factory=dict)
    report: Report | None = None

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


@dataclass(frozen=True, slots=True)
class Frame:
    """What stands around the loops: bytes and numbers of segments; `stop` is where the tail begins."""

    head: bytes
    tail: bytes
    before: int
    behind: int
    stop: int


@dataclass(frozen=True, slots=True)
class Open:
    """What is open of a top loop where a piece begins: the bytes and number of its segments before the first inner
    loop, how many of those there were, and the number of its first segment in the message."""

    content: bytes = b""
    segments: int = 0
    loops: int = 0
    first: int = 0


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
            block = Block(frame.head + open_.content + self.content[at:stop] + frame.tail, self.signs)
            batch = self._batch(block)
            tables = batch.whole if batch else {}
            following = self._following(tables, block, open_) if tables else None
            if batch is None or following is None or self._early(tables, block):
                return None
            if batch.odd[0] and stop - at > 2 * FINE and least > FINE:
                least, odd_until = FINE, stop
                continue
            if following.segments and not following.loops and stop < frame.stop:
                least = stop - at + 1  # what is open says something of its loops: it is read with one of them first
                continue
            if batch.odd[0] and not self._read_apart(batch, block, open_, at, stop):
                return None
            self._add(batch, tables, block, open_, at, stop)
            at, open_ = stop, following
            least = FINE if at < odd_until else SIZE
        if not tables or self.totals.get(self.seam.top.id, 0) > self.seam.top.limit:
            return None
        if self.mapped and not self.quick.counts_are(tables, self.totals):
            return None
        self.whole.notes.sort(key=lambda note: note.segment)
        return self.whole

    def _batch(self, block: Block) -> Batch | None:
        """A piece, None when its segments are not in order."""
        odd = np.array([bool(len(block.strange)) or block.doubtful])
        owner = np.zeros(len(block.first), dtype=np.int64)
        batch = self.quick.read(block, owner, owner[:1], odd, self.mapped, True)
        self.elsewhere = not self.seam.elsewhere.isdisjoint(batch.whole)
        return batch if batch.whole and not self.elsewhere else None

    def _read_apart(self, batch: Batch, block: Block, open_: Open, at: int, stop: int) -> bool:
        """Read an odd piece segment by segment; whether that can be done for it alone."""
        if self.mapped and not self.quick.fixed_are(batch.whole):
            return False
        found = self.apart.read(self._span(block, open_, at, stop))
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

    def _span(self, block: Block, open_: Open, at: int, stop: int) -> Span:
        frame, top, inner = self.frame, self.seam.top, self.seam.inner
        count, begin, known = len(block.first), frame.before + open_.segments, self.whole.segments - frame.behind
        numbers = [*range(1, frame.before + 1), *range(open_.first, open_.first + open_.segments)]
        numbers += range(known + 1, known + 1 + count - begin)
        first = 1 if at == len(frame.head) else known + 1
        last = numbers[-1] if stop == frame.stop else numbers[-1] - frame.behind
        before = {top.id: self.totals.get(top.id, 0), inner.id: open_.loops} if inner is not top else {
            top.id: self.totals.get(top.id, 0)}
        place = at - len(frame.head) - len(open_.content)

        def offset_of(number: int) -> int:
            here = number if number <= frame.before else number - known + begin
            inside = here > begin
            return self.base + block.origin(int(block.begin[here - 1])) + (place if inside else 0)

        return Span(block.content, numbers, range(first, last + 1), before if first > 1 else {}, offset_of)

    def _early(self, tables: dict[int, Table], block: Block) -> bool:
        """Whether something that belongs behind the loops stands among them: alone, a piece would not see it."""
        behind = len(block.first) - self.frame.behind
        return any(table.rows and int(table.at[0]) < behind for id, table in tables.items() if id > self.seam.top.last)

    def _following(self, tables: dict[int, Table], block: Block, open_: Open) -> Open | None:
        """What is open behind a piece; None where there are too many loops in one, or too much is open."""
        top, inner = self.seam.top, self.seam.inner
        if inner is top:
            return open_
        around, loops = tables[top.id], tables.get(inner.id)
        counts = np.bincount(loops.parents if loops else np.zeros(0, dtype=np.int64), minlength=around.rows)
        counts[0] += open_.loops
        if int(counts.max()) > inner.limit:
            return None
        first = int(around.at[-1])
        stop = int(loops.at[np.searchsorted(loops.at, first)]) if loops and counts[-1] and loops.at[-1] > first else 0
        stop = stop or len(block.first) - self.frame.behind
        begin = block.origin(int(block.end[first - 1]))
        content = block.content[begin : block.origin(int(block.end[stop - 1]))]
        number = first + 1 - self.frame.before
        known = number <= open_.segments
        number += open_.first - 1 if known else self.whole.segments - self.frame.behind - open_.segments
        return Open(content, stop - first, int(counts[-1]), number) if len(content) <= FRAME else None

    def _add(self, batch: Batch, tables: dict[int, Table], block: Block, open_: Open, at: int, stop: int) -> None:
        frame, whole, top = self.frame, self.whole, self.seam.top
        begin = frame.before + open_.segments
        for id, table in tables.items():
            again = int(((table.at >= frame.before) & (table.at < begin)).sum()) if open_.segments else 0
            rows = table.rows - again
            self.totals[id] = rows + (self.totals.get(id, 0) if top.id <= id <= top.last else 0)
        whole.documents += batch.documents or ()
        count = len(block.first)
        shift = whole.segments - frame.behind - begin
        for note in batch.notes.get(0, ()):
            behind = note.segment > count - frame.behind
            if (note.node, note.places) in self.told or (behind and stop < frame.stop):
                continue
            self.told.add((note.node, note.places))
            inside = note.segment > begin
            number = note.segment + (shift if inside else 0)
            place = block.origin(int(block.begin[note.segment - 1]))
            whole.notes.append(Note(number, note.node, note.places))
            whole.offsets[number] = place + (at - len(frame.head) - len(open_.content) if inside else 0)
        whole.segments += count - begin - frame.behind


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
