"""Where a place of a message table leads, by columns: rows of a table, and whose they are."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from adapters.mapping.columns.block import Array, packed
from adapters.mapping.columns.table import KEY_WIDTH, Table
from adapters.mapping.place import REST, Down, Place
from adapters.mapping.segment import Odd


@dataclass(frozen=True, slots=True)
class Rows:
    """Some rows of a table, and for each the number of the reader (a row of the context) that it belongs to, rising."""

    table: Table
    rows: Array
    readers: Array

    def where(self, keep: Array) -> Rows:
        return self if keep.all() else Rows(self.table, self.rows[keep], self.readers[keep])

    def firsts(self) -> Rows:
        """The first row of each reader."""
        fresh = np.ones(len(self.readers), dtype=bool)
        fresh[1:] = self.readers[1:] != self.readers[:-1]
        return self.where(fresh)


def all_rows(table: Table) -> Rows:
    """Every row of a table as the reader of itself."""
    every = np.arange(table.rows)
    return Rows(table, every, every)


def readable(place: Place) -> bool:
    """Whether `located` knows this kind of place."""
    qualifiers = [place.own, place.pair, *(down.qualifier for down in place.steps)]
    return not place.more and not place.value_first and all(is_short(q) for q in qualifiers if q)


def is_short(text: str) -> bool:
    """Whether a qualifier fits a key."""
    return len(text) <= KEY_WIDTH and text.isascii()


def down(steps: tuple[Down, ...], context: Rows, tables: dict[int, Table]) -> Rows | None:
    """From the rows of `context`, each a reader of its own, down the steps; None where there is nothing. Raises Odd
    when segments of one name stand at two places of the structure below the same reader."""
    found = Rows(context.table, context.rows, np.arange(len(context.rows)))
    for step in steps:
        ids = [node.id for node in step.nodes if node.id in tables]
        if not ids:
            return None
        if len(ids) > 1:
            raise Odd(ids)
        found = _one_down(step, found, tables[ids[0]])
        if not len(found.rows):
            return None
    return found


def _one_down(step: Down, found: Rows, table: Table) -> Rows:
    if len(found.rows) == found.table.rows:
        below = Rows(table, np.arange(table.rows), found.readers[table.parents])
    else:
        reader = np.full(found.table.rows, -1)
        reader[found.rows] = found.readers
        readers = reader[table.parents]
        rows = np.flatnonzero(readers >= 0)
        below = Rows(table, rows, readers[rows])
    if step.qualifier is None:
        return below
    if step.qualifier == REST:
        return below.where(~carries_any(table, below.rows, step.at, step.named))
    return below.where(carries(table, below.rows, step.at, step.qualifier))


def carries(table: Table, rows: Array, at: tuple[int, int], qualifier: str) -> Array:
    """Which rows have that qualifier. In a block no element has a second component."""
    if at[1] > 1:
        return np.zeros(len(rows), dtype=bool)
    _, length = table.span(at[0])
    return (table.keys(at[0])[rows] == np.uint64(packed(qualifier))) & (length[rows] == len(qualifier))


def carries_any(table: Table, rows: Array, at: tuple[int, int], qualifiers: set[str]) -> Array:
    """Which rows have one of those qualifiers. Raises Odd for one too long for a key."""
    if not all(map(is_short, qualifiers)):
        raise Odd(qualifiers)
    found = np.zeros(len(rows), dtype=bool)
    for qualifier in qualifiers:
        found |= carries(table, rows, at, qualifier)
    return found


def filled(place: Place, context: Rows, tables: dict[int, Table]) -> list[tuple[int, Rows]]:
    """The element number and the rows, at most one per reader, whose text at `place` is filled: as `Place.get` has it.
    A pair may stand at several numbers."""
    found = down(place.steps, context, tables)
    if found is None or place.component > 1:
        return []
    if place.own:
        found = found.where(carries(found.table, found.rows, place.segment.qualifier, place.own))
    if place.pair is None:
        return [(place.element, _first(found, place.element))] if found.table.width >= place.element else []
    return _pairs(place, found)


def _first(found: Rows, number: int) -> Rows:
    return found.where(found.table.span(number)[1][found.rows] > 0).firsts()


def _pairs(place: Place, found: Rows) -> list[tuple[int, Rows]]:
    """Of a qualifier that stands twice in a segment the first counts, of several segments the first that is filled."""
    said: list[tuple[int, Rows]] = []
    open_ = found
    for at in place.slots:
        if at > found.table.width or not len(open_.rows):
            break
        here = carries(open_.table, open_.rows, (at, 0), place.pair or "")
        if here.any():
            hit = open_.where(here)
            value = hit.where(hit.table.span(at + 1)[1][hit.rows] > 0)
            if len(value.rows):
                said.append((at + 1, value))
            open_ = open_.where(~here)
    if len(said) > 1 or (said and len(said[0][1].readers) != len(np.unique(said[0][1].readers))):
        readers = np.concatenate([rows.readers for _, rows in said])
        if len(np.unique(readers)) != len(readers):
            raise Odd("several segments with the same pair")
    return said
