"""What the careful way alone reads: asides, and segments that say more than the rows read that name them."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from adapters.mapping.columns import find, part
from adapters.mapping.columns.block import Array
from adapters.mapping.columns.rests import fills, more_and_left, of_key
from adapters.mapping.columns.said import says_any
from adapters.mapping.columns.table import Table
from adapters.mapping.down import REST, Rest
from adapters.mapping.place import pair_starts
from adapters.mapping.plan import Plan
from adapters.mapping.structure import Node
from schemas.facts import Segment

NOBODY = np.zeros(0, dtype=np.int64)


class Careful:
    """Of one message table; what must be looked at is found out once."""

    def __init__(self, plan: Plan) -> None:
        self.nodes, self.elements = plan.careful()
        self.usual = plan.usual
        self.parts = {
            node.id: parts
            for node in plan.nodes[1:]
            if (parts := plan.parts.careful(node, plan.dictionary.segments[node.tag])) and node.id not in self.nodes
        }
        self.elements = {id: elements - self.parts.get(id, {}).keys() for id, elements in self.elements.items()}
        self.pairs = {
            id: plan.dictionary.segments[plan.nodes[id].tag] for id in plan.paired if plan.dialect.value_first
        }
        self.runs = [
            (replace(place, steps=()), node.id, named, watched)
            for place, named, watched in plan.runs
            for node in (place.steps[-1].nodes if place.steps else (place.node,))
            if node.id not in self.nodes
        ]
        self.downs = [(down, node) for down, aside in plan.downs if aside for node in down.nodes]

    def owners(self, tables: dict[int, Table]) -> Array:
        """The messages, by number, that the careful way must read."""
        found = [tables[id].owner for id in self.nodes & tables.keys()]
        for id in self.elements.keys() & tables.keys():
            found.append(tables[id].owner[_says(tables[id], self.elements[id], self.usual.get(id, {}))])
        for id in self.parts.keys() & tables.keys():
            found.append(tables[id].owner[says_any(tables[id], self.parts[id])])
        for place, id, named, watched in self.runs:
            if id in tables:
                found.append(part.odd_pairs(place, named, find.all_rows(tables[id]), tables, watched))
        for down, node in self.downs:
            if node.id in tables and node.id not in self.nodes:
                found.append(_said_aside(down, node, tables))
        found += [tables[id].owner[_untyped(tables[id], self.pairs[id])] for id in self.pairs.keys() & tables.keys()]
        return np.concatenate(found) if found else NOBODY


def _untyped(table: Table, segment: Segment) -> Array:
    """Which rows (bool) have a pair with a value and no qualifier."""
    result = np.zeros(table.rows, dtype=bool)
    for at in pair_starts(segment, True):
        result |= (table.span(at)[1] > 0) & (table.span(at, 2)[1] == 0)
    return result


def _says(table: Table, elements: set[int], usual: dict[int, str]) -> Array:
    """Which rows (bool) say something in these elements: any text, or any but the `usual` one."""
    says = fills(table, elements - usual.keys())
    for at in elements & usual.keys():
        says |= fills(table, {at}) & ~table.carrying((at, 0), usual[at])
    return says


def _said_aside(down: Rest, node: Node, tables: dict[int, Table]) -> Array:
    """The messages, by number, with a segment that a loop for "*" of an aside reads."""
    table = tables[node.id]
    more, left = more_and_left(down, node, tables)
    for key in sorted(down.reads, key=lambda one: one == REST):
        if key in down.once:
            more |= _again(table, of_key(down, key, table))
    return table.owner[more | left]


def _again(table: Table, here: Array) -> Array:
    """Rows that are not the first of their kind below the segment above."""
    rows = np.flatnonzero(here)
    parents = table.parents[rows]
    result = np.zeros(table.rows, dtype=bool)
    result[rows[1:]] = parents[1:] == parents[:-1]
    return result
