"""Time-phased documents: a Polars frame <-> the innermost loops of a message.

Levels count from the message (0) down to the row (the last node of `rows`). A column belongs to the level on which its
place stands, is read once per instance of that level, and is spread over the rows below at the end.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

import numpy as np
import polars as pl

from adapters.mapping.dialect import Row, element, place_value
from adapters.mapping.part import Part, PartMaker, Slot
from adapters.mapping.place import Down
from adapters.mapping.report import Report
from adapters.mapping.structure import Node
from adapters.mapping.walk import Instance
from hub.errors import BrokenTable, Reject
from hub.model.bulk import Bulk

SHORT = 2_000
_KINDS: dict[Any, type] = {pl.String: str, pl.Float64: float, pl.Date: date}


@dataclass(frozen=True, slots=True)
class Column:
    """A column of the frame: its places by level; the first level that has a value gives it."""

    name: str
    slots: tuple[tuple[int, Slot], ...]
    dtype: Any


@dataclass(frozen=True, slots=True)
class Run:
    """A compiled `[frame.run]`: a segment below the row whose pairs each make a row of their own, in place of the row
    itself (X12 SDQ: so much for this store, so much for that one). `columns` are those that a pair says; only read."""

    node: Node
    pairs: range
    columns: tuple[tuple[str, Slot, Any], ...]

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


@dataclass(frozen=True, slots=True, eq=False)
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
    constants: Mapping[str, str] = field(default_factory=dict)
    """What this message always means in columns that it has no place for; only read."""

    @property
    def streams(self) -> frozenset[int]:
        """The loops that the walk hands over one by one: those around the rows, of nested ones the outer."""
        around = [shape.path[-2] if len(shape.path) > 1 else shape.path[-1] for shape in (self, *self.others)]
        return frozenset(n.id for n in around if not any(o.id < n.id <= o.last for o in around))

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
        for row in document.lines.select(names).iter_rows():
            same = bool(open_)
            for level in range(len(self.path) + 1):
                key = [row[n] for n in keys[level]]
                same = same and level < len(self.path) and key == last[level]
                if same:
                    continue
                if level == 0 and open_:
                    yield open_[0]
                instance = self._open(level, open_, document, root)
                open_[level:] = [instance]
                last[level:] = [key]
                for n in keys[level]:
                    if row[n] is not None:
                        self.columns[n].slots[0][1].write(row[n], instance)
        if not open_:
            open_.append(self._open(0, open_, document, root))
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

    def _open(self, level: int, open_: list[Instance], document: Bulk, root: Node) -> Instance:
        if level == 0:
            instance = Instance(root, [root.tag], 0)
            self.header.write(document.header, instance)
            return instance
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

    def __post_init__(self) -> None:
        self.others = [FrameRows(shape, self.report) for shape in self.shape.others]
        self.said = [[] for _ in self.shape.run.columns] if self.shape.run else []
        depth = len(self.shape.path) + 1
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
            for kid in instance.kids.get(self.shape.path[level].id, ()):
                self._add(level + 1, kid, here)

    def _add_run(self, level: int, run: Run, instance: Instance, alone: list[Instance], above: int) -> None:
        shared = [slot.read(instance, self.report) for slot in self.readers[level]]
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

    def finish(self, root: Instance) -> Bulk | None:
        """The document, None when its header means nothing."""
        self._read_outer(root)
        header = self.shape.header.read(root, self.report)
        return None if header is None else self.shape.document(header, self._all_lines(root))

    def _read_outer(self, root: Instance) -> None:
        self._read(0, root)
        for level, known in enumerate(self.outer):
            for _, ancestor in known.values():
                self._read(level, ancestor)

    def _all_lines(self, root: Instance) -> pl.DataFrame:
        """The rows of every path on which some came."""
        more = [other for other in self.others if other.above[-1]]
        for other in more:
            other._read_outer(root)
        return pl.concat([self._lines(), *(other._lines() for other in more)]) if more else self._lines()

    def _lines(self) -> pl.DataFrame:
        last = len(self.shape.path)
        index: list[Any] = [None] * (last + 1)
        index[last] = np.arange(len(self.above[last]))
        for level in range(last, 0, -1):
            index[level - 1] = np.asarray(self.above[level], dtype=np.int64)[index[level]]
        height = len(index[last])
        given: dict[str, pl.Series] = {}
        for column in self.shape.columns:
            for level, slot in column.slots:
                values = self.values[level][self.readers[level].index(slot)]
                spread = values if level == last else _spread(values, index[level], column.dtype)
                series = pl.Series(column.name, spread, dtype=column.dtype)
                before = given.get(column.name)
                given[column.name] = series if before is None else before.zip_with(before.is_not_null(), series)
        for (name, _, dtype), values in zip(self.shape.run.columns if self.shape.run else (), self.said, strict=True):
            said = pl.Series(name, values, dtype=dtype)
            given[name] = said.zip_with(said.is_not_null(), given[name]) if name in given else said
        return pl.DataFrame(
            [
                given.get(name, pl.Series(name, [self.shape.constants.get(name)] * height, dtype=dtype)).alias(name)
                for name, dtype in self.shape.document.SCHEMA.items()
            ]
        )


def _spread(values: list[Any], index: Any, dtype: Any) -> Any:
    """The values of a level at each row below; a short list is quicker by hand than by Polars."""
    if len(index) < SHORT:
        return [values[at] for at in index.tolist()]
    return pl.Series(values, dtype=dtype).gather(index)


def compile_frame(
    document: type[Bulk],
    rows: dict[str, Any],
    header: Part,
    maker: PartMaker,
    root: Node,
) -> FrameShape:
    """Raises BrokenTable, naming the row, for an unknown column, a wrong type or a place that is not there.

    `rows = "LIN/FST or LIN/SDP/FST"`: the carets count on the first path; on the others the loops of the same names are
    meant, and a place on a loop that is not there falls away.
    """
    rows = dict(rows)
    paths = [_path(text.strip(), root, maker.table) for text in rows.pop("rows", "").split(" or ")]
    run = _run(document, rows.pop("run", {}), paths[0], maker)
    constants = {name: value for name, value in rows.pop("constant", {}).items() if _dtype(document, name, maker.table)}
    shapes = [_shape(document, rows, header, maker, root, paths[0], path) for path in paths]
    return replace(shapes[0], run=run, others=tuple(shapes[1:]), constants=constants)


def _shape(
    document: type[Bulk],
    rows: dict[str, str],
    header: Part,
    maker: PartMaker,
    root: Node,
    first: tuple[Node, ...],
    path: tuple[Node, ...],
) -> FrameShape:
    columns = []
    for name, row in rows.items():
        dtype = _dtype(document, name, maker.table)
        slots = tuple(_slots(name, row, dtype, first, path, maker, root))
        if slots:
            columns.append(Column(name, slots, dtype))
    segments = maker.plan.dictionary.segments
    downs = tuple(Down((node,), None, segments[node.tag].qualifier) for node in path)
    return FrameShape(document, header, path, tuple(columns), downs)


def _dtype(document: type[Bulk], name: str, table: str) -> Any:
    dtype = document.SCHEMA.get(name)
    if dtype is None:
        raise BrokenTable(f"{table} [frame] {name}: {document.__name__} has no column {name!r}")
    return dtype


def _run(document: type[Bulk], rows: dict[str, str], path: tuple[Node, ...], maker: PartMaker) -> Run | None:
    if not rows:
        return None
    columns = []
    for name, row in rows.items():
        dtype = _dtype(document, name, maker.table)
        slot = maker.slot(name, row, _KINDS[dtype], None, False, path[-1], f"[frame.run] {name}")
        columns.append((name, slot, dtype))
    place = columns[0][1].choices[0].place
    if place.segment.pairs is None or not place.steps:
        raise BrokenTable(f"{maker.table} [frame.run]: {place.segment.tag} holds no pairs below {path[-1].tag}")
    uses = maker.plan.mapped.setdefault(place.node.id, set())
    uses |= {(None, at) for at in range(1, len(place.segment.uses) + 1)}
    return Run(place.node, range(place.segment.pairs, len(place.segment.uses), 2), tuple(columns))


def _path(text: str, root: Node, table: str) -> tuple[Node, ...]:
    """The only chain of loops with these names, from the message down."""
    chains: list[tuple[Node, ...]] = [()]
    for tag in filter(None, text.split("/")):
        chains = [(*chain, kid) for chain in chains for kid in (chain[-1] if chain else root).kids if kid.tag == tag]
    if len(chains) != 1 or not chains[0]:
        where = "to several places" if len(chains) > 1 else "nowhere"
        raise BrokenTable(f"{table} [frame] rows: {text!r} leads {where}")
    return chains[0]


def _level(first: tuple[Node, ...], path: tuple[Node, ...], level: int) -> int | None:
    """The level of `path` that a level of `first` means: the message, the row, or the loop of the same name."""
    if level in (0, len(first)):
        return len(path) if level else 0
    return next((at for at, node in enumerate(path, 1) if node.tag == first[level - 1].tag), None)


def _slots(
    name: str,
    row: str,
    dtype: Any,
    first: tuple[Node, ...],
    path: tuple[Node, ...],
    maker: PartMaker,
    root: Node,
) -> Iterator[tuple[int, Slot]]:
    """One slot per level that the row's places name, in their order."""
    places, bar, codec = row.partition("|")
    by_level: dict[int, list[str]] = {}
    for text in places.split(" or "):
        ups = len(text.strip()) - len(text.strip().lstrip("^"))
        if ups > len(first):
            raise BrokenTable(f"{maker.table} [frame] {name}: {text.strip()!r} climbs above the message")
        at = _level(first, path, len(first) - ups)
        if at is not None:
            by_level.setdefault(at, []).append(text.strip().lstrip("^"))
    for level, texts in by_level.items():
        context = path[level - 1] if level else root
        row = " or ".join(texts) + bar + codec
        yield level, maker.slot(name, row, _KINDS[dtype], None, False, context, f"[frame] {name}")
