"""What was filled and has no use: the notes of `Plan.tell_unmapped`, found by columns."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from adapters.mapping.columns.block import Array
from adapters.mapping.columns.check import shape
from adapters.mapping.columns.find import is_short
from adapters.mapping.columns.said import Said, said
from adapters.mapping.columns.table import KEY_WIDTH, Table
from adapters.mapping.columns.trusted import changed, copies
from adapters.mapping.place import pair_starts
from adapters.mapping.plan import Plan, Useless
from adapters.mapping.report import Report
from hub.errors import Finding, Where

Places = tuple[Useless, ...]
Offsets = Callable[[Array, int], list[int]]
"""Where in the file a segment (from 1) of each of some messages begins."""
CACHED_KEYS = 20_000


@dataclass(frozen=True, slots=True)
class Note:
    """A segment of a message with places that nobody reads: its number in the message and its node."""

    segment: int
    node: int
    places: Places


@dataclass(frozen=True, slots=True)
class Remark:
    """What is to be said of every message that is read by some table, with what its sentence is filled with."""

    name: str
    told: tuple[tuple[str, str], ...]


@dataclass(slots=True)
class Notes:
    """The notes of one message table; what a kind of segment leaves over is found out once."""

    plan: Plan
    known: list[dict[object, Places]] = field(init=False)
    told: dict[tuple[Note | Remark | None, ...], tuple[Finding, ...]] = field(default_factory=dict)
    """The findings that such notes become, wherever their message stands."""

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

    def tell(
        self, notes: Sequence[Note], base: Where, offset_of: Callable[[int], int | None], remark: Remark | None = None
    ) -> tuple[Finding, ...]:
        """The notes of one message as findings, behind a remark on all of it; `base` is its place."""
        there = {"interchange": base.interchange, "group": base.group, "transaction": base.transaction}
        return tuple(
            changed(one, where=changed(one.where, **there, offset=_offset(one, base, offset_of)))
            for one in self._alike(tuple(notes), base, remark)
        )

    def tell_all(
        self, notes: dict[int, list[Note]], messages: Iterable[int], base: Where, offsets: Offsets,
        remark: Remark | None = None,
    ) -> dict[int, tuple[Finding, ...]]:
        """`tell` for many messages of one group: `notes` by message, `base` the place of message 0."""
        kinds: dict[tuple[Note, ...], list[int]] = {}
        for message in messages if remark else notes:
            kinds.setdefault(tuple(notes.get(message, ())), []).append(message)
        shared = {"interchange": base.interchange, "group": base.group}
        told: dict[int, tuple[Finding, ...]] = {}
        for kind, some in kinds.items():
            ordinals = [(base.transaction or 0) + message for message in some]
            columns = []
            for one in self._alike(kind, base, remark):
                places = {"transaction": ordinals, "offset": offsets(np.array(some), one.where.segment or 1)}
                columns.append(copies(one, {}, {"where": copies(one.where, shared, places)}))
            told.update(zip(some, zip(*columns, strict=True), strict=True))
        return told

    def _alike(self, notes: tuple[Note, ...], base: Where, remark: Remark | None) -> tuple[Finding, ...]:
        """The findings of messages with these notes, placed anywhere: messages like each other leave the same over, so
        that only places differ."""
        key = (remark, *notes)
        alike = self.told.get(key)
        if alike is None:
            report = Report(self.plan.dialect.name, base)
            plan = self.plan
            if remark:
                told: dict[str, Any] = dict(remark.told)
                report.add(remark.name, segment=1, tag=plan.dialect.head, **told)
            plan.tell(((note.segment, plan.nodes[note.node], list(note.places)) for note in notes), report)
            if len(self.told) >= CACHED_KEYS:
                self.told.clear()
            alike = self.told[key] = report.close()
        return alike

    def _first_rows(self, id: int, table: Table) -> list[tuple[int, Places]]:
        """Rows with something left over: of each kind the first in its message."""
        parts = said(table, self.plan.parts.watched.get(id, {}))
        result: list[tuple[int, Places]] = []
        for alike in _alike([*self._differing(id, table), *(rows for _, rows in parts)], table.rows):
            if not self._useless(id, table, int(alike[0]), parts):
                continue
            for rows in self._apart(id, table, alike):
                places = self._useless(id, table, int(rows[0]), parts)
                owners = table.owner[rows]
                fresh = np.ones(len(rows), dtype=bool)
                fresh[1:] = owners[1:] != owners[:-1]
                result += [(row, places) for row in rows[fresh].tolist()]
        return result

    def _useless(self, id: int, table: Table, row: int, parts: Said) -> Places:
        key = (int(table.shapes()[1][row]), self._seen(id, table, row), tuple(at for at, rows in parts if rows[row]))
        known = self.known[id]
        if key not in known:
            if len(known) >= CACHED_KEYS:
                known.clear()
            bits, seen, here = key
            known[key] = tuple(self.plan.unmapped(self.plan.nodes[id], shape(bits), seen, here))
        return known[key]

    def _traced(self, id: int, table: Table) -> list[tuple[int, int]] | None:
        """The elements and components that the plan's trace looks at, None where it looks at none."""
        if self.plan.traces[id] is None:
            return None
        segment = self.plan.dictionary.segments[self.plan.nodes[id].tag]
        if id not in self.plan.paired:
            return [segment.qualifier]
        value_first = self.plan.dialect.value_first
        return [(at, 2 if value_first else 0) for at in pair_starts(segment, value_first) if at <= table.width]

    def _seen(self, id: int, table: Table, row: int) -> object:
        """What the plan's trace would say of a row."""
        traced = self._traced(id, table)
        if traced is None:
            return None
        here = np.array([row])
        texts = tuple(table.texts(at, here, part)[0] for at, part in traced)
        return texts if id in self.plan.paired else texts[0]

    def _differing(self, id: int, table: Table) -> list[Array]:
        """Columns in which rows of different kinds differ: their shapes and what is traced. Qualifiers that no row of
        the message table names are of one kind: they leave something over together or not at all."""
        same, bits = table.shapes()
        columns = [] if same else [bits]
        paired = id in self.plan.paired
        for at, part in self._traced(id, table) or ():
            column = self._texts(table, at, part) if paired else self._named(id, table, at, part)
            if (column != column[:1]).any():
                columns.append(column)
        return columns

    def _named(self, id: int, table: Table, at: int, part: int) -> Array:
        """By row which of the qualifiers that the message table names it has; 1: another, 0: none."""
        kind = (table.span(at, part)[1] > 0).astype(np.int64)
        named = sorted({qualifier for qualifier, _ in self.plan.mapped.get(id, ()) if qualifier})
        if not all(map(is_short, named)):
            return self._texts(table, at, part)
        for number, qualifier in enumerate(named, 2):
            if table.carry((at, part), qualifier) is not False:
                kind[table.carrying((at, part), qualifier)] = number
        return kind

    def _texts(self, table: Table, at: int, part: int) -> Array:
        """By row what tells the texts of an element or component apart."""
        if int(table.span(at, part)[1].max(initial=0)) > KEY_WIDTH:
            return np.array(table.texts(at, part=part))
        return table.keys(at, part)

    def _apart(self, id: int, table: Table, rows: Array) -> list[Array]:
        """Rows of one kind by their qualifiers, which what is told of them names."""
        traced = self._traced(id, table)
        if not traced or id in self.plan.paired:
            return [rows]
        return [rows[some] for some in _alike([self._texts(table, *traced[0])[rows]], len(rows))]


def _offset(one: Finding, base: Where, offset_of: Callable[[int], int | None]) -> int | None:
    return base.offset if one.where.segment is None else offset_of(one.where.segment)


def _alike(columns: list[Array], height: int) -> list[Array]:
    """The numbers of rows that agree in all columns, group by group."""
    if not columns:
        return [np.arange(height)] if height else []
    number = np.zeros(height, dtype=np.int64)
    for column in columns:
        values, inverse = np.unique(column, return_inverse=True)
        number = np.unique(number * len(values) + inverse, return_inverse=True)[1]
    order = np.argsort(number, kind="stable")
    return np.split(order, np.flatnonzero(np.diff(number[order])) + 1)
