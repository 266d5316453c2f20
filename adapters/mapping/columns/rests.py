"""Which segments a loop for "*" reads: what no other row names, and what says more than the rows read that name it."""

from __future__ import annotations

import numpy as np

from adapters.mapping.columns.block import Array
from adapters.mapping.columns.said import says_any
from adapters.mapping.columns.table import Table
from adapters.mapping.down import REST, Reads, ReadsBelow, Rest
from adapters.mapping.structure import Node


def more_and_left(down: Rest, node: Node, tables: dict[int, Table]) -> tuple[Array, Array]:
    """Of one node the rows (bool) that say more than other rows read of them, and those that no other row names."""
    table = tables[node.id]
    left = np.ones(table.rows, dtype=bool)
    more = np.zeros(table.rows, dtype=bool)
    for key in down.named - down.reads.keys():
        left &= ~table.carrying(down.at, key)
    for key, reads in sorted(down.reads.items(), key=lambda one: one[0] == REST):
        here = of_key(down, key, table) & left
        if here.any():
            left &= ~here
            more |= _leaves(reads, node, here, tables)
    return more, left


def of_key(down: Rest, key: str, table: Table) -> Array:
    """The rows (bool) that other rows of the message table read under a key of `down.reads`."""
    if key != REST:
        return table.carrying(down.at, key)
    others = np.ones(table.rows, dtype=bool)
    for named in down.named:
        others &= ~table.carrying(down.at, named)
    return others


def fills(table: Table, elements: set[int]) -> Array:
    """Which rows (bool) fill one of these elements."""
    bits = sum(1 << at for at in elements)
    return (table.shapes()[1] & bits) != 0


def _leaves(reads: Reads, node: Node, here: Array, tables: dict[int, Table]) -> Array:
    """Which rows (bool), of those that are `here` (bool), say something that is not read, or have such a thing below
    them: `Reads.leaves` of them all at once."""
    table = tables[node.id]
    more = np.zeros(table.rows, dtype=bool)
    if reads.whole or not here.any():
        return more
    unread = set(range(1, table.width + 1)) - reads.elements
    more |= here & (fills(table, unread) | says_any(table, reads.parts))
    for kid in node.kids:
        below = tables.get(kid.id)
        if below is not None:
            rows = _leaves_below(reads.kids.get(kid.id), kid, here[below.parents], tables)
            more[below.parents[rows]] = True
    return more


def _leaves_below(known: ReadsBelow | None, node: Node, here: Array, tables: dict[int, Table]) -> Array:
    if known is None:
        return here
    more, left = np.zeros(len(here), dtype=bool), here
    for qualifier, reads in known.by.items():
        if qualifier is not None:
            mine = left & tables[node.id].carrying(known.at, qualifier)
            left = left & ~mine
            more |= _leaves(reads, node, mine, tables)
    anyway = known.by.get(None)
    return more | (left if anyway is None else _leaves(anyway, node, left, tables))
