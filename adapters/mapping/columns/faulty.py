"""Wrong elements of one message: how many there are, by columns, and the words for those that are told."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np

from adapters.mapping.columns.block import Array
from adapters.mapping.columns.check import SHAPE, WHOLE, Spots, shape
from adapters.mapping.columns.table import WIDEST, Table
from adapters.mapping.dialect import COMPONENT, Row
from adapters.mapping.plan import Plan
from adapters.mapping.segment import SegmentFault, element_fact, element_faults, shape_faults
from adapters.mapping.structure import Node
from adapters.mapping.walk import PADDED, PARTED
from schemas.facts import Segment

OF_THE_WHOLE = ("TOO-MANY-COMPONENTS", "MISSING-ELEMENT")
"""What is wrong with an element as a whole and not with one of its components."""
Place = tuple[int, int, int]
"""A wrong segment: its number in the block (from 0), its node, and its row in the table of that."""


class Unplain(Exception):
    """What is wrong changes how the rest is read, or how much is wrong cannot be said by columns."""


class Faults:
    """The wrong elements of some tables, in the rows that are `fresh`. Each table remembers where they are."""

    def __init__(self, plan: Plan, tables: dict[int, Table], spots: list[tuple[int, Spots]], fresh: Fresh) -> None:
        """Raises Unplain."""
        self.plan, self.tables = plan, tables
        self.count = 0
        self._rows: dict[int, list[Array]] = {}
        shapes: dict[int, list[Array]] = {}
        for id, odd in spots:
            if odd.element == SHAPE:
                shapes.setdefault(id, []).append(odd.rows)
            else:
                self._add(id, odd, fresh)
        for id, rows in shapes.items():
            self._add_shapes(id, np.unique(np.concatenate(rows)), fresh)

    def places(self) -> Iterator[Place]:
        """Every wrong segment, in order."""
        found = [(id, np.unique(np.concatenate(rows))) for id, rows in self._rows.items()]
        at = np.concatenate([self.tables[id].at[rows] for id, rows in found])
        ids = np.repeat([id for id, _ in found], [len(rows) for _, rows in found])
        rows = np.concatenate([rows for _, rows in found])
        order = np.argsort(at, kind="stable")
        for n in order:  # one by one: nobody asks for all of many
            yield int(at[n]), int(ids[n]), int(rows[n])

    def _note(self, id: int, element: int, rows: Array, faults: int, fresh: Fresh) -> None:
        """So many `faults` of each of some rows."""
        table = self.tables[id]
        if element not in table.faulty:
            table.faulty[element] = np.zeros(table.rows, dtype=bool)
        table.faulty[element][rows] = True
        new = rows[fresh(table.at[rows])]
        self.count += len(new) * faults
        if len(new):
            self._rows.setdefault(id, []).append(new)

    def _add(self, id: int, odd: Spots, fresh: Fresh) -> None:
        table, element, rows = self.tables[id], odd.element, np.unique(odd.rows)
        texts = table.texts(element, rows, max(odd.part, 0))
        faults = {text: self._faults(self._segment(id), odd, text) for text in set(texts)}
        for count in set(faults.values()) - {0}:
            self._note(id, element, rows[[faults[text] == count for text in texts]], count, fresh)

    def _faults(self, segment: Segment, odd: Spots, text: str) -> int:
        """How many faults an element or component with this text has."""
        fault = self.plan.dialect.fault
        if odd.part == WHOLE:
            here = segment.uses[odd.element - 1]
            names = [one.name for one in element_faults(here, odd.element, text, fault)]
            if PADDED in names or (here.element and PARTED.intersection(names)):
                raise Unplain(text)
            return sum(name in OF_THE_WHOLE for name in names)
        use = element_fact(segment, odd.element, odd.part)
        if use is None or use.element is None or COMPONENT in text or (name := fault(use.element, text)) == PADDED:
            raise Unplain(text)
        return int(name is not None)

    def _add_shapes(self, id: int, rows: Array, fresh: Fresh) -> None:
        table = self.tables[id]
        if table.width > WIDEST:
            raise Unplain("a segment too wide for a shape")
        shown = table.shapes()[1][rows]
        for kind in np.unique(shown).tolist():
            for fault in shape_faults(self._segment(id), shape(kind)):
                self._note(id, fault.element, rows[shown == kind], 1, fresh)

    def _segment(self, id: int) -> Segment:
        return self.plan.checks[id].segment

    def said(self, id: int, row: int) -> list[SegmentFault]:
        """What is wrong with one segment."""
        return self.plan.checks[id].faults(texts_of(self.tables[id], row))


Fresh = Callable[[Array], Array]
"""Which (bool) of some segments of a block, by number from 0, are told of."""


def texts_of(table: Table, row: int) -> Row:
    """The elements of a segment, its tag first."""
    block, behind = table.block, int(table.count[row]) - 1
    tag = block.word(int(block.tag[table.at[row]]))
    return [tag, *block.texts(table.starts[:behind, row], table.lengths[:behind, row])]


def counts_of(node: Node, row: int, tables: dict[int, Table]) -> dict[int, int]:
    """How many of a node, and of each above it, there are so far where a row of its table stands."""
    counts: dict[int, int] = {}
    at: Node | None = node
    while at and at.parent:
        parents = tables[at.id].parents
        counts[at.id] = row - int(np.searchsorted(parents, parents[row])) + 1
        at, row = at.parent, int(parents[row])
    return counts
