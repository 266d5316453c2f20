"""Time-phased documents: a Polars frame <-> the innermost loops of a message.

Levels count from the message (0) down to the row (the last node of `rows`). A column belongs to the level on which its
place stands, is read once per instance of that level, and is spread over the rows below at the end.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import numpy as np
import polars as pl

from adapters.mapping.part import Part, PartMaker, Slot
from adapters.mapping.place import Down
from adapters.mapping.report import Report
from adapters.mapping.structure import Node
from adapters.mapping.walk import Instance
from hub.errors import BrokenTable
from hub.model.bulk import Bulk

_KINDS: dict[Any, type] = {pl.String: str, pl.Float64: float, pl.Date: date}


@dataclass(frozen=True, slots=True)
class Column:
    """A column of the frame: its places by level; the first level that has a value gives it."""

    name: str
    slots: tuple[tuple[int, Slot], ...]
    dtype: Any


@dataclass(frozen=True, slots=True, eq=False)
class FrameShape:
    """A compiled `[frame]`: `path` are the loops from the outermost down to the row."""

    document: type[Bulk]
    header: Part
    path: tuple[Node, ...]
    columns: tuple[Column, ...]
    downs: tuple[Down, ...]

    @property
    def stream(self) -> int:
        """The loop that the walk hands over one by one: the one around the rows, or the row itself."""
        return self.path[-2].id if len(self.path) > 1 else self.path[-1].id

    def collect(self, report: Report) -> FrameRows:
        return FrameRows(self, report)

    def write(self, document: Bulk, root: Node) -> Iterator[Instance]:
        """One tree per transaction: a new one wherever a column of the message level changes."""
        names = [c.name for c in self.columns]
        keys = [[n for n, c in enumerate(self.columns) if c.slots[0][0] == level] for level in range(len(self.path) + 1)]
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

    def _open(self, level: int, open_: list[Instance], document: Bulk, root: Node) -> Instance:
        if level == 0:
            instance = Instance(root, [root.tag], 0)
            self.header.write(document.header, instance)
            return instance
        return self.downs[level - 1].make(open_[level - 1], fresh=True)


@dataclass(slots=True)
class FrameRows:
    """Collects the columns of one message while the walk hands over its loops."""

    shape: FrameShape
    report: Report
    values: list[list[list[Any]]] = field(init=False)
    above: list[list[int]] = field(init=False)
    outer: list[dict[int, tuple[int, Instance]]] = field(init=False)
    readers: list[list[Slot]] = field(init=False)

    def __post_init__(self) -> None:
        depth = len(self.shape.path) + 1
        self.readers = [[s for c in self.shape.columns for at, s in c.slots if at == level] for level in range(depth)]
        self.values = [[[] for _ in slots] for slots in self.readers]
        self.above = [[] for _ in range(depth)]
        self.outer = [{} for _ in range(depth)]

    def take(self, instance: Instance, ancestors: tuple[Instance, ...]) -> None:
        """One finished loop. Its ancestors are numbered now and read at the end, when they are complete."""
        chain = {node.id: level for level, node in enumerate(self.shape.path, 1)}
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
        here = len(self.above[level])
        self.above[level].append(above)
        self._read(level, instance)
        if level < len(self.shape.path):
            for kid in instance.kids.get(self.shape.path[level].id, ()):
                self._add(level + 1, kid, here)

    def _read(self, level: int, instance: Instance) -> None:
        report = self.report
        for values, slot in zip(self.values[level], self.readers[level], strict=True):
            values.append(slot.read(instance, report))

    def finish(self, root: Instance) -> Bulk | None:
        """The document, None when its header means nothing."""
        self._read(0, root)
        for level, known in enumerate(self.outer):
            for _, ancestor in known.values():
                self._read(level, ancestor)
        header = self.shape.header.read(root, self.report)
        return None if header is None else self.shape.document(header, self._lines())

    def _lines(self) -> pl.DataFrame:
        last = len(self.shape.path)
        index: list[Any] = [None] * (last + 1)
        index[last] = np.arange(len(self.above[last]))
        for level in range(last, 0, -1):
            index[level - 1] = np.asarray(self.above[level], dtype=np.int64)[index[level]]
        given: dict[str, pl.Series] = {}
        for column in self.shape.columns:
            for level, slot in column.slots:
                values = self.values[level][self.readers[level].index(slot)]
                series = pl.Series(column.name, values, dtype=column.dtype)
                spread = series if level == last else series.gather(index[level])
                before = given.get(column.name)
                given[column.name] = spread if before is None else before.zip_with(before.is_not_null(), spread)
        height = len(index[last])
        return pl.DataFrame([
            given.get(name, pl.Series(name, [None] * height, dtype=dtype)).alias(name)
            for name, dtype in self.shape.document.SCHEMA.items()
        ])


def compile_frame(
    document: type[Bulk], rows: dict[str, str], header: Part, maker: PartMaker, root: Node,
) -> FrameShape:
    """Raises BrokenTable, naming the row, for an unknown column, a wrong type or a place that is not there."""
    rows = dict(rows)
    path = _path(rows.pop("rows", ""), root, maker.table)
    columns = []
    for name, row in rows.items():
        dtype = document.SCHEMA.get(name)
        if dtype is None:
            raise BrokenTable(f"{maker.table} [frame] {name}: {document.__name__} has no column {name!r}")
        columns.append(Column(name, tuple(_slots(name, row, dtype, path, maker, root)), dtype))
    segments = maker.plan.dictionary.segments
    downs = tuple(Down((node,), None, segments[node.tag].qualifier) for node in path)
    return FrameShape(document, header, path, tuple(columns), downs)


def _path(text: str, root: Node, table: str) -> tuple[Node, ...]:
    """The only chain of loops with these names, from the message down."""
    chains: list[tuple[Node, ...]] = [()]
    for tag in filter(None, text.split("/")):
        chains = [(*chain, kid) for chain in chains for kid in (chain[-1] if chain else root).kids if kid.tag == tag]
    if len(chains) != 1 or not chains[0]:
        raise BrokenTable(f"{table} [frame] rows: {text!r} leads {'to several places' if len(chains) > 1 else 'nowhere'}")
    return chains[0]


def _slots(
    name: str, row: str, dtype: Any, path: tuple[Node, ...], maker: PartMaker, root: Node,
) -> Iterator[tuple[int, Slot]]:
    """One slot per level that the row's places name, in their order."""
    places, bar, codec = row.partition("|")
    by_level: dict[int, list[str]] = {}
    for text in places.split(" or "):
        ups = len(text.strip()) - len(text.strip().lstrip("^"))
        level = len(path) - ups
        if level < 0:
            raise BrokenTable(f"{maker.table} [frame] {name}: {text.strip()!r} climbs above the message")
        by_level.setdefault(level, []).append(text.strip().lstrip("^"))
    for level, texts in by_level.items():
        context = path[level - 1] if level else root
        yield level, maker.slot(name, " or ".join(texts) + bar + codec, _KINDS[dtype], None, False, context, f"[frame] {name}")
