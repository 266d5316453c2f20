"""Which node every segment of a block belongs to, and which messages are not in the order of the structure."""

from __future__ import annotations

from random import Random

import numpy as np

from adapters.mapping.columns.block import Array, Block, packed
from adapters.mapping.columns.table import Table
from adapters.mapping.plan import Plan
from adapters.mapping.structure import NO_LIMIT, Step

HASH_BITS = 12
HASH_SHIFT = np.uint64(64 - HASH_BITS)
ROUNDS = 8
"""So many segments in a row whose names stand at several places of the structure are placed together with all others
like them; what is left then is placed one after the other."""


class Order:
    """The structure as a matrix: (node, name of the next segment) -> next node, for steps that pass over nothing
    mandatory. The nearest of several is taken; where the careful way would take another, because the nearest is full,
    its limit is broken here and the message is odd.

    Where the structure tells segments of one name apart by what they hold (UNS[D], UNS[S]), each has a name of its own.
    """

    def __init__(self, plan: Plan) -> None:
        nodes, tail = plan.nodes, plan.dialect.tail
        self.nodes = nodes
        self.end = len(nodes)
        names = sorted({packed(node.tag) for node in nodes} | {packed(tail)})
        self.names = np.array(names, dtype=np.uint64)
        self.multiplier, self.slots = _hashed(names)
        column = {name: at for at, name in enumerate(names)}
        self.unknown = len(names)
        own = sorted({(node.tag, node.qualifier) for node in nodes if node.qualifier})
        self.own = [
            (column[packed(tag)], plan.dictionary.segments[tag].qualifier, qualifier, self.unknown + at)
            for at, (tag, qualifier) in enumerate(own, 1)
        ]
        columns: dict[tuple[str, str | None], int] = {(node.tag, None): column[packed(node.tag)] for node in nodes}
        columns |= {(tag, qualifier): self.unknown + at for at, (tag, qualifier) in enumerate(own, 1)}
        self.next: Array = np.full((len(nodes) + 1, self.unknown + len(own) + 1), -1, dtype=np.int16)
        places: dict[int, list[int]] = {column[packed(tail)]: [self.end]}
        for (tag, qualifier), at in columns.items():
            places[at] = [n.id for n in nodes if n.tag == tag and n.qualifier in (None, qualifier)]
            for node in nodes:
                self.next[node.id, at] = _target(node.steps.get(tag), qualifier)
        for node in nodes:
            if not node.missing_at_end:
                self.next[node.id, column[packed(tail)]] = self.end
        self.next[self.end, column[packed(nodes[0].tag)]] = 0
        self.only: Array = np.full(self.next.shape[1], -1, dtype=np.int16)
        for at, ids in places.items():
            self.only[at] = ids[0] if len(ids) == 1 else -1

    def place(self, block: Block) -> tuple[Array, Array]:
        """The node id of each segment (int16) and which segments stand where they may not (bool)."""
        name = self._names(block)
        node = self.only[name]
        open_ = np.flatnonzero((node < 0) & (name != self.unknown))
        for _ in range(ROUNDS):
            if not len(open_):
                break
            before = node[open_ - 1]
            ready = before >= 0
            now = open_[ready]
            node[now] = self.next[before[ready], name[now]]
            open_ = open_[~ready]
        if len(open_):
            self._place_rest(node, name, open_)
        wrong = node < 0
        width = self.next.shape[1]
        following = self.next.ravel().take(node[:-1].astype(np.intp) * width + name[1:], mode="wrap")
        wrong[1:] |= following != node[1:]
        return node, wrong

    def _names(self, block: Block) -> Array:
        """The column of each segment."""
        slot = (block.tag * self.multiplier) >> HASH_SHIFT
        name: Array = self.slots.take(slot.view(np.int64))
        name[self.names.take(name) != block.tag] = self.unknown
        for shared, at, qualifier, own in self.own:
            rows = np.flatnonzero(name == shared)
            if len(rows):
                table = Table(block, rows, rows, rows)
                same = (table.keys(*at) == np.uint64(packed(qualifier))) & (table.span(*at)[1] == len(qualifier))
                name[rows[same]] = own
        return name

    def _place_rest(self, node: Array, name: Array, open_: Array) -> None:
        following = self.next.tolist()
        before, last = -1, -2
        placed = []
        for at, own in zip(open_.tolist(), name[open_].tolist(), strict=True):
            before = following[before if at == last + 1 else int(node[at - 1])][own]
            last = at
            placed.append(before)
        node[open_] = placed

    def tables(self, block: Block, node: Array, owner: Array, right: Array | None) -> tuple[dict[int, Table], Array]:
        """Tables by node id (`len(nodes)` are the trailers) of the segments where `right` (None: of all), and which
        messages have too many of something (bool by message)."""
        ids = node if right is None else node[right]
        if self.end < 1 << 8:
            ids = ids.astype(np.uint8)  # a single pass of sorting by digits
        order = np.argsort(ids, kind="stable")
        if right is not None:
            order = np.flatnonzero(right).take(order)
        counts = np.bincount(ids, minlength=self.end + 1)
        stops = np.cumsum(counts)
        full = np.zeros(int(owner[-1]) + 1 if len(owner) else 0, dtype=bool)
        tables: dict[int, Table] = {}
        for id in np.flatnonzero(counts).tolist():
            at = order[stops[id] - counts[id] : stops[id]]
            above = tables[0 if id == self.end else self._parent(id)].at if id else at
            table = tables[id] = Table(block, at, _parents(above, at), owner.take(at))
            limit = self.nodes[id].limit if 0 < id < self.end else NO_LIMIT
            if limit < table.rows:
                many = np.bincount(table.parents)
                if int(many.max()) > limit:
                    full[tables[self._parent(id)].owner[np.flatnonzero(many > limit)]] = True
        return tables, full

    def _parent(self, id: int) -> int:
        above = self.nodes[id].parent
        return above.id if above else 0


def _parents(above: Array, at: Array) -> Array:
    """For each of some segments, the last one before it (or itself) of those `above`; both rising, and each has one."""
    if len(above) * 2 > len(at):
        return np.searchsorted(above, at, side="right") - 1
    begin = np.empty(len(above) + 1, dtype=np.int64)
    begin[:-1] = np.searchsorted(at, above)
    begin[-1] = len(at)
    return np.repeat(np.arange(len(above)), np.diff(begin))


def _hashed(names: list[int]) -> tuple[np.uint64, Array]:
    """An odd number that, multiplied with each of the names, tells them apart by the highest bits, and the place
    of each name by those; what is no name leads to one of them."""
    values = np.array(names, dtype=np.uint64)
    random = Random(len(names))
    while True:
        multiplier = np.uint64(random.getrandbits(64) | 1)
        slot = (values * multiplier) >> HASH_SHIFT
        if len(set(slot.tolist())) == len(names):
            slots = np.zeros(1 << HASH_BITS, dtype=np.int64)
            slots[slot.view(np.int64)] = np.arange(len(names))
            return multiplier, slots


def _target(step: Step | None, qualifier: str | None) -> int:
    """The id of the nearest node that a segment with this qualifier may go to, nothing mandatory left out; else -1."""
    while step and (step.missing or step.target.qualifier not in (None, qualifier)):
        step = step.otherwise
    return step.target.id if step else -1
