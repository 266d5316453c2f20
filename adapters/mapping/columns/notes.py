"""What was filled and has no use: the notes of `Plan.tell_unmapped`, found by columns."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from adapters.mapping.columns.block import Array
from adapters.mapping.columns.check import shape, shapes
from adapters.mapping.columns.table import KEY_WIDTH, Table
from adapters.mapping.plan import Plan

Useless = list[tuple[str, int | None]]
"""In words and by element number."""
CACHED_KEYS = 20_000


@dataclass(slots=True)
class Note:
    """A segment of a message with places that nobody reads: its number in the message and its node."""

    segment: int
    node: int
    places: Useless


@dataclass(slots=True)
class Notes:
    """The notes of one message table; what a kind of segment leaves over is found out once."""

    plan: Plan
    known: list[dict[object, Useless]] = field(init=False)

    def __post_init__(self) -> None:
        self.known = [{} for _ in self.plan.nodes]

    def find(self, tables: dict[int, Table], start: Array) -> dict[int, list[Note]]:
        """Notes by message, in the order of the segments; of each kind of segment the first. `start`: the number in
        the block of each message's header."""
        found: dict[int, list[Note]] = {}
        for id, table in tables.items():
            if 0 < id < len(self.plan.nodes):
                for row, places in self._first_rows(id, table):
                    message = int(table.owner[row])
                    note = Note(int(table.at[row] - start[message]) + 1, id, places)
                    found.setdefault(message, []).append(note)
        for notes in found.values():
            notes.sort(key=lambda note: note.segment)
        return found

    def _first_rows(self, id: int, table: Table) -> list[tuple[int, Useless]]:
        """Rows with something left over: of each kind the first in its message."""
        bits = shapes(table, table.width)
        traced = self._traced(id, table)
        result: list[tuple[int, Useless]] = []
        kinds = np.unique(bits, return_inverse=True)
        number = kinds[1].astype(np.int64)
        tracings: list[object] = [None]
        if traced is not None:
            index: dict[object, int] = {}
            second = np.array([index.setdefault(one, len(index)) for one in traced], dtype=np.int64)
            tracings = list(index)
            number = number * len(tracings) + second
        for kind in (np.unique(number) if len(tracings) > 1 or len(kinds[0]) > 1 else number[:1]).tolist():
            places = self._useless(id, int(kinds[0][kind // len(tracings)]), tracings[kind % len(tracings)])
            if places:
                rows = np.flatnonzero(number == kind)
                owners = table.owner[rows]
                fresh = np.ones(len(rows), dtype=bool)
                fresh[1:] = owners[1:] != owners[:-1]
                result += [(row, places) for row in rows[fresh].tolist()]
        return result

    def _useless(self, id: int, bits: int, seen: object) -> Useless:
        key = (bits, seen)
        known = self.known[id]
        if key not in known:
            if len(known) >= CACHED_KEYS:
                known.clear()
            known[key] = self.plan.unmapped(self.plan.nodes[id], shape(bits), seen)
        return known[key]

    def _traced(self, id: int, table: Table) -> list[object] | None:
        """What the plan's trace would say of each row, None where it has none."""
        if self.plan.traces[id] is None:
            return None
        segment = self.plan.dictionary.segments[self.plan.nodes[id].tag]
        if id not in self.plan.paired:
            return list(_short_texts(table, *segment.qualifier))
        start, value_first = segment.pairs or 1, self.plan.dialect.value_first
        if table.width < start:
            return [()] * table.rows
        numbers = segment.starts or range(start, table.width + 1, 1 if value_first else 2)
        return list(zip(*(_short_texts(table, at, 2 if value_first else 0) for at in numbers), strict=True))


def _short_texts(table: Table, number: int, part: int = 0) -> list[str]:
    """The texts of a column of qualifiers."""
    if table.width < number:
        return [""] * table.rows
    if int(table.span(number, part)[1].max()) > KEY_WIDTH:
        return table.texts(number, part=part)
    keys, word = table.keys(number, part), table.block.word
    if (keys == keys[0]).all():
        return [word(int(keys[0]))] * table.rows
    listed = keys.tolist()
    words = {key: word(key) for key in set(listed)}
    return list(map(words.__getitem__, listed))
