"""Where a place of a message table leads, by columns: rows of a table, and whose they are."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

import numpy as np

from adapters.mapping.columns.block import Array
from adapters.mapping.columns.rests import more_and_left
from adapters.mapping.columns.table import KEY_WIDTH, Table
from adapters.mapping.dialect import COMPONENT
from adapters.mapping.down import Down, Rest
from adapters.mapping.place import Place
from adapters.mapping.segment import Odd
from adapters.mapping.structure import Node

Tell = Callable[[Array], None]
"""Is told the messages (by number) that the careful way must read."""


@dataclass(frozen=True, slots=True)
class Rows:
    """Some rows of a table, and for each the number of the reader (a row of the context) that it belongs to, rising."""

    table: Table
    rows: Array
    readers: Array

    def where(self, keep: Array) -> Rows:
        return self if keep.all() else Rows(self.table, self.rows[keep], self.readers[keep])

    def of(self, column: Array) -> Array:
        """What a column of the table has in these rows, which are in its order, each once."""
        return column if len(self.rows) == self.table.rows else column[self.rows]

    def firsts(self, tell: Tell = lambda _: None) -> Rows:
        """The first row of each reader; messages with more of them are told."""
        if self.readers is self.rows:
            return self
        fresh = np.ones(len(self.readers), dtype=bool)
        fresh[1:] = self.readers[1:] != self.readers[:-1]
        if not fresh.all():
            tell(self.table.owner[self.rows[~fresh]])
        return self.where(fresh)


@dataclass(frozen=True, slots=True)
class Cells(Rows):
    """Rows, at most one for each reader, and which element (`part` 0: the whole of it) of them holds a text. Where
    `joined` is given, the text is what that makes of the whole element."""

    number: int
    part: int
    joined: Callable[[list[str]], str] | None = None

    def where(self, keep: Array) -> Cells:
        if keep.all():
            return self
        return Cells(self.table, self.rows[keep], self.readers[keep], self.number, self.part, self.joined)

    @property
    def widest(self) -> int:
        """Bytes of the longest text; many where a text is made of several."""
        if self.joined:
            return 1 << 30
        return int(self.of(self.table.span(self.number, self.part)[1]).max(initial=0))

    def tell(self, unread: Array, tell: Tell) -> None:
        """Tell of texts (bool by cell) that cannot be read, but for those that are known to be wrong."""
        rows = self.rows[unread]
        known = self.table.faulty.get(self.number)
        tell(self.table.owner[rows if known is None else rows[~known[rows]]])

    def texts(self) -> list[str]:
        texts = self.table.texts(self.number, self.rows, self.part)
        return [self.joined(text.split(COMPONENT)) for text in texts] if self.joined else texts

    def keys(self) -> Array:
        return self.of(self.table.keys(self.number, self.part))


def all_rows(table: Table) -> Rows:
    """Every row of a table as the reader of itself."""
    every = np.arange(table.rows)
    return Rows(table, every, every)


def readable(place: Place) -> bool:
    """Whether `filled` knows this kind of place."""
    qualifiers = [place.own, place.pair, *(down.qualifier for down in place.steps)]
    return all(is_short(q) for q in qualifiers if q)


def is_short(text: str) -> bool:
    """Whether a qualifier fits a key."""
    return len(text) <= KEY_WIDTH and text.isascii()


def down(steps: tuple[Down, ...], context: Rows, tables: dict[int, Table]) -> list[Rows]:
    """From the rows of `context`, each a reader of its own, down the steps: what is found, by node in the order of the
    structure. Raises Odd when segments of one name stand at two places and lead further down."""
    whole = len(context.rows) == context.table.rows
    level = [Rows(context.table, context.rows, context.rows if whole else np.arange(len(context.rows)))]
    for step in steps:
        if len(level) > 1:
            raise Odd("two ways down")
        level = [
            below
            for found in level
            for node in step.nodes
            if node.id in tables and node.parent and tables.get(node.parent.id) is found.table
            if len((below := _one_down(step, found, node, tables)).rows)
        ]
    return level


def _one_down(step: Down, found: Rows, node: Node, tables: dict[int, Table]) -> Rows:
    table = tables[node.id]
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
    if isinstance(step, Rest):
        named = carries_any(table, below.rows, step.at, step.named)
        _demand_once(step, below.where(named))
        if not step.reads:
            return below.where(~named)
        more, left = more_and_left(step, node, tables)
        return below.where((more | left)[below.rows])
    return _carrying(below, step.at, step.qualifier)


def _carrying(found: Rows, at: tuple[int, int], qualifier: str) -> Rows:
    """Those rows that have that qualifier."""
    known = found.table.carry(at, qualifier)
    if known is None:
        return found.where(carries(found.table, found.rows, at, qualifier))
    return found if known else Rows(found.table, found.rows[:0], found.readers[:0])


def carries(table: Table, rows: Array, at: tuple[int, int], qualifier: str) -> Array:
    """Which rows have that qualifier."""
    every = table.carrying(at, qualifier)
    return every if len(rows) == table.rows else every[rows]


def _twice(readers: Array) -> bool:
    """Whether any reader, of readers in rising order, is there twice."""
    return bool((readers[1:] == readers[:-1]).any())


def _demand_once(step: Rest, named: Rows) -> None:
    """Raises Odd where a segment that another row reads once is there twice: the careful way reads the second."""
    for qualifier in step.once if len(named.rows) else ():
        readers = named.readers[carries(named.table, named.rows, step.at, qualifier)]
        if _twice(readers):
            raise Odd(qualifier)


def carries_any(table: Table, rows: Array, at: tuple[int, int], qualifiers: set[str]) -> Array:
    """Which rows have one of those qualifiers. Raises Odd for one too long for a key."""
    if not all(map(is_short, qualifiers)):
        raise Odd(qualifiers)
    found = np.zeros(len(rows), dtype=bool)
    for qualifier in qualifiers:
        found |= carries(table, rows, at, qualifier)
    return found


def filled(place: Place, context: Rows, tables: dict[int, Table], tell: Tell = lambda _: None) -> list[Cells]:
    """Where the text at `place` is filled: as `Place.get` has it. A pair may stand in several elements; of nodes of one
    name the first that is filled counts. Messages in which a further one is filled, too, are told."""
    cells: list[Cells] = []
    for found in down(place.steps, context, tables):
        if place.own:
            found = _carrying(found, place.segment.qualifier, place.own)
        if place.pair is not None:
            cells += _pairs(place, found, tell)
        elif found.table.width >= place.element:
            said = _run_on(place, found, tell) if place.more else _first(found, place.element, place.component, tell)
            cells.append(said)
    return [one for one in cells if len(one.rows)]


def _first(found: Rows, number: int, part: int, tell: Tell) -> Cells:
    first = found.where(found.of(found.table.span(number, part)[1]) > 0).firsts(tell)
    return Cells(first.table, first.rows, first.readers, number, part)


def _run_on(place: Place, found: Rows, tell: Tell) -> Cells:
    """A text that may go on in further components; where none does, it is the first of them."""
    table, number = found.table, place.element
    first = table.span(number, place.component)[1][found.rows] > 0
    others = np.zeros(len(found.rows), dtype=bool)
    for part in range(place.component + 1, place.component + place.more + 1):
        others |= table.span(number, part)[1][found.rows] > 0
    if not others.any():
        return _first(found, number, place.component, tell)
    some = found.where(first | others).firsts(tell)
    return Cells(table, some.rows, some.readers, number, 0, place.joined)


def _pairs(place: Place, found: Rows, tell: Tell) -> list[Cells]:
    """Of a qualifier that stands twice in a segment the first counts, of several segments the first that is filled."""
    said: list[Cells] = []
    open_, table, value_first = found, found.table, place.value_first
    for at in _slots(place):
        if at > table.width or not len(open_.rows):
            break
        qualifier = (at, 2 if value_first else 0)
        known = table.carry(qualifier, place.pair or "")
        if known is False:
            continue
        value = (at, 1) if value_first else (at + 1, 0)
        if known and open_ is found:
            every = found.where(table.span(*value)[1][found.rows] > 0)
            return _first_of_each([Cells(table, every.rows, every.readers, *value)] if len(every.rows) else [], tell)
        here = carries(table, open_.rows, qualifier, place.pair or "")
        if len(open_.rows) < len(found.rows):
            every = carries(table, found.rows, qualifier, place.pair or "")
            if every.sum() > here.sum():
                tell(table.owner[found.rows[every]])
        if here.any():
            hit = open_.where(here)
            hit = hit.where(table.span(*value)[1][hit.rows] > 0)
            if len(hit.rows):
                said.append(Cells(table, hit.rows, hit.readers, *value))
            open_ = open_.where(~here)
    return _first_of_each(said, tell)


def _slots(place: Place) -> Iterable[int]:
    """Where `Place.cut` looks for pairs."""
    if place.value_first and isinstance(place.slots, range):
        return range(place.slots.start, place.slots.stop + 1)
    return place.slots


def _first_of_each(said: list[Cells], tell: Tell) -> list[Cells]:
    """Of the rows of each reader, which may lie in several cells, only the first."""
    if not said or (len(said) == 1 and not _twice(said[0].readers)):
        return said
    rows = np.concatenate([cells.rows for cells in said])
    readers = np.concatenate([cells.readers for cells in said])
    order = np.argsort(rows, kind="stable")
    first = np.ones(len(rows), dtype=bool)
    first[1:] = readers[order][1:] != readers[order][:-1]
    keep = np.zeros(len(rows), dtype=bool)
    keep[order] = first
    if not first.all():
        tell(said[0].table.owner[rows[~keep]])
    stops = np.cumsum([len(cells.rows) for cells in said])
    return [cells.where(keep[stop - len(cells.rows) : stop]) for cells, stop in zip(said, stops, strict=True)]
