"""One message too long for a block: cut between its loops, each piece read as if it were the whole message.

A piece is the message's head, what is open of the loop around the cut (its segments before the first loop inside), some
loops and the message's tail: a message in itself, with the same order and the same rules. What holds only for the
whole - how many loops there may be, what is counted, how many segments there are - is added up and looked at in the
end. So a message of any length needs the memory of its bytes, of one piece and of what came of it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import chain
from typing import Any

import numpy as np

from adapters.mapping.columns.block import Array, Block, Signs
from adapters.mapping.columns.engine import Batch, Engine
from adapters.mapping.columns.notes import Note
from adapters.mapping.columns.seam import Seam, seams
from adapters.mapping.columns.table import Table
from adapters.mapping.columns.trusted import changed
from hub.model.bulk import Bulk

SIZE = 768 * 1024
FRAME = 64 * 1024
"""A head, tail or open loop that is longer makes pieces of which too little is new."""
MOST_TAIL = 1 << 24
"""Bytes behind the beginning of the last loop that are looked through for its end."""

Seek = Callable[[bytes, int, int, bool], int]
"""The place of the terminator before the first segment of a name between two places, or before the last; -1."""


@dataclass(slots=True)
class Whole:
    """A message that was put together again. `offsets`: the place in it of each segment with a note; `name`: the field
    that its pieces share out, "" where that is rows."""

    name: str
    segments: int
    documents: list[Any] = field(default_factory=list)
    notes: list[Note] = field(default_factory=list)
    offsets: dict[int, int] = field(default_factory=dict)

    def document(self) -> Any:
        """The documents of all pieces as one: their frames, or their shares of a field, one after the other."""
        if not self.documents:
            return None
        first = self.documents[0]
        if isinstance(first, Bulk):
            return type(first)(first.header, tuple(chain.from_iterable(one.stretches for one in self.documents)))
        shares = (getattr(one, self.name) for one in self.documents)
        return changed(first, **{self.name: tuple(chain.from_iterable(shares))})


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
    loop, and how many of those there were."""

    content: bytes = b""
    segments: int = 0
    loops: int = 0


def read(quick: Engine, content: bytes, signs: Signs, seek: Seek, mapped: bool) -> Whole | None:
    """The message, None when it is odd or cannot be cut."""
    if mapped and not quick.maps:
        return None
    for seam in seams(quick.message, quick.order):
        frame = _frame(quick, seam, content, signs, seek)
        pieces = _Pieces(quick, seam, frame, content, signs, mapped) if frame else None
        whole = pieces.read(seek) if pieces else None
        if whole or (pieces and not pieces.elsewhere):
            return whole
    return None


class _Pieces:
    """The pieces of one message, and what is added up of them."""

    def __init__(self, quick: Engine, seam: Seam, frame: Frame, content: bytes, signs: Signs, mapped: bool) -> None:
        self.quick, self.seam, self.frame, self.content, self.signs = quick, seam, frame, content, signs
        self.mapped = mapped
        self.whole = Whole(seam.name, frame.before + frame.behind)
        self.totals: dict[int, int] = {}
        self.told: set[tuple[int, object]] = set()
        self.elsewhere = False
        """Whether it is only this seam that the message cannot be cut at."""

    def read(self, seek: Seek) -> Whole | None:
        tag, frame = self.seam.inner.tag.encode("ascii"), self.frame
        at, open_ = len(frame.head), Open()
        batch: Batch | None = None
        while at < frame.stop:
            stop = seek(tag, at + SIZE, frame.stop, False) + 1 or frame.stop
            block = Block(frame.head + open_.content + self.content[at:stop] + frame.tail, self.signs)
            batch = self._batch(block)
            following = None if batch is None else self._following(batch.tables, block, open_)
            if batch is None or following is None or self._early(batch.tables, block):
                return None
            self._add(batch, block, open_, at, stop)
            at, open_ = stop, following
        if batch is None or self.totals.get(self.seam.top.id, 0) > self.seam.top.limit:
            return None
        if self.mapped and not self.quick.counts_are(batch.tables, self.totals):
            return None
        self.whole.notes.sort(key=lambda note: note.segment)
        return self.whole

    def _batch(self, block: Block) -> Batch | None:
        """A piece, None when it is odd."""
        odd = np.array([bool(len(block.strange)) or block.doubtful])
        owner = np.zeros(len(block.first), dtype=np.int64)
        batch = self.quick.read(block, owner, owner[:1], odd, self.mapped, True)
        self.elsewhere = not self.seam.elsewhere.isdisjoint(batch.tables)
        return None if batch.odd[0] or self.elsewhere else batch

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
        return Open(content, stop - first, int(counts[-1])) if len(content) <= FRAME else None

    def _add(self, batch: Batch, block: Block, open_: Open, at: int, stop: int) -> None:
        frame, whole, top = self.frame, self.whole, self.seam.top
        begin = frame.before + open_.segments
        for id, table in batch.tables.items():
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
