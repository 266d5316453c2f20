"""One message too long for a block: cut between its top loops, each piece read as if it were the whole message.

A piece is the message's head, some of its top loops and its tail: a message in itself, with the same order and the same
rules. What holds only for the whole - how many top loops there may be, what is counted, how many segments there are -
is added up and looked at in the end. So a message of any length needs the memory of its bytes, of one piece and of what
came of it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from itertools import chain
from typing import Any

import numpy as np
import polars as pl

from adapters.mapping.columns.block import Block, Signs
from adapters.mapping.columns.engine import Batch, Engine
from adapters.mapping.columns.notes import Note
from adapters.mapping.columns.trusted import changed
from adapters.mapping.message import Message
from adapters.mapping.part import Part
from adapters.mapping.place import Place
from adapters.mapping.structure import Node
from hub.model.bulk import Bulk

SIZE = 256 * 1024
FRAME = 64 * 1024
"""A head and tail that are longer make pieces of which too little is new."""
MOST_TAIL = 1 << 24
"""Bytes behind the beginning of the last top loop that are looked through for its end."""

Seek = Callable[[bytes, int, int, bool], int]
"""The place of the terminator before the first segment of a name between two places, or before the last; -1."""


@dataclass(slots=True)
class Whole:
    """A message that was put together again. `offsets`: the place in it of each segment with a note."""

    segments: int
    documents: list[Any] = field(default_factory=list)
    notes: list[Note] = field(default_factory=list)
    offsets: dict[int, int] = field(default_factory=dict)

    def document(self, name: str) -> Any:
        """The documents of all pieces as one: their frames, or the fields `name`, one after the other."""
        first = self.documents[0]
        if isinstance(first, Bulk):
            return type(first)(first.header, pl.concat([one.lines for one in self.documents], rechunk=False))
        return changed(first, **{name: tuple(chain.from_iterable(getattr(one, name) for one in self.documents))})


@dataclass(frozen=True, slots=True)
class Frame:
    """What stands around the top loops: bytes and numbers of segments; `stop` is where the tail begins."""

    head: bytes
    tail: bytes
    before: int
    behind: int
    stop: int


def top_loop(message: Message) -> tuple[Node, str] | None:
    """The loop that a long message may be cut between, and the field it is for ("" for rows of a frame): the only one
    of its name, right below the message, with nothing inside that the message itself reads."""
    shape = message.shape
    part = shape.header if shape else message.part
    if message.tree or (shape and shape.others):
        return None
    if shape:
        found = [(shape.path[0], "")]
        levels = [slot for column in shape.columns for level, slot in column.slots if level == 0]
        places: list[Place] = [choice.place for slot in levels for choice in slot.choices]
    else:
        found = [(loop.ways[0][0].nodes[0], loop.name) for loop in part.loops if loop.many and _plain(loop.ways)]
        places = []
    if not found:
        return None
    top, name = max(found, key=lambda one: one[0].last - one[0].id)
    alone = sum(node.tag == top.tag for node in message.plan.nodes) == 1 and top.qualifier is None
    if not alone or top.parent is not message.plan.nodes[0] or sum(loop.name == name for loop in part.loops) > 1:
        return None
    inside = any(top in step.nodes for step in _first_steps(part, places, name))
    return None if inside else (top, name)


def _plain(ways: tuple[tuple[Any, ...], ...]) -> bool:
    """One way of one step to one node, whatever its qualifier."""
    return len(ways) == 1 and len(ways[0]) == 1 and len(ways[0][0].nodes) == 1 and ways[0][0].qualifier is None


def _first_steps(part: Part, places: list[Place], name: str) -> Iterator[Any]:
    """The first steps down of everything that the message reads, but for the field `name`."""
    slots = (choice.place for slot in part.slots for choice in slot.choices)
    runs = (place for run in part.pairs for place in run.places)
    for place in chain(places, slots, runs):
        yield from place.steps[:1]
    for loop in part.loops:
        for way in loop.ways if loop.name != name else ():
            yield from way[:1]


def read(quick: Engine, content: bytes, signs: Signs, seek: Seek, mapped: bool) -> Whole | None:
    """The message, None when it is odd or cannot be cut."""
    found = top_loop(quick.message)
    frame = _frame(quick, found[0], content, signs, seek) if found else None
    if found is None or frame is None or (mapped and not quick.maps):
        return None
    top = found[0]
    whole = Whole(frame.before + frame.behind)
    totals: dict[int, int] = {}
    batch: Batch | None = None
    told: set[tuple[int, object]] = set()
    for at, stop in _cuts(top, len(frame.head), frame.stop, seek):
        block = Block(frame.head + content[at:stop] + frame.tail, signs)
        count = len(block.first)
        odd = np.array([bool(len(block.strange)) or block.doubtful])
        batch = quick.read(block, np.zeros(count, dtype=np.int64), np.zeros(1, dtype=np.int64), odd, mapped, True)
        if batch.odd[0]:
            return None
        for id, table in batch.tables.items():
            totals[id] = table.rows + (totals.get(id, 0) if top.id <= id <= top.last else 0)
        shift = whole.segments - frame.before - frame.behind
        if batch.documents:
            whole.documents += batch.documents
        for note in batch.notes.get(0, ()):
            behind = note.segment > count - frame.behind
            if (note.node, note.places) in told or (behind and stop < frame.stop):
                continue
            told.add((note.node, note.places))
            number = note.segment + (shift if note.segment > frame.before else 0)
            place = block.origin(int(block.start[block.first[note.segment - 1]]))
            whole.notes.append(Note(number, note.node, note.places))
            whole.offsets[number] = place + (at - len(frame.head) if note.segment > frame.before else 0)
        whole.segments += count - frame.before - frame.behind
    over = batch is None or totals.get(top.id, 0) > top.limit
    if over or (mapped and batch is not None and not quick.counts_are(batch.tables, totals)):
        return None
    whole.notes.sort(key=lambda note: note.segment)
    return whole


def _frame(quick: Engine, top: Node, content: bytes, signs: Signs, seek: Seek) -> Frame | None:
    tag = top.tag.encode("ascii")
    first = seek(tag, 0, len(content), False) + 1
    last = seek(tag, first - 1, len(content), True) + 1 if first else 0
    if not first or first > FRAME or len(content) - last > MOST_TAIL:
        return None
    head = bytes(content[:first])
    block = Block(head + content[last:], signs)
    node, wrong = quick.order.place(block)
    inside = np.flatnonzero((node >= top.id) & (node <= top.last))
    if not len(inside) or len(block.strange) or block.doubtful or wrong.any():
        return None
    stop = last + block.origin(int(block.end[inside[-1]])) - first
    if len(content) - stop > FRAME:
        return None
    return Frame(head, bytes(content[stop:]), int(inside[0]), len(node) - int(inside[-1]) - 1, stop)


def _cuts(top: Node, start: int, stop: int, seek: Seek) -> Iterable[tuple[int, int]]:
    tag = top.tag.encode("ascii")
    while start < stop:
        end = seek(tag, start + SIZE, stop, False) + 1 or stop
        yield start, end
        start = end
