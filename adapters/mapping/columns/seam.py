"""Where a long message may be cut: before which loops, so that each piece is read as it would be in the whole."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain
from typing import Any

import numpy as np

from adapters.mapping.columns.block import packed
from adapters.mapping.columns.order import Order
from adapters.mapping.down import Down
from adapters.mapping.frame import FrameShape
from adapters.mapping.message import Message
from adapters.mapping.part import Part
from adapters.mapping.place import Place
from adapters.mapping.structure import Node

OFTEN = 1000
"""A loop that may stand so often in another can make that too long to be read in one piece."""


@dataclass(frozen=True, slots=True)
class Seam:
    """A message may be cut before each `inner`, which is the last loop in `top`, or `top` itself: a loop right below
    the message. `name`: the field it is for, "" for rows of a frame. Where a node of `elsewhere` stands in a message,
    it cannot be cut: it looks like the inner loop, or brings rows that would come in another order."""

    top: Node
    inner: Node
    name: str
    elsewhere: frozenset[int]


def seams(message: Message, order: Order) -> Iterator[Seam]:
    """All of them, the best first."""
    if message.tree:
        return
    found = _of_frame(message.shape) if message.shape else _of_part(message.part)
    for top, inner, name, others in found:
        same = [node for node in message.plan.nodes if node.tag == inner.tag]
        plain = top.parent is message.plan.nodes[0] and not any(node.qualifier for node in (top, *same))
        if plain and _leads_back(top, inner, order) and not _reads_into(message, top, inner, name):
            elsewhere = frozenset(node.id for node in same if not top.id <= node.id <= top.last)
            yield Seam(top, inner, name, elsewhere | others)


Found = tuple[Node, Node, str, frozenset[int]]


def _of_part(part: Part) -> Iterator[Found]:
    """The largest loop that makes a field by itself."""
    found = [(loop.ways[0][0].nodes[0], loop.name) for loop in part.loops if loop.many and _plain(loop.ways)]
    if found:
        top, name = max(found, key=lambda one: one[0].last - one[0].id)
        if sum(loop.name == name for loop in part.loops) == 1:
            yield top, top, name, frozenset()


def _of_frame(shape: FrameShape) -> Iterator[Found]:
    """On each path to rows the inner loops where they may stand often, and the outer ones."""
    every = (shape, *shape.others)
    for one in every:
        others = frozenset(other.path[-1].id for other in every if other is not one)
        top = one.path[0]
        if len(one.path) > len(("top", "row")) and one.path[1].limit >= OFTEN:
            yield top, one.path[1], "", others
        yield top, top, "", others


def _plain(ways: tuple[tuple[Down, ...], ...]) -> bool:
    """One way of one step to one node, whatever its qualifier."""
    return len(ways) == 1 and len(ways[0]) == 1 and len(ways[0][0].nodes) == 1 and ways[0][0].qualifier is None


def _leads_back(top: Node, inner: Node, order: Order) -> bool:
    """Whether the name of the inner loop means this loop wherever it follows inside the outer one, and nothing of the
    outer one may stand behind the inner ones."""
    column = int(np.searchsorted(order.names, np.uint64(packed(inner.tag))))
    following = order.next[top.id : top.last + 1, column]
    return bool(np.isin(following, (inner.id, -1)).all()) and inner.last == top.last


def _reads_into(message: Message, top: Node, inner: Node, name: str) -> bool:
    """Whether what belongs to the whole message says something of the loops it is cut between: each piece would say it
    anew. Nor may what belongs to an outer loop say something of the inner ones."""
    shape = message.shape
    every = (shape, *shape.others) if shape else ()
    part = shape.header if shape else message.part
    outer = chain(_places(part), (place for one in every for place in _at(one, 0)))
    within = (place for one in every for place in (_at(one, 1) if inner is not top else ()))
    steps: Any = chain(chain.from_iterable(_ways(part, name)), (step for place in outer for step in place.steps[:1]))
    inside = (step for place in within for step in place.steps[:1])
    return any(top in step.nodes for step in steps) or any(inner in step.nodes for step in inside)


def _at(shape: FrameShape, level: int) -> Iterator[Place]:
    slots = (slot for column in shape.columns for at, slot in column.slots if at == level)
    return (choice.place for slot in slots for choice in slot.choices)


def _places(part: Part) -> Iterator[Place]:
    yield from (choice.place for slot in part.slots for choice in slot.choices)
    yield from (place for run in part.pairs for place in run.places)


def _ways(part: Part, name: str) -> Iterator[tuple[Down, ...]]:
    """The first steps down of all loops, but for the field `name`."""
    yield from (way[:1] for loop in part.loops if loop.name != name for way in loop.ways)
