"""Which node every segment of a block belongs to, and which messages are not in the order of the structure."""

from __future__ import annotations

import numpy as np

from adapters.mapping.columns.block import Array, Block, packed
from adapters.mapping.columns.table import Table
from adapters.mapping.structure import NO_LIMIT, Node

ROUNDS = 40
"""So many segments in a row whose names stand at several places of the structure are placed one after the other."""


class Order:
    """The structure as a matrix: (node, name of the next segment) -> next node, for steps that pass over nothing
    mandatory. The nearest of several is taken; where the careful way would take another, because the nearest is full,
    its limit is broken here and the message is odd."""

    def __init__(self, nodes: list[Node], tail: str) -> None:
        self.nodes = nodes
        self.end = len(nodes)
        names = sorted({packed(node.tag) for node in nodes} | {packed(tail)})
        self.names = np.array(names, dtype=np.uint64)
        column = {name: at for at, name in enumerate(names)}
        self.next: Array = np.full((len(nodes) + 1, len(names) + 1), -1, dtype=np.int16)
        places: dict[int, list[int]] = {column[packed(tail)]: [self.end]}
        for node in nodes:
            places.setdefault(column[packed(node.tag)], []).append(node.id)
            for tag, step in node.steps.items():
                if not step.missing:
                    self.next[node.id, column[packed(tag)]] = step.target.id
            if not node.missing_at_end:
                self.next[node.id, column[packed(tail)]] = self.end
        self.next[self.end, column[packed(nodes[0].tag)]] = 0
        self.only: Array = np.full(len(names) + 1, -1, dtype=np.int16)
        for at, ids in places.items():
            self.only[at] = ids[0] if len(ids) == 1 else -1

    def place(self, block: Block) -> tuple[Array, Array]:
        """The node id of each segment (int16) and which segments stand where they may not (bool)."""
        name: Array = np.searchsorted(self.names, block.tag)
        name[name == len(self.names)] = 0
        name[self.names[name] != block.tag] = len(self.names)
        node = self.only[name]
        open_ = np.flatnonzero((node < 0) & (name < len(self.names)))
        for _ in range(ROUNDS):
            if not len(open_):
                break
            before = node[open_ - 1]
            ready = before >= 0
            now = open_[ready]
            node[now] = self.next[before[ready], name[now]]
            open_ = open_[~ready]
        wrong = node < 0
        wrong[1:] |= self.next[node[:-1], name[1:]] != node[1:]
        return node, wrong

    def tables(self, block: Block, node: Array, owner: Array, right: Array) -> tuple[dict[int, Table], Array]:
        """Tables by node id (`len(nodes)` are the trailers) of the segments where `right`, and which messages have too
        many of something (bool by message)."""
        chosen = np.flatnonzero(right)
        ids = node[chosen]
        order = chosen[np.argsort(ids, kind="stable")]
        counts = np.bincount(ids, minlength=self.end + 1)
        stops = np.cumsum(counts)
        full = np.zeros(int(owner[-1]) + 1 if len(owner) else 0, dtype=bool)
        tables: dict[int, Table] = {}
        for id in np.flatnonzero(counts).tolist():
            at = order[stops[id] - counts[id] : stops[id]]
            above = tables[0 if id == self.end else self._parent(id)].at if id else at
            table = tables[id] = Table(block, at, np.searchsorted(above, at, side="right") - 1, owner[at])
            limit = self.nodes[id].limit if 0 < id < self.end else NO_LIMIT
            if limit < table.rows:
                many = np.bincount(table.parents)
                if int(many.max()) > limit:
                    full[tables[self._parent(id)].owner[np.flatnonzero(many > limit)]] = True
        return tables, full

    def _parent(self, id: int) -> int:
        above = self.nodes[id].parent
        return above.id if above else 0
