"""Time-phased documents: a Polars frame <-> the innermost loops of a message.

Levels count from the message (0) down to the row (the last node of `rows`). A column belongs to the level on which its
place stands, is read once per instance of that level, and is spread over the rows below at the end.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from itertools import accumulate, takewhile
from typing import Any

import numpy as np

from adapters.mapping.around import Around, Between
from adapters.mapping.dialect import Row, element, place_value
from adapters.mapping.down import Down
from adapters.mapping.frame_aside import Asides, by_line
from adapters.mapping.part import Part, Slot
from adapters.mapping.report import Report
from adapters.mapping.structure import Node
from adapters.mapping.walk import Instance
from hub.errors import Reject
from hub.model.bulk import Bulk, polars_type
from hub.model.late import polars as pl
from hub.model.line_aside import LineAside

SHORT = 2_000


@dataclass(frozen=True, slots=True)
class Column:
    """A column of the frame: its places by level; the first level that has a value gives it."""

    name: str
    slots: tuple[tuple[int, Slot], ...]
    kind: type

    @property
    def dtype(self) -> Any:
        return polars_type(self.kind)


@dataclass(frozen=True, slots=True)
class Run:
    """A compiled `[frame.run]`: a segment below the row whose pairs each make a row of their own, in place of the row
    itself (X12 SDQ: so much for this store, so much for that one). `columns` are those that a pair says; only read."""

    node: Node
    pairs: range
    columns: tuple[tuple[str, Slot, type], ...]

    def split(self, instance: Instance) -> list[Instance]:
        """The row once for every pair, with a segment that holds this pair alone."""
        start = self.pairs.start
        return [
            self._alone(instance, sent.row[:start] + sent.row[at : at + 2], sent.number)
            for sent in instance.kids.get(self.node.id, ())
            for at in self.pairs
            if element(sent.row, at)
        ]

    def _alone(self, instance: Instance, row: Row, number: int) -> Instance:
        copy = Instance(instance.node, instance.row, instance.number)
        copy.kids = {self.node.id: [Instance(self.node, row, number)]}
        return copy


@dataclass(frozen=True, eq=False)
class FrameShape:
    """A compiled `[frame]`: `path` are the loops from the outermost down to the row. `others` are further paths on
    which rows may come in; the first is written."""

    document: type[Bulk]
    header: Part
    path: tuple[Node, ...]
    columns: tuple[Column, ...]
    downs: tuple[Down, ...]
    run: Run | None = None
    others: tuple[FrameShape, ...] = ()
    asides: tuple[Part | None, ...] = ()
    """By level what may be said aside."""
    between: tuple[Between | None, ...] = ()
    """By level what a loop says of the rows in it."""
    constants: Mapping[str, str] = field(default_factory=dict)
    """What this message always means in columns that it has no place for; only read."""
    only: frozenset[str] = frozenset()
    """The qualifiers that make the last loop a row; none where it always is one."""

    def rows_in(self, above: Instance) -> list[Instance]:
        """The loops of the next level below the last but one that are rows."""
        found, at = above.kids.get(self.path[-1].id, []), self.downs[-1].at
        return [one for one in found if element(one.row, *at) in self.only] if self.only else found

    @property
    def streams(self) -> frozenset[int]:
        """The loops that the walk hands over one by one: those around the rows, of nested ones the outer."""
        around = [shape.path[-2] if len(shape.path) > 1 else shape.path[-1] for shape in (self, *self.others)]
        return frozenset(n.id for n in around if not any(o.id < n.id <= o.last for o in around))

    @cached_property
    def levels(self) -> tuple[Part, ...]:
        """By level what its columns read, with what may be said aside."""
        slots = [[slot for column in self.columns for at, slot in column.slots if at == level] for level in
                 range(len(self.path) + 1)]
        asides = self.asides or (None,) * len(slots)
        return tuple(Part(LineAside, tuple(some), (), {}, (), aside) for some, aside in zip(slots, asides, strict=True))

    def collect(self, report: Report) -> FrameRows:
        return FrameRows(self, report)

    def write(self, document: Bulk, root: Node) -> Iterator[Instance]:
        """One tree per transaction: a new one wherever a column of the message level changes. Raises Reject where the
        lines say something else than the message always means."""
        self._demand_constants(document.lines)
        names = [c.name for c in self.columns]
        levels = range(len(self.path) + 1)
        keys = [[n for n, c in enumerate(self.columns) if c.slots[0][0] == level] for level in levels]
        open_: list[Instance] = []
        last: list[Any] = []
        around, rest = Around.said(document.header.asides, self.others)
        told = by_line(rest) if any(self.asides) else {}
        last_level = len(self.path)
        for number, row in enumerate(document.lines.select(names).iter_rows()):
            same = bool(open_)
            for level in range(len(self.path) + 1):
                key = [row[n] for n in keys[level]]
                aside = told.get((number, last_level - level)) if level else None
                same = same and level < len(self.path) and key == last[level] and aside is None
                if same:
                    continue
                if level == 0 and open_:
                    yield open_[0]
                if level == last_level and number in around.of:
                    open_[level:] = [around.write(number, dict(zip(names, row, strict=True)), aside, open_)]
                    last[level:] = [key]
                    continue
                instance = self._top(document, root) if level == 0 else self.open(level, open_)
                open_[level:] = [instance]
                last[level:] = [key]
                for n in keys[level]:
                    if row[n] is not None:
                        if level == 0:
                            _clear(self.columns[n].slots[0][1], row[n], instance)
                        self.columns[n].slots[0][1].write(row[n], instance)
                if aside is not None and (part := self.asides[level]):
                    near = tuple(slot for column in self.columns for at, slot in column.slots if at == level)
                    part.write(aside.aside, instance, near)
        if not open_:
            open_.append(self._top(document, root))
        yield open_[0]

    def _demand_constants(self, lines: pl.DataFrame) -> None:
        for name, _ in self.left_out(lines):
            if name not in self.document.spare:
                only = f"{name} = {self.constants[name]!r}"
                raise Reject(f"this table writes only lines with {only}", reason="NOT_WRITABLE")

    def left_out(self, lines: pl.DataFrame) -> Iterator[tuple[str, int]]:
        """The columns in which some lines say something else than the message always means, and how many do."""
        for name, constant in self.constants.items():
            if others := int((lines.get_column(name) != constant).sum()):
                yield name, others
        told = {*self.constants, *(column.name for column in self.columns)}
        for name in sorted(self.document.spare - told):
            if said := lines.height - lines.get_column(name).null_count():
                yield name, said

    def _top(self, document: Bulk, root: Node) -> Instance:
        instance = Instance(root, [root.tag], 0)
        self.header.write(document.header, instance)
        return instance

    def open(self, level: int, open_: list[Instance]) -> Instance:
        """A new segment of a level, below the last of those that are open."""
        made = self.downs[level - 1].make(open_[level - 1], fresh=True)
        owns = (slot.choices[0].place for column in self.columns for at, slot in column.slots[:1] if at == level)
        if place := next((place for place in owns if place.own), None):
            place_value(made.row, *place.segment.qualifier, str(place.own))
        return made


@dataclass(slots=True)
class FrameRows:
    """Collects the columns of one message while the walk hands over its loops."""

    shape: FrameShape
    report: Report
    values: list[list[list[Any]]] = field(init=False)
    above: list[list[int]] = field(init=False)
    outer: list[dict[int, tuple[int, Instance]]] = field(init=False)
    readers: list[list[Slot]] = field(init=False)
    others: list[FrameRows] = field(init=False)
    said: list[list[Any]] = field(init=False)
    asides: Asides = field(init=False)
    index: list[Any] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.others = [FrameRows(shape, self.report) for shape in self.shape.others]
        self.said = [[] for _ in self.shape.run.columns] if self.shape.run else []
        depth = len(self.shape.path) + 1
        self.asides = Asides(
            self.shape.asides or (None,) * depth, self.report, self.shape.levels, self.shape.header,
            self.shape.between or (None,) * depth,
        )
        self.readers = [[s for c in self.shape.columns for at, s in c.slots if at == level] for level in range(depth)]
        self.values = [[[] for _ in slots] for slots in self.readers]
        self.above = [[] for _ in range(depth)]
        self.outer = [{} for _ in range(depth)]

    def take(self, instance: Instance, ancestors: tuple[Instance, ...]) -> None:
        """One finished loop. Its ancestors are numbered now and read at the end, when they are complete."""
        for other in self.others:
            other.take(instance, ancestors)
        chain = {node.id: level for level, node in enumerate(self.shape.path, 1)}
        if instance.node.id not in chain:
            return
        above = 0
        for ancestor in ancestors[1:]:
            level = chain.get(ancestor.node.id)
            if level:
                known = self.outer[level].get(id(ancestor))
                if known is None:
                    known = (len(self.above[level]), ancestor)
                    self.outer[level][id(ancestor)] = known
                    self.above[level].append(above)
                above = known[0]
        self._add(chain[instance.node.id], instance, above)

    def _add(self, level: int, instance: Instance, above: int) -> None:
        run = self.shape.run
        if run and level == len(self.shape.path) and (alone := run.split(instance)):
            self._add_run(level, run, instance, alone, above)
            return
        for values in self.said if level == len(self.shape.path) else ():
            values.append(None)
        here = len(self.above[level])
        self.above[level].append(above)
        self._read(level, instance)
        if level < len(self.shape.path):
            last = level == len(self.shape.path) - 1
            for kid in self.shape.rows_in(instance) if last else instance.kids.get(self.shape.path[level].id, ()):
                self._add(level + 1, kid, here)

    def _add_run(self, level: int, run: Run, instance: Instance, alone: list[Instance], above: int) -> None:
        shared = [slot.read(instance, self.report) for slot in self.readers[level]]
        self.asides.read(level, instance)
        self.asides.count[level] += len(alone) - 1
        for one in alone:
            self.above[level].append(above)
            for values, value in zip(self.values[level], shared, strict=True):
                values.append(value)
            for values, (_, slot, _) in zip(self.said, run.columns, strict=True):
                values.append(slot.read(one, self.report))

    def _read(self, level: int, instance: Instance) -> None:
        report = self.report
        for values, slot in zip(self.values[level], self.readers[level], strict=True):
            values.append(slot.read(instance, report))
        self.asides.read(level, instance)

    def finish(self, root: Instance) -> Bulk | None:
        """The document, None when its header means nothing."""
        self._read_outer(root)
        header = self.shape.header.read(root, self.report)
        if header is None:
            return None
        lines = self._all_lines(root)
        asides = self._all_asides()
        return self.shape.document(header.model_copy(update={"asides": asides}) if asides else header, lines)

    @property
    def says_something(self) -> bool:
        """Whether rows came on this path, or something that stands around rows."""
        return bool(self.above[-1] or self.asides.found)

    def _all_asides(self) -> tuple[LineAside, ...]:
        """Of every path, with the numbers that the lines have behind each other."""
        told: list[LineAside] = []
        paths = [self, *(other for other in self.others if other.says_something)]
        begins = [0, *accumulate(len(rows.above[-1]) for rows in paths)]
        for at, rows in enumerate(paths):
            columns = {
                level: {column.name: rows.values[level][rows.readers[level].index(slot)]
                        for column in rows.shape.columns for at, slot in column.slots if at == level}
                for level in range(len(rows.above))
            }
            others = [(rows.shared(other), begins[number]) for number, other in enumerate(paths) if number != at]
            told += rows.asides.told(rows.index, columns, begins[at], others)
        return tuple(told)

    def shared(self, other: FrameRows) -> list[Any]:
        """By level which instance each line of another path belongs to, for the levels that both have."""
        ways = zip(self.shape.path, other.shape.path, strict=False)
        same = list(takewhile(lambda nodes: nodes[0] is nodes[1], ways))
        return other.index[: len(same) + 1]

    def _read_outer(self, root: Instance) -> None:
        self._read(0, root)
        for level, known in enumerate(self.outer):
            for _, ancestor in known.values():
                self._read(level, ancestor)

    def _all_lines(self, root: Instance) -> pl.DataFrame:
        """The rows of every path on which some came."""
        more = [other for other in self.others if other.says_something]
        for other in more:
            other._read_outer(root)
        return pl.concat([self._lines(), *(other._lines() for other in more)]) if more else self._lines()

    def _lines(self) -> pl.DataFrame:
        last = len(self.shape.path)
        index: list[Any] = [None] * (last + 1)
        index[last] = np.arange(len(self.above[last]))
        for level in range(last, 0, -1):
            index[level - 1] = np.asarray(self.above[level], dtype=np.int64)[index[level]]
        self.index = index
        height = len(index[last])
        given: dict[str, pl.Series] = {}
        for column in self.shape.columns:
            for level, slot in column.slots:
                values = self.values[level][self.readers[level].index(slot)]
                spread = values if level == last else _spread(values, index[level], column.dtype)
                series = pl.Series(column.name, spread, dtype=column.dtype)
                before = given.get(column.name)
                given[column.name] = series if before is None else before.zip_with(before.is_not_null(), series)
        for (name, _, kind), values in zip(self.shape.run.columns if self.shape.run else (), self.said, strict=True):
            said = pl.Series(name, values, dtype=polars_type(kind))
            given[name] = said.zip_with(said.is_not_null(), given[name]) if name in given else said
        return pl.DataFrame(
            [
                given.get(name, pl.Series(name, [self.shape.constants.get(name)] * height, dtype=dtype)).alias(name)
                for name, dtype in self.shape.document.SCHEMA.items()
            ]
        )


def _clear(slot: Slot, value: Any, root: Instance) -> None:
    """Take back what the header says where the lines of this message say something else: its parties are those of all
    lines."""
    for choice in slot.choices:
        steps = choice.place.steps
        for node in steps[0].nodes if steps else ():
            kids = root.kids.get(node.id, [])
            for kid in [kid for kid in steps[0](root) if any(kid is one for one in kids)] if kids else ():
                alone = Instance(root.node, root.row, root.number)
                alone.kids = {node.id: [kid]}
                text = choice.place.get(alone)[0]
                if text and choice.values[text] != value:
                    kids.remove(kid)
            if not kids:
                root.kids.pop(node.id, None)


def _spread(values: list[Any], index: Any, dtype: Any) -> Any:
    """The values of a level at each row below; a short list is quicker by hand than by Polars."""
    if len(index) < SHORT:
        return [values[at] for at in index.tolist()]
    return pl.Series(values, dtype=dtype).gather(index)
